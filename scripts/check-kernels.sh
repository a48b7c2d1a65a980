#!/usr/bin/env bash
# Every kernel file must compile alone, without warnings, as OpenCL C 1.2: each build macro has a
# default, nothing turns a float into a double by accident, no conversion loses bits silently.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

lint() {
    clang -x cl -cl-std=CL1.2 -Xclang -finclude-default-header -fsyntax-only -I cl \
        -Wall -Wdouble-promotion -Wconversion -Werror "$@"
}

# What it must find: a literal without its f makes a double of the product.
planted='kernel void planted(global float *y) { y[0] = y[0] * 0.5; }'
sound='kernel void sound(global float *y) { y[0] = y[0] * 0.5f; }'
if lint - <<<"$planted" 2>/dev/null || ! lint - <<<"$sound"; then
    echo "clang does not tell a sound kernel from an unsound one"
    exit 1
fi

shopt -s nullglob
files=(cl/*.cl)
if ((${#files[@]} == 0)); then
    echo "no kernels in cl/"
    exit 1
fi
failed=0
for file in "${files[@]}"; do
    lint "$file" || failed=1
done
((failed)) || echo "${#files[@]} kernel files are clean"
exit "$failed"
