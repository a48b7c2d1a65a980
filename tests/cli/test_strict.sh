#!/usr/bin/env bash
# A strict run: the bytes of its checkpoints are those that README.md names, on any device, stopped
# and resumed or not; with CLGAN_STRICT_FORMS=1, for which all kernels are compiled once more, also
# by the other algorithms, with another width of vectors and small groups. --no-selftest saves time.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

# README.md's commands train two steps, and compare. A change of the kernels that changes the bytes
# is one of what docs/strict.md promises.
mapfile -t commands < <(sed -n '/^<!-- run: in cli.test_strict/,/^[^ <]/s/^    //p' \
    "$CLGAN_SOURCE_DIR/README.md")
[[ ${#commands[@]} -eq 2 && ${commands[0]} == 'clgan train '* ]] || fail "README.md: ${commands[*]}"
arguments=${commands[0]#clgan }
sha256=$(grep -oE '[0-9a-f]{64}' <<<"${commands[1]}")

train() {
    expect_exit 0 "$CLGAN" train --evaluate-every 0 --no-selftest "$@"
}
same() {
    [[ $(sha256sum <"$1/checkpoints/step_00000002.safetensors") == "$sha256 "* ]] ||
        fail "$1: other bytes: $(sha256sum "$1"/checkpoints/*)"
}

whole=runs/strict
# shellcheck disable=SC2086 # words, as a shell takes them
expect_exit 0 "$CLGAN" $arguments --no-selftest
bash -c "${commands[1]}" || fail "other bytes: $(sha256sum $whole/checkpoints/*)"
grep -q '"strict":.*true' $whole/config.json || fail "config.json does not say that the run is strict"

# A resume keeps it. Only CPUs have vectors.
train --strict --batch 8 --max-steps 1 --out parted
others=g.dense=plain
if [[ ${CLGAN_STRICT_FORMS-} ]]; then
    others=g.dense=plain,g.convt3=canvas,d.conv1=canvas
    # PoCL 7.1 compiles it wrong (docs/developing.md), which the self-test finds.
    "$CLGAN" devices | grep -q 'Portable Computing Language), driver 7\.' ||
        others+=,g.convt1=fourier_tiled,g.convt2=fourier_tiled,d.conv2=fourier_tiled
    [[ ${CLGAN_DEVICE-} != pocl ]] || others+=,vec=4
    export POCL_MAX_WORK_GROUP_SIZE=64
fi
train --resume --max-steps 2 --out parted --algorithm "$others"
same parted
expect_exit 2 "$CLGAN" train --strict --algorithm direct --out other
expect_said 'direct.*--strict'
expect_absent other

# The step in plain C, which knows no OpenCL, writes the same file.
"$CLGAN_STRICT_STEP" $whole/checkpoints/step_00000002.safetensors --out host.safetensors \
    --data "$CLGAN_SOURCE_DIR/data/mnist" ||
    fail "the step in plain C gives other numbers"
cmp $whole/checkpoints/step_00000002.safetensors host.safetensors || fail "the file is another one"

expect_exit 0 "$CLGAN" sample --checkpoint $whole/checkpoints/step_00000002.safetensors --out it.png
