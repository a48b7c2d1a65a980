#!/usr/bin/env bash
# Tries the README's two commands on a bare system of another distribution, in a root of its own.
#
#   scripts/try-distribution.sh NAME [--train-only|--quick]
#
# NAME is debian-12, debian-13, debian-unstable, ubuntu-22.04, ubuntu-24.04 or ubuntu-26.04. The root
# is made in build/roots/NAME with mmdebstrap or debootstrap (as root), from the mirror of this
# system's own apt, or CLGAN_MIRROR; it has nothing but the distribution's minimum. The tracked
# files are copied into it, then scripts/train.sh trains 60 steps of the fast recipe and resumes for
# 20 more, and scripts/test.sh runs (--quick: its quick part). The last line is a row of the table in
# docs/developing.md. Exits 0, 1 when a command failed, 2 for a wrong NAME, 77 when no root can be made.
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

usage() {
    echo "usage: scripts/try-distribution.sh debian-12|debian-13|debian-unstable|ubuntu-22.04|ubuntu-24.04|ubuntu-26.04 [--train-only|--quick]" >&2
    exit 2
}

(($# == 1 || $# == 2)) || usage
name=$1 what=${2:-all}
case $name in
debian-12) suite=bookworm components=main ;;
debian-13) suite=trixie components=main ;;
debian-unstable) suite=sid components=main ;;
ubuntu-22.04) suite=jammy components=main,universe ;;
ubuntu-24.04) suite=noble components=main,universe ;;
ubuntu-26.04) suite=resolute components=main,universe ;;
*) usage ;;
esac
case $what in
all | --train-only | --quick) ;;
*) usage ;;
esac

root=$SETUP_ROOT/build/roots/$name
log=$SETUP_ROOT/build/roots/$name.log

skip() {
    setup_say "$name: $*"
    exit 77
}

# The mirror that this system installs from; of another family only CLGAN_MIRROR can tell.
find_mirror() {
    [[ -z ${CLGAN_MIRROR:-} ]] || { echo "$CLGAN_MIRROR" && return; }
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        grep -E "/${name%%-*}/?\$" | head -n 1
}

make_root() {
    local mirror
    [[ ! -e $root/.complete ]] || return 0
    ((EUID == 0)) || skip "making a root takes root here"
    mirror=$(find_mirror)
    [[ $mirror ]] || skip "no mirror of ${name%%-*} is known; CLGAN_MIRROR can name one"
    rm -rf --one-file-system "$root"
    mkdir -p "${root%/*}"
    setup_say "making build/roots/$name"
    if command -v mmdebstrap >/dev/null; then
        # A mirror may be a snapshot, whose lists have an end.
        mmdebstrap --aptopt='Acquire::Check-Valid-Until "false"' --variant=minbase --components="$components" "$suite" "$root" "$mirror" \
            >"$log" 2>&1
    elif command -v debootstrap >/dev/null; then
        debootstrap --variant=minbase --components="$components" "$suite" "$root" "$mirror" \
            >"$log" 2>&1
    else
        skip "neither mmdebstrap nor debootstrap is installed"
    fi || skip "no root can be made; build/roots/$name.log tells why"
    touch "$root/.complete"
}

# Everything that is tracked, as it is in the working tree.
copy_tree() {
    rm -rf "$root/root/clgan" && mkdir -p "$root/root/clgan" &&
        git -C "$SETUP_ROOT" ls-files -z |
        tar -C "$SETUP_ROOT" --null -T - -cf - | tar -C "$root/root/clgan" -xf -
    cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null
    cp -r /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2>/dev/null
    return 0
}

unmount() {
    umount "$root/proc" "$root/sys" "$root/dev/shm" 2>/dev/null
}

# inside COMMAND...: in the root, with an empty environment.
inside() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        bash -c 'cd /root/clgan && "$@"' bash "$@" </dev/null >>"$log" 2>&1
}

# result STATUS: a word for the table.
result() {
    case $1 in
    0) echo passes ;;
    *) echo "fails ($1)" ;;
    esac
}

version() {
    inside_version=$(chroot "$root" bash -c "$1" 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)
    echo "${inside_version:-none}"
}

make_root
copy_tree
trap unmount EXIT
if ! mount -t proc proc "$root/proc" || ! mount --bind /sys "$root/sys"; then
    skip "cannot mount /proc and /sys in the root"
fi
mkdir -p "$root/dev/shm" && mount -t tmpfs tmpfs "$root/dev/shm"
[[ -e $root/dev/null ]] || mknod -m 666 "$root/dev/null" c 1 3

setup_say "training on $name (build/roots/$name.log)"
run=/root/clgan/runs/tried
rm -rf "$root$run"
train=0
inside scripts/train.sh --recipe fast --epochs 1 --max-steps 60 --evaluate-every 0 --out "$run" ||
    train=$?
[[ $train != 0 ]] || inside scripts/train.sh --resume --out "$run" --max-steps 80 || train=$?
[[ -s $root$run/checkpoints/step_00000080.safetensors ]] || train=${train/#0/1}
tests=0 said="not run"
if [[ $what != --train-only ]]; then
    setup_say "testing on $name"
    options=()
    [[ $what != --quick ]] || options=(--quick)
    inside scripts/test.sh "${options[@]}" || tests=$?
    said="$(result "$tests"): $(tail -n 1 "$log")"
fi

printf '| %s | gcc %s | CMake %s | PoCL %s | training %s | tests %s |\n' "$name" \
    "$(version 'gcc --version')" "$(version 'cmake --version')" \
    "$(version 'dpkg-query -W pocl-opencl-icd')" "$(result "$train")" "$said"
((train == 0 && tests == 0))
