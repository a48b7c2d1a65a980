#!/usr/bin/env bash
# Progress on stderr: a bar that is redrawn in its line on a terminal, plain lines elsewhere.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

tool data discs 40 # 3 steps of 16, 16 and 8

train() {
    # shellcheck disable=SC2031 # set by the caller
    "${in_place[@]}" "$CLGAN" train --data discs --batch 16 --epochs 2 --log-every 1 "$@"
}

in_place=()
expect_exit 0 train --out plain
for pattern in 'epoch 1/2 step 1/3 \(1\)' 'epoch 1/2 step 3/3 \(3\)' 'epoch 2/2 step 3/3 \(6\)'; do
    expect_said "^$pattern  [0-9]+ images/s  loss D [0-9.]+ G [0-9.]+ .* left [0-9]+:[0-9]{2}$"
done
! grep -qF '[#' err || fail "a bar where there is no terminal" # expect_exit saw to escapes

# The first step of an epoch always draws: there is no bar on the screen that could be fresh enough.
in_place=(tool terminal raw)
expect_exit 0 train --out run
expect_said_there() {
    grep -qP -- "$1" raw || fail "the terminal was not sent: $1 but $(cat -v raw)"
}
expect_said_there '\r\x1b\[Kepoch 1/2 \[#{6}\.{14}\] 1/3  -  left [0-9]+:[0-9]{2}(\r|$)'
expect_said_there '\r\x1b\[Kepoch 2/2 \[#{6}\.{14}\] 1/3  [0-9]+ images/s  loss D .* left [0-9]+:[0-9]{2}'
! grep -q ' step [0-9]' raw || fail "plain progress lines on a terminal"

# The messages stay when it has ended, and no bar.
tool screen raw screen
grep -q '^clgan: epoch 1/2 done in' screen || fail "the screen shows: $(cat screen)"
grep -q '^clgan: done: run/dcgan.gif' screen || fail "the screen shows: $(cat screen)"
! grep -vE '^clgan: ' screen || fail "that stays on the screen"

# Bad news does not stand behind a bar.
! train --out diverged --learning-rate 1e39 --max-steps 1 >out || fail "1e39 did not fail"
tool screen raw screen
grep -q '^clgan: error: .* not finite .* at step 1' screen || fail "the screen shows: $(cat screen)"

# A terminal that cannot go back in its line is none.
in_place=(tool terminal raw env TERM=dumb)
expect_exit 0 train --out dumb --max-steps 2
expect_said_there '^epoch 1/2 step 2/3 \(2\)  [0-9]+ images/s'
! grep -qF $'\e' raw || fail "a dumb terminal was sent: $(cat -v raw)"
