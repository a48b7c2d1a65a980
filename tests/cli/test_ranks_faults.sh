#!/usr/bin/env bash
# Faults in a run of several ranks: a rank that is killed, whose device is wrong, that has
# other data or another program; a full disk; stops. All ranks end, with one sentence of one of them
# and its exit status; no process stays; the run goes on, with any number of ranks, to the checkpoint
# of a run that nothing happened to. CLGAN_RANKS_FAULTS=all has more of them.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

command -v mpirun >/dev/null || exit 77
[[ -n "${CLGAN_EVENTS-}" && -n "${CLGAN_LIAR_LIBRARY-}" ]] || exit 77
export CLGAN_LIAR_LOG=$TMPDIR/lied CLGAN_EVENTS_ROOT=$TMPDIR

# mpirun starts this as a rank: clgan, in an environment of RANK_0, RANK_1 and so on.
cat >rank <<'END'
#!/usr/bin/env bash
words=RANK_${OMPI_COMM_WORLD_RANK:-${PMI_RANK-0}}
exec env ${!words-} "$CLGAN_ALONE" "$@"
END
chmod +x rank
write_hold
at() {
    echo "LD_PRELOAD=$CLGAN_EVENTS CLGAN_EVENTS_AT=$1 CLGAN_EVENTS_DO=$2"
}
lies() {
    echo "LD_PRELOAD=$CLGAN_LIAR_LIBRARY CLGAN_LIAR=$1"
}

# 10 steps an epoch; by seed 85 the second one is audited.
tool mnist small 80 60
tool mnist other 80 60 1
options=(--data small --batch 8 --log-every 1 --evaluate-every 0 --checkpoint-every 2 --keep 100)

# ranks N RUN ARGUMENT...: begins a run of N ranks.
ranks() {
    # shellcheck disable=SC2031 # the function start sets it
    ${in_place:-} bash -c 'exec -a ./rank "$@"' - "$CLGAN_ALONE" train --device "${CLGAN_DEVICE:-pocl}" \
        --out "$TMPDIR/$2" --ranks "$1" "${@:3}"
}
trust=--no-selftest
begin() {
    rm -rf "$2"
    # shellcheck disable=SC2086 # it may be no word
    ranks "$1" "$2" --seed 85 --shards 4 $trust --max-steps 12 "${options[@]}" \
        "${@:3}"
}

# One sentence tells of an error, or none where that is 0 as it was a stop; no process of the run is
# left. One that the kernel still takes away has no words any more, and still the run's lock.
is_running() {
    pgrep -f -- "train .*--out $TMPDIR/$1( |\$)" >/dev/null && return
    [[ -e $1/.lock ]] && ! flock -n "$1/.lock" true
}
expect_all_ended() {
    local run=$1 errors=$2 i
    (($(grep -c 'error:' err) == errors)) || { cat err >&2 && fail "$run: not $errors sentences"; }
    for ((i = 0; i < 200; i++)); do
        is_running "$run" || return 0
        sleep 0.05
    done
    fail "$run: processes are left: $(pgrep -af -- "--out $TMPDIR/$run")"
}

# goes_on RUN N: to the checkpoint of the run that nothing happened to. Its last one is whole: none
# is skipped.
goes_on() {
    if (($2 == 1)); then
        expect_exit 0 "$CLGAN_ALONE" train --device "${CLGAN_DEVICE:-pocl}" --resume --max-steps 12 --out "$1"
    else
        expect_exit 0 ranks "$2" "$1" --resume --max-steps 12
    fi
    ! grep -q 'skipped the checkpoint' err || fail "$1: a checkpoint is damaged: $(cat err)"
    cmp {one,"$1"}/checkpoints/step_00000012.safetensors || fail "$1: another checkpoint"
    tool same one "$1"
}

expect_exit 0 "$CLGAN_ALONE" train --device "${CLGAN_DEVICE:-pocl}" --seed 85 --shards 4 --no-selftest --max-steps 12 \
    "${options[@]}" --out one

# ---- a rank that dies ----------------------------------------------------------------------------

# dies MOMENT: rank 1 is killed then; what it says of it is the program's that has started mpirun.
dies() {
    RANK_1=$(at "$1" KILL) expect_exit 1 begin 2 killed
    expect_said 'error: a rank was ended by signal 9, and the others with it'
    expect_all_ended killed 1
}
dies clEnqueueNDRangeKernel:1600
expect_file killed/checkpoints/step_00000002.safetensors
goes_on killed 1

# ---- a device that is wrong ----------------------------------------------------------------------

# The device of rank 1 alone, in the second step, after a checkpoint.
RANK_1=$(lies only-first@adam_step) expect_exit 4 begin 2 wrong --checkpoint-every 1
expect_said 'error: rank 1: .* computes wrong results, seen at step 2: adam update: '
expect_said '^clgan: 1 of the checkpoints is younger than the last audit that passed'
expect_said 'another driver or device, .*train --out .*wrong --resume'
expect_absent wrong/checkpoints/step_00000002.safetensors
expect_all_ended wrong 1

# Losses that are no numbers make all ranks do the steps again, and the one finds itself; whether they
# are none depends on what was in memory, else the audit finds it.
RANK_1=$(lies most-groups:2@batchnorm_merge) expect_exit 4 begin 2 numbers
expect_said 'error: rank 1: .* computes wrong results, seen at step [12]: g\.bn[0-2] fwd: '
expect_all_ended numbers 1

# A training that diverges on sound devices does so again, and no device is blamed.
expect_exit 1 begin 2 diverged --learning-rate 1e30
expect_said '^clgan: the results of step [0-9]+ are not finite: the steps from [0-9]+ are done again'
expect_said 'error: the loss is not finite at step '
expect_all_ended diverged 1

# ---- other data, another program -----------------------------------------------------------------

mkdir without with
cp -r other with/small
RANK_1="-C $TMPDIR/without" expect_exit 2 begin 2 data
expect_said 'error: rank 1: .*small'
expect_absent data
expect_all_ended data 1
RANK_1="-C $TMPDIR/with" expect_exit 2 begin 2 data
expect_said 'error: rank 1: small is not the data that rank 0 trains on'
expect_absent data
expect_all_ended data 1

# A program of another version: its first characters, as compilers keep them together, are changed in
# a copy.
version=$("$CLGAN_ALONE" --version | sed 's/clgan \(....\).*/\1/')
library=$(ldd "$CLGAN_ALONE" | sed -n 's/.*libclgan[^ ]* => \([^ ]*\) .*/\1/p')
LC_ALL=C sed "s/${version//./\\.}/${version//[0-9]/9}/g" "${library:-$CLGAN_ALONE}" >changed
chmod +x changed
RANK_1=LD_PRELOAD=$PWD/changed
[[ -n $library ]] || RANK_1="$PWD/changed"
RANK_1=$RANK_1 expect_exit 2 begin 2 version
expect_said 'error: rank 1: rank 0 runs another version of clgan than 9'
expect_absent version
expect_all_ended version 1
unset RANK_1

# ---- a full disk ---------------------------------------------------------------------------------

# From the second checkpoint on: all end, and with room again the run goes on.
RANK_0=$(at rename:7 full) expect_exit 1 begin 2 full
expect_said 'error: .*No space left on device'
expect_all_ended full 1
expect_file full/checkpoints/step_00000002.safetensors
goes_on full 2

# ---- stops ---------------------------------------------------------------------------------------

# stop MOMENT OF_RANK SIGNAL STATUS ARGUMENT...: the signal comes to the program that has started
# mpirun while a rank is held at the moment, which then lasts no longer.
stop() {
    rm -f held go
    if (($2)); then
        export RANK_1
        RANK_1=$(at "$1" run:./hold)
    else
        export RANK_0
        RANK_0=$(at "$1" run:./hold)
    fi
    start begin 2 stopped "${@:5}"
    await_held
    kill -"$3" "$started"
    until grep -q '^clgan: stop' err; do sleep 0.02; done
    touch go
    expect_end "$4"
    unset RANK_0 RANK_1
    expect_all_ended stopped 0
}

# Within a step of rank 1 it is saved once all have done it.
stop clEnqueueNDRangeKernel:1600 1 INT 130
(($(grep -c '^clgan: stopp' err) == 2)) || fail "not said once: $(cat err)"
expect_said '^clgan: stopped at step [0-9]+ of 500, saved; go on with: '
goes_on stopped 3

# Before the run has begun nothing is there to go on with: rank 1 is held where it asks for devices,
# rank 0 waits for it; and so is rank 0 itself. The ranks may have agreed to begin when the signal
# reaches the one that was held: then the run is one that can go on.
for rank in 0 1; do
    trust='' stop clGetPlatformIDs:1 $rank TERM 143
    if [[ -e stopped ]]; then
        expect_said '^clgan: stopped at step 0 of 500, saved; go on with: '
        expect_exit 0 ranks 2 stopped --resume --max-steps 2
    else
        (($(grep -c '^clgan: stopp' err) == 1)) || fail "not said once: $(cat err)"
    fi
done

# While the first step is done all end at once.
stop clFinish:1 0 TERM 143
expect_said '^clgan: stopped before a step was done, saved; go on with: '
goes_on stopped 2

[[ ${CLGAN_RANKS_FAULTS-} == all ]] || exit 0

# ---- more of them --------------------------------------------------------------------------------

# Any of three ranks is killed: while devices are asked for, kernels are compiled, before the first
# step, in it, in later ones. Before its first checkpoint a run is begun again.
for rank in 0 1 2; do
    for moment in clGetPlatformIDs:1 clBuildProgram:1 clBuildProgram:9 clFinish:1 \
        clEnqueueNDRangeKernel:{1,50,150,400,1300,1500,1700,1900}; do
        rm -rf cold
        export "RANK_$rank=$(at "$moment" KILL) CLGAN_CACHE_DIR=$TMPDIR/cold"
        expect_exit 1 begin 3 killed
        unset "RANK_$rank"
        expect_said 'error: a rank was ended by signal 9, and the others with it'
        expect_all_ended killed 1
        [[ ! -e killed/config.json ]] || goes_on killed $((1 + (rank + 1) % 3))
    done
done

# A rank is killed while rank 0 judges an epoch, or short before.
start begin 2 judged --evaluate-every 1 --max-steps 30
until [[ -e judged/checkpoints/step_00000010.safetensors ]]; do sleep 0.01; done
kill -KILL "$(pgrep -f -- "train .*--out $TMPDIR/judged( |\$)" | tail -n 1)"
expect_end 1
expect_all_ended judged 1

# A rank stands still, as on a host that hangs.
for rank in 0 1; do
    export "RANK_$rank=$(at clEnqueueNDRangeKernel:1600 STOP)"
    expect_exit 1 begin 3 still
    unset "RANK_$rank"
    expect_said "error: (rank 1: )?rank $rank on .* has not been heard of for 2[0-9] seconds: this run ends"
    expect_all_ended still 1
    goes_on still 1
done

# All stops at all kinds of moments, of rank 0 and of another one.
for signal in INT:130 TERM:143 HUP:129; do
    for rank in 0 1; do
        for moment in clGetPlatformIDs:1 clBuildProgram:1 clFinish:1 \
            clEnqueueNDRangeKernel:{1,100,400,1600,1800}; do
            rm -rf cold
            stop "$moment" $rank "${signal%:*}" "${signal#*:}"
            (($(grep -c 'saved; go on with: ' err) <= 1)) || fail "$moment: said twice"
            [[ ! -e stopped/config.json ]] || goes_on stopped 2
        done
    done
done

# A self-test of another rank finds its device wrong.
trust='' RANK_1="$(lies most-groups:2@batchnorm_merge) CLGAN_CACHE_DIR=$TMPDIR/cold" \
    expect_exit 4 begin 2 wrong
expect_said 'error: rank 1: '
expect_all_ended wrong 1
expect_absent wrong
