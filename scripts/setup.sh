# shellcheck shell=bash
# What train.sh, test.sh and parity.sh share: install what is missing, build quietly. To be sourced:
#
#   setup_install build|ranks|test     the packages of the table below, where they are missing
#   setup_build PRESET TARGET [-D...]  configure and build into build/PRESET
#   setup_device PRESET [pocl]         an OpenCL driver, when the program that was built finds no
#                                      device that it can use, or PoCL is wanted and not among them
#   setup_intel                        Intel's runtime for CPUs, from PyPI, into build/intel
#   setup_need COMMAND [PACKAGE]       skips a test whose tool is missing
#
# When everything is there they print nothing. All messages go to stderr: stdout belongs to clgan.

SETUP_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Each line is a need: who has it (build, venv, ranks, test, ci, device), how to see that it is there
# (a command, a header, a pkg-config module, a driver), and the packages, with + between several,
# that each package manager knows it by; - where it is a part of another need or the system has
# none. The columns other than apt-get's have not been tried. They follow the distributions' pages
# of packages, where these were seen: dnf clblast-devel and libmd; pacman libmd and pocl; zypper
# libmd and lapacke-devel; apk opencl-dev and libmd; brew clblast, libmd and pocl.
SETUP_TABLE='
build  command:cc           gcc+libc6-dev        gcc                    gcc             gcc                    build-base              -
build  command:make         make                 make                   make            make                   make                    -
build  command:cmake        cmake                cmake                  cmake           cmake                  cmake                   cmake
build  command:pkg-config   pkg-config           pkgconf-pkg-config     pkgconf         pkgconf-pkg-config     pkgconf                 pkgconf
build  library:OpenCL       ocl-icd-libopencl1+ocl-icd-opencl-dev ocl-icd-devel ocl-icd ocl-icd-devel          opencl-dev              opencl-icd-loader
build  header:CL/cl.h       opencl-c-headers     opencl-headers         opencl-headers  opencl-headers         opencl-headers          opencl-headers
build  header:clblast_c.h   libclblast-dev       clblast-devel          clblast         clblast-devel          clblast-dev             clblast
build  header:png.h         libpng-dev           libpng-devel           libpng          libpng16-devel         libpng-dev              libpng
build  header:gif_lib.h     libgif-dev           giflib-devel           giflib          giflib-devel           giflib-dev              giflib
build  header:zlib.h        zlib1g-dev           zlib-devel             zlib            zlib-devel             zlib-dev                zlib
build  module:libcjson      libcjson-dev         cjson-devel            cjson           cJSON-devel            cjson-dev               cjson
build  module:libxxhash     libxxhash-dev        xxhash-devel           xxhash          xxhash-devel           xxhash-dev              xxhash
build  module:libmd         libmd-dev            libmd-devel            libmd           libmd-devel            libmd-dev               libmd
build  module:cairo         libcairo2-dev        cairo-devel            cairo           cairo-devel            cairo-dev               cairo
build  library:lapacke      liblapacke-dev       lapack-devel           lapacke         lapacke-devel          lapack-dev              lapack
venv   command:python3      python3+python3-venv python3                python          python3                python3                 python3
ranks  command:mpicc        libopenmpi-dev+openmpi-bin openmpi-devel    openmpi         openmpi-devel          openmpi-dev             open-mpi
device driver:              pocl-opencl-icd      pocl                   pocl            pocl                   pocl                    pocl
test   module:check         check                check-devel            check           check-devel            check-dev               check
test   command:clang        clang                clang                  clang           clang                  clang                   -
test   command:clang-format clang-format         clang-tools-extra      -               -                      clang-extra-tools       clang-format
test   command:clang-tidy   clang-tidy           clang-tools-extra      clang           clang-tools            clang-extra-tools       -
test   command:shellcheck   shellcheck           ShellCheck             shellcheck      ShellCheck             shellcheck              shellcheck
test   command:python3      python3              python3                python          python3                python3                 python3
test   command:oclgrind     oclgrind             -                      -               -                      -                       -
test   command:aarch64-linux-gnu-gcc  gcc-aarch64-linux-gnu+libc6-dev-arm64-cross - aarch64-linux-gnu-gcc -      -                       -
test   command:i686-linux-gnu-gcc     gcc-i686-linux-gnu+libc6-dev-i386-cross     - -           -                -                       -
test   command:s390x-linux-gnu-gcc    gcc-s390x-linux-gnu+libc6-dev-s390x-cross   - -           -                -                       -
test   command:musl-gcc               musl-tools           musl-gcc               musl          -                -                       -
test   command:x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64-win32+libz-mingw-w64-dev mingw64-gcc mingw-w64-gcc mingw64-cross-gcc mingw-w64-gcc mingw-w64
test   mesa:                mesa-opencl-icd      mesa-libOpenCL         opencl-mesa     Mesa-libOpenCL         mesa-rusticl            -
ci     command:wine         wine                 wine                   wine            wine                   wine                    -
ci     command:dpkg-source  dpkg-dev             -                      -               -                      -                       -
'
SETUP_MANAGERS=(apt-get dnf pacman zypper apk brew) # the columns

SETUP_INTEL=$SETUP_ROOT/build/intel
setup_took_intel="" # set by setup_device
SETUP_TRIED=() # packages that this process has tried to install

setup_say() {
    printf 'clgan: %s\n' "$*" >&2
}

# ---- what is there -------------------------------------------------------------------------------

# The package manager's place among the columns goes to $setup_manager_index; fails without one.
setup_find_manager() {
    for setup_manager_index in "${!SETUP_MANAGERS[@]}"; do
        setup_manager=${SETUP_MANAGERS[setup_manager_index]}
        ! command -v "$setup_manager" >/dev/null || return 0
    done
    setup_manager=
    return 1
}

# Does the C compiler find the header, or link the library?
setup_compiles() {
    printf '%s\n' "$1" 'int main(void) { return 0; }' |
        "${CC:-cc}" -x c - -o /dev/null "${@:2}" >/dev/null 2>&1
}

# setup_has KIND:NAME: succeeds where the thing itself is there, whatever package it came in.
setup_has() {
    local name=${1#*:}
    case $1 in
    command:cc) command -v "${CC:-cc}" >/dev/null ;;
    command:*) command -v "$name" >/dev/null ;;
    header:*) setup_compiles "#include <$name>" -I/usr/local/include -DCL_TARGET_OPENCL_VERSION=120 ;;
    library:*) setup_compiles "" "-l$name" || pkg-config --exists "$name" 2>/dev/null ;;
    module:*) pkg-config --exists "$name" 2>/dev/null ;;
    driver:*) setup_has_driver ;;
    mesa:*) [[ -e /etc/OpenCL/vendors/rusticl.icd || -e /etc/OpenCL/vendors/mesa.icd ]] ;;
    esac
}

# Is an OpenCL driver registered? Mesa's do not count: Clover announces no device and rusticl none
# until it is told to. Only the built program can tell whether the driver has a device
# (setup_device).
setup_has_driver() {
    local vendors=${OCL_ICD_VENDORS:-/etc/OpenCL/vendors} icd
    [[ -z ${OCL_ICD_FILENAMES:-} ]] || return 0
    for icd in "$vendors" "$vendors"/*.icd; do
        [[ -f $icd ]] || continue
        case ${icd##*/} in
        mesa.icd | rusticl.icd) ;;
        *) return 0 ;;
        esac
    done
    return 1
}

# Is there any MPI that can be built with and started? MPICH does as well as the table's Open MPI.
setup_has_mpi() {
    setup_has command:mpicc && setup_has command:mpirun
}

# setup_need COMMAND [PACKAGE]: ends a test that needs it, as skipped where it is missing, as failed
# with CI set where apt-get could have installed that package; - is a name that nothing has.
setup_need() {
    local package=${2:-$1}
    ! command -v "$1" >/dev/null || return 0
    if [[ -n ${CI:-} && $package != - && " ${CLGAN_LACKS:-} " != *" $package "* ]] &&
        command -v apt-get >/dev/null; then
        echo "$1 is missing"
        exit 1
    fi
    echo "skipped: $1 is missing"
    exit 77
}

# Prints those of the packages that are installed, on one line. dpkg answers once for all of them;
# elsewhere setup_has() tells.
setup_installed_packages() {
    dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null |
        sed -n 's/^.i //p' | tr '\n' ' '
}

# setup_list_missing NEED...: of these kinds of needs, the packages that are missing go to
# $setup_missing, and the things themselves to $setup_missing_things.
setup_list_missing() {
    local need probe packages column installed="" all=() columns
    setup_missing=() setup_missing_things=()
    if [[ $setup_manager == apt-get ]] && command -v dpkg-query >/dev/null; then
        mapfile -t all < <(awk 'NF { gsub("[+]", "\n", $3); print $3 }' <<<"$SETUP_TABLE")
        installed=" $(setup_installed_packages "${all[@]}") "
    fi
    while read -r need probe columns; do
        [[ -n $need && " $* " == *" $need "* ]] || continue
        read -ra column <<<"$columns"
        packages=${column[${setup_manager_index:-0}]//+/ }
        if [[ -n $installed ]]; then
            setup_list_missing_of "$installed" "$probe" "$packages"
        elif ! setup_has "$probe"; then
            setup_missing_things+=("${probe%:}")
            # shellcheck disable=SC2206 # several packages
            [[ $packages == - ]] || setup_missing+=($packages)
        fi
    done <<<"$SETUP_TABLE"
}

setup_list_missing_of() {
    local package
    for package in $3; do
        [[ $1 != *" $package "* ]] || continue
        setup_missing+=("$package")
        [[ " ${setup_missing_things[*]} " == *" ${2%:} "* ]] || setup_missing_things+=("${2%:}")
    done
}

# ---- installing ----------------------------------------------------------------------------------

setup_install() {
    local needs=(build)
    if [[ $1 == test ]]; then
        needs+=(test device)
        [[ -z ${CI:-} ]] || needs+=(ci) # of 700 MB
    elif ! setup_has_driver; then
        needs+=(device)
    fi
    [[ $1 == build ]] || setup_has_mpi || needs+=(ranks)
    setup_install_needs "${needs[@]}"
}

# Is there a device that can be used? Any other failure is for the program itself to tell.
setup_finds_device() {
    local status=0 list
    list=$("$SETUP_ROOT/build/$1/clgan" devices 2>/dev/null </dev/null) || status=$?
    ((status != 3)) && { [[ ${2:-} != pocl || $status -ne 0 ]] ||
        grep 'Portable Computing Language' <<<"$list" | grep -qv '; unusable: '; }
}

# The package of the device comes first, where it was not tried. A driver of the distribution may be
# older than the processor, and build nothing for it. A user who names drivers has chosen them.
setup_device() {
    ! setup_finds_device "$@" || return 0
    if setup_find_manager && setup_list_missing device && ((${#setup_missing[@]})) &&
        [[ " ${SETUP_TRIED[*]} " != *" ${setup_missing[0]} "* ]]; then
        setup_install_needs device || return
        ! setup_finds_device "$@" || return 0
    fi
    [[ $(uname -sm) == "Linux x86_64" && -z ${OCL_ICD_VENDORS:-}${OCL_ICD_FILENAMES:-} ]] || return 0
    "$SETUP_ROOT/build/$1/clgan" devices >&2
    setup_has_intel || setup_install_needs venv || return
    setup_intel || return 0
    export OCL_ICD_VENDORS=$SETUP_INTEL/vendors
    if ! setup_finds_device "$1"; then
        setup_say "Intel's runtime finds no device here"
        unset OCL_ICD_VENDORS
        return 0
    fi
    # shellcheck disable=SC2034 # read by test.sh
    setup_took_intel=yes
    setup_say "taking Intel's runtime for CPUs; elsewhere: export OCL_ICD_VENDORS=$OCL_ICD_VENDORS"
}

# Is it here, and not in the place of a tree that was moved?
setup_has_intel() {
    local driver=$SETUP_INTEL/lib/libintelocl.so
    [[ -e $driver ]] && grep -qxF "$(realpath "$driver")" "$SETUP_INTEL/vendors/intel.icd" 2>/dev/null
}

# Its libraries find each other; $SETUP_INTEL/vendors is what OCL_ICD_VENDORS is to be. Fails, having
# said why, where it cannot be brought.
setup_intel() {
    local driver=$SETUP_INTEL/lib/libintelocl.so log=$SETUP_INTEL.log
    ! setup_has_intel || return 0
    setup_say "bringing Intel's OpenCL runtime for CPUs from PyPI (build/intel, 0.8 GB)"
    mkdir -p "$SETUP_INTEL/vendors"
    {
        python3 -m venv "$SETUP_INTEL" &&
            "$SETUP_INTEL/bin/python3" -m pip install --quiet intel-opencl-rt intel-cmplr-lib-rt &&
            [[ -e $driver ]] && realpath "$driver" >"$SETUP_INTEL/vendors/intel.icd"
    } >"$log" 2>&1 </dev/null && return 0
    setup_say "it cannot be brought; build/intel.log tells why"
    return 1
}

# Installs what is missing for these kinds of needs. It says what is missing where that cannot be
# installed, and goes on, as long as there is a compiler and CMake.
setup_install_needs() {
    setup_find_manager
    setup_list_missing "$@"
    ((${#setup_missing_things[@]})) || return 0
    SETUP_TRIED+=("${setup_missing[@]}")
    if [[ -z $setup_manager ]]; then
        setup_say "no package manager that is known here; missing: ${setup_missing_things[*]}"
    elif ((EUID != 0)) && [[ $setup_manager != brew ]] && ! command -v sudo >/dev/null; then
        setup_say "missing packages, and neither root nor sudo to install them. As root, run:"
        setup_say "  $(setup_install_command) ${setup_missing[*]}"
    else
        setup_run_manager
    fi
    setup_has_tools
}

# Prints how a user would install packages, without the packages.
setup_install_command() {
    case $setup_manager in
    pacman) echo "pacman -S" ;;
    apk) echo "apk add" ;;
    *) echo "$setup_manager install" ;;
    esac
}

setup_as_root() {
    if ((EUID == 0)) || [[ $setup_manager == brew ]]; then
        "$@" </dev/null >&2
    else
        sudo "$@" </dev/null >&2
    fi
}

# Leaves in $setup_missing what the manager has; the rest it names, and remembers for the tests: a
# tool that the distribution lacks is a skipped test.
setup_drop_unknown() {
    local package known=() unknown=()
    for package in "${setup_missing[@]}"; do
        if setup_manager_knows "$package"; then
            known+=("$package")
        else
            unknown+=("$package")
        fi
    done
    setup_missing=("${known[@]}")
    ((${#unknown[@]} == 0)) || setup_say "$setup_manager has no ${unknown[*]}; going on without"
    export CLGAN_LACKS="${CLGAN_LACKS:-} ${unknown[*]}"
}

setup_manager_knows() {
    case $setup_manager in
    apt-get) [[ $(apt-cache show "$1" 2>/dev/null) == *Version:* ]] ;;
    dnf) dnf -q info "$1" >/dev/null 2>&1 ;;
    pacman) pacman -Si "$1" >/dev/null 2>&1 ;;
    zypper) zypper -q search -x "$1" >/dev/null 2>&1 ;;
    apk) [[ -n $(apk search -e "$1" 2>/dev/null) ]] ;;
    brew) brew info "$1" >/dev/null 2>&1 ;;
    esac
}

# Brings the lists of packages up to date, unless all that is missing is known to be in none of
# today's lists.
setup_update_lists() {
    local package
    if [[ -n $(find /var/lib/apt/lists -name '*Packages*' -mtime -1 2>/dev/null) ]]; then
        for package in "${setup_missing[@]}"; do
            ! setup_manager_knows "$package" || break
            [[ $package != "${setup_missing[-1]}" ]] || return 0
        done
    fi
    case $setup_manager in
    apt-get) setup_as_root apt-get -q -o DPkg::Lock::Timeout=300 update ;;
    pacman) setup_as_root pacman -Sy ;;
    apk) setup_as_root apk update ;;
    esac || setup_say "the lists of packages cannot be updated; trying with those that are here"
}

setup_run_manager() {
    setup_update_lists
    setup_drop_unknown
    ((${#setup_missing[@]})) || return 0
    setup_say "installing with $setup_manager: ${setup_missing[*]}"
    case $setup_manager in
    apt-get)
        setup_as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 \
            install -y --no-install-recommends "${setup_missing[@]}"
        ;;
    dnf) setup_as_root dnf -y install "${setup_missing[@]}" ;;
    pacman) setup_as_root pacman -S --noconfirm --needed "${setup_missing[@]}" ;;
    zypper) setup_as_root zypper -n install "${setup_missing[@]}" ;;
    apk) setup_as_root apk add "${setup_missing[@]}" ;;
    brew) setup_as_root brew install "${setup_missing[@]}" ;;
    esac || setup_say "$setup_manager could not install all of: ${setup_missing[*]}"
}

setup_has_tools() {
    setup_has command:cmake && setup_has command:cc && return 0
    setup_say "CMake (3.22 or newer) and a C compiler are needed to go on"
    return 1
}

# ---- building ------------------------------------------------------------------------------------

# Passes a build's output on. A terminal sees how far it is, on a line that goes away.
setup_show_progress() {
    local line part='^\[ *([0-9]+)%\]'
    while IFS= read -r line; do
        printf '%s\n' "$line"
        [[ -t 2 && ${TERM:-dumb} != dumb && $line =~ $part ]] || continue
        printf '\r\033[Kclgan: building %s %%\r' "${BASH_REMATCH[1]}" >&2
    done
    [[ ! -t 2 || ${TERM:-dumb} == dumb ]] || printf '\033[K' >&2
}

# Output goes to build/PRESET.log and is shown only when something fails. A tree has one build at a
# time: a second caller waits.
setup_build() {
    local preset=$1 target=$2 folder=$SETUP_ROOT/build/$1 log=$SETUP_ROOT/build/$1.log
    shift 2
    mkdir -p "$SETUP_ROOT/build" || return 1
    [[ -e $folder/Makefile ]] || setup_say "building (build/$preset)"
    (
        set -o pipefail
        if command -v flock >/dev/null; then
            exec 9>"$folder.lock"
            flock 9
        fi
        setup_configure "$preset" "$@" >"$log" 2>&1 9>&- &&
            cmake --build "$folder" --target "$target" --parallel "$(setup_cpus)" \
                2>&1 9>&- | setup_show_progress >>"$log" && exit 0
        tail -n 60 "$log" >&2
        setup_say "the build failed; all of its output is in build/$preset.log"
        exit 1
    ) </dev/null
}

# A folder that was configured for another place or generator begins from scratch. Any other
# failure is what the log ends with.
setup_configure() {
    local cache=$SETUP_ROOT/build/$1/CMakeCache.txt
    if [[ -e $cache ]] && ! {
        grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$SETUP_ROOT" "$cache" &&
            grep -qxF 'CMAKE_GENERATOR:INTERNAL=Unix Makefiles' "$cache"
    }; then
        rm -rf "$cache" "${cache%/*}/CMakeFiles"
    fi
    cd "$SETUP_ROOT" && cmake --preset "$@"
}

setup_cpus() {
    nproc 2>/dev/null || getconf _NPROCESSORS_ONLN
}
