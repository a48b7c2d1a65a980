#!/usr/bin/env bash
# clgan for other machines and systems than this one.
#
#   scripts/cross.sh objects TARGET [BUILD]   compiles every C file, with warnings as errors; BUILD,
#                                             build/test unless it is given, has the flags
#   scripts/cross.sh targets                  the targets, one a line
#
# Only the compiler is needed: the libraries' headers, which are the same on all machines, are
# this system's. Exits 0, 1, or 77 (skipped) when the compiler is missing; with CI set a missing
# compiler is a failure, unless the distribution has none.
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$SETUP_ROOT" || exit 1

# A line a target: its compiler, which package has that (- : pip's ziglang, which brings macOS'
# headers), what is not compiled there, and the flags that are its own. posix is no machine: no
# call may be GNU's or Linux' alone, apart from what base/platform.h and cli/process.h have.
TARGETS='
arm64    aarch64-linux-gnu-gcc   gcc-aarch64-linux-gnu      _windows.c
i686     i686-linux-gnu-gcc      gcc-i686-linux-gnu         _windows.c
s390x    s390x-linux-gnu-gcc     gcc-s390x-linux-gnu        _windows.c
musl     musl-gcc                musl-tools                 _windows.c
posix    clang                   clang                      _(windows|posix).c   -U_GNU_SOURCE -D_XOPEN_SOURCE=700
windows  x86_64-w64-mingw32-gcc  gcc-mingw-w64-x86-64-win32 _posix.c             -D__USE_MINGW_ANSI_STDIO=1 -Wno-float-conversion
macos    zig                     -                          _windows.c           -target aarch64-macos
'

# The headers of libraries that the files include, as names under /usr/include. zlib comes along
# with png.h, OpenCL/ is what macOS calls CL/.
HEADERS="CL OpenCL=CL clblast_c.h png.h pngconf.h pnglibconf.h zlib.h zconf.h gif_lib.h cjson
    xxhash.h sha2.h cairo lapack.h lapacke.h lapacke_config.h lapacke_mangling.h lapacke_utils.h
    check.h"

find_target() {
    read -r target compiler package excluded flags < <(grep "^$1 " <<<"$TARGETS")
    [[ -n $target ]] && return 0
    echo "no target $1; scripts/cross.sh targets tells which there are" >&2
    exit 2
}

need_compiler() {
    command -v "$compiler" >/dev/null && return 0
    if [[ -n ${CI:-} && $package != - && " ${CLGAN_LACKS:-} " != *" $package "* ]]; then
        echo "$compiler is missing"
        exit 1
    fi
    echo "skipped: $compiler is missing"
    exit 77
}

link_headers() {
    local entry
    mkdir -p "$folder/include"
    for entry in $HEADERS; do
        [[ ! -e /usr/include/${entry#*=} ]] ||
            ln -sfn "/usr/include/${entry#*=}" "$folder/include/${entry%%=*}"
    done
}

# The flags that the build compiles the library with, without those that name a place or optimise.
build_flags() {
    sed -n 's|^ *"command": "[^ ]* \(.*\) -o [^ ]*src/base/text\.c\.o -c .*",$|\1|p' \
        "$1/compile_commands.json" | head -n 1 |
        sed -E 's/\\\\\\?"/"/g; s/\\"/"/g; s/-isystem [^ ]+//g; s/-I[^ ]+//g; s/ -O[0-3]? / /; s/-Werror//'
}

# Compiles the files whose names it reads; the objects lie beside each other in the target's folder.
compile() {
    (cd "$folder" && xargs -n 24 -P "$(setup_cpus)" "${driver[@]}" -c)
}

objects() {
    local build=${2:-build/test}
    find_target "$1"
    need_compiler
    folder=$SETUP_ROOT/build/cross/$target
    link_headers
    read -ra common < <(build_flags "$build")
    [[ ${common[*]} == *-Wconversion* ]] || {
        echo "no flags in $build/compile_commands.json: build first"
        return 1
    }
    read -ra own <<<"$flags"
    driver=("$compiler")
    [[ $compiler != zig ]] || driver+=(cc)
    [[ $compiler != zig && $compiler != clang ]] ||
        own+=(-Wno-unknown-warning-option -Wno-enum-float-conversion)
    driver+=("${common[@]}" -Werror "${own[@]}" -I "$SETUP_ROOT/include" -I "$SETUP_ROOT/src"
        -I "$SETUP_ROOT" -isystem "$folder/include" -isystem "$folder/include/cairo")
    if compile <<<"$SETUP_ROOT/tests/lint/planted.c" 2>/dev/null; then
        echo "what is wrong in tests/lint/planted.c is not seen"
        return 1
    fi
    find "$SETUP_ROOT"/{src,tools,examples} -name '*.c' | grep -vE "$excluded\$" | compile
}

case "${1:-}" in
objects) objects "${@:2}" ;;
targets) awk 'NF { print $1 }' <<<"$TARGETS" ;;
*)
    echo "usage: $0 objects TARGET [BUILD]|targets" >&2
    exit 2
    ;;
esac
