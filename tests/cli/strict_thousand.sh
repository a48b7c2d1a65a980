#!/usr/bin/env bash
# A thousand strict steps at batch 64, with stops on the way, end at the file that the step in plain C
# writes. STEPS names another number of them.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

steps=${STEPS:-1000}
train=("$CLGAN" train --data "$CLGAN_SOURCE_DIR/data/mnist" --evaluate-every 0 --out run)
expect_exit 0 "${train[@]}" --strict --recipe fast --batch 64 --max-steps $((steps / 3))
expect_exit 0 "${train[@]}" --resume --max-steps "$steps"
checkpoint=run/checkpoints/step_$(printf %08d "$steps").safetensors
"$CLGAN_STRICT_STEP" "$checkpoint" --data "$CLGAN_SOURCE_DIR/data/mnist" --out host.safetensors ||
    fail "the step in plain C gives other numbers"
cmp "$checkpoint" host.safetensors || fail "the file is another one"
sha256sum "$checkpoint"
