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

# PoCL shows its processor as several devices, which ranks get by a list.
if [[ ${CLGAN_DEVICE:-} == pocl ]]; then
    expect_exit 0 env POCL_DEVICES='pthread pthread' "$CLGAN" train --ranks 2 --device 0:0,0:1 \
        --recipe fast --batch 12 --log-every 1 --evaluate-every 0 --no-selftest --max-steps 3 \
        --out cards
    same cards
fi

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

# ---- clgan bench ---------------------------------------------------------------------------------

expect_exit 0 "$CLGAN" bench --ranks 2 --shards 4 --batch 12 --seconds 1 --json bench.json
[[ $(grep -c 'on rank 0 alone' out) == 2 ]] || fail "not one table: $(cat out)"
python3 - bench.json <<'PYTHON'
import json, sys
r = json.load(open(sys.argv[1]))["ranks"]
assert (r["count"], r["batch"], r["shards"], len(r["members"])) == (2, 12, 4, 2), r
for name in "step", "one_rank", "without_shards":
    s = r[name]
    assert s["repetitions"] >= 1 and s["launches"] > 0, s
    assert 0 < s["seconds_min"] <= s["seconds_median"] <= s["seconds_max"], s
    assert abs(s["images_per_second"] * s["seconds_median"] - 12) < 1e-6, s
for name, key in ("one_rank", "efficiency"), ("without_shards", "efficiency_without_shards"):
    both = r[name]["seconds_median"] / r["step"]["seconds_median"] / 2
    assert abs(r[key] / both - 1) < 1e-9, (key, both)
first, second = r["members"]
for m in first, second:
    assert m["shards"] == 2 and m["computing_seconds"] > 0 and m["exchanging_seconds"] > 0, m
    assert 0 <= m["waiting_seconds"] and m["device"] and m["host"], m
    # Gradients and parameters are half an arena each way, and there are more than 2 million of them.
    assert m["sent_bytes"] > 2e6 * 4, m
assert first["sent_bytes"] == second["received_bytes"], r
assert second["sent_bytes"] == first["received_bytes"], r
PYTHON
# One process has nobody to exchange with.
expect_exit 0 "$CLGAN" bench --shards 4 --batch 12 --seconds 1 --json -
python3 -c 'import json
r = json.load(open("out"))["ranks"]
m, = r["members"]
assert "one_rank" not in r and r["efficiency"] == 1 and m["sent_bytes"] == m["received_bytes"] == 0, r'
