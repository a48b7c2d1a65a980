#!/usr/bin/env bash
# scripts/compare-peers.sh: what it refuses, and its table, from peers and a clgan that only say
# what they were told to. Nothing is installed, built or measured here.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

mkdir -p tree/build/release bin data peers/bin
cp -r "$CLGAN_SOURCE_DIR/scripts" tree/scripts
: >data/train-images-idx3-ubyte.gz

# stub PATH: makes a command there, of the script on stdin.
stub() {
    { echo '#!/usr/bin/env bash' && cat; } >"$1"
    chmod +x "$1"
}
stub bin/cmake </dev/null
stub bin/apt-get <<<'exit 1'
# shellcheck disable=SC2016 # for the stub
stub bin/dpkg-query <<<'shift 3; printf "ii %s\n" "$@"'
# clgan takes 3, 1 and 2 ms at its turns.
stub tree/build/release/clgan <<'STUB'
echo "$*" >>calls
[[ $1 != devices ]] || { echo '{"devices":[{"id":"0:0","type":"cpu"}]}' && exit; }
[[ ! -e no_device ]] || { echo "clgan: error: no device" >&2 && exit 3; }
while [[ $1 != --json ]]; do shift; done
turn=${2%.json} times=(0 3 1 2)
ms=${times[${turn##*.}]}
printf '{"format":1,"clgan":"0.1.0","devices":[{"id":"0:0","platform":"P","device":"D","driver":"1",
    "batch":256,"step":{"seconds_median":0.00%d,"seconds_min":0.0005,"seconds_max":0.1,
    "images_per_second":%d}}]}\n' "$ms" "$((256000 / ms))" >"$2"
STUB
# The peers' Python has all modules; TensorFlow takes 8 ms, PyTorch ends with an error.
stub peers/bin/python <<'STUB'
echo "${1##*/} ${*:2}" >>calls
[[ $1 != -c ]] || exit 0
[[ $1 != *torch* ]] || { echo "a message" && echo "planted error" >&2 && exit 1; }
echo "a message"
echo '{"peer":"tensorflow-cpu","version":"2.0","device":"A CPU","batch":256,"seconds_median":0.008,"seconds_min":0.007,"seconds_max":0.009}'
STUB
compare_peers() {
    : >calls
    PATH=$TMPDIR/bin:$PATH CLGAN_PEERS_VENV=$TMPDIR/peers tree/scripts/compare-peers.sh "$@"
}

# ---- refused
# --------------------------------------------------------------------------------------

for wrong in --unknown stray --turns '--turns 0' '--turns x' '--turns -1' '--only tf,x' '--only ,' \
    --only '--data missing' --device; do
    # shellcheck disable=SC2086 # an option and its value
    expect_exit 2 compare_peers $wrong
    expect_said 'compare-peers.sh \[--device'
    [[ ! -s calls && ! -s out ]] || fail "something was done in spite of '$wrong'"
done
expect_exit 0 compare_peers --help
grep -q 'scripts/compare-peers.sh \[--device SEL\]' out || fail "--help says: $(cat out)"
: >no_device
expect_exit 3 compare_peers --data data
expect_said 'no device'
rm no_device

# ---- the table
# ------------------------------------------------------------------------------------

expect_exit 0 compare_peers --data data --only tf --device pocl --out files
grep -qF '| clgan | 0.1.0 | D | 2.00 | 3.00, 1.00, 2.00 | 0.50 | 128000 | 1.00 |' out ||
    fail "clgan's line: $(cat out)"
grep -qF '| tf | 2.0 | A CPU | 8.00 | 8.00, 8.00, 8.00 | 7.00 | 32000 | 4.00 |' out ||
    fail "the peer's line: $(cat out)"
grep -q '^bench --device pocl --json ' calls || fail "the device is not handed on: $(cat calls)"
turns=$(sed -n 's/^bench .*/clgan/p; s/^tf_dcgan.py data --device cpu$/tf/p' calls | tr '\n' ' ')
[[ $turns == 'clgan tf clgan tf clgan tf ' ]] || fail "not in turn: $turns"
expect_exit 0 "$CLGAN" compare files/clgan.json files/tf.json
grep -q '^D .* 2.000 *128000 .* 1.00 ' out || fail "clgan's file: $(cat out)"
grep -q '^tf on A CPU .* 8.000 *32000 .* 0.25 ' out || fail "the peer's file: $(cat out)"

# A peer that fails is named; the others are measured.
expect_exit 1 compare_peers --data data --only torch,tf --turns 1
expect_said 'planted error'
expect_said 'torch could not be measured'
[[ $(grep -c '^| ' out) == 3 ]] || fail "the table: $(cat out)"
