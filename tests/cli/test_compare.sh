#!/usr/bin/env bash
# clgan compare: ratios, --fail-below, devices without figures, and files that are not the bench's.
#
# CLGAN: the program. CLGAN_SOURCE_DIR: the source tree. TMPDIR: an empty folder.
set -eu
: "${CLGAN:?}" "${CLGAN_SOURCE_DIR:?}" "${TMPDIR:?}"
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

# ---- ratios
# ---------------------------------------------------------------------------------------

expect 0 first.json slow.json fast.json other.json
[[ $(wc -l <out) == 5 ]] || fail "not a line for each: $(cat out)"
for ratio in 1.00 0.94 2.50 0.50; do
    grep -q " $ratio  #" out || fail "no ratio $ratio: $(cat out)"
done
[[ $(sed -n 4p out | tr -cd '#' | wc -c) == 30 ]] || fail "the fastest one's bar is not whole"
[[ $(sed -n 2p out | tr -cd '#' | wc -c) == 12 ]] || fail "1000 of 2500 are not 12 of 30"

# On a terminal of 80, 40 and 20 columns each line fits, and the ratio is always there.
for size in 80 40 20; do
    SIZE=$size STDOUT=1 python3 "$CLGAN_SOURCE_DIR/tests/cli/tools.py" terminal raw \
        "$CLGAN" compare first.json slow.json wrong.json
    tr -d '\r' <raw >lines
    python3 "$CLGAN_SOURCE_DIR/tests/cli/tools.py" narrow lines $size || fail "$(cat lines)"
    grep -q "0.94$" lines || fail "no ratio: $(cat lines)"
done

expect 0 wrong.json first.json
grep -q "computes garbage" out || fail "no reason for the device without figures"
grep -q " 1.00  #" out || fail "the first one with figures is not what others are compared with"

# ---- the page and the figure
# ----------------------------------------------------------------------

# layers.py FILE SECONDS SECONDS: gives the device two stages.
cat >layers.py <<'PYTHON'
import json, sys

path, forward, backward = sys.argv[1:]
document = json.load(open(path, encoding="utf-8"))
document["devices"][0]["platform"] = "A platform"
document["devices"][0]["layers"] = [
    {"name": "g.conv", "pass": "fwd", "algorithm": "tiled", "seconds_median": float(forward),
     "peak_share": 0.25},
    {"name": "g.conv", "pass": "bwd", "algorithm": "", "seconds_median": float(backward),
     "peak_share": 0}]
json.dump(document, open(path, "w", encoding="utf-8"), separators=(",", ":"))
PYTHON
tool() {
    python3 "$CLGAN_SOURCE_DIR/tests/cli/tools.py" "$@"
}
page() {
    tool page "$1" >rows || fail "$1 is not the page it should be"
}
picture() {
    tool color_png "$1"
}
row() {
    grep -qF -- "$1" rows || fail "no row with '$1': $(cat rows)"
}

hostile='<script>alert(1)</script><b onclick=\"x\">&amp; \u001b[31m \u202e '"'"'\u00fc'
measured hostile.json "$hostile" 4000
python3 layers.py first.json 0.002 0.003
python3 layers.py fast.json 0.001 0.004
python3 layers.py hostile.json 0.1 0.2
expect 0 first.json fast.json hostile.json wrong.json --html page.html --png figure.png
grep -q " 2.50  #" out || fail "no table beside the files"
page page.html
row "1 Device Afirst.json|1.2A platform|0.1.0|256|500.0|40.0|250.000|1000|1.00|-|1|okerror 0"
row "2 Device Afast.json|"
row '3 <script>alert(1)</script><b onclick="x">&amp;  [31m   '"'"'ühostile.json|'
row "4 Device Awrong.json|1.2|0.1.0|256|no figures: computes garbage"
row "g.conv fwd|2.000tiled, 25 %|best:1.000tiled, 25 %|100.000tiled, 25 %"
row "g.conv bwd|best:3.000|4.000|200.000"
! grep '^stage' rows | grep -q '4 Device' || fail "a column for a device without stages"
grep -q '&lt;script&gt;' page.html || fail "the hostile name is not in the page"
expect 0 first.json fast.json hostile.json wrong.json --png again.png --html again.html
cmp figure.png again.png || fail "the same is drawn otherwise"
cmp page.html again.html || fail "the same is written otherwise"
[[ $(picture figure.png) =~ ^1920\ [0-9]+$ ]] || fail "figure.png is no sound picture"

# These are one device, devices without figures, without stages; each of the two files alone.
expect 0 first.json --html page.html
page page.html
! grep -q best: rows || fail "one device is the fastest of one"
expect 0 wrong.json --html page.html --png figure.png
page page.html
picture figure.png >size || fail "no picture of a device without figures"
rm page.html
sed 's/"gflops":500,//; s/"memory_bytes":1048576,"check":.*max_error":0}/"more":1/' slow.json >part.json
expect 0 part.json other.json --png figure.png --html page.html
page page.html
row "1 Device Apart.json|1.2|0.1.0|256|-|40.0|250.000|940|1.00|-|-|-"
grep -q " 940 *- *- *1.00 " out || fail "no dashes for what is not known: $(cat out)"
rm page.html
expect 0 slow.json other.json --png figure.png
picture figure.png >size || fail "no picture of devices without stages"
[[ ! -e page.html ]] || fail "a page that was not asked for"

# As many stages as a file may have are too tall for one picture; nothing is left behind.
python3 - <<'PYTHON'
import json
device = json.load(open("first.json"))
layer = device["devices"][0]["layers"][0]
device["devices"][0]["layers"] = [dict(layer, name=str(i)) for i in range(512)]
device["devices"] *= 9
json.dump(device, open("tall.json", "w"))
device["devices"][0]["layers"].append(layer)
json.dump(device, open("toomany.json", "w"))
PYTHON
expect 0 tall.json --html tall.html
expect 1 tall.json --png page.png
said "the figure would be [0-9]* pixels tall"
expect 2 toomany.json --html page.html
said "not a file of clgan bench: layers"

# Times that no page has room for are refused; figures beside a check that failed do not count.
python3 - <<'PYTHON'
import json
for name, seconds in ("huge", 1e100), ("endless", 1e308):
    file = json.load(open("first.json"))
    file["devices"][0]["layers"][0]["seconds_median"] = seconds
    json.dump(file, open(name + ".json", "w"))
file = json.load(open("first.json"))
file["devices"][0]["check"] = {"ok": False, "message": "is wrong"}
json.dump(file, open("failed.json", "w"))
PYTHON
for name in huge endless; do
    expect 2 first.json $name.json --html page.html --png page.png
    said "not a file of clgan bench: seconds_median"
done
expect 1 first.json failed.json --fail-below 0.5
grep -q 'is wrong' out || fail "no reason: $(cat out)"
mapfile -t many < <(yes first.json | head -n 65)
expect 2 "${many[@]}"
said "takes [0-9]* at most"
[[ ! -e page.html && ! -e page.png ]] || fail "a file in spite of an error"

# Files that cannot be read or written are told first of all.
expect 2 first.json missing.json --html page.html --png no.png
[[ ! -e page.html && ! -e no.png ]] || fail "files of a comparison that failed"
for option in html png; do
    expect 1 first.json "--$option" "no/such/folder.$option"
    said "cannot write no/such/folder"
    [[ ! -s out ]] || fail "a table in spite of a file that cannot be written"
    expect 1 first.json "--$option" "/proc/no.$option"
    mkdir "folder.$option"
    expect 1 first.json "--$option" "folder.$option"
    for name in no.pdf no.txt no no.svg "no.$option.gz" ".$option" . folder.html/ /dev/full; do
        expect 2 missing.json "--$option" "$name"
        said "--$option $name: the name must end in .$option"
    done
    expect 2 first.json "--$option"
    cp figure.png "kept.$option"
    status=0
    (ulimit -f 1 && exec "$CLGAN" compare first.json "--$option" "kept.$option" >/dev/null 2>err) || status=$?
    [[ $status == 1 ]] || fail "exit $status on a full disk"
    said "cannot write .*kept"
    cmp -s figure.png "kept.$option" || fail "what was there is gone"
    ! compgen -G '.kept*' || fail "half a file is left"
    expect 0 first.json "--$option" "LARGE.${option^^}"
done
! compgen -G 'no*' || fail "a file whose name was refused"
expect 1 first.json slow.json --fail-below 0.95 --html page.html
page page.html

# Five devices fit screens of all widths, also one whose name is as long as may be.
# shellcheck source=tests/cli/browser.sh
source "$CLGAN_SOURCE_DIR/tests/cli/browser.sh"
measured long.json "$(printf 'long%.0s' {1..40})" 10
python3 layers.py long.json 10 2000
expect 0 "$CLGAN_SOURCE_DIR"/results/{pocl,nvidia}/*.json --html five.html
page five.html
[[ $(grep -c '<svg ' five.html) == 6 ]] || fail "not a figure of steps and two of stages, twice"
if [[ -n $browser ]]; then
    fits five.html
    expect 0 long.json hostile.json wrong.json first.json slow.json --html page.html
    fits page.html
fi

# ---- regressions
# ----------------------------------------------------------------------------------

expect 0 first.json slow.json --fail-below 0.93
expect 1 first.json slow.json --fail-below 0.95
said "slow.json: 0.940 of the first"
expect 1 --fail-below=2 first.json slow.json fast.json
expect 1 first.json wrong.json --fail-below 0.5
said "wrong.json: no figures: computes garbage"
expect 2 first.json other.json --fail-below 0.1
said "other.json measures 'Device B', first.json 'Device A'"

# ---- wrong use and wrong files
# --------------------------------------------------------------------

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
