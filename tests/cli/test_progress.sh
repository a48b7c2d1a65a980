#!/usr/bin/env bash
# Progress on stderr: a line that is redrawn within the width of a terminal, plain lines elsewhere.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"
on_null_device

tool data discs 48 # 3 steps
unset COLUMNS NO_COLOR

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
expect_said '^clgan: epoch 2/2 done in .*; picture: plain/images/image_at_epoch_0002.png$'
[[ $(grep -c 'recipe fast draws legible digits in two' err) -eq 1 ]] || fail "fast is not named once"

# A level, or --quiet, that silences it leaves the result.
expect_exit 0 train --out silent --max-steps 1 --quiet
[[ $(cat out) == silent && ! -s err ]] || fail "--quiet says $(cat out err)"
expect_exit 0 env CLGAN_LOG=error "$CLGAN" sample --out digits.png \
    --checkpoint silent/checkpoints/step_00000001.safetensors
[[ ! -s err ]] || fail "CLGAN_LOG=error says $(cat err)"

expect_said_there() {
    grep -qP -- "$1" raw || fail "the terminal was not sent: $1 but $(cat -v raw)"
}

# expect_clean_screen: when it has ended the messages stay, and no line of progress.
expect_clean_screen() {
    tool screen raw screen 1000
    grep -q '^clgan: epoch 1/2 done in' screen || fail "the screen shows: $(cat screen)"
    grep -q '^clgan: done: .*/dcgan.gif' screen || fail "the screen shows: $(cat screen)"
    ! grep -vE '^clgan: ' screen || fail "that stays on the screen"
}

# The first step of an epoch always draws: there is no line on the screen that could be fresh enough.
in_place=(tool terminal raw)
SIZE=120 expect_exit 0 train --out run
expect_said_there '\r\x1b\[Kepoch 1/2 \[#{6}\.{14}\] 1/3  -  left [0-9]+:[0-9]{2}\r'
expect_said_there '\r\x1b\[Kepoch 2/2 \[#{6}\.{14}\] 1/3  [0-9]+ images/s  loss D .*  D\(x\) .* left [0-9]+:[0-9]{2}\r'
expect_said_there '\r\x1b\[Kcompiling kernels [0-9]+/[1-9][0-9]*  0:[0-9]{2}\r'
! grep -q ' step [0-9]' raw || fail "plain progress lines on a terminal"
expect_clean_screen

# Narrower terminals, of 80 columns where they do not say.
for size in '' 20; do
    rm -rf run
    SIZE=$size expect_exit 0 train --out run
    tool redrawn raw "${size:-80}"
    expect_clean_screen
done
expect_said_there '\r\x1b\[Kepoch 2/2 1/3\r'

on_device

# Bad news does not stand behind a bar, and has a colour unless it is not wanted.
! train --out diverged --learning-rate 1e39 --max-steps 1 >out || fail "1e39 did not fail"
tool screen raw screen 200
grep -q '^clgan: error: .* not finite .* at step 1' screen || fail "the screen shows: $(cat screen)"
expect_said_there 'clgan: \x1b\[1;31merror: \x1b\[0m.* not finite'
! NO_COLOR=1 train --batch 0 >out || fail "--batch 0 did not fail"
expect_said_there 'clgan: error: --batch must be'

# A terminal that cannot go back in its line is none.
AS=dumb expect_exit 0 train --out dumb --max-steps 2
expect_said_there '^epoch 1/2 step 2/3 \(2\)  [0-9]+ images/s'
! grep -qF $'\e' raw || fail "a dumb terminal was sent: $(cat -v raw)"
