#!/usr/bin/env bash
# Every kernel file must compile alone, without warnings, as OpenCL C 1.2, in ordinary and in strict
# programs: each build macro has a default, nothing turns a float into a double by accident, no
# conversion loses bits silently, and no loop refuses to be unrolled as it asks, of which PoCL would
# tell the user. The products keep their vectors whole. Kernels are laid out by hand; their lines
# have at most 100 columns, as clang-format sees to elsewhere. A macro has one meaning: in all
# headers, and in all files that step.cl joins. A launch may come in parts: groups have their
# numbers from GROUP_ID(), and only dimension 1 knows how many there are.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

conversions=-Wconversion

lint() {
    clang -x cl -cl-std=CL1.2 -Xclang -finclude-default-header -fsyntax-only -I cl \
        -Wall -Wdouble-promotion "$conversions" -Werror "$@"
}

# Prints assembly, as PoCL compiles first: builtins are calls to functions that are not known yet.
compile() {
    clang -x cl -cl-std=CL1.2 -Xclang -finclude-default-header -target x86_64-linux-gnu \
        -march=skylake-avx512 -O2 -ffp-contract=fast -D VEC=16 -I cl -Werror -S -o - "$@"
}

unrolls() {
    compile "$1" >/dev/null
}

# The multiply-adds must be of 64 bytes, and none of 32: clang halves vectors for this processor if
# it may. As in PoCL, a kernel's functions are all parts of it.
keeps_vectors() {
    local assembly
    assembly=$(compile "$1" -mllvm -inline-threshold=100000) && grep -q 'vfmadd.*zmm' <<<"$assembly" &&
        ! grep 'vfmadd.*ymm' <<<"$assembly"
}

# A file that strict programs never have says so.
has_no_strict_form() {
    grep -A 1 '^#ifdef STRICT$' "$1" | grep -q '^#error'
}

# Prints the lines of the files that are longer than 100 columns; fails when there are any.
long_lines() {
    awk 'length > 100 { print FILENAME ":" FNR ": " length " columns"; found = 1 }
        END { exit found }' "$@"
}

# Prints the macros that more than one of the files define, with the files; fails when there are
# any. $1 = options: a default for a build option (#ifndef NAME, #define NAME) does not count.
defined_twice() {
    local which=$1
    shift
    awk -v which="$which" '
        FNR == 1 { guard = "" }
        /^#define/ {
            name = $2
            sub(/\(.*/, "", name)
            if (!(which == "options" && guard == name) && !((name, FILENAME) in seen)) {
                seen[name, FILENAME]
                files[name] = files[name] " " FILENAME
                count[name]++
            }
        }
        { guard = $1 == "#ifndef" ? $2 : "" }
        END {
            for (name in count)
                if (count[name] > 1) {
                    print name " is defined in" files[name]
                    found = 1
                }
            exit found
        }' "$@"
}

# Prints the lines that would be wrong in a part of a launch; fails when there are any.
allows_parts() {
    ! grep -nE 'get_(num_groups|global_size)\(([02]|[^01 ])|get_group_id\(' "$@" |
        grep -v '#define GROUP_ID(d)'
}

# Prints the files that a file includes, and those that they include.
included() {
    local file
    while read -r file; do
        echo "cl/$file"
        included "cl/$file"
    done < <(sed -n 's/^#include "\(.*\)"$/\1/p' "$1") | sort -u
}

# ---- what they must find, and what they must let pass --------------------------------------------

planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT

put() {
    printf '%b' "$2" >"$planted/$1"
}

must_fail() {
    if "$@" >/dev/null 2>&1; then
        echo "self-test: nothing is found by: $*"
        exit 1
    fi
}

must_pass() {
    if ! "$@"; then
        echo "self-test: what is sound is refused by: $*"
        exit 1
    fi
}

# To clang 21 the condition of a vector's ?: is converted to a scalar, which it is not: such a clang
# does not look at conversions.
put choice.cl 'float4 f(float4 x);\nfloat4 f(float4 x) { return x > 0.0f ? x : -x; }\n'
lint "$planted/choice.cl" >/dev/null 2>&1 || conversions=-Wno-conversion
must_pass lint "$planted/choice.cl"

# A literal without its f makes a double of the product; a macro becomes another one.
put double.cl 'kernel void f(global float *y) { y[0] = y[0] * 0.5; }\n'
put float.cl 'kernel void f(global float *y) { y[0] = y[0] * 0.5f; }\n'
put other.cl '#define A 1\n#define A 2\n'
put same.cl '#define A 1\n#define A 1\n'
put strict.cl '#ifdef STRICT\nint f(void) { return x; }\n#endif\n'
put ordinary.cl '#ifdef STRICT\n#error "not strict"\n#endif\n'
must_pass lint "$planted/strict.cl"
must_fail lint "$planted/strict.cl" -D STRICT
must_fail has_no_strict_form "$planted/strict.cl"
must_pass has_no_strict_form "$planted/ordinary.cl"
must_fail lint "$planted/double.cl"
must_pass lint "$planted/float.cl"
must_fail lint "$planted/other.cl"
must_pass lint "$planted/same.cl"

# One fault is a builtin in a loop of unknown length; the same without it is sound.
loop='kernel void f(global float *y, int n) {\n_Pragma("unroll 8") for (int i = 0; i < n; i++)'
put builtin.cl "$loop y[i] = min(y[i], 1.0f); }\n"
put plain.cl "$loop y[i] = y[i] + 1.0f; }\n"
must_fail unrolls "$planted/builtin.cl"
must_pass unrolls "$planted/plain.cl"

sum='kernel void f(global float16 *y) { y[0] += y[1] * y[2]; }\n'
put halves.cl "$sum"
put whole.cl "__attribute__((min_vector_width(512))) $sum"
must_fail keeps_vectors "$planted/halves.cl"
must_pass keeps_vectors "$planted/whole.cl"

put long.cl "$(printf '%101s' x)\n"
put wide.cl "$(printf '%100s' x)\n"
must_fail long_lines "$planted/long.cl"
must_pass long_lines "$planted/wide.cl"

put option.cl '#ifndef A\n#define A 2\n#endif\n'
put function.cl '#define B(x) x\n#define A(x) x\n'
must_fail defined_twice all "$planted/same.cl" "$planted/option.cl"
must_fail defined_twice options "$planted/same.cl" "$planted/function.cl"
must_pass defined_twice options "$planted/same.cl" "$planted/option.cl"

put counts.cl 'int n = get_num_groups(0);\n'
put own.cl 'int n = get_group_id(1);\n'
put parts.cl '#define GROUP_ID(d) (get_group_id(d))\nint n = GROUP_ID(0) + get_num_groups(1);\n'
must_fail allows_parts "$planted/counts.cl"
must_fail allows_parts "$planted/own.cl"
must_pass allows_parts "$planted/parts.cl"

# ---- the kernels ---------------------------------------------------------------------------------

shopt -s nullglob
files=(cl/*.cl)
mapfile -t step < <(included cl/step.cl)
if ((${#files[@]} == 0 || ${#step[@]} == 0)); then
    echo "no kernels in cl/, or none in step.cl"
    exit 1
fi
failed=0
long_lines cl/*.cl cl/*.clh cl/*.h || failed=1
allows_parts cl/*.cl cl/*.clh || failed=1
defined_twice options cl/*.clh cl/*.h || failed=1
defined_twice all "${step[@]}" || failed=1
if grep -n '^ *#define CG_' cl/*.cl cl/*.clh; then
    echo "names that begin with CG_ are those of cl/shared.h"
    failed=1
fi
for file in "${files[@]}"; do
    lint "$file" && unrolls "$file" || failed=1
    has_no_strict_form "$file" || lint "$file" -D STRICT || failed=1
done
if ! keeps_vectors cl/fourier_product.cl; then
    echo "cl/fourier_product.cl: vectors of 64 bytes are halved"
    failed=1
fi
((failed)) || echo "${#files[@]} kernel files are clean"
exit "$failed"
