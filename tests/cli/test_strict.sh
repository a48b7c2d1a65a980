#!/usr/bin/env bash
# A strict run: the bytes of its checkpoints are those that are written here, on any device, by
# any algorithm, with any width of vectors and size of groups, stopped and resumed or not.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

# The first two steps of a batch of 8; a change of the kernels that changes them is one of what
# docs/strict.md promises.
sha256=489c2bda93a8c73162a86783bf68fcaec9825344ddf98cda3b7faf36bdb952ac

tool data discs 40
train() {
    expect_exit 0 "$CLGAN" train --data discs --batch 8 --evaluate-every 0 "$@"
}
same() {
    [[ $(sha256sum <"$1/checkpoints/step_00000002.safetensors") == "$sha256 "* ]] ||
        fail "$1: other bytes: $(sha256sum "$1"/checkpoints/*)"
}

train --strict --max-steps 2 --out whole
same whole
grep -q '"strict":.*true' whole/config.json || fail "config.json does not say that the run is strict"

# A resume keeps it, with the algorithms for GPUs and small groups. Only CPUs have vectors.
others=g.dense=plain,g.convt1=fourier_tiled,g.convt2=fourier_tiled,d.conv2=fourier_tiled
others+=,g.convt3=canvas,d.conv1=canvas
[[ ${CLGAN_DEVICE-} != pocl ]] || others+=,vec=4
train --strict --max-steps 1 --out parted
POCL_MAX_WORK_GROUP_SIZE=64 train --resume --max-steps 2 --out parted --algorithm "$others"
same parted
expect_exit 2 "$CLGAN" train --data discs --strict --algorithm direct --out other
expect_said 'direct.*--strict'
expect_absent other

expect_exit 0 "$CLGAN" sample --checkpoint whole/checkpoints/step_00000002.safetensors --out it.png
