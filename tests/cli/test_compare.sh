#!/usr/bin/env bash
# clgan compare: ratios, --fail-below, devices without figures, and files that are not the bench's.
#
# CLGAN: the program. TMPDIR: an empty folder.
set -eu
: "${CLGAN:?}" "${TMPDIR:?}"
cd "$TMPDIR"

fail() {
    echo "FAIL: $*" >&2
    exit 1
}

# expect STATUS ARGUMENT...: runs clgan compare; its output goes to out and err.
expect() {
    local wanted=$1 status=0
    shift
    "$CLGAN" compare "$@" >out 2>err || status=$?
    [[ $status == "$wanted" ]] || fail "'$*' exits $status, not $wanted: $(tail -n 3 err)"
}

said() {
    grep -q -- "$1" err || fail "not said: '$1', but: $(cat err)"
}

# measured FILE DEVICE IMAGES_PER_SECOND
measured() {
    printf '{"format":1,"clgan":"0.1.0","devices":[{"device":"%s","driver":"1.2","batch":256,
        "peak":{"gflops":500,"gbps":40},"step":{"seconds_median":0.25,"images_per_second":%s},
        "memory_bytes":1048576,"check":{"ok":true,"max_error":0}}]}' "$2" "$3" >"$1"
}

measured first.json "Device A" 1000
measured slow.json "Device A" 940
measured fast.json "Device A" 2500
measured other.json "Device B" 500
cat >wrong.json <<'JSON'
{"format":1,"clgan":"0.1.0","devices":[{"device":"Device A","driver":"1.2","batch":256,
 "check":{"ok":false,"max_error":1,"message":"computes garbage"}}]}
JSON

# ---- ratios ---------------------------------------------------------------------------------------

expect 0 first.json slow.json fast.json other.json
[[ $(wc -l <out) == 5 ]] || fail "not a line for each: $(cat out)"
for ratio in 1.00 0.94 2.50 0.50; do
    grep -q " $ratio  #" out || fail "no ratio $ratio: $(cat out)"
done
[[ $(sed -n 4p out | tr -cd '#' | wc -c) == 30 ]] || fail "the fastest one's bar is not whole"
[[ $(sed -n 2p out | tr -cd '#' | wc -c) == 12 ]] || fail "1000 of 2500 are not 12 of 30"

expect 0 wrong.json first.json
grep -q "computes garbage" out || fail "no reason for the device without figures"
grep -q " 1.00  #" out || fail "the first one with figures is not what others are compared with"

# ---- regressions ----------------------------------------------------------------------------------

expect 0 first.json slow.json --fail-below 0.93
expect 1 first.json slow.json --fail-below 0.95
said "slow.json: 0.940 of the first"
expect 1 --fail-below=2 first.json slow.json fast.json
expect 1 first.json wrong.json --fail-below 0.5
said "wrong.json: no figures: computes garbage"
expect 2 first.json other.json --fail-below 0.1
said "other.json measures 'Device B', first.json 'Device A'"

# ---- wrong use and wrong files --------------------------------------------------------------------

expect 0 --help
grep -q '^example: clgan compare' out || fail "--help has no example"
expect 2
said "needs a FILE"
expect 2 first.json --fail-below 0
expect 2 first.json --FILE first.json
expect 2 missing.json
said missing.json
expect 2 .
: >empty.json
head -c 100 first.json >short.json
echo '[]' >array.json
echo '{"format":2,"clgan":"0.1.0","devices":[]}' >format.json
echo '{"format":1,"clgan":"0.1.0","devices":[]}' >none.json
echo '{"format":1,"clgan":"0.1.0","devices":[7]}' >number.json
sed 's/"driver":"1.2"/"driver":3/' first.json >driver.json
for value in 0 -1 '"fast"' null 1e999; do
    measured "value$value.json" "Device A" "$value"
done
for file in empty short array format none number driver value0 value-1 'value"fast"' valuenull \
    value1e999; do
    expect 2 first.json "$file.json"
    said "$file.json: not a file of clgan bench"
    [[ ! -s out ]] || fail "a table in spite of $file.json"
done
echo "compare: ok"
