#!/usr/bin/env bash
# Runs the checks that are not C tests; each is a ctest test (tests/CMakeLists.txt).
#
#   scripts/check.sh format|includes|examples|docs|kernels|headers|shell|data
#   scripts/check.sh asan [numbers]       numbers: those of the quick tests that compute for long
#   scripts/check.sh tidy [BUILD_FOLDER]
#   scripts/check.sh circles DIR          DIR: the folder of a build
#   scripts/check.sh packages             makes Debian's packages; no test, for it builds all anew
#
# Exits 0, 1 when the check finds something, 77 (skipped) when its tool is missing; with CI set a
# missing tool is a failure, unless the distribution has none (CLGAN_LACKS, by setup.sh).
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$SETUP_ROOT" || exit 1

# Sets $tool to Debian 12's version of a tool of LLVM: what clang-format writes and clang-tidy finds
# differs between versions.
need_version_14() {
    tool=$1
    ! command -v "$1-14" >/dev/null || tool=$1-14
    setup_need "$tool"
    "$tool" --version | grep -q 'version 14\.' && return 0
    echo "skipped: $("$tool" --version | head -n 1) is not version 14"
    exit 77
}

check_format() {
    local tool files planted='/* A thing.
 * Of it, a part. */'
    need_version_14 clang-format
    if check_comments /dev/stdin <<<"$planted" >/dev/null ||
        printf '# %s\n' 'A thing.' 'Of it, a part.' | check_hash_comments /dev/stdin >/dev/null; then
        echo "a sentence without its subject in front is taken for a sound one"
        return 1
    fi
    mapfile -t files < <(find src include examples tests tools cl -name '*.[ch]' | sort)
    "$tool" --dry-run -Werror "${files[@]}" || {
        echo "to put it right: $tool -i FILE"
        return 1
    }
    check_comments "${files[@]}" cl/*.cl cl/*.clh || return 1
    mapfile -t files < <(find CMakeLists.txt cmake examples scripts tests -name '*.sh' \
        -o -name '*.py' -o -name '*.cmake' -o -name CMakeLists.txt | sort)
    check_hash_comments "${files[@]}"
}

# Words that hide the subject of the sentence that they begin.
bare_openings='(Of|What|Whether|Where|By|Likewise|Who|Whoever|How|Why) '

# The formatter leaves comments alone (ReflowComments would join the lines of tables and examples),
# so their width is checked here, that every banner is one line, and that no sentence begins with a
# word that hides its subject. A sentence begins with the comment or after a full stop, a colon or a
# semicolon, on the same line or on the one before.
check_comments() {
    awk -v bare="$bare_openings" '
        FNR == 1 { inside = 0; before = "" }
        length > 100 && /\*\/$|^ *\/?\*/ {
            print FILENAME ":" FNR ": a comment of " length " columns; 100 are the most"
            found = 1
        }
        { starts = match($0, /\/\*/) && !/"[^"]*\/\*[^"]*"/; text = starts ? substr($0, RSTART) : $0 }
        (starts || inside) && (text ~ "(^/\\* |[.:;!?] )" bare ||
                               !starts && before ~ /([.:;!?]|\/?\*)$/ && text ~ "^ *\\*? *" bare) {
            print FILENAME ":" FNR ": a sentence of a comment without its subject in front"
            found = 1
        }
        { inside = (starts || inside) && text !~ /\*\// }
        before ~ /^\/\* ----/ && /^ \*(\/| ----)/ {
            print FILENAME ":" FNR ": a banner of two lines"
            found = 1
        }
        { before = $0 }
        END { exit found }' "$@"
}

# The same of sentences in comments that begin with #, on lines of their own or behind others.
check_hash_comments() {
    awk -v bare="$bare_openings" '
        FNR == 1 { before = "" }
        { text = match($0, /(^|[ \t])# /) ? substr($0, RSTART + RLENGTH) : "" }
        text ~ "[.:;!?] " bare || text ~ "^" bare && (before ~ /(^|[.:;!?])$/ || !/^[ \t]*#/) {
            print FILENAME ":" FNR ": a sentence of a comment without its subject in front"
            found = 1
        }
        { before = /^[ \t]*#/ ? text : "" }
        END { exit found }' "$@"
}

check_includes() {
    setup_need python3
    setup_need cc
    setup_need nm
    python3 scripts/check-includes.py --self-test && python3 scripts/check-includes.py
}

check_examples() {
    setup_need python3
    setup_need cc
    scripts/check-examples.py --self-test && scripts/check-examples.py
}

check_docs() {
    setup_need python3
    scripts/check-docs.py --self-test && scripts/check-docs.py
}

check_circles() {
    setup_need python3
    setup_need nm
    python3 scripts/check-includes.py --objects "$1"
}

check_kernels() {
    setup_need clang
    scripts/check-kernels.sh
}

check_shell() {
    local files
    setup_need shellcheck
    mapfile -t files < <(find scripts tests .ci/run -name '*.sh' -o -path .ci/run | sort)
    shellcheck -x "${files[@]}"
}

# Each public header compiles alone, as C and as C++.
check_headers() {
    local header failed=0
    setup_need cc
    setup_need c++
    if compile_header 'size_t planted(void);' 2>/dev/null; then
        echo "a header without the include that it needs is taken for a sound one"
        return 1
    fi
    for header in include/clgan/*.h; do
        compile_header "#include <${header#include/}>" || failed=1
    done
    return "$failed"
}

compile_header() {
    local flags=(-fsyntax-only -I include -Wall -Wextra -Wpedantic -Werror)
    cc -x c -std=c11 "${flags[@]}" - <<<"$1" && c++ -x c++ -std=c++17 "${flags[@]}" - <<<"$1"
}

# Takes the warnings of clang and the findings of clang-tidy (.clang-tidy) as errors, in every C
# file. The build's folder, build/test unless it is given, has their flags.
check_tidy() {
    local tool folder=${1:-build/test} found
    need_version_14 clang-tidy
    if found=$(run_tidy <<<tests/lint/planted.c 2>&1) ||
        [[ $found != *clang-diagnostic-unused-variable* || $found != *bugprone-misplaced-* ||
            $found != *bugprone-unused-return-value* ]]; then
        echo "clang-tidy does not find what is wrong in tests/lint/planted.c: $found"
        return 1
    fi
    find src examples tests tools -name '*.c' ! -name planted.c ! -name '*_windows.c' | run_tidy
}

# Checks the files whose names it reads.
run_tidy() {
    xargs -n 8 -P "$(setup_cpus)" "$tool" -p "$folder" --quiet --warnings-as-errors='*' \
        --extra-arg=-Wno-unknown-warning-option 2> >(grep -vE ' generated\.$|^Error while' >&2)
}

# The data set is the published one, the classifier the one of its README.
check_data() {
    local sum name failed=0
    setup_need sha256sum
    while read -r sum name; do
        if [[ $(gzip -dc "data/mnist/$name.gz" | sha256sum) != "$sum "* ]]; then
            echo "data/mnist/$name.gz does not unpack to SHA-256 $sum"
            failed=1
        fi
    done <data/mnist/SHA256SUMS
    (cd data/classifier && sha256sum --quiet -c SHA256SUMS) || failed=1
    return "$failed"
}

# Runs the tests that need no device, of the label quick or the one given, under the address and
# undefined-behaviour sanitizers. First a planted leak must be seen, with the suppressions on: else
# this would prove nothing.
check_asan() {
    local folder=build/asan label=${1:-quick}
    export LSAN_OPTIONS=suppressions=$SETUP_ROOT/tests/lsan.supp:print_suppressions=0
    export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
    export UBSAN_OPTIONS=print_stacktrace=1
    setup_build asan "${label}_tests" -DCLGAN_WERROR=ON || return 1
    setup_need cc
    printf '%s\n' '#include <stdlib.h>' 'void *volatile p;' \
        'int main(void) { p = malloc(77); p = 0; return 0; }' |
        cc -g -fsanitize=address -x c - -o "$folder/planted_leak" || return 1
    if "$folder/planted_leak" >"$folder/planted_leak.log" 2>&1 ||
        ! grep -q 'LeakSanitizer: detected memory leaks' "$folder/planted_leak.log"; then
        cat "$folder/planted_leak.log"
        echo "the leak sanitizer does not see a planted leak"
        return 1
    fi
    ctest --test-dir "$folder" -L "^$label\$" --parallel "$(setup_cpus)" --output-on-failure \
        --no-tests=error
}

# Debian's packages, which lintian finds no error in, and which name nothing of the build.
check_packages() {
    local folder=build/package packages
    setup_need dpkg-shlibdeps
    setup_need lintian
    rm -f "$folder"/*.deb
    setup_build package package || return 1
    packages=("$folder"/*.deb)
    lintian --allow-root --fail-on error "${packages[@]}" || return 1
    echo "${packages[@]##*/}"
    ((${#packages[@]} == 4))
}

case "${1:-}" in
packages | format | includes | examples | docs | kernels | headers | shell | data | asan | tidy)
    "check_$1" "${@:2}"
    ;;
circles) check_circles "${2:?circles needs the folder of a build}" ;;
*)
    echo "usage: $0 format|includes|examples|docs|kernels|headers|shell|data|asan|tidy|packages|circles" >&2
    exit 2
    ;;
esac
