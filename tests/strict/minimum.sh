#!/usr/bin/env bash
# Steps of training, and an evaluation, of the classifier and of the DCGAN, on a device with the
# smallest limits that OpenCL 1.2 allows (limits.c): groups of one work-item, 32 KiB of local memory.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

tool mnist small 8 10
expect_exit 0 "$CLGAN" train-classifier --data small --epochs 1 --batch 4 --out tiny.safetensors
expect_exit 0 "$CLGAN" train --data small --batch 4 --epochs 1 --evaluate-samples 10 --log-every 1 \
    --classifier tiny.safetensors --out run
tool log run 2 1 2 e2 v2
