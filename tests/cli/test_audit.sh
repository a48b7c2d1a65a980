#!/usr/bin/env bash
# The audit of a training: a driver that begins to lie ends the run with exit 4, the step, the kernel
# and the last checkpoint that is known to be good. Nothing is saved any more. The second step is
# audited by seed 85.
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

[[ -n "${CLGAN_LIAR_LIBRARY-}" ]] || exit 77
export CLGAN_LIAR_LOG=$TMPDIR/lied
train=("$CLGAN_ALONE" train --device "${CLGAN_DEVICE:-pocl}" --data "$CLGAN_SOURCE_DIR/data/mnist" --no-selftest --batch 4
    --evaluate-every 0 --checkpoint-every 1)

# lie LIE STATUS ARGUMENT...: trains on a driver that tells it, and did.
lie() {
    local lie=$1 status=$2
    shift 2
    rm -f lied
    expect_exit "$status" env LD_PRELOAD="$CLGAN_LIAR_LIBRARY" CLGAN_LIAR="$lie" "${train[@]}" "$@"
    expect_file_there lied
}

expect_file_there() {
    [[ -e $1 ]] || fail "no lie was told"
}

# A kernel whose later groups do not run, and one that stops running at all, whose output is its
# input, are named; the checkpoint of the first step stays, and is not said to be good.
lie most-groups:2@batchnorm_merge+1 4 --seed 85 --max-steps 3 --out groups
expect_said 'wrong results, seen at step 2: g\.bn[0-2] fwd: [0-9]+ of [0-9]+ elements of mean are not written'
expect_said '^clgan: 1 of the checkpoints is younger than the last audit that passed'
expect_said 'another driver or device, .*train --out groups --resume'
expect_file groups/checkpoints/step_00000001.safetensors
expect_absent groups/checkpoints/step_00000002.safetensors
lie only-first@adam_step 4 --seed 85 --max-steps 3 --out adam
expect_said 'wrong results, seen at step 2: adam update: (parameters|moment1)'

# A kernel that goes wrong the same way each time shows in a comparison with float64 alone, which
# each audit makes of Adam.
lie twice@adam_step 4 --seed 85 --max-steps 3 --out twice
expect_said 'wrong results, seen at step 2: adam update: '

# A batch in shards is audited as a whole: its sums, and its losses.
expect_exit 0 "${train[@]}" --seed 85 --shards 2 --max-steps 3 --out whole
lie skip-launch@tree_moments+3 4 --seed 85 --shards 2 --max-steps 3 --out shards
expect_said 'wrong results, seen at step 2: sums of shards: the moments'

# A loss that is not a number is the device's where the steps before it are found wrong; the advice
# is the same. PoCL's memory has such numbers where nothing was written.
if [[ ${CLGAN_DEVICE:-pocl} == pocl ]]; then
    lie most-groups:2@batchnorm_merge 4 --seed 1 --max-steps 20 --log-every 5 --out numbers
    expect_said 'wrong results, seen at step [0-9]+: g\.bn[0-2] fwd: '
    expect_said 'another driver or device'
fi

# Some launch of many is left out.
lie skip-launch:700+300 4 --seed 85 --max-steps 3 --out launches
expect_said 'wrong results, seen at step 2'

# An audit that passes changes nothing, and makes earlier checkpoints good.
expect_exit 0 "${train[@]}" --seed 85 --max-steps 3 --out sound
lie flip-read:3+120 4 --max-steps 9 --out sound --resume
expect_said 'byte [0-9]+ of a buffer of [0-9]+ is 0x[0-9a-f]+ where 0x[0-9a-f]+ was read before'
expect_said 'known to be good, as an audit has passed since, is sound/checkpoints/step_00000002'

# Bits that flip on the way to the device, before the first step, come with the same advice.
lie flip-write:3 4 --max-steps 9 --out sound --resume
expect_said 'known to be good, as an audit has passed since, is sound/checkpoints/step_00000002'
