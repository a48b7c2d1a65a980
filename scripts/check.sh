#!/usr/bin/env bash
# The checks that are not C tests; each is a ctest test (tests/CMakeLists.txt).
#
#   scripts/check.sh format|includes|kernels|shell|data|asan
#   scripts/check.sh circles DIR        DIR: the folder of a build
#
# Exits 0, 1 when the check finds something, 77 (skipped) when its tool is missing; with CI set a
# missing tool is a failure.
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$SETUP_ROOT" || exit 1

need() {
    command -v "$1" >/dev/null && return 0
    if [[ -n ${CI:-} ]]; then
        echo "$1 is missing"
        exit 1
    fi
    echo "skipped: $1 is missing"
    exit 77
}

# The layout of clang-format differs between its versions; .clang-format is for Debian 12's.
check_format() {
    local tool=clang-format files
    ! command -v clang-format-14 >/dev/null || tool=clang-format-14
    need "$tool"
    if ! "$tool" --version | grep -q 'version 14\.'; then
        need clang-format-14
    fi
    mapfile -t files < <(find src include tests tools -name '*.[ch]' | sort)
    "$tool" --dry-run -Werror "${files[@]}" || {
        echo "to put it right: $tool -i FILE"
        return 1
    }
}

check_includes() {
    need python3
    need cc
    need nm
    python3 scripts/check-includes.py --self-test && python3 scripts/check-includes.py
}

check_circles() {
    need python3
    need nm
    python3 scripts/check-includes.py --objects "$1"
}

check_kernels() {
    need clang
    scripts/check-kernels.sh
}

check_shell() {
    local files
    need shellcheck
    mapfile -t files < <(find scripts tests .ci/run -name '*.sh' -o -path .ci/run | sort)
    shellcheck -x "${files[@]}"
}

# The data set is the published one, the classifier the one of its README.
check_data() {
    local sum name failed=0
    need sha256sum
    while read -r sum name; do
        if [[ $(gzip -dc "data/mnist/$name.gz" | sha256sum) != "$sum "* ]]; then
            echo "data/mnist/$name.gz does not unpack to SHA-256 $sum"
            failed=1
        fi
    done <data/mnist/SHA256SUMS
    (cd data/classifier && sha256sum --quiet -c SHA256SUMS) || failed=1
    return "$failed"
}

# The tests that need no device, under the address and undefined-behaviour sanitizers. First a
# planted leak must be seen, with the suppressions on: else this would prove nothing.
check_asan() {
    local folder=build/asan
    export LSAN_OPTIONS=suppressions=$SETUP_ROOT/tests/lsan.supp:print_suppressions=0
    export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
    export UBSAN_OPTIONS=print_stacktrace=1
    setup_build asan quick_tests -DCMAKE_COMPILE_WARNING_AS_ERROR=ON || return 1
    need cc
    printf '%s\n' '#include <stdlib.h>' 'void *volatile p;' \
        'int main(void) { p = malloc(77); p = 0; return 0; }' |
        cc -g -fsanitize=address -x c - -o "$folder/planted_leak" || return 1
    if "$folder/planted_leak" >"$folder/planted_leak.log" 2>&1 ||
        ! grep -q 'LeakSanitizer: detected memory leaks' "$folder/planted_leak.log"; then
        cat "$folder/planted_leak.log"
        echo "the leak sanitizer does not see a planted leak"
        return 1
    fi
    ctest --test-dir "$folder" -L '^quick$' --parallel "$(setup_cpus)" --output-on-failure \
        --no-tests=error
}

case "${1:-}" in
format | includes | kernels | shell | data | asan) "check_$1" ;;
circles) check_circles "${2:?circles needs the folder of a build}" ;;
*)
    echo "usage: scripts/check.sh format|includes|kernels|shell|data|asan|circles DIR" >&2
    exit 2
    ;;
esac
