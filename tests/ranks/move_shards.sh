#!/usr/bin/env bash
# Ranks between which shards move after each step: move_shards.sh PROGRAM. MPIRUN names another
# mpirun than the one that is here.
set -uo pipefail
mpirun=${MPIRUN:-mpirun}
command -v "$mpirun" >/dev/null || { echo "skipped: no $mpirun" && exit 77; }
options=()
if "$mpirun" --version 2>&1 | grep -qE "Open MPI|prte"; then
    options=(--oversubscribe --bind-to none)
    ((EUID != 0)) || options+=(--allow-run-as-root)
fi
for ranks in 2 3; do
    "$mpirun" -n "$ranks" "${options[@]}" "$1" </dev/null || exit 1
done
