#!/usr/bin/env bash
# Measures a training step of clgan beside TensorFlow, PyTorch and tinygrad on this machine, in
# turn, and prints a table in Markdown.
#
#   scripts/compare-peers.sh [--device SEL] [--only PEER,...] [--turns N] [--data DIR] [--out DIR]
#
#   --device SEL   the device of clgan; the peers run on the CPU or on the GPU like it
#   --only A,B     of tf, tf-xla, torch, torch-compile, torch-tf32, tinygrad; default tf,torch,tinygrad
#   --turns N      how often each is measured, 3; the table has the median
#   --data DIR     MNIST's files, default data/mnist
#   --out DIR      also writes a file for each program there, for clgan compare
#
# The peers live in a virtual environment, build/peers or $CLGAN_PEERS_VENV; pip installs those that
# are missing there, which may be gigabytes. Exits 0, 1 when a peer could not be measured (the table
# has the others), 2 when the options are wrong, else as clgan bench did.
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

# Each peer has a script with options.
declare -A PEERS=(
    [tf]="tf_dcgan.py" [tf-xla]="tf_dcgan.py --xla"
    [torch]="torch_dcgan.py" [torch-compile]="torch_dcgan.py --compile"
    [torch-tf32]="torch_dcgan.py --tf32" [tinygrad]="tinygrad_dcgan.py --least 1 --seconds 1"
)
# Each script needs a module, which pip knows by a name for CPUs and one for GPUs.
declare -A MODULES=([tf]=tensorflow [torch]=torch [tinygrad]=tinygrad)
declare -A PACKAGES=(
    [tf_cpu]=tensorflow-cpu [tf_gpu]="tensorflow[and-cuda]" [torch_cpu]=torch [torch_gpu]=torch
    [tinygrad_cpu]=tinygrad [tinygrad_gpu]=tinygrad
)

usage() {
    setup_say "$1"
    sed -n 's/^#   //p' "${BASH_SOURCE[0]}" >&2
    exit 2
}

only=tf,torch,tinygrad turns=3 data=$SETUP_ROOT/data/mnist out='' selector=()
while (($#)); do
    case $1 in
    --help | -h)
        sed -n 's/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed -n '2,/^shellcheck/p' | sed '$d'
        exit 0
        ;;
    --device | --only | --turns | --data | --out) (($# > 1)) || usage "$1 needs a value" ;;
    *) usage "unknown option '$1'" ;;
    esac
    case $1 in
    --device) selector=(--device "$2") ;;
    --only) only=$2 ;;
    --turns) turns=$2 ;;
    --data) data=$2 ;;
    --out) out=$2 ;;
    esac
    shift 2
done
[[ $turns =~ ^[1-9][0-9]?$ ]] || usage "--turns takes a number from 1 to 99, not '$turns'"
IFS=, read -ra peers <<<"$only"
((${#peers[@]})) || usage "--only names no peer"
for peer in "${peers[@]}"; do
    [[ -n $peer && -n ${PEERS[$peer]:-} ]] || usage "--only: no peer '$peer'"
done
[[ -r $data/train-images-idx3-ubyte.gz ]] || usage "no train-images-idx3-ubyte.gz in '$data'"
[[ -z $out ]] || mkdir -p "$out" || exit 1
command -v python3 >/dev/null || usage "python3 is missing"

setup_install build || exit 1
setup_build release all || exit 1
setup_device release || exit 1
clgan=$SETUP_ROOT/build/release/clgan
venv=${CLGAN_PEERS_VENV:-$SETUP_ROOT/build/peers}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# Measures clgan.
bench() {
    setup_say "clgan, turn $1 of $turns"
    "$clgan" bench "${selector[@]}" --json "$work/clgan.$1.json" >/dev/null 2>"$work/log" && return
    local status=$?
    cat "$work/log" >&2
    exit "$status"
}

# Prints where clgan ran, "cpu" or "gpu": the device's type by the id in the bench's file.
place() {
    "$clgan" devices --json | python3 -c '
import json, sys
wanted = json.load(open(sys.argv[1], encoding="utf-8"))["devices"][0]["id"]
types = {device["id"]: device["type"] for device in json.load(sys.stdin)["devices"]}
print("cpu" if types.get(wanted) == "cpu" else "gpu")' "$work/clgan.1.json"
}

# install PEER PLACE: installs what the peer needs and the environment lacks.
install() {
    local family=${1%%-*} package
    package=${PACKAGES[${family}_$2]}
    [[ -x $venv/bin/python ]] || python3 -m venv "$venv" >&2 || return 1
    "$venv/bin/python" -c "
import importlib.util, sys
sys.exit(not all(map(importlib.util.find_spec, ('numpy', '${MODULES[$family]}'))))" && return
    setup_say "installing in $venv: $package"
    "$venv/bin/python" -m pip install --quiet numpy "$package" >&2
}

# turn PEER N PLACE
turn() {
    local command
    read -ra command <<<"${PEERS[$1]}"
    setup_say "$1, turn $2 of $turns"
    "$venv/bin/python" "$SETUP_ROOT/scripts/peers/${command[0]}" "$data" --device "$3" \
        "${command[@]:1}" 2>"$work/log" | tail -n 1 >"$work/line" && [[ -s $work/line ]] &&
        mv "$work/line" "$work/$1.$2.json" && return
    tail -n 20 "$work/log" >&2
    setup_say "$1 could not be measured"
    return 1
}

bench 1
kind=$(place) || exit 1
measured=()
for peer in "${peers[@]}"; do
    if install "$peer" "$kind" && turn "$peer" 1 "$kind"; then
        measured+=("$peer")
    else
        failed=1
    fi
done
for ((n = 2; n <= turns; n++)); do
    bench "$n"
    for peer in "${measured[@]}"; do
        turn "$peer" "$n" "$kind" || failed=1
    done
done

commit=$(git -C "$SETUP_ROOT" describe --always --dirty 2>/dev/null) || commit=unknown
python3 "$SETUP_ROOT/scripts/peers/table.py" "$work" "$commit" ${out:+"$out"} || exit 1
exit "$failed"
