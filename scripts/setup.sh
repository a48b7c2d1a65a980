# shellcheck shell=bash
# What train.sh, test.sh and parity.sh share: install what is missing, build quietly. To be sourced:
#
#   setup_install build|test           the packages of the table below, where they are missing
#   setup_build PRESET TARGET [-D...]  configure and build into build/PRESET
#   setup_device                       PoCL as well, when the program that was built finds no device
#
# When everything is there they print nothing. All messages go to stderr: stdout belongs to clgan.

SETUP_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Debian's packages, by what needs them.
SETUP_BUILD=(gcc libc6-dev make cmake pkg-config ocl-icd-libopencl1 ocl-icd-opencl-dev
    opencl-c-headers libclblast-dev libpng-dev libgif-dev zlib1g-dev libcjson-dev libxxhash-dev
    libmd-dev libcairo2-dev liblapacke-dev)
SETUP_TEST=(check clang clang-format clang-tidy shellcheck python3 oclgrind mesa-opencl-icd)
SETUP_CPU_DEVICE=(pocl-opencl-icd)

SETUP_TRIED=() # what this process has tried to install

setup_say() {
    printf 'clgan: %s\n' "$*" >&2
}

setup_install() {
    local packages=("${SETUP_BUILD[@]}")
    if [[ $1 == test ]]; then
        packages+=("${SETUP_TEST[@]}" "${SETUP_CPU_DEVICE[@]}")
    elif ! setup_has_driver; then
        packages+=("${SETUP_CPU_DEVICE[@]}")
    fi
    setup_install_packages "${packages[@]}"
}

# Is an OpenCL driver registered? Mesa's do not count: Clover announces no device and rusticl none
# until it is told to. Whether the driver has a device only the built program can tell
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

setup_device() {
    local list status=0
    ! setup_is_installed "${SETUP_CPU_DEVICE[0]}" || return 0
    [[ " ${SETUP_TRIED[*]} " != *" ${SETUP_CPU_DEVICE[0]} "* ]] || return 0
    list=$("$SETUP_ROOT/build/release/clgan" devices 2>/dev/null </dev/null) || status=$?
    [[ $status -eq 3 || -z $list ]] || return 0
    setup_install_packages "${SETUP_CPU_DEVICE[@]}"
}

setup_is_installed() {
    command -v dpkg-query >/dev/null &&
        dpkg-query -W -f '${db:Status-Abbrev}\n' "$1" 2>/dev/null | grep -q '^.i'
}

# Installs those of the packages that are missing. Where that cannot be done it says what is needed
# and goes on, as the same things may be there under other names; without CMake and a compiler it
# fails.
setup_install_packages() {
    local installed missing=() package as_root=()
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        setup_has_tools && return 0
        setup_say "no apt-get here; please install what Debian calls: $*"
        return 1
    fi
    # Once for all of them: a line each, "ii " and "hi " are installed.
    installed=" $(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null |
        sed -n 's/^.i //p' | tr '\n' ' ') "
    for package in "$@"; do
        [[ $installed == *" $package "* ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    SETUP_TRIED+=("${missing[@]}")

    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            setup_say "missing packages, and neither root nor sudo to install them. As root, run:"
            setup_say "  apt-get install ${missing[*]}"
            setup_has_tools
            return
        fi
        as_root=(sudo)
    fi
    setup_say "installing with ${as_root[*]:+sudo }apt-get: ${missing[*]}"
    as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
    "${as_root[@]}" update </dev/null >&2 ||
        setup_say "apt-get update failed; trying with the lists that are here"
    if ! "${as_root[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >&2; then
        setup_say "apt-get could not install: ${missing[*]}"
        setup_has_tools
    fi
}

setup_has_tools() {
    command -v cmake >/dev/null && { [[ -n ${CC:-} ]] || command -v cc >/dev/null; } && return 0
    setup_say "CMake (3.25 or newer) and a C compiler are needed to go on"
    return 1
}

# Output goes to build/PRESET.log and is shown only when something fails. One build at a time in a
# tree: a second caller waits.
setup_build() {
    local preset=$1 target=$2 folder=$SETUP_ROOT/build/$1 log=$SETUP_ROOT/build/$1.log
    shift 2
    mkdir -p "$SETUP_ROOT/build" || return 1
    [[ -e $folder/Makefile ]] || setup_say "building (build/$preset)"
    (
        if command -v flock >/dev/null; then
            exec 9>"$folder.lock"
            flock 9
        fi
        # From scratch where the old folder does not fit any more (a moved tree, another generator).
        setup_configure "$preset" "$@" >"$log" 2>&1 9>&- ||
            setup_configure "$preset" --fresh "$@" >"$log" 2>&1 9>&- &&
            cmake --build "$folder" --target "$target" --parallel "$(setup_cpus)" \
                >>"$log" 2>&1 9>&- && exit 0
        tail -n 60 "$log" >&2
        setup_say "the build failed; all of its output is in build/$preset.log"
        exit 1
    ) </dev/null
}

setup_configure() {
    cd "$SETUP_ROOT" && cmake --preset "$@"
}

setup_cpus() {
    nproc 2>/dev/null || getconf _NPROCESSORS_ONLN
}
