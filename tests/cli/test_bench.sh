#!/usr/bin/env bash
# clgan bench: every field of the contract, and no figures from a device that computes garbage. Never
# how fast: that is for the machine it runs on.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"
export CLGAN_DEVICE=${CLGAN_DEVICE:-pocl}

# ---- refused before anything is measured ----------------------------------------------------------

expect_exit 0 "$CLGAN" bench --help
grep -q '^example: clgan bench' out || fail "--help has no example"
expect_exit 2 "$CLGAN" bench --unknown
expect_exit 2 "$CLGAN" bench --batch 0
expect_exit 2 "$CLGAN" bench --batch -1
expect_exit 2 "$CLGAN" bench --batch 99999999999999999999
expect_exit 2 "$CLGAN" bench --batch 8x
expect_exit 2 "$CLGAN" bench --seconds 0
expect_exit 2 "$CLGAN" bench --seconds 61
expect_exit 2 "$CLGAN" bench --json
expect_exit 2 "$CLGAN" bench stray
expect_exit 3 "$CLGAN" bench --device no-such-device --json none.json
grep -q 'no-such-device' err || fail "the unknown device is not named"
[[ ! -s out && ! -e none.json ]] || fail "results without a device"

# A file that cannot be written.
: >file
for file in no/such/folder.json file/bench.json .; do
    expect_exit 1 "$CLGAN" bench --batch 1 --json "$file"
    grep -q "^clgan: error: cannot write .*$file" err || fail "$file is not named"
    ! grep -q 'comparing\|measuring' err || fail "$file was tried after the work"
    [[ ! -s out ]] || fail "results that $file cannot hold"
done
expect_exit 3 "$CLGAN" bench --device no-such-device --json no/such/folder.json

# ---- the figures ----------------------------------------------------------------------------------

cat >check.py <<'PYTHON'
import json, math, sys

STAGES = """g.dense fwd, g.bn0 fwd, g.convt1 fwd, g.bn1 fwd, g.convt2 fwd, g.bn2 fwd, g.convt3 fwd,
d.conv1 fwd, d.conv2 fwd, d.dense fwd, loss fwd, d.dense bwd_weight, d.dense bwd_data,
d.conv2 bwd_weight, d.conv2 bwd_data, d.conv1 bwd_weight, d.conv1 bwd_data, g.convt3 bwd_weight, g.convt3 bwd_data, g.bn2 bwd, g.convt2 bwd_weight,
g.convt2 bwd_data, g.bn1 bwd, g.convt1 bwd_weight, g.convt1 bwd_data, g.dense bwd_weight, adam update"""


def number(value, least=0.0, strict=True):
    assert isinstance(value, (int, float)) and not isinstance(value, bool), value
    assert math.isfinite(value) and (value > least if strict else value >= least), value
    return value


def text(value):
    assert isinstance(value, str), value
    return value


def check_layer(layer, peak):
    text(layer["algorithm"])
    seconds = number(layer["seconds_median"], number(layer["seconds_min"]), strict=False)
    number(layer["seconds_max"], seconds, strict=False)
    assert isinstance(layer["launches"], int) and layer["launches"] > 0, layer
    nominal = number(layer["gflops_nominal"], strict=False)
    real = number(layer["gflops_real"], strict=False)
    share = number(layer["peak_share"], strict=False)
    assert math.isclose(share, real / peak, rel_tol=1e-9), layer
    done = number(layer["gflops_done"], strict=nominal > 0)
    assert math.isclose(number(layer["done_share"], strict=False), done / peak, rel_tol=1e-9), layer
    gbps = number(layer["bytes"]) / seconds / 1e9
    assert math.isclose(number(layer["gbps"]), gbps, rel_tol=1e-9), layer
    if "conv" in layer["name"]:
        assert layer["algorithm"] and nominal > 0, layer
        taps = {"g.convt1": (29 / 35) ** 2, "g.convt2": (32 / 35) ** 2, "d.conv2": (32 / 35) ** 2}
        if layer["name"] in taps:
            assert math.isclose(real / nominal, taps[layer["name"]], rel_tol=1e-9), layer
        if layer["algorithm"] == "fourier":
            assert done != real, layer  # fewer products, but transforms too
        if layer["algorithm"] == "plain":
            assert done == real, layer
        if layer["name"] == "g.convt1":
            flop = 2 * batch * 49 * 25 * 256 * 128
            assert math.isclose(nominal * 1e9 * seconds, flop, rel_tol=1e-9), layer
    return layer["name"] + " " + layer["pass"]


def check_device(device):
    for name in "id", "platform", "device", "driver":
        assert text(device[name]), name
    peak = number(device["peak"]["gflops"])
    number(device["peak"]["gbps"])
    seen = [check_layer(layer, peak) for layer in device["layers"]]
    wanted = ["input draw"] + [" ".join(stage.split()) for stage in STAGES.split(",")]
    missing = set(wanted) - set(seen)
    assert not missing and len(seen) == len(set(seen)), (missing, seen)
    step = device["step"]
    least, median = number(step["seconds_min"]), number(step["seconds_median"])
    assert least <= median <= number(step["seconds_max"]), step
    assert isinstance(step["launches"], int) and step["launches"] >= 30, step
    assert step["launches"] == sum(layer["launches"] for layer in device["layers"]), step
    assert math.isclose(number(step["images_per_second"]), batch / median, rel_tol=1e-9), step
    epoch = math.ceil(60000 / batch) * median
    assert math.isclose(number(step["epoch_seconds"]), epoch, rel_tol=1e-9), step
    assert isinstance(device["memory_bytes"], int) and device["memory_bytes"] > 1 << 20
    assert device["memory_peak_bytes"] >= device["memory_bytes"]
    assert device["host_peak_bytes"] > 1 << 20
    startup = device["startup"]
    for part in "runtime", "check", "first_step":
        number(startup[part + "_seconds"])
    number(startup["compile_seconds"], strict=False)
    assert startup["compile_seconds"] <= startup["first_step_seconds"], startup
    check = device["check"]
    assert check["ok"] is True and text(check["worst"]), check
    number(check["max_error"])
    assert 0 < number(check["max_share"]) <= 1, check
    if profiled:
        check_profile(device["profile"], step)
    else:
        assert "profile" not in device


def check_profile(launches, step):
    """Each launch of a step, in the stages' order, in about a step's time."""
    assert len(launches) == step["launches"], (len(launches), step)
    stages = ["input draw"] + [" ".join(stage.split()) for stage in STAGES.split(",")]
    places = [stages.index(launch["name"] + " " + launch["pass"]) for launch in launches]
    assert places == sorted(places) and set(places) == set(range(len(stages))), places
    assert all(text(launch["kernel"]) for launch in launches)
    assert sum(number(launch["seconds"], strict=False) for launch in launches) > 0


profiled = len(sys.argv) > 3
batch = int(sys.argv[2])
result = json.load(open(sys.argv[1], encoding="utf-8"))
assert result["format"] == 1 and text(result["clgan"])
assert len(result["devices"]) == 1
if batch:
    check_device(result["devices"][0])
else:  # a device that computes garbage: a reason and no figures
    device = result["devices"][0]
    assert device["check"]["ok"] is False and text(device["check"]["message"]), device
    number(device["check"]["max_error"], strict=False)
    assert number(device["check"]["max_share"]) > 1 and text(device["check"]["worst"]), device
    figures = {"peak", "layers", "step", "startup", "memory_bytes", "memory_peak_bytes"}
    assert not figures & set(device), device
PYTHON

valid() { # FILE BATCH [profiled]
    python3 check.py "$@" || fail "$1 is not what the contract says"
}

expect_exit 0 bench_in_time --batch 8 --json bench.json
valid bench.json 8
grep -qE '^check: ok, largest error [0-9]+ % of its bound \([a-z].*\)$' out ||
    fail "the table does not say how large the errors are: $(grep '^check' out)"
for word in g.convt1 bwd_weight images/s GFLOP/s 'done' peak launches 'first step'; do
    grep -q "$word" out || fail "the table does not say $word"
done
! grep -q '.\{121\}' out || fail "the table is wider than 120 columns"

expect_exit 0 bench_in_time --batch 3 --json -
valid out 3

expect_exit 0 bench_in_time --batch 4 --profile --json bench.json \
    --algorithm g.convt3=plain --gemm plain
valid bench.json 4 profiled
grep -q '^g.convt3 *fwd *conv2d_up_plain ' out || fail "no time of conv2d_up_plain"
grep -q '^g.dense *fwd *[a-z_]*plain' out || fail "g.dense is not by plain"
expect_exit 2 "$CLGAN" bench --batch 4 --algorithm g.convt1=image
expect_exit 2 "$CLGAN" bench --batch 4 --gemm direct

# ---- a device that computes garbage ---------------------------------------------------------------

# The epilogue that all convolutions share makes their results a quarter too large.
cp -r "$CLGAN_SOURCE_DIR/cl" cl
sed -i 's/return FLUSH(type, y);  /return FLUSH(type, y) * 1.25f;/' cl/conv2d.clh
! cmp -s "$CLGAN_SOURCE_DIR/cl/conv2d.clh" cl/conv2d.clh || fail "the kernel is not broken"
expect_exit 4 env CLGAN_KERNEL_DIR="$PWD/cl" "$CLGAN" bench --batch 8 --json wrong.json
valid wrong.json 0
grep -q 'no figures' out || fail "the table of a wrong device says nothing"
! grep -q 'images/s' out || fail "a wrong device has figures"
echo "bench: ok"
