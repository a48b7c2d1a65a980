#!/usr/bin/env bash
# clgan train --tensorboard: event files as a reader of our own finds them, and as TensorBoard's own
# reader does, where a Python has it: CLGAN_PYTHON, by default python3.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"
on_null_device

train() {
    expect_exit 0 "$CLGAN" train --data discs --batch 16 --log-every 1 "$@"
}
tool data discs 48
train --epochs 2 --out plain
[[ -z $(find plain -name 'events.*') ]] || fail "event files that were not asked for"

# Stopped at a step inside the second epoch, beyond the last checkpoint that a resume finds.
train --epochs 2 --max-steps 5 --out run --tensorboard
tool events run 1 >found
[[ $(grep -c '^1 step/loss_d ' found) == 1 ]] || fail "no loss at step 1: $(cat found)"
[[ $(cut -d ' ' -f 1,2 found | grep -c 'step/loss_g') == 5 ]] || fail "not each step: $(cat found)"
grep -q '^3 epoch/loss_g ' found || fail "no record of the epoch: $(cat found)"
[[ $(grep ' pictures ' found) == '3 pictures 122x122' ]] || fail "pictures: $(cat found)"
tool events_log run found
rm run/checkpoints/step_00000005.safetensors
sleep 0.01
train --epochs 2 --out run --resume --tensorboard
[[ $(find run -name 'events.out.tfevents.*' | wc -l) == 2 ]] || fail "not a file for each process"
tool events run 1 4 >found
[[ $(grep -c ' step/loss_g ' found) == 6 ]] || fail "steps after the resume: $(cat found)"
[[ $(grep -c ' pictures ' found) == 2 ]] || fail "pictures after the resume: $(cat found)"
tool events_log run found
# Nothing else of a run depends on it.
tool same plain run

python=${CLGAN_PYTHON:-python3}
if ! "$python" -c 'import tensorboard' 2>/dev/null; then
    echo "tensorboard: not read by TensorBoard: $python has no package of that name"
    exit 0
fi
"$python" "$CLGAN_SOURCE_DIR/tests/cli/tools.py" tensorboard run found
