#!/usr/bin/env bash
# Every kernel file must compile alone, without warnings, as OpenCL C 1.2: each build macro has a
# default, nothing turns a float into a double by accident, no conversion loses bits silently. Lines
# have at most 100 columns, as clang-format sees to elsewhere; kernels are laid out by hand.
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

# Prints the lines of the files that are longer than 100 columns; fails when there are any.
long_lines() {
    awk 'length > 100 { print FILENAME ":" FNR ": " length " columns"; found = 1 }
        END { exit found }' "$@"
}

# Likewise: 101 columns are too many, 100 are not.
if printf '%101s\n' x | long_lines >/dev/null || ! printf '%100s\n' x | long_lines; then
    echo "awk does not tell a long line from a short one"
    exit 1
fi

shopt -s nullglob
files=(cl/*.cl)
if ((${#files[@]} == 0)); then
    echo "no kernels in cl/"
    exit 1
fi
failed=0
long_lines cl/*.cl cl/*.clh cl/*.h || failed=1
for file in "${files[@]}"; do
    lint "$file" || failed=1
done
((failed)) || echo "${#files[@]} kernel files are clean"
exit "$failed"
