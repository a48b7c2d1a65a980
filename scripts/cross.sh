#!/usr/bin/env bash
# Compiles clgan for other machines and systems than this one.
#
#   scripts/cross.sh objects TARGET [BUILD]   compiles every C file, with warnings as errors; BUILD,
#                                             build/test unless it is given, has the flags
#   scripts/cross.sh quick arm64|s390x        builds in build/TARGET with that machine's packages of
#                                             Debian, runs the quick tests by qemu-user
#   scripts/cross.sh quick windows [BUILD]    builds as below, runs the quick tests by wine and tries
#                                             the program beside BUILD/clgan
#   scripts/cross.sh windows                  builds build/windows/clgan.exe
#   scripts/cross.sh targets                  the targets, one a line
#
# For objects only the compiler is needed: the libraries' headers, which are the same on all
# machines, are this system's. The others download packages of Debian, which they unpack in
# build/cross and do not install. Exits 0, 1, or 77 (skipped) when a tool is missing or packages
# cannot be downloaded; with CI set a missing tool is a failure, unless the distribution has none.
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$SETUP_ROOT" || exit 1

# Each line is a target: its compiler, which package has that (- : pip's ziglang, which brings
# macOS' headers), what is not compiled there, and the flags that are its own. posix is no machine:
# no call may be GNU's or Linux' alone, apart from what base/platform.h and cli/process.h have.
TARGETS='
arm64    aarch64-linux-gnu-gcc   gcc-aarch64-linux-gnu      _windows.c
i686     i686-linux-gnu-gcc      gcc-i686-linux-gnu         _windows.c
s390x    s390x-linux-gnu-gcc     gcc-s390x-linux-gnu        _windows.c
musl     musl-gcc                musl-tools                 _windows.c
posix    clang                   clang                      _(windows|posix).c   -U_GNU_SOURCE -D_XOPEN_SOURCE=700
windows  x86_64-w64-mingw32-gcc  gcc-mingw-w64-x86-64-win32 _posix.c             -D__USE_MINGW_ANSI_STDIO=1 -D_WIN32_WINNT=0x0A00 -Wno-float-conversion
macos    zig                     -                          _windows.c           -target aarch64-macos
'

# The files include these headers of libraries, names under /usr/include. zlib comes along
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

link_headers() {
    local entry
    mkdir -p "$folder/include"
    for entry in $HEADERS; do
        [[ ! -e /usr/include/${entry#*=} ]] ||
            ln -sfn "/usr/include/${entry#*=}" "$folder/include/${entry%%=*}"
    done
}

# Prints the flags that the build compiles the library with, without those that name a place or
# optimise.
build_flags() {
    sed -n 's|^ *"command": "[^ ]* \(.*\) -o [^ ]*src/base/text\.c\.o -c .*",$|\1|p' \
        "$1/compile_commands.json" | head -n 1 |
        sed -E 's/\\\\\\?"/"/g; s/\\"/"/g; s/-isystem [^ ]+//g; s/-I[^ ]+//g; s/ -O[0-3]? / /; s/-Werror//'
}

# Prints the folder of mpi.h, which each MPI has in a place of its own; nothing where the build is
# without MPI.
mpi_folder() {
    local folder
    while read -r folder; do
        [[ -e $folder/mpi.h ]] && echo "$folder" && return
    done < <(grep -m 1 'ranks_mpi\.c\.o' "$1/compile_commands.json" | grep -oE -- '-isystem [^ ]+' |
        cut -d ' ' -f 2)
}

# Compiles the files whose names it reads as far as warnings come from: nobody wants the objects.
compile() {
    xargs -n 24 -P "$(setup_cpus)" "${driver[@]}" -fsyntax-only
}

objects() {
    local build=${2:-build/test} mpi
    find_target "$1"
    setup_need "$compiler" "$package"
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
    # Ubuntu 26.04's mingw-w64 warns of each %zu, whatever it is told.
    [[ $target != windows ]] || "$compiler" "${own[@]}" -std=c11 -Wformat -Werror -fsyntax-only \
        -xc - <<<'#include <stdio.h>
int main(void) { return printf("%zu", sizeof(int)); }' 2>/dev/null || own+=(-Wno-format)
    driver+=("${common[@]}" -Werror "${own[@]}" -I "$SETUP_ROOT/include" -I "$SETUP_ROOT/src"
        -I "$SETUP_ROOT" -isystem "$folder/include" -isystem "$folder/include/cairo")
    mpi=$(mpi_folder "$build")
    [[ -z $mpi ]] || driver+=(-isystem "$mpi")
    [[ -n $mpi ]] || excluded="(_mpi\\.c|$excluded)"
    if compile <<<"$SETUP_ROOT/tests/lint/planted.c" 2>/dev/null; then
        echo "what is wrong in tests/lint/planted.c is not seen"
        return 1
    fi
    find "$SETUP_ROOT"/{src,tools,examples} -name '*.c' | grep -vE "$excluded\$" | compile
}

# ---- programs ------------------------------------------------------------------------------------

# use_apt ARCHITECTURE: from here on apt-get knows Debian's archive for that architecture, with the
# packages' sources, and no installed package; all that it keeps is in $folder/apt. It
# knows the release alone: an archive may have replaced updates that its lists still name.
use_apt() {
    local state=$folder/apt
    mkdir -p "$state"/{lists/partial,cache/archives/partial}
    : >"$state/status"
    # shellcheck disable=SC2016 # apt-get's variables
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' | grep -vE -e '-(security|updates)' | sort -u |
        sed 's/^/[signed-by=\/usr\/share\/keyrings\/debian-archive-keyring.gpg] /' |
        sed 's/^/deb-src /p; s/^deb-src/deb/' >"$state/sources.list"
    printf '%s "%s";\n' APT::Architecture "$1" APT::Architectures "$1" APT::Sandbox::User root \
        Dir::State "$state" Dir::State::status "$state/status" Dir::Cache "$state/cache" \
        Dir::Etc::sourcelist "$state/sources.list" Dir::Etc::sourceparts /dev/null >"$state/apt.conf"
    export APT_CONFIG=$state/apt.conf
    [[ -s $state/sources.list ]] || {
        echo "apt-get knows no archive of Debian"
        return 1
    }
    apt-get -q update
}

skip_without_packages() {
    tail -n 3 "$folder/packages.log"
    echo "skipped: packages cannot be downloaded"
    exit 77
}

# The packages are those of setup.sh's table that a build and its C tests need.
unpack_packages() {
    local packages package
    mapfile -t packages < <(awk '$1 == "build" && $2 !~ /^command:/ || $2 == "module:check" {
        gsub("[+]", "\n", $3)
        print $3
    }' <<<"$SETUP_TABLE")
    use_apt "$target" || return 1
    apt-get -q install -y --download-only --no-install-recommends "${packages[@]}" libc6-dev \
        libgcc-12-dev || return 1
    for package in "$folder"/apt/cache/archives/*.deb; do
        dpkg -x "$package" "$folder/root" || return 1
    done
    touch "$folder/root/.complete"
}

quick() {
    local processor
    find_target "$1"
    setup_need "$compiler" "$package"
    processor=${compiler%%-*}
    folder=$SETUP_ROOT/build/cross/$target
    command -v "qemu-$processor" >/dev/null || {
        echo "skipped: qemu-$processor is missing"
        exit 77
    }
    mkdir -p "$folder"
    [[ -e $folder/root/.complete ]] || unpack_packages >"$folder/packages.log" 2>&1 ||
        skip_without_packages
    cmake -S . -B "build/$target" -DCLGAN_MPI=OFF -DCLGAN_TRIPLE="${compiler%-gcc}" -DCLGAN_ROOT="$folder/root" \
        -DCMAKE_TOOLCHAIN_FILE="$SETUP_ROOT/cmake/toolchains/linux.cmake" &&
        cmake --build "build/$target" --target quick_tests --parallel "$(setup_cpus)" &&
        ctest --test-dir "build/$target" -L '^quick$' --parallel "$(setup_cpus)" \
            --output-on-failure --no-tests=error
}

# Libraries that Debian does not package for mingw-w64 are compiled from its sources: the package,
# the library, its files, the options.
WINDOWS_SOURCES='
libpng1.6 png    png.c,pngerror.c,pngget.c,pngmem.c,pngpread.c,pngread.c,pngrio.c,pngrtran.c,pngrutil.c,pngset.c,pngtrans.c,pngwio.c,pngwrite.c,pngwtran.c,pngwutil.c
giflib    gif    dgif_lib.c,egif_lib.c,gif_err.c,gif_hash.c,gifalloc.c,openbsd-reallocarray.c
cjson     cjson  cJSON.c            -DCJSON_HIDE_SYMBOLS
xxhash    xxhash xxhash.c
libmd     md     src/sha2.c         -DHAVE_CONFIG_H
'

# These libraries are not built: the program asks for a .dll when it first calls one of its
# functions, and does without it till then. The library, the .dll, how its functions' names begin.
WINDOWS_DLLS='
OpenCL  OpenCL.dll     cl[A-Z]
clblast clblast.dll    CLBlast
cairo   libcairo-2.dll cairo_
lapacke liblapacke.dll LAPACKE_
'

# The sources of those, and of Check, which has a build for Windows of its own.
windows_download() {
    local package source
    use_apt amd64 || return 1
    for package in check $(awk '{ print $1 }' <<<"$WINDOWS_SOURCES"); do
        source=$folder/source/$package
        rm -rf "$source" && mkdir -p "$source"
        (cd "$source" && apt-get -q source "$package" && mv ./*/ unpacked) || return 1
    done
}

windows_sources() {
    local package library files options source file
    mkdir -p "$root/include/cjson"
    while read -r package library files options; do
        [[ -n $package ]] || continue
        source=$folder/source/$package
        : >"$source/config.h"
        cp "$source"/unpacked/scripts/pnglibconf.h.prebuilt "$root/include/pnglibconf.h" 2>/dev/null
        cp "$source"/unpacked/{png.h,pngconf.h,gif_lib.h,xxhash.h,include/sha2.h} "$root/include" 2>/dev/null
        cp "$source"/unpacked/cJSON.h "$root/include/cjson" 2>/dev/null
        for file in ${files//,/ }; do
            # shellcheck disable=SC2086 # several options
            "$compiler" -O2 $options -I "$source" -I "$root/include" -I "$source/unpacked" \
                -I "$source/unpacked/src" -c "$source/unpacked/$file" \
                -o "$source/$(basename "$file" .c).o" || return 1
        done
        x86_64-w64-mingw32-ar rcs "$root/lib/lib$library.a" "$source"/*.o
    done <<<"$WINDOWS_SOURCES"
}

windows_dlls() {
    local library dll names
    while read -r library dll names; do
        [[ -n $library ]] || continue
        {
            printf 'LIBRARY %s\nEXPORTS\n' "$dll"
            grep -rohE "\b$names\w+" src | sort -u
        } >"$folder/$library.def"
        x86_64-w64-mingw32-dlltool -d "$folder/$library.def" -y "$root/lib/lib$library.a" || return 1
    done <<<"$WINDOWS_DLLS"
    cp -rL "$folder"/include/{CL,clblast_c.h,cairo,lapack*.h} "$root/include"
}

windows_check() {
    local source=$folder/source/check
    cmake -S "$source/unpacked" -B "$source/build" -DCHECK_ENABLE_TESTS=OFF \
        -DCLGAN_ROOT="$root" -DCMAKE_TOOLCHAIN_FILE="$SETUP_ROOT/cmake/toolchains/windows.cmake" &&
        cmake --build "$source/build" --target check compat --parallel "$(setup_cpus)" &&
        cp "$source"/build/{src/libcheck.a,lib/libcompat.a} "$root/lib" &&
        cp "$source/build/src/check.h" "$source/unpacked/check_stdint.h" "$root/include"
}

# Writes the files by which pkg-config knows these libraries.
windows_modules() {
    local module
    printf 'Name: check\nDescription: check\nVersion: 0\nCflags: -I%s\nLibs: -L%s %s\n' \
        "$root/include" "$root/lib" "-lcheck -lcompat -l:libwinpthread.a" \
        >"$root/lib/pkgconfig/check.pc"
    for module in libcjson:cjson libxxhash:xxhash libmd:md cairo:cairo; do
        printf 'Name: %s\nDescription: %s\nVersion: 0\nCflags: -I%s -I%s/cairo\nLibs: -L%s -l%s\n' \
            "${module%:*}" "${module%:*}" "$root/include" "$root/include" "$root/lib" \
            "${module#*:}" >"$root/lib/pkgconfig/${module%:*}.pc"
    done
}

# Libraries that were built before are taken as they are.
windows_libraries() {
    mkdir -p "$root"/{include,lib/pkgconfig}
    link_headers
    [[ ! -e $root/.complete ]] || return 0
    windows_download >"$folder/packages.log" 2>&1 || skip_without_packages
    if windows_check && windows_sources; then
        touch "$root/.complete"
    else
        return 1
    fi >>"$folder/packages.log" 2>&1
}

windows() {
    find_target windows
    setup_need "$compiler" "$package"
    setup_need dpkg-source dpkg-dev
    folder=$SETUP_ROOT/build/cross/windows root=$folder/root
    [[ -e /usr/x86_64-w64-mingw32/include/zlib.h ]] || {
        echo "skipped: libz-mingw-w64-dev is missing"
        exit 77
    }
    windows_libraries || {
        tail "$folder/packages.log"
        return 1
    }
    windows_dlls && windows_modules || return 1
    cmake -S . -B build/windows -DCLGAN_MPI=OFF -DCLGAN_ROOT="$root" -DCLGAN_WERROR=ON \
        -DCMAKE_TOOLCHAIN_FILE="$SETUP_ROOT/cmake/toolchains/windows.cmake" &&
        cmake --build build/windows --target clgan "$@" --parallel "$(setup_cpus)"
}

# Tries the program by wine: the version, the quick tests, the devices that wine's OpenCL.dll hands
# through, a path beyond ASCII, and with PoCL among the devices a training of 60 steps, whose
# checkpoint has the same bytes as that of the program here.
quick_windows() {
    local here=${1:-build/test}/clgan try=$SETUP_ROOT/build/cross/windows/try
    local options=(--recipe fast --device pocl --max-steps 60 --evaluate-every 0 --data data/mnist)
    [[ $(uname -m) == x86_64 ]] || {
        echo "skipped: wine runs programs for x86-64 on such a machine alone"
        exit 77
    }
    setup_need wine wine
    [[ -x $here ]] || {
        echo "$here is missing: build it first"
        return 1
    }
    windows quick_tests || return 1
    rm -rf "$try" && mkdir -p "$try"
    export WINEPREFIX=$try/wine WINEDEBUG=-all CLGAN_TUNING='' CLGAN_CACHE_DIR=off
    trap 'wineserver -k; rm -rf "$WINEPREFIX"' EXIT # of 700 MB
    # A program that crashes ends, and asks nobody.
    wine reg add 'HKCU\Software\Wine\WineDbg' /v ShowCrashDialog /t REG_DWORD /d 0 /f >/dev/null || {
        echo "skipped: wine does not start here"
        exit 77
    }
    wine build/windows/clgan.exe --version | grep '^clgan [0-9]' || return 1
    ctest --test-dir build/windows -L '^quick$' --parallel "$(setup_cpus)" --timeout 120 \
        --output-on-failure --no-tests=error || return 1
    wine build/windows/clgan.exe devices | tee "$try/devices"
    grep 'Portable Computing Language' "$try/devices" | grep -qv '; unusable: ' || return 0
    wine build/windows/clgan.exe train "${options[@]}" --out "$try/ä\\windows" &&
        "$here" train "${options[@]}" --out "$try/here" &&
        cmp "$try"/{ä/windows,here}/checkpoints/step_00000060.safetensors && echo "the same bytes"
}

case "${1:-}" in
objects) objects "${@:2}" ;;
windows) windows ;;
quick)
    if [[ ${2:?quick needs a target} == windows ]]; then
        quick_windows "${@:3}"
    else
        quick "$2"
    fi
    ;;
targets) awk 'NF { print $1 }' <<<"$TARGETS" ;;
*)
    echo "usage: $0 objects TARGET [BUILD]|quick TARGET [BUILD]|windows|targets" >&2
    exit 2
    ;;
esac
