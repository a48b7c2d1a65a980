#!/usr/bin/env bash
# clgan selftest, and the test that other commands make by themselves: once, and again where anything
# is another one; a device that fails is refused.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

export CLGAN_DEVICE=${CLGAN_DEVICE:-pocl} CLGAN_CACHE_DIR=$PWD/cache
tool data discs 40

# ---- refused before anything is tested -----------------------------------------------------------

expect_exit 0 "$CLGAN" selftest --help
expect_exit 2 "$CLGAN" selftest --unknown
expect_exit 2 "$CLGAN" selftest --batch 0
expect_exit 2 "$CLGAN" selftest stray
expect_exit 2 "$CLGAN" selftest --algorithm nonsense
expect_exit 3 "$CLGAN" selftest --device no-such-device --json none.json
expect_said no-such-device
expect_absent none.json
expect_exit 1 "$CLGAN" selftest --json no/such/folder.json
[[ ! -s out ]] || fail "results that the file cannot hold"

# ---- the results ---------------------------------------------------------------------------------

cat >check.py <<'PYTHON'
import json
import sys

path, ok = sys.argv[1], sys.argv[2] == "ok"
result = json.load(open(path))
assert result["ok"] is ok, result["ok"]
device, = result["devices"]
assert device["ok"] is ok and device["id"], device
for check in device["checks"]:
    assert check["name"] and isinstance(check["ok"], bool), check
    assert isinstance(check["max_error"], (int, float)), check
    assert bool(check["message"]) is not check["ok"], check
wrong = [check for check in device["checks"] if not check["ok"]]
assert bool(wrong) is not ok and len(device["checks"]) > 50, wrong
for check in wrong:
    print(check["name"], check["message"])
PYTHON

expect_exit 0 "$CLGAN" selftest --batch 4 --json result.json
grep -q '^right: [0-9]* checks at batch 4' out || fail "it says $(cat out)"
python3 check.py result.json ok || fail "another result: $(head -c 400 result.json)"

# ---- by themselves, once -------------------------------------------------------------------------

# train RUN OPTION...: a step; tested.
train() {
    "$CLGAN" train --data discs --batch 4 --max-steps 1 --evaluate-every 0 --out "$@"
}

# tested COMMAND...: exits with 0, after the device has been tested. untested: without that.
tested() {
    expect_exit 0 "$@"
    expect_said 'computes right'
}
untested() {
    expect_exit 0 "$@"
    ! grep -q 'computes right' err || fail "tested again: $*"
}

rm -rf cache
tested train first
grep -q '"selftest":.*true' first/config.json || fail "config.json does not say that it was tested"
untested train second
untested "$CLGAN" sample --run first --out first.png
cmp -s first/checkpoints/step_00000001.safetensors second/checkpoints/step_00000001.safetensors ||
    fail "the test changes a training's bits"

# The log says once what it is that takes long.
if [[ -n "${CLGAN_EVENTS-}" ]]; then
    rm -rf cache
    CLGAN=$CLGAN_ALONE LD_PRELOAD=$CLGAN_EVENTS CLGAN_EVENTS_AT=clEnqueueReadBuffer:9 \
        CLGAN_EVENTS_DO=slow:3600 tested train slow
    [[ $(grep -c 'device is being tested, once .*--no-selftest goes without that' err) -eq 1 ]] ||
        fail "it says $(cat err)"
fi

# A damaged verdict is none; another choice is not what was tested.
for file in cache/*.program; do
    printf 'x' | dd of="$file" bs=1 seek=40 conv=notrunc 2>/dev/null
done
tested train third --gemm plain

# Without the test; a resume goes on without it.
untested train untested --no-selftest --algorithm g.convt3/fwd=plain
grep -q '"selftest":.*false' untested/config.json || fail "config.json does not say so"
untested "$CLGAN" train --resume --out untested --max-steps 2 --evaluate-every 0
grep -q '"selftest":.*false' untested/config.json || fail "a resume forgets that"
cmp -s first/images/real.png untested/images/real.png || fail "another start"

# ---- a device that computes wrong ----------------------------------------------------------------

cp -r "$CLGAN_SOURCE_DIR/cl" wrong
sed -i 's/VSTORE(inverse, inv_std, f)/VSTORE(1.01f * inverse, inv_std, f)/' wrong/batchnorm.cl
! cmp -s wrong/batchnorm.cl "$CLGAN_SOURCE_DIR/cl/batchnorm.cl" || fail "nothing was planted"
before=$(ls cache)
export CLGAN_KERNEL_DIR=$PWD/wrong
expect_exit 4 train refused
expect_said 'computes wrong results, so there is no training: batchnorm fwd: .*batchnorm_merge.*\[0\] is .*, not '
expect_said 'another driver.*--no-selftest'
expect_absent refused
# Programs may have come into the cache, but no verdict.
[[ $(ls cache) == "$before" ]] || expect_exit 4 train refused
expect_exit 0 train trusted --no-selftest
expect_exit 4 "$CLGAN" selftest --batch 4 --json wrong.json
grep -q '^wrong: batchnorm fwd' out || fail "it says $(cat out)"
python3 check.py wrong.json wrong >found || fail "another result: $(head -c 400 wrong.json)"

# Evaluations are tested before the first step, but only where there will be one.
tool mnist small 40 20
cp "$CLGAN_SOURCE_DIR/cl/batchnorm.cl" wrong
sed -i 's/- 2.0f \* product/- 1.9f * product/' wrong/neighbours.cl
! cmp -s wrong/neighbours.cl "$CLGAN_SOURCE_DIR/cl/neighbours.cl" || fail "nothing was planted"
expect_exit 4 "$CLGAN" train --data small --batch 4 --epochs 1 --out refused
expect_said 'wrong results, so there is no evaluation while training: .*--evaluate-every 0 trains'
expect_absent refused
expect_exit 0 "$CLGAN" train --data small --batch 4 --max-steps 1 --out short
