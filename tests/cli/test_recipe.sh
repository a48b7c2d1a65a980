#!/usr/bin/env bash
# Recipes: what each number of one does to the first steps, the moving average as it is written, and
# that a resume keeps them all.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

tool data discs 200

# train NAME STEPS OPTIONS...: a run of its own.
train() {
    local name=$1 steps=$2
    shift 2
    expect_exit 0 "$CLGAN" train --data discs --batch 16 --checkpoint-every 1 --max-steps "$steps" \
        --keep 10 --out "$name" "$@"
}

first() {
    echo "$1/checkpoints/step_00000001.safetensors"
}

# ---- one number at a time ------------------------------------------------------------------------

train plain 1
train named 1 --recipe tutorial --learning-rate 0.0001 --beta1 0.9 --average 0
cmp "$(first plain)" "$(first named)" || fail "the tutorial is not the default"

# The second network has its own rate and targets; the first step of G knows nothing of them.
train rate_d 1 --learning-rate-d 0.0002
tool tensors "$(first plain)" "$(first rate_d)" '(adam..|)g.' same
tool tensors "$(first plain)" "$(first rate_d)" 'adam...d.' same
tool tensors "$(first plain)" "$(first rate_d)" 'd.' other
train smooth 1 --label-smoothing 0.1
tool tensors "$(first plain)" "$(first smooth)" '(adam..|)g.' same
tool tensors "$(first plain)" "$(first smooth)" '(adam..|)d.' other
train rate 1 --learning-rate 0.0002
tool tensors "$(first plain)" "$(first rate)" '[gd].(conv|dense)' other
tool config rate learning_rate=0.0002 learning_rate_d=0.0002
train beta 1 --beta1 0.5
tool tensors "$(first plain)" "$(first beta)" 'adam.m.' other
tool tensors "$(first plain)" "$(first beta)" 'adam.v.' same
train beta2 1 --beta2 0.99
tool tensors "$(first plain)" "$(first beta2)" 'adam.v.' other
train normal 1 --init-stddev 0.02
tool tensors "$(first plain)" "$(first normal)" '[gd].(conv|dense).*weight' other

# ---- the average, and drawing by it --------------------------------------------------------------

train mean 4 --average 0.2 --recompute 2
tool average mean 4 0.2
tool tensors mean/checkpoints/step_00000004.safetensors "$(first mean)" 'average.' other
train itself 4
tool tensors mean/checkpoints/step_00000004.safetensors \
    itself/checkpoints/step_00000004.safetensors '(adam...|)[gd].' same # drawing leaves no trace
! cmp -s mean/images/image_at_step_00000004.png itself/images/image_at_step_00000004.png ||
    fail "pictures are not drawn by the average"
last=mean/checkpoints/step_00000004.safetensors
expect_exit 0 "$CLGAN" sample --checkpoint $last --out mean.png
expect_exit 0 "$CLGAN" sample --checkpoint itself/checkpoints/step_00000004.safetensors --out it.png
! cmp -s mean.png it.png || fail "sample does not draw by the average"

# The checkpoint is another driver's, whose algorithms need not be this one's.
cp $last elsewhere.safetensors
driver=$(sed -n 's/.*"driver":[[:space:]]*"\(.*\)".*/\1/p' mean/config.json)
tool forge elsewhere.safetensors "\\\"driver\\\":\\\"$driver\\\"" \
    "\\\"driver\\\":\\\"${driver//?/x}\\\""
tool forge elsewhere.safetensors 'g.convt1/fwd=' 'g.convt9/fwd='
expect_exit 0 "$CLGAN" sample --checkpoint elsewhere.safetensors --out elsewhere.png

# An option that is missing is no option of any value.
cp $last missing.safetensors
tool forge missing.safetensors '\"driver\":' '\"Driver\":'
expect_exit 2 "$CLGAN" sample --checkpoint missing.safetensors --out missing.png
expect_said "options"

# ---- a resume ------------------------------------------------------------------------------------

train whole 5 --recipe fast
train parts 2 --recipe fast
expect_exit 0 "$CLGAN" train --resume --out parts --max-steps 3
expect_exit 0 "$CLGAN" train --resume --out parts --max-steps 5 --recipe fast --beta1 0.5
cmp whole/checkpoints/step_00000005.safetensors parts/checkpoints/step_00000005.safetensors ||
    fail "a stopped run has other bits"
cmp whole/images/image_at_step_00000005.png parts/images/image_at_step_00000005.png ||
    fail "a stopped run draws other pictures"
tool config whole 'recipe="fast"' beta1=0.5
expect_exit 0 "$CLGAN" train --data discs --recipe fast --max-steps 1 --no-selftest --out own
tool config own batch=64

# refused PATTERN OPTIONS...: exit status 2, and the run stays as it is.
refused() {
    local pattern=$1 before
    shift
    before=$(fingerprint parts)
    expect_exit 2 "$CLGAN" train "$@"
    expect_said "$pattern"
    [[ $(fingerprint parts) == "$before" ]] || fail "the run was changed"
    expect_absent none
}

resume=(--resume --out parts --max-steps 6)
refused 'the run has --recipe fast' "${resume[@]}" --recipe tutorial
refused 'the run has --beta1 0.5' "${resume[@]}" --beta1 0.9
refused 'the run has --average 0.998' "${resume[@]}" --average 0.99
refused 'the run has --learning-rate 0.0004' "${resume[@]}" --learning-rate 0.0001
new=(--data discs --batch 16 --max-steps 1 --out none)
refused 'must be tutorial or fast' "${new[@]}" --recipe slow
refused '--beta1 must be from 0 to' "${new[@]}" --beta1 1
refused '--average must be from 0 to' "${new[@]}" --average 1
refused '--label-smoothing must be from 0 to 0.5' "${new[@]}" --label-smoothing 0.6
refused '--recompute must be a whole number' "${new[@]}" --recompute 1.5
refused '--average needs --recompute' "${new[@]}" --average 0.9
refused '--beta1 must be a positive number or 0' "${new[@]}" --beta1 -0.1
refused '--learning-rate must be a positive number,' "${new[@]}" --learning-rate 0
