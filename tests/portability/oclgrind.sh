#!/usr/bin/env bash
# Runs `$1 $2 "portable math"`, a list of checks but one, under Oclgrind, a simulator that notices
# accesses out of bounds and data races. Oclgrind 21.10 computes some chains of `?:` with vectors of
# integers wrong, on Debian as on Ubuntu; with LLVM as Ubuntu 22.04 has it, those of portable math.
# Oclgrind exits 0 whatever it finds: its log must be empty. Exits 77 when it is not installed.
#
# --uninitialized is not used: with it, kernels of Oclgrind 21.10 that have loops end without a word
# and without having written anything. Reads of what nobody wrote show as NaN: the checks fill
# outputs and workspaces with it.
set -euo pipefail

program=$1 list=$2
if ! command -v oclgrind >/dev/null; then
    echo "skipped: oclgrind is not installed"
    exit 77
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
unset CLGAN_DEVICE
status=0
output=$(oclgrind --log "$log" --check-api --data-races --local-mem-size 262144 \
    "$program" "$list" "portable math") || status=$?
echo "$output"
if [[ $output != Oclgrind* ]]; then
    echo "the checks did not run under Oclgrind"
    exit 1
fi
cat "$log"
[[ $status == 0 && ! -s $log ]]
