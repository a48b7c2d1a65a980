#!/usr/bin/env bash
# clgan tune: its words, its file, and who takes what is in there. Never how fast.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

tool data discs 40
export CLGAN_TUNING=$PWD/config/tuning.json

train() {
    "$CLGAN" train --data discs --batch 4 --epochs 1 --max-steps 1 "$@"
}

# config RUN KEY: the value in the run's config.json; of an operation where the key has a dot.
config() {
    python3 -c 'import json, sys
config = json.load(open(sys.argv[1] + "/config.json"))
print((config["algorithms"] if "." in sys.argv[2] else config).get(sys.argv[2]))' "$1" "$2"
}

# expect_config RUN KEY VALUE
expect_config() {
    [[ $(config "$1" "$2") == "$3" ]] || fail "$1: $2 is $(config "$1" "$2") instead of $3"
}

# ---- tuning --------------------------------------------------------------------------------------

expect_exit 0 train --out before
expect_config before algorithms_from defaults

# tune_until PATTERN: with all the time in the world, until stderr has it; then it is ended as by
# Ctrl-C, and what was found by then is the result.
tune_until() {
    start tune
    until grep -qE -- "$1" err; do
        kill -0 "$started" 2>/dev/null || fail "tune ended before it said '$1': $(cat out err)"
        sleep 0.1
    done
    kill -INT "$started"
    expect_end 130
    expect_said 'ending after what has begun'
}

tune() {
    # shellcheck disable=SC2031 # set by start, for its subshell
    ${in_place:-} env CLGAN_LOG=debug "$CLGAN" tune --batch 2 --seconds 3600
}

# One candidate, whichever comes first, is enough for a result.
tune_until 'a step takes [0-9.]+ ms with|[0-9.]+ instead of [0-9.]+ ms'
for word in 'operation *pass *default' '^g.convt1 *bwd_weight' '^vec *step' \
    'candidates, 0 of them wrong; no time for [1-9]' "stored in $CLGAN_TUNING"; do
    grep -q -- "$word" out || fail "tune does not say $word: $(cat out)"
done
width=$(awk '$1 == "vec" { print $3 }' out)
python3 - "$CLGAN_TUNING" <<'PYTHON' || fail "the file is $(cat "$CLGAN_TUNING")"
import json, sys
tuning = json.load(open(sys.argv[1]))
assert tuning["format"] == 1 and len(tuning["entries"]) == 1
entry = tuning["entries"][0]
assert all(entry[key] for key in ("device", "platform", "driver", "source", "clgan"))
assert entry["batch"] == 2 and entry["step_seconds"] > 0 and entry["default_step_seconds"] > 0
assert len([key for key in entry["algorithms"] if key != "vec"]) == 17
PYTHON

# The tunings from here on are made by hand: they name an algorithm that is nobody's default.
python3 - "$CLGAN_TUNING" <<'PYTHON'
import json, sys
tuning = json.load(open(sys.argv[1]))
tuning["entries"][0]["algorithms"]["g.convt3/fwd"] = "plain"
tuning["entries"].append(dict(tuning["entries"][0], device="another one"))
json.dump(tuning, open(sys.argv[1], "w"))
PYTHON
expect_exit 0 train --out tuned
expect_said "as tuned, from $CLGAN_TUNING"
expect_config tuned algorithms_from tuning
expect_config tuned g.convt3/fwd plain

# The options count more, and only for what they name; a resume keeps what the run took.
expect_exit 0 train --out given --algorithm d.conv1=plain
expect_config given algorithms_from options
expect_config given g.convt3/fwd plain
expect_config given d.conv1/fwd plain
default=$(config before g.convt3/fwd)
expect_exit 0 train --out before --resume --max-steps 2
expect_config before algorithms_from run
expect_config before g.convt3/fwd "$default"
mv config away
expect_exit 0 train --out tuned --resume --max-steps 2
expect_config tuned g.convt3/fwd plain
expect_exit 2 train --out tuned --resume --max-steps 3 --algorithm "g.convt3/fwd=$default"
expect_said 'other algorithms'
expect_exit 0 train --out tuned --resume --max-steps 3 --algorithm g.convt3/fwd=plain
mv away config

expect_exit 0 bench_in_time --batch 2
grep -q '^g.convt3 *fwd *plain ' out || fail "bench does not take the tuning"

# ---- what is no tuning ---------------------------------------------------------------------------

cp "$CLGAN_TUNING" kept
echo 'my own words' >"$CLGAN_TUNING"
expect_exit 0 train --out damaged --max-steps 2
expect_said "warning: $CLGAN_TUNING: this is not what clgan tune writes"
expect_config damaged algorithms_from defaults
cmp -s before/checkpoints/*2.safetensors damaged/checkpoints/*2.safetensors ||
    fail "not the defaults' bits"
expect_exit 2 "$CLGAN" tune --batch 2 --seconds 5
expect_said 'stays as it is'
[[ $(cat "$CLGAN_TUNING") == 'my own words' ]] || fail "a foreign file was replaced"
touch file
expect_exit 1 env CLGAN_TUNING="$PWD/file/below.json" "$CLGAN" tune --batch 2 --seconds 5
expect_said 'file'

# Too little time for anything: a word, and what is stored stays.
cp kept "$CLGAN_TUNING"
tune_until 'comparing the defaults with the float64 reference'
grep -qE 'candidates, 0 of them wrong; no time for' out || fail "says $(cat out)"
grep -q 'another one' "$CLGAN_TUNING" || fail "the file was replaced"

# ---- a device that computes garbage --------------------------------------------------------------

# wrong FILE EDIT...: the kernels with each of the files changed by sed's edit.
wrong() {
    rm -rf cl
    cp -r "$CLGAN_SOURCE_DIR/cl" cl
    while (($#)); do
        sed -i "$2" "cl/$1"
        ! cmp -s "$CLGAN_SOURCE_DIR/cl/$1" "cl/$1" || fail "$1 is not broken"
        shift 2
    done
}

# Candidates that are wrong are named and not chosen; wrong defaults end it. The edits are such that
# few kernels are compiled before they are met: by the first one that runs with another width, and by
# the candidate that comes first.
cp kept "$CLGAN_TUNING"
if [[ $width == 1 ]]; then
    bad=direct
    wrong conv2d_direct.cl 's/VSTORE(epilogue_vector(/VSTORE(1.25f * epilogue_vector(/'
else
    bad=fourier:panels1
    wrong fourier_product.cl 's/panel_count = min(/panel_count = PANELS == 1 ? 0 : min(/' \
        commands.cl "s/ + term + / + (VEC == $width ? term : 0) + /"
fi
export CLGAN_KERNEL_DIR=$PWD/cl
tune_until "wrong results with [a-z0-9.]+/[a-z_]+=$bad, which is not chosen"
[[ $width == 1 ]] || expect_said 'wrong results with vec=[0-9]+, which is not chosen'
expect_said 'g.convt1, [0-9]+ candidates'
grep -q 'another one' "$CLGAN_TUNING" || fail "another device's entry is gone"
! grep -q " $bad " out || fail "a wrong algorithm was chosen: $(cat out)"
cp kept "$CLGAN_TUNING"
wrong conv2d.clh 's/return FLUSH(type, y);  /return FLUSH(type, y) * 1.25f;/'
expect_exit 4 tune
unset CLGAN_KERNEL_DIR
expect_said 'wrong results, so nothing is measured'
cmp -s kept "$CLGAN_TUNING" || fail "something was stored of a wrong device"
[[ ! -s out ]] || fail "results of a wrong device"

# ---- words ---------------------------------------------------------------------------------------

expect_exit 0 "$CLGAN" tune --help
grep -q '^example: clgan tune' out || fail "--help has no example"
expect_exit 2 "$CLGAN" tune --seconds 3601
expect_exit 2 "$CLGAN" tune --batch 0
expect_exit 2 "$CLGAN" tune stray
expect_exit 3 "$CLGAN" tune --device no-such-device
