#!/usr/bin/env bash
# clgan train --seeds: a run for each seed, one at a time on each device. PoCL shows one processor as
# two devices.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

unset CLGAN_DEVICE COLUMNS
for kind in pthread cpu; do # as versions of PoCL call it
    export POCL_DEVICES="$kind $kind"
    mapfile -t devices < <("$CLGAN" devices 2>/dev/null | sed -nE 's/^[* ] [0-9]+ +([0-9:]+) .*Portable.*/\1/p')
    [[ ${#devices[@]} -ne 2 ]] || break
done
[[ ${#devices[@]} -eq 2 ]] || exit 77

tool data discs 10
options=(--data discs --batch 4 --no-selftest --evaluate-every 0 --log-every 1)

seeds() {
    # shellcheck disable=SC2031 # set by start, for its subshell
    ${in_place:-} "$CLGAN" train "${options[@]}" --devices pocl "$@"
}

# expect_row SEED RUN DEVICE STEPS STATE, a pattern each: the summary has it.
expect_row() {
    grep -qE "^ *$1  $2 +$3 .* $4 +- +- +[-0-9]+ +[0-9]+:[0-9]{2}  $5\$" out ||
        fail "no row $* in: $(cat out)"
}

# go_on [STEPS]: runs the command by which the summary goes on, up to another step.
go_on() {
    local command
    command=$(sed -n 's/^go on with: //p' out)
    [[ -n $command ]] || fail "nothing to go on with: $(cat out)"
    expect_exit 0 eval "${command/--max-steps 100000/--max-steps $1}"
}

any='[0-9]+:[0-9]+'

# ---- what is refused before anything starts ------------------------------------------------------

refused() {
    local pattern=$1
    shift
    expect_exit 2 "$CLGAN" train --data discs --max-steps 1 "$@"
    expect_said "$pattern"
    [[ $(wc -l <err) -eq 1 && ! -s out ]] || fail "more than one sentence: $(cat out err)"
}

for list in 1,,2 '1,2,' ,1 x 1,-2 '1, 2' 1.5 0x1 99999999999999999999 18446744073709551616; do
    refused '--seeds must be whole numbers' --seeds "$list"
done
refused '--seeds must not be empty' --seeds ''
refused '--seeds has 1 twice' --seeds 1,2,01
refused '--devices is for the runs of --seeds' --devices all
refused '--seeds names the seeds' --seeds 1,2 --seed 3
refused '--seeds names the seeds' --seed=3 --seeds 1,2
refused '--devices names the devices' --seeds 1,2 --devices all --device "${devices[0]}"
OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2 refused 'without mpirun' --seeds 1,2
refused '--resume needs the folder' --seeds 1,2 --resume
refused '--batch must be' --seeds 1,2 --batch 0
refused 'train-images-idx3-ubyte is not a folder' --seeds 1,2 --out discs/train-images-idx3-ubyte
expect_exit 3 "$CLGAN" train --data discs --seeds 1,2 --devices no-such-device
expect_absent runs

# ---- three runs on two devices -------------------------------------------------------------------

# Each is the ordinary run of its seed; a value that looks like an option is one's own.
SIZE=80 expect_exit 0 tool terminal raw "$CLGAN" train "${options[@]}" --devices pocl --out=--seed \
    --seeds 3,1,2 --epochs 1
grep -qF $'\r\e[K0 of 3 runs ended  seed 3: starting  seed 1: starting' raw ||
    fail "the terminal was sent: $(cat -v raw)"
[[ $(head -n 3 out) == $'--seed/seed_3\n--seed/seed_1\n--seed/seed_2' ]] || fail "out: $(cat out)"
expect_row 3 --seed/seed_3 "${devices[0]}" 3 'done'
expect_row 1 --seed/seed_1 "${devices[1]}" 3 'done'
expect_row 2 --seed/seed_2 "$any" 3 'done'
grep -qE '^side by side: .* report (\./--seed/seed_[312] ){3}--out --seed/report.html$' out ||
    fail "no report: $(cat out)"
! grep -q 'go on with' out || fail "something is left: $(cat out)"
mv -- --seed group
expect_exit 0 env -u POCL_DEVICES "$CLGAN" train "${options[@]}" --device pocl --seed 2 --epochs 1 --out alone
tool same alone group/seed_2
refused 'group/seed_1 holds a run already' --seeds 7,1 --out group
refused 'alone is a run itself' --seeds 7,1 --out alone
expect_absent group/seed_7

# Runs a command that does not hear of its children by itself, as some that start programs leave it.
deaf() {
    python3 -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$@"
}

# A run is refused, one ends where nothing is left to do, and one begins: the first is the result.
mkdir group/seed_4
: >group/seed_4/config.json
in_place=deaf expect_exit 2 seeds --seeds 4,2,5 --epochs 1 --out group --resume
expect_said '^seed 4: error: group/seed_4/config.json'
expect_said '^seed 2: .*finished'
expect_row 4 - "$any" 0 refused
expect_row 5 group/seed_5 "$any" 3 'done'

# ---- a run that is killed, and a stop ------------------------------------------------------------

# wait_for STEP RUN...: the logs of all of them have come to that step.
wait_for() {
    local first=$1 run
    shift
    for run; do
        while read_step "$run" && [[ $step -lt $first ]]; do
            kill -0 "$started" || fail "ended before step $first of $run: $(cat out err)"
            sleep 0.02
        done
    done
}

# find_run FOLDER: prints the id of the process that trains it.
find_run() {
    local process
    for process in /proc/[0-9]*; do
        if { tr '\0' ' ' <"$process/cmdline"; } 2>/dev/null | grep -qF -- "--out $1 "; then
            echo "${process#/proc/}"
        fi
    done
}

tool data many 140
start seeds --seeds 1,2,3 --data many --epochs 100000 --max-steps 100000 --out stop
wait_for 1 stop/seed_1 stop/seed_2
# Ctrl-Z halts them, too.
kill -TSTP "$started"
for process in "$started" "$(find_run stop/seed_2)"; do
    until grep -q '^State:.*stopped' "/proc/$process/status"; do
        sleep 0.02
    done
done
kill -CONT "$started"
kill -KILL "$(find_run stop/seed_1)"
wait_for 1 stop/seed_3
kill -INT "$started"
expect_end 130
expect_said '^clgan: stopping the runs after their steps'
expect_row 1 stop/seed_1 "${devices[0]}" '[0-9]+' 'crashed \(137\)'
expect_row 2 stop/seed_2 "${devices[1]}" '[1-9][0-9]*' stopped
expect_row 3 stop/seed_3 "${devices[0]}" '[1-9][0-9]*' stopped
last=0
for seed in 2 3; do
    all=$(checkpoints stop/seed_$seed)
    [[ ${all##* } -le $last ]] || last=${all##* }
done
go_on $((last + 1))
for seed in 1 2 3; do
    expect_row $seed stop/seed_$seed "$any" $((last + 1)) 'done'
done

# ---- devices that do not serve -------------------------------------------------------------------

[[ -n "${CLGAN_LIAR_LIBRARY-}" ]] || exit 0

# lied DEVICE LIE STATUS ARGUMENTS...: trains where the runs on that device are lied to.
lied() {
    local argument=$1 lie=$2 status=$3
    shift 3
    expect_exit "$status" env LD_PRELOAD="$CLGAN_LIAR_LIBRARY" CLGAN_LIAR_ARGUMENT="$argument" "$lie" \
        "$CLGAN_ALONE" train "${options[@]}" --devices pocl --max-steps 2 --checkpoint-every 1 "$@"
}

# Seed 85 has its second step audited. The run that the wrong device has begun is moved away.
lied "${devices[0]}" CLGAN_LIAR=only-first@adam_step 0 --seeds 85 --out moved
expect_said "^clgan: warning: ${devices[0]} .* computes wrong results: it is not used any more"
expect_said '^seed 85: begins anew; what the device computed stays in moved/seed_85_wrong$'
expect_row 85 moved/seed_85 "${devices[1]}" 2 'done'
expect_checkpoints moved/seed_85_wrong 1
# The others are not begun where no device is left.
lied "train" CLGAN_LIAR=only-first@adam_step 4 --seeds 85,6 --out none --devices "${devices[0]}"
expect_row 85 none/seed_85 "${devices[0]}" 1 'wrong results'
expect_row 6 - - 0 'not started'
expect_absent none/seed_6
grep -qE '^go on with: .*train .*--seeds 85,6 .*--resume$' out || fail "no way to go on: $(cat out)"

# Without a folder the run that has not begun is named, with its device.
expect_exit 4 env LD_PRELOAD="$CLGAN_LIAR_LIBRARY" CLGAN_LIAR_ARGUMENT=train CLGAN_LIAR=only-first@adam_step \
    "$CLGAN_ALONE" train "${options[@]}" --max-steps 2 --checkpoint-every 1 --device "${devices[0]}" --seeds 85,6
grep -qE "^go on with: .*train --seeds 6 --device ${devices[0]} " out || fail "no way to begin: $(cat out)"
rm -r runs

# A device that has gone, and runs that choose their folders.
lied "${devices[1]}" CLGAN_LIAR_GONE=1 0 --seeds 6,7
expect_said "^clgan: warning: ${devices[1]} .* is not there any more: it is not used any more"
[[ $(head -n 2 out | sort | xargs) == 'runs/001 runs/002' ]] || fail "out: $(cat out)"
for seed in 6 7; do
    expect_row $seed 'runs/00[12]' "${devices[0]}" 2 'done'
done
