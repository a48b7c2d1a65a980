#!/usr/bin/env bash
# clgan-parity, which scripts/parity.sh runs, tells a fixture that is met from one that is not.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

PARITY=${CLGAN%/*}/clgan-parity
FIXTURE=$CLGAN_SOURCE_DIR/tests/fixtures/tf_step_b.json
if [[ ! -x $PARITY ]]; then
    echo "skipped: no $PARITY" >&2
    exit 77
fi

# expect_last PATTERN: the last line on stdout has it.
expect_last() {
    tail -n 1 out | grep -qE "$1" || fail "the last line is: $(tail -n 1 out)"
}

expect_exit 0 "$PARITY" "$FIXTURE"
expect_last '^PARITY PASS worst=[0-9.]+'
grep -q '^step 3 .*param.g.dense.weight' out || fail "no line per tensor and step"
! grep -q FAIL out || fail "a failed line in a pass"

tool perturb "$FIXTURE" perturbed.json
status=0
"$PARITY" perturbed.json >out || status=$?
[[ $status -eq 1 ]] || fail "exit $status on numbers that are a thousandth off"
expect_last '^PARITY FAIL worst=[0-9.]+ at step 1 loss_g'
[[ $(grep -c ' FAIL$' out) -eq 1 ]] || fail "more than the perturbed number failed"

echo '{"what":"garbage"' >garbage.json
head -c 100000 "$FIXTURE" >half.json
echo '{"steps":[]}' >empty.json
for file in garbage.json half.json empty.json missing.json .; do
    expect_exit 2 "$PARITY" "$file"
    ! grep -q PARITY out || fail "a verdict on $file"
done
expect_exit 2 "$PARITY"
expect_exit 2 "$PARITY" --unknown "$FIXTURE"
expect_exit 2 "$PARITY" "$FIXTURE" --algorithm nonsense
expect_said "no algorithm 'nonsense' of convolutions; there are: .*image.*plain"
expect_exit 2 "$PARITY" "$FIXTURE" --algorithm direct
expect_said "algorithm 'direct' does not serve"
expect_exit 3 "$PARITY" "$FIXTURE" --device nowhere
