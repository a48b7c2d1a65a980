#!/usr/bin/env bash
# Tries the README's two commands on a bare system of another distribution, in a root of its own.
#
#   scripts/try-distribution.sh NAME [--train-only|--quick]
#
# NAME is a line of the table in scripts/roots.sh. The root is made in build/roots/NAME with
# mmdebstrap or debootstrap (as root), from the mirror of this system's own apt, or CLGAN_MIRROR (of
# Ubuntu on Debian: with the package ubuntu-keyring installed); it has nothing but the
# distribution's minimum. The tracked files are copied into it, then scripts/train.sh trains 60
# steps of the fast recipe and resumes for 20 more, and scripts/test.sh runs (--quick: its quick
# part). The last line is a row of the table in docs/installing.md. Exits 0, 1 when a command failed,
# 2 for a wrong NAME, 77 when no root can be made.
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
# shellcheck source=scripts/roots.sh
source "$SETUP_ROOT/scripts/roots.sh"

usage() {
    echo "usage: scripts/try-distribution.sh $(roots_names | paste -sd '|') [--train-only|--quick]" >&2
    exit 2
}

(($# == 1 || $# == 2)) || usage
name=$1 what=${2:-all}
roots_select "$name" || usage
case $what in
all | --train-only | --quick) ;;
*) usage ;;
esac

skip() {
    setup_say "$name: $roots_why"
    exit 77
}

# result STATUS: prints a word for the table.
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

roots_make || skip
trap roots_close EXIT
roots_open || skip
rm -rf "$root/root/clgan/build"

setup_say "training on $name (build/roots/$name.log)"
run=/root/clgan/runs/tried
rm -rf "$root$run"
train=0
roots_inside scripts/train.sh --recipe fast --epochs 1 --max-steps 60 --evaluate-every 0 \
    --out "$run" || train=$?
[[ $train != 0 ]] || roots_inside scripts/train.sh --resume --out "$run" --max-steps 80 || train=$?
[[ -s $root$run/checkpoints/step_00000080.safetensors ]] || train=${train/#0/1}
tests=0 said="not run"
if [[ $what != --train-only ]]; then
    setup_say "testing on $name"
    options=()
    [[ $what != --quick ]] || options=(--quick)
    roots_inside scripts/test.sh "${options[@]}" || tests=$?
    said="$(result "$tests"): $(tail -n 1 "$log")"
fi

printf '| %s | gcc %s | CMake %s | PoCL %s | training %s | tests %s |\n' "$name" \
    "$(version 'gcc --version')" "$(version 'cmake --version')" \
    "$(version 'dpkg-query -W pocl-opencl-icd')" "$(result "$train")" "$said"
((train == 0 && tests == 0))
