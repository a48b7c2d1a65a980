#!/usr/bin/env bash
# However a run is stopped, going on with it ends bit for bit where it would have ended without the
# stop; what cannot go on is refused and left as it is.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

# The device computes nothing, but for the stops of which kernels' bits are a part: what a run is
# when it goes on is the host's. The batch is small because it makes no difference.
on_null_device
tool data discs 12        # 3 steps an epoch
tool data other 12 2      # as many, but others
tool data uneven 6        # 2 steps an epoch, of which the second one is smaller
tool data many 140        # 35 steps an epoch: to be stopped within it
long=(--data many --seed 3) # no step is audited: the null device passes no audit

train() {
    # shellcheck disable=SC2031 # set by start, for its subshell
    ${in_place:-} "$CLGAN" train --batch 4 "$@"
}

resume() {
    # shellcheck disable=SC2031
    ${in_place:-} "$CLGAN" train --resume "$@"
}

# refused PATTERN RUN COMMAND...: exit 2, the reason, and nothing in the run has changed.
refused() {
    local pattern=$1 run=$2 before
    shift 2
    before=$(fingerprint "$run")
    expect_exit 2 "$@"
    expect_said "$pattern"
    [[ $(fingerprint "$run") == "$before" ]] || fail "$run was changed by: $*"
}

# ---- stops at and within epochs ------------------------------------------------------------------

expect_exit 0 train --data discs --epochs 6 --log-every 2 --out whole

# 3 + 3 epochs; then there is nothing left to do, and nothing is done.
expect_exit 0 train --data discs --epochs 3 --log-every 2 --out halves
expect_exit 0 resume --out halves --epochs 6
[[ $(cat out) == halves ]] || fail "stdout is '$(cat out)'"
tool same whole halves
before=$(fingerprint halves)
expect_exit 0 resume --out halves
expect_said 'finished'
[[ $(fingerprint halves) == "$before" ]] || fail "a finished run was changed by --resume"

# The stops are within epochs, the last one right before the end: its checkpoint must make room at
# once. Options that may change on the way change, and come back.
expect_exit 0 train --data discs --epochs 2 --log-every 3 --keep 1 --checkpoint-every 2 \
    --max-steps 4 --out parts
expect_file parts/images/image_at_step_00000004.png
before=$(fingerprint parts)
expect_exit 0 resume --out parts --max-steps 4
[[ $(fingerprint parts) == "$before" ]] || fail "a stopped run was changed by --resume"
expect_exit 0 resume --out parts --epochs 6 --keep 3 --checkpoint-every 0 --log-every 1 \
    --max-steps 6
expect_absent parts/images/image_at_step_00000004.png
expect_exit 0 resume --out parts --log-every 2 --max-steps 17
expect_said 'stopped at step 17 of 18'
expect_file parts/images/image_at_step_00000017.png
expect_exit 0 resume --out parts
tool same whole parts but-for-the-log
tool log parts 3 3 e3 5 6 e6 8 e9 10 12 e12 14 e15 16 18 e18

# The algorithms are those for GPUs, which the run remembers, and those of verify/test_parity, which
# compiles the same kernels. No device is tested with them: a self-test would compile others.
on_device
gpu=fourier_tiled,g.convt3=canvas,d.conv1=canvas
expect_exit 0 train --data uneven --epochs 2 --algorithm $gpu --max-steps 2 --no-selftest --out tiled
expect_exit 0 train --data uneven --epochs 2 --algorithm $gpu --max-steps 1 --no-selftest --out tiled_parts
expect_exit 0 resume --out tiled_parts --max-steps 2 --no-selftest
cmp tiled/checkpoints/step_00000002.safetensors tiled_parts/checkpoints/step_00000002.safetensors ||
    fail "a stopped run has other bits"
rm -r tiled tiled_parts
on_null_device

# ---- what cannot go on ---------------------------------------------------------------------------

rm -r halves parts
expect_exit 0 train --data discs --epochs 6 --checkpoint-every 1 --keep 10 --max-steps 5 --out run
refused '--seed 1: a resume cannot change' run resume --out run --seed 2
refused '--batch 4: a resume cannot change' run resume --out run --batch 8
refused '--learning-rate 0.0001: a resume cannot change' run resume --out run --learning-rate 1e-3
refused 'not --strict: a resume cannot change' run resume --out run --strict
refused 'other is not the data' run resume --out run --data other
refused 'other algorithms' run resume --out run --algorithm plain
refused 'holds a run already' run train --data discs --out run
refused "no algorithm 'nonsense'" run resume --out run --algorithm nonsense
expect_exit 2 resume
expect_said 'no run'
expect_absent runs

# config.json that is no such thing.
cp run/config.json config.json
negative=$(sed 's/:[[:space:]]*6,/: -6,/' config.json)
nonsense=$(sed 's/\("first_step":\).*/\1 "none",/' config.json)
newer=$(sed 's/\("format":\).*/\1 2,/' config.json)
nowhere=$(sed 's/"driver":/"drivr":/' config.json)
for text in '' '{' '[]' '{"epochs":6}' "$(head -c 300 config.json)" "$negative" "$nonsense" "$newer" \
    "$nowhere"; do
    printf '%s' "$text" >run/config.json
    refused 'run/config.json' run resume --out run
    [[ $(wc -l <err) -eq 1 ]] || fail "more than one sentence on a damaged config.json"
done
expect_said "damaged, or of another version of clgan: 'device' is missing"
rm run/config.json
refused 'no config.json' run resume --out run
cp config.json run/config.json

# ---- damaged checkpoints -------------------------------------------------------------------------

# The same as `run` at another place, for less than the price of training it.
copy_run() {
    rm -rf damaged
    cp -r run damaged
}

name() {
    printf 'damaged/checkpoints/step_%08d.safetensors' "$1"
}

copy_run
tool flip "$(name 5)" 20000000
tool cut "$(name 4)" 30000000
tool foreign "$(name 3)"
tool forge "$(name 2)" '"clgan.format":"1"' '"clgan.format":"9"'
cp -r damaged doomed
grep -q '"first_step":[[:space:]]0,' damaged/config.json || fail "config.json has no first_step"
sed -i '/"first_step"/d' damaged/config.json # as the first versions wrote it
expect_exit 0 resume --out damaged --max-steps 7
for step in 2 3 4 5; do
    expect_said "skipped the checkpoint of step $step;"
done
expect_said 'a newer clgan'
expect_said 'resuming after step 1$'
expect_exit 0 resume --out run --max-steps 7
tool same run damaged

# A checkpoint under another one's name, and one of another run, are passed over.
copy_run
rm "$(name 7)"
cp "$(name 4)" "$(name 9)"
cp "$(name 5)" "$(name 8)"
tool forge "$(name 8)" '"step":"5"' '"step":"8"'
seed=$(sed -n 's/.*"seed":[[:space:]]*\([0-9]*\).*/\1/p' run/config.json)
tool forge "$(name 8)" "\"seed\":\"$seed\"" "\"seed\":\"${seed//?/7}\""
expect_exit 0 resume --out damaged --max-steps 7
expect_said 'step_00000009.safetensors is the checkpoint of step 4$'
expect_said "step_00000008.safetensors is of another run: its seed is not that of config.json"
expect_said 'resuming after step 6$'

# Seed, batch and data are those of another run, too, whose recipe is another one: of its checkpoints
# none is taken, nor drawn from, nor the best one, and the run keeps its recipe.
copy_run
expect_exit 0 train --data discs --epochs 6 --learning-rate 1e-3 --max-steps 9 --out other_run
cp other_run/checkpoints/step_00000009.safetensors damaged/checkpoints/
cp other_run/checkpoints/step_00000009.safetensors damaged/checkpoints/best.safetensors
other="is of another run: its learning_rate is not that of config.json"
expect_exit 0 "$CLGAN" sample --run damaged --count 2 --out drawn.idx
expect_said "best.safetensors $other"
expect_said "step_00000009.safetensors $other"
expect_exit 0 resume --out damaged --max-steps 8
expect_said "step_00000009.safetensors $other"
! cmp -s damaged/checkpoints/best.safetensors other_run/checkpoints/step_00000009.safetensors || fail "the best one is another run's"
grep -q '"learning_rate":[[:space:]]*0.0001,' damaged/config.json || fail "it has another recipe"
rm -r other_run

# A new run takes no folder with checkpoints of one that is gone.
rm damaged/config.json damaged/log.jsonl
refused 'damaged holds what is left of a run, which has no config.json' damaged \
    train --data discs --out damaged
refused 'damaged holds no run to resume' damaged resume --out damaged
copy_run

: >doomed/checkpoints/step_00000001.safetensors
refused 'no sound checkpoint' doomed resume --out doomed
for step in 1 2 3 4 5; do
    expect_said "step_0000000$step.safetensors"
done
rm -r doomed

# Another driver is another matter.
driver=$(sed -n 's/.*"driver":[[:space:]]*"\(.*\)".*/\1/p' run/config.json)
tool forge "$(name 7)" "\\\"driver\\\":\\\"$driver\\\"" "\\\"driver\\\":\\\"${driver//?/x}\\\""
refused 'allow-device-change' damaged resume --out damaged
expect_exit 0 resume --out damaged --allow-device-change --max-steps 8
expect_said 'resuming after step 7$'
rm -r run damaged

# ---- signals -------------------------------------------------------------------------------------

# interrupted RUN OPTIONS...: SIGINT, SIGTERM, kill -9, each in the middle of an epoch, then to the
# end. The signals come while the run is halted, so that it does not get ahead of the test; it may
# make some steps more before it answers.
interrupted() {
    local run=$1
    shift
    start_and_halt "$run" 4 14 train "${long[@]}" --epochs 2 --log-every 1 --out "$run" "$@"
    kill -INT "$started"
    kill -CONT "$started"
    expect_end 130
    expect_said "stopped at step [0-9]+ of 70, saved; go on with: .*clgan train --out $run --resume"
    expect_stop_saved "$run"

    start_and_halt "$run" $((stop + 1)) 27 resume --out "$run"
    kill -TERM "$started"
    kill -CONT "$started"
    expect_end 143
    expect_stop_saved "$run"

    start_and_halt "$run" 38 64 resume --out "$run"
    refused 'another process' whole resume --out "$run" # it holds the lock
    refused 'another process' whole train --data discs --out "$run"
    kill -KILL "$started"
    wait "$started" 2>/dev/null || true
    newest=$(checkpoints "$run")
    newest=${newest##* }

    # A killed writer may leave these.
    printf '{"type":"step","step":4' >>"$run/log.jsonl"
    for file in checkpoints/.step_00000099.safetensors.17-0.tmp images/.real.png.1-0.tmp \
        .dcgan.gif.1-0.tmp; do
        echo half >"$run/$file"
    done
    expect_exit 0 resume --out "$run"
    expect_said "resuming after step $newest$"
    [[ -z $(find "$run" -name '*.tmp') ]] || fail "leftovers in $run"
}

# The stop's state and picture are there; its step goes to $stop.
expect_stop_saved() {
    local all
    all=$(checkpoints "$1")
    stop=${all##* }
    [[ $((stop % 35)) -ne 0 ]] || fail "$1 was stopped at the end of an epoch"
    expect_file "$(printf '%s/images/image_at_step_%08d.png' "$1" "$stop")"
    [[ $(find "$1/images" -name 'image_at_step_*' | wc -l) -eq 1 ]] || fail "old pictures in $1"
    tail -n 1 "$1/log.jsonl" | grep -q "\"step\":$stop," || fail "$1: the log's last step"
}

intervals=(0)
! in_whole || intervals+=(16)
for every in "${intervals[@]}"; do
    expect_exit 0 train "${long[@]}" --epochs 2 --log-every 1 --out straight --checkpoint-every "$every"
    interrupted crooked --checkpoint-every "$every"
    tool same straight crooked
    rm -r crooked
    mv straight "straight$every"
done

# Two signals: it ends at once and saves nothing. Both are waiting when it wakes.
mkdir runs runs/001 # 001 is no run
start_and_halt runs/002 4 27 train "${long[@]}" --epochs 3 --log-every 1
kill -INT "$started"
kill -TERM "$started"
kill -CONT "$started"
status=0
wait "$started" || status=$?
[[ $status -eq 130 || $status -eq 143 ]] || fail "two signals: exit $status"
expect_absent runs/002/images/image_at_step_00000004.png
[[ -z $(ls runs/002/checkpoints) ]] || fail "two signals: something was saved"

# It had no checkpoint yet: the beginning is as sound a state, unless the log tells of steps beyond
# the first checkpoint.
cp -r runs/002 stripped
echo '{"type":"step","step":36,"epoch":2}' >>stripped/log.jsonl
refused 'no sound checkpoint' stripped resume --out stripped
cp runs/002/log.jsonl stripped
sed -i 's/\("driver":\).*,/\1 "x",/' stripped/config.json
refused 'allow-device-change' stripped resume --out stripped
rm runs/002/images/real.png # as of a start that was killed
refused '--seed 3: a resume cannot change' runs/002 resume --out runs/002 --seed 2
expect_exit 0 resume --out runs/002 --epochs 1
expect_file runs/002/images/real.png
for file in checkpoints/step_00000035.safetensors images/image_at_epoch_0001.png; do
    cmp "straight0/$file" "runs/002/$file" || fail "runs/002 began otherwise: $file"
done

# A stop while the run begins; then it is resumed. On a busy machine it may have ended before: then
# it is done again.
for _ in {1..20}; do
    status=0
    rm -rf early
    start train --data discs --epochs 6 --log-every 2 --out early
    until [[ -e early/.lock ]]; do
        sleep 0.01
    done
    kill -HUP "$started" 2>/dev/null || true
    wait "$started" || status=$?
    [[ $status -eq 0 ]] || break
done
[[ $status -eq 129 ]] || fail "a stop at the beginning: exit $status"
expect_said 'stopped (at step|before a step).*, saved; go on with: .*clgan train --out early'
expect_exit 0 resume --out early
tool same whole early
rm -rf straight0 straight16 stripped

# A signal while a program is built, when descriptor 2 belongs to the driver: what it says is seen. The
# macro keeps the compiler busy until then.
if [[ -d /proc/self/fd ]]; then
    on_device
    cp -r "$CLGAN_SOURCE_DIR/cl" kernels
    {
        echo '#define E0'
        for n in {1..30}; do
            echo "#define E$n E$((n - 1)) E$((n - 1))"
        done
        echo E30
    } | tee -a kernels/*.cl >/dev/null
    slow() {
        # shellcheck disable=SC2031
        CLGAN_KERNEL_DIR=kernels ${in_place:-} "$CLGAN" train --data discs --batch 4 --out slow \
            --no-selftest
    }
    start slow
    until [[ $(readlink "/proc/$started/fd/2") == *'(deleted)' ]]; do
        kill -0 "$started" || fail "ended before a program was built: $(cat err)"
        sleep 0.01
    done
    kill -TERM "$started"
    expect_end 143
    expect_said 'stopped before a step was done, saved; go on with: .*clgan train --out slow'
    rm -r kernels slow
    on_null_device
fi

# Messages that nobody takes any more: signals end it all the same.
mkfifo unread
exec 3<>unread
timeout 0.2 cat /dev/zero >&3 || true
unread() {
    # shellcheck disable=SC2031
    ${in_place:-} "$CLGAN" train --data discs --batch 4 --out unread_run 2>&3
}
start unread
for _ in {1..100}; do
    kill -TERM "$started" 2>/dev/null || break
    sleep 0.2
done
! kill -KILL "$started" 2>/dev/null || fail "signals did not end it"
expect_end 143
exec 3>&-
rm -rf unread unread_run

# --resume alone takes the run that was written last, whatever it is called; runs/latest points there.
mkdir runs/010
expect_exit 0 train --data discs --max-steps 1 --out runs/007
[[ $(readlink runs/latest) == 007 ]] || fail "runs/latest is $(ls -l runs)"
cp -r runs/007 runs/999
touch -d '2 hours ago' runs/999/*.json* runs/999/checkpoints/*
expect_exit 0 resume --max-steps 2
[[ $(cat out) == runs/007 ]] || fail "resumed $(cat out)"
for name in 7 'of mine'; do
    mv runs/007 "runs/$name"
    expect_exit 0 resume --max-steps 2
    [[ $(cat out) == "runs/$name" ]] || fail "resumed $(cat out), not runs/$name"
    mv "runs/$name" runs/007
done
expect_exit 0 "$CLGAN" runs
grep -qE '^\* runs/007  +stopped  +0/50  +-  ' out || fail "clgan runs says: $(cat out)"
grep -qE '^  runs/002  +finished  +1/1  ' out || fail "clgan runs says: $(cat out)"
[[ $(wc -l <out) -eq 4 ]] || fail "not a line a run: $(cat out)"
for width in 80 40 20; do
    expect_exit 0 env COLUMNS=$width "$CLGAN" runs
    [[ $(wc -l <out) -eq 4 && $(wc -L <out) -le $width ]] || fail "$width columns: $(cat out)"
    grep -q '^\* runs/007' out || fail "the latest is not there: $(cat out)"
done
expect_exit 0 "$CLGAN" runs runs --json
python3 - out <<'PYTHON' || fail "clgan runs --json says: $(cat out)"
import json, sys
runs = json.load(open(sys.argv[1]))["runs"]
assert [run["latest"] for run in runs] == [True, False, False]
first = runs[0]
assert (first["path"], first["state"], first["step"]) == ("runs/007", "stopped", 2)
assert first["epochs"] == 50 and first["epochs_done"] == 0 and first["best_fid"] is None
assert first["bytes"] > 1e7 and first["written"] > 1e9 and first["device"]
PYTHON
expect_exit 2 "$CLGAN" runs elsewhere
rm -r runs/999

# The data is found again from wherever that is called. A path from the current folder, as the first
# versions wrote it, counts from the current folder still, and is whole from then on.
mkdir -p else/where
resume_elsewhere() (
    cd else/where
    "$CLGAN" train --resume --out ../../runs/007 "$@"
)
expect_exit 0 resume_elsewhere --max-steps 3
sed -i 's/\("data":\).*/\1 "discs",/' runs/007/config.json
refused 'discs: No such file' runs/007 resume_elsewhere --max-steps 4
expect_exit 0 resume --out runs/007 --max-steps 4
expect_exit 0 resume_elsewhere --max-steps 5
expect_exit 0 train --data discs --max-steps 5 --out straight
tool same straight runs/007 but-for-the-log

# A program that was moved with its data finds them in their new place.
mkdir place
cp -r discs place/mnist
export CLGAN_DATA_DIR=$PWD/place
expect_exit 0 train --max-steps 1 --out moved
mv place other_place
export CLGAN_DATA_DIR=$PWD/other_place
expect_exit 0 resume --out moved --max-steps 2
grep -q 'other_place/mnist"' moved/config.json || fail "not the new place"
expect_exit 0 resume --out moved --max-steps 2
expect_said 'moved has done 2 steps of 150: nothing is left up to --max-steps 2'
unset CLGAN_DATA_DIR
