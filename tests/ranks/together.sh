#!/usr/bin/env bash
# Ranks that are started together, by the mpirun that is here: together.sh PROGRAM. MPIRUN names
# another one.
set -uo pipefail
program=$1
mpirun=${MPIRUN:-mpirun}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

fail() {
    echo "FAIL: $*"
    cat "$out/text"
    exit 1
}

if ! command -v "$mpirun" >/dev/null; then
    [[ -z ${CI:-} ]] || fail "no $mpirun"
    echo "skipped: no $mpirun"
    exit 77
fi
options=()
if "$mpirun" --version 2>&1 | grep -qE "Open MPI|prte"; then
    options=(--oversubscribe --bind-to none)
    ((EUID != 0)) || options+=(--allow-run-as-root)
fi

# run RANKS CASE: all that is written goes to $out/text, the exit status to $status.
run() {
    status=0
    timeout -k 5 40 "$mpirun" -n "$1" "${options[@]}" "$program" "$2" </dev/null >"$out/text" 2>&1 ||
        status=$?
    grep -v '^$' "$out/text"
    ((status != 124 && status != 137 || $# > 2)) || fail "$2 with $1 ranks does not end"
}

said() {
    grep -qE -- "$1" "$out/text" || fail "nobody says: $1"
}

for ranks in 2 3; do
    run $ranks exchange
    ((status == 0)) || fail "exchange ends with $status"
    (($(grep -c 'all is right' "$out/text") == 1)) || fail "not rank 0 alone tells"
    said "clgan: warning: $ranks ranks"
    said "clgan: warning: rank 1: $ranks ranks"
done

run 2 wait
((status == 0)) || fail "waiting ends with $status"

# A rank that is gone at once is the launcher's to notice; one that is silent is ours.
run 3 killed gone
((status != 0)) || fail "a rank was killed, and the status is 0"
run 3 silent
((status == 1)) || fail "a rank was silent, and the status is $status"
said 'error: (rank 1: )?rank [02] on .* has not been heard of for [0-9]+ seconds'

for how in fails fails-late; do
    run 3 $how
    ((status == 4)) || fail "a rank $how with status 4, and the status is $status"
    (($(grep -c 'error:' "$out/text") == 1)) || fail "$how: not one sentence"
    said 'error: rank 2: this device computes wrong results'
done
