#!/usr/bin/env bash
# Evaluation while training: its records, the best checkpoint, warnings; and that the training does
# not notice, and a resume does not forget.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

# The sets and batches are small because what is tested does not depend on them, and each step and
# each Frechet distance costs time.
tool mnist small 80 60 # 8 steps an epoch of 10
expect_exit 0 "$CLGAN" train-classifier --data small --epochs 3 --batch 10 --out tiny.safetensors

train() {
    # shellcheck disable=SC2031 # set by start, for its subshell
    ${in_place:-} "$CLGAN" train --data small --classifier tiny.safetensors --evaluate-samples 40 --batch 10 \
        --log-every 4 "$@"
}

# ---- records -------------------------------------------------------------------------------------

expect_exit 0 train --epochs 4 --out watched
expect_said 'epoch 1/4 judged in [0-9.]+ s: FID [0-9.]+, precision [01]\.[0-9]+, recall [01]\.[0-9]+, [0-9]+ of 10 classes(: few classes|: blank pictures|: little variety)?$'
[[ $(grep -c 'test images were measured' err) -eq 1 ]] || fail "measured more than once"
tool log watched 8 4 8 e8 v8 12 16 e16 v16 20 24 e24 v24 28 32 e32 v32
tool evaluated watched 40 tiny.safetensors
tool config watched evaluate_every=1 evaluate_samples=40 \
    "classifier=\"$(realpath tiny.safetensors)\""
tool best watched

# A stop while an epoch is drawn, judged or saved: nothing is lost. A terminal that is closed may
# end the session, too, which is no impatience.
start_and_halt judged 8 24 train --epochs 4 --out judged
kill -HUP "$started"
kill -TERM "$started"
kill -CONT "$started"
expect_end 129
expect_said 'saved; go on with: .*clgan train --out judged --resume$'
expect_exit 0 "$CLGAN" train --resume --out judged
tool same watched judged
rm -r judged

# Training does not notice.
expect_exit 0 train --epochs 4 --evaluate-every 0 --out alone
tool log alone 8 4 8 e8 12 16 e16 20 24 e24 28 32 e32
expect_absent alone/checkpoints/best.safetensors
for step in 16 24 32; do
    file=checkpoints/step_000000$step.safetensors
    cmp "alone/$file" "watched/$file" || fail "evaluation changed the training"
done

# A batch larger than a group of pictures; every other epoch; a name that JSON must escape.
cp tiny.safetensors 'a "tiny\ one.safetensors'
expect_exit 0 "$CLGAN" train --data small --classifier 'a "tiny\ one.safetensors' --batch 72 \
    --evaluate-samples 40 --epochs 3 --evaluate-every 2 --log-every 100 --out sparse
tool log sparse 2 e2 e4 v4 6 e6
tool evaluated sparse 40 'a "tiny\ one.safetensors'
rm -r sparse

# The test images go while it trains, before the first evaluation.
cp -r small fleeting
careless() {
    # shellcheck disable=SC2031 # set by start, for its subshell
    ${in_place:-} "$CLGAN" train --data fleeting --classifier tiny.safetensors --batch 2 --epochs 1 \
        --log-every 10 --out careless
}
start_and_halt careless 10 30 careless
rm fleeting/t10k-images-idx3-ubyte
kill -CONT "$started"
expect_end 0
expect_said 'training goes on without evaluation'
tool log careless 40 10 20 30 40 e40

# The best checkpoint is one to sample from, and none of the run's steps.
expect_exit 0 "$CLGAN" sample --checkpoint watched/checkpoints/best.safetensors --out best.png
cp -r watched last
find last/checkpoints -name 'step_*' ! -name 'step_00000032.*' -delete
expect_exit 0 "$CLGAN" evaluate --run last --data small --classifier tiny.safetensors \
    --samples 12 --json run.json
tool scores run.json 12 1 tiny
rm -r last

# ---- resume --------------------------------------------------------------------------------------

expect_exit 0 train --epochs 4 --max-steps 13 --out halves
expect_exit 0 "$CLGAN" train --resume --out halves
tool same watched halves
rm -r halves

# Killed while an epoch was judged, whose checkpoint was there: the resume judges it, in the middle
# of the run and after the last step. Then nothing is left to do.
expect_exit 0 train --epochs 4 --max-steps 16 --out late
for _ in 16 32; do
    tail -n 1 late/log.jsonl | grep -q '"type":"evaluation"' || fail "no evaluation at the log's end"
    sed -i '$d' late/log.jsonl
    expect_exit 0 "$CLGAN" train --resume --out late
    expect_said 'judged in'
done
tool same watched late
tool best late
before=$(fingerprint late)
expect_exit 0 "$CLGAN" train --resume --out late
[[ $(fingerprint late) == "$before" ]] || fail "a finished and judged run was changed"
rm -r late

# A signal at an epoch's end, before its checkpoint or while it is judged: nothing is lost.
stopped() {
    # shellcheck disable=SC2031 # set by start, for its subshell
    ${in_place:-} "$CLGAN" train --data small --classifier tiny.safetensors --evaluate-samples 40 \
        --batch 10 --log-every 4 --epochs 4 --out stopped
}
if in_whole; then
    start_and_halt stopped 8 12 stopped
    kill -INT "$started"
    kill -CONT "$started"
    expect_end 130
    expect_said 'go on with: .*clgan train --out stopped --resume$'
    expect_exit 0 "$CLGAN" train --resume --out stopped
    tool same watched stopped
    rm -r stopped
fi

# A stop that is asked for once, after the last step of an epoch or while that is saved: the epoch is
# judged when the run goes on. The record of a last step stays until there is a further one.
for when in step epoch; do
    records=(3 6)
    [[ $when != step ]] || records+=(8)
    "$CLGAN_STOP_ONCE" small tiny.safetensors once $when 2>err || fail "no stop by $when: $(cat err)"
    tool log once 8 "${records[@]}" e8
    expect_exit 0 "$CLGAN" train --resume --out once --max-steps 8
    tool log once 8 "${records[@]}" e8 v8
    expect_exit 0 "$CLGAN" train --resume --out once --max-steps 9
    tool log once 8 3 6 e8 v8 9
    rm -r once
done

# The best was epoch 4, which is taken back: epoch 1 to 3 have another one.
cp -r watched back
last=back/checkpoints/step_00000032.safetensors
sed -i '/"type":"evaluation","step":32,/s/"fid":[0-9.]*/"fid":0.5/' back/log.jsonl
cp $last back/checkpoints/best.safetensors
tool flip $last 20000000
before=$(sha256sum <back/checkpoints/best.safetensors)
expect_exit 0 "$CLGAN" train --resume --out back --max-steps 25
expect_file back/checkpoints/step_00000025.safetensors # and not only the damaged one
[[ $(sha256sum <back/checkpoints/best.safetensors) != "$before" ]] || fail "the best was not put right"
tool best back
expect_exit 0 "$CLGAN" train --resume --out back
tool same watched back

# One that is gone comes back; a damaged one, too.
rm back/checkpoints/step_00000032.safetensors back/checkpoints/best.safetensors
expect_exit 0 "$CLGAN" train --resume --out back --max-steps 25
tool best back
tool flip back/checkpoints/best.safetensors 10000000
expect_exit 0 "$CLGAN" train --resume --out back
tool same watched back
rm -r back

# A run of before evaluation goes on without.
expect_exit 0 train --epochs 2 --evaluate-every 0 --max-steps 8 --out old
sed -i '/"evaluate_/d' old/config.json
expect_exit 0 "$CLGAN" train --resume --out old
tool log old 8 4 8 e8 12 16 e16

# ---- what is not there ---------------------------------------------------------------------------

tool data discs 100
without() {
    "$CLGAN" train --data discs --batch 50 --epochs 1 "$@"
}
expect_exit 0 without --out quiet
expect_said '^clgan: no evaluation while training: discs holds no test images$'
tool log quiet 2 2 e2
refused() {
    expect_exit 2 "$@"
    expect_said "$pattern"
    expect_absent none
}
pattern='evaluation while training is not possible: discs holds no test images'
refused without --evaluate-every 1 --out none
pattern='is not possible: missing.safetensors is not there'
refused "$CLGAN" train --data small --classifier missing.safetensors --out none
pattern='best.png' # not a classifier at all
refused "$CLGAN" train --data small --classifier best.png --out none
cp -r small bad
tool cut bad/t10k-images-idx3-ubyte 5000
pattern='bad/t10k-images-idx3-ubyte'
refused train --data bad --out none
tool mnist bad 50 9
pattern='holds 9 images: evaluation needs 10'
refused train --data bad --out none
expect_exit 0 "$CLGAN" train --data bad --batch 50 --epochs 1 --out quiet9 # where it was not asked for
expect_said '^clgan: no evaluation while training: the test set in bad holds 9 images'
rm -r bad

pattern='stop-on-collapse needs evaluation'
refused train --evaluate-every 0 --stop-on-collapse --out none

# ---- warnings ------------------------------------------------------------------------------------

# The classifier is of other images: once in a run, however often it is resumed.
tool mnist swapped 100 100 1
expect_exit 0 "$CLGAN" train --data swapped --classifier tiny.safetensors --evaluate-samples 20 \
    --batch 50 --epochs 3 --max-steps 4 --log-every 100 --out foreign
expect_said '^clgan: warning: epoch 1: the classifier was trained on other images'
[[ $(grep -c 'other images' err) -eq 1 ]] || fail "said more than once"
expect_exit 0 "$CLGAN" train --resume --out foreign
! grep -q 'other images' err || fail "said again after a resume"
tool log foreign 2 e2 v2 wclassifier2 e4 v4 6 e6 v6

# A generator with next to no weights that does not learn draws the same grey for ever: a collapse,
# from step 1000 on. The checkpoint of its first epoch is given out as that of the 99th.
tool mnist few 20 20 # 10 steps an epoch
expect_exit 0 "$CLGAN" train --data few --classifier tiny.safetensors --batch 2 \
    --learning-rate 1e-12 --init-stddev 1e-6 --epochs 120 --evaluate-samples 50 --log-every 10000 \
    --keep 1 --max-steps 10 --out grey
mv grey/checkpoints/step_00000010.safetensors grey/checkpoints/step_00000990.safetensors
tool forge grey/checkpoints/step_00000990.safetensors '"step":"10","epoch":"1"' \
    '"step":"990","epoch":"99"'
expect_exit 1 "$CLGAN" train --resume --out grey --stop-on-collapse
expect_said '^clgan: warning: epoch 100: samples are alike: .* may help\)$'
[[ $(grep -c 'samples are alike' err) -eq 1 ]] || fail "said more than once"
expect_said 'epoch 100/120 judged in .* classes: blank pictures$' # whatever their precision
expect_said '^clgan: error: samples were alike at two evaluations in a row: stopped at step 1010, saved'
tail -n 1 grey/log.jsonl | grep -q '"type":"evaluation","step":1010,' || fail "the log's end"
grep -q '"type":"warning","step":1000,"epoch":100,"kind":"alike","message":"' grey/log.jsonl ||
    fail "no record of the warning"
expect_file grey/checkpoints/step_00001010.safetensors
# It stands: the next evaluation ends the run again; without the option nothing does.
expect_exit 1 "$CLGAN" train --resume --out grey --stop-on-collapse
expect_said 'stopped at step 1020'
! grep -q 'warning: .*alike' err || fail "said again after a resume"
expect_exit 0 "$CLGAN" train --resume --out grey --max-steps 1023
