#!/usr/bin/env bash
# A run of several ranks: any number of them gives the same bytes of checkpoints and pictures, and
# the same log apart from times, as one process with as many shards; a run goes on with any number.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

# train N ARGUMENTS...: as N ranks.
train() {
    local ranks=$1
    shift
    expect_exit 0 "$CLGAN" train --ranks "$ranks" --batch 12 --log-every 1 --evaluate-every 0 \
        --no-selftest "$@"
}
# The log without times.
log_of() {
    sed -E 's/"(images_per_second|seconds)":[^,}]*//g' "$1/log.jsonl"
}
same() {
    cmp one/checkpoints/step_00000003.safetensors "$1/checkpoints/step_00000003.safetensors" ||
        fail "$1: another checkpoint"
    cmp one/images/image_at_step_00000003.png "$1/images/image_at_step_00000003.png" ||
        fail "$1: another picture"
    diff <(log_of one) <(log_of "$1") || fail "$1: another log"
}

command -v mpirun >/dev/null || exit 77

# The recipe that keeps an average, whose parts the ranks have to collect, too.
expect_exit 0 "$CLGAN" train --recipe fast --batch 12 --shards 8 --log-every 1 --evaluate-every 0 \
    --no-selftest --max-steps 3 --out one
train 2 --recipe fast --max-steps 3 --out two
same two
train 3 --recipe fast --max-steps 1 --out three
train 2 --resume --max-steps 2 --out three
expect_exit 0 "$CLGAN" train --resume --max-steps 3 --no-selftest --out three
same three
grep -q '"shards":.*8' three/config.json || fail "config.json does not say how many shards there are"

# Ranks without a shard each, and other numbers of shards, are refused before anything is changed.
expect_exit 2 "$CLGAN" train --ranks 2 --batch 1 --out other
expect_said '2 ranks cannot share 1 shards'
expect_absent other
expect_exit 0 "$CLGAN" train --batch 12 --evaluate-every 0 --no-selftest --max-steps 1 --out whole
expect_exit 2 "$CLGAN" train --ranks 2 --resume --out whole
expect_said 'the run has no --shards'
expect_exit 2 "$CLGAN" train --resume --shards 4 --out three
expect_said 'the run has --shards 8'
expect_exit 2 "$CLGAN" train --shards 13 --batch 12 --out other
expect_said 'shards must be from 1 to 64'
