#!/usr/bin/env bash
# The programs of examples/ do what they and examples/README.md say: a picture after 20 steps, and
# then scores of their checkpoint, far from those of real images.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"
examples=${CLGAN_EXAMPLES:?}

expect_exit 0 "$examples/01_list_devices"
[[ $(grep -c '^-> ' out) -eq 1 ]] || fail "not one device is marked: $(cat out)"
expect_exit 0 "$examples/01_list_devices" "${CLGAN_DEVICE:-cpu}"
[[ $(grep -c '^-> ' out) -eq 1 ]] || fail "not one device is selected: $(cat out)"
expect_exit 1 "$examples/01_list_devices" 'no such device'
expect_said "no OpenCL device matches 'no such device'"
[[ ! -s out ]] || fail "devices, and none was selected: $(cat out)"

# The programs have defaults of folders: data/mnist here, a run and a picture here.
tool mnist data/mnist 700 500
expect_exit 0 "$examples/02_train_20_steps"
checkpoint=runs/example/checkpoints/step_00000020.safetensors
[[ $(cat out) == "$checkpoint"$'\n'digits.png ]] || fail "it prints other files: $(cat out)"
expect_checkpoints runs/example 20
tool png digits.png 122 122
expect_exit 1 "$examples/02_train_20_steps" # the run is there
expect_said 'runs/example'

expect_exit 0 "$examples/03_evaluate_checkpoint" "$checkpoint"
[[ $(wc -l <out) -eq 5 ]] || fail "not five lines: $(cat out)"
awk '/^Frechet distance/ && $3 > 2 * $4 && $4 > 0 { found = 1 } END { exit !found }' out ||
    fail "20 steps are as good as real images: $(cat out)"
awk '/^classes/ && $3 == 10 { found = 1 } END { exit !found }' out ||
    fail "real images are not of ten classes: $(cat out)"
expect_exit 2 "$examples/03_evaluate_checkpoint"
expect_said usage
expect_exit 1 "$examples/03_evaluate_checkpoint" missing.safetensors
expect_said 'missing.safetensors'
