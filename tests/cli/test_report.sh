#!/usr/bin/env bash
# clgan report: a page of runs that is whole and alone, whatever the runs are called and whatever is
# damaged in them; and how a browser shows it, where there is one.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"
on_null_device

one='one <b onclick="x">&amp; run'
tool mnist digits 48 10
train() {
    "$CLGAN" train --data digits --batch 16 --log-every 1 --evaluate-every 0 "$@"
}
expect_exit 0 train --epochs 2 --out "$one"
expect_exit 0 train --epochs 1 --seed 7 --learning-rate 0.0004 --out two
before=$(fingerprint "$one" && fingerprint two && fingerprint digits)

# page FIGURES PICTURES: checks page.html; `rows` then has its tables' rows, and its notes behind "*
# ".
page() {
    tool report page.html "$@"
    tool page page.html >rows
}
row() {
    grep -qF -- "$1" rows || fail "no row with '$1': $(grep -v '^[0-9]' rows)"
}

# parts FILE HEADING...: it has these parts in this order, and the options folded up behind them.
parts() {
    local file=$1
    shift
    [[ $(grep -o '<h2>[^<]*' "$file" | sed 's/<h2>//' | xargs) == "$*" ]] || fail "other parts than $*"
    sed '/<details class="options">/,$d' "$file" >front
    ! grep -q '>batch<' front || fail "options in front"
    grep -q '>batch<' "$file" || fail "no options"
}

# ---- one run -------------------------------------------------------------------------------------

# There are pictures of two epochs, the animation, the walk, the neighbours.
expect_exit 0 "$CLGAN" report "$one" --out page.html --png figures.png
expect_said 'written: page.html, figures.png'
page 5 5
row 'seed|1'
row 'batch|16'
row 'epochs done|2'
row 'last step in the log|6'
row 'training images|48'
! grep -q '^\*' rows || fail "notes on a sound run: $(grep '^\*' rows)"
grep -q 'onclick=&quot;x&quot;&gt;&amp;amp; run' page.html || fail "the name is not in the page"
grep -q 'class="reel"' page.html || fail "no slider"
parts page.html Pictures Quality Training Run
! grep -q '<p class="legend">' page.html || fail "a legend of one run"
[[ $(grep -c 'type="radio"' page.html) == 2 ]] || fail "not an epoch each"
grep -q 'checkpoint of step 6:' page.html || fail "not the newest checkpoint"
grep -q -- '--evaluate-every N' page.html || fail "not said how to get evaluations"
[[ $(tool color_png figures.png) =~ ^1920\ [0-9]+$ ]] || fail "figures.png"
images=$(sed -n 's/.*"loss_d":\([0-9.]*\).*/\1/p' "$one/log.jsonl" | head -n 1)
row "1|$(printf '%.4f' "$images")"

expect_exit 0 "$CLGAN" report "$one" --out again.html --png again.png
cmp page.html again.html || fail "the same run, another page"
cmp figures.png again.png || fail "the same run, another picture"
after=$(fingerprint "$one" && fingerprint two && fingerprint digits)
[[ $after == "$before" ]] || fail "a report has changed something"

# ---- several runs --------------------------------------------------------------------------------

# All figures have the colors of the first run and the second, and no third.
expect_exit 0 "$CLGAN" report "$one" two --out page.html
page 5 9
row 'seed|1|7'
row 'learning-rate|0.0001|0.0004'
row 'beta1|0.9|0.9'
row 'epochs done|2|1'
[[ $(grep -c '<tr class="differs">' page.html) == 4 ]] || fail "seed, rates and epochs differ"
for run in 0 1; do
    fields=$(grep -o "background: var(--series-$run)" page.html | wc -l)
    drawn=$(($(grep -o "var(--series-$run)" page.html | wc -l) - fields))
    [[ $fields -ge 3 && $drawn -ge 5 ]] || fail "run $run has its color $fields and $drawn times"
done
! grep -qF 'var(--series-2)' page.html || fail "a color of no run"
parts page.html Pictures Quality Training Runs
[[ $(grep -c '<p class="legend">' page.html) == 2 ]] || fail "no legend above the figures"
[[ $(sed -n '/<details class="options">/,$p' page.html | grep -c '<tr class="differs">') == 0 ]] ||
    fail "what differs is behind the options"

# ---- evaluations, and logs that are not whole ----------------------------------------------------

cp -r two judged
# evaluated EPOCH STEP FID
evaluated() {
    printf '{"type":"evaluation","step":%d,"epoch":%d,"samples":1000,"fid":%s,"precision":0.5,' \
        "$2" "$1" "$3"
    printf '"recall":0.25,"density":0.4,"coverage":0.125,"classes_covered":9,"histogram":[%s],' \
        100,200,0,100,100,100,100,100,100,100
    printf '"kl_uniform":0.1,"confidence":0.9,"seconds":1.5}\n'
}
{
    evaluated 1 3 87.5
    evaluated 2 6 43.25
    echo '{"type":"weather","step":6,"rain":true}'
    echo '{"type":"warning","step":6,"epoch":2,"kind":"alike","message":"samples are <alike>"}'
    echo '{"type":"cleared","step":6,"epoch":2,"kind":"alike"}'
    printf '{"type":"step","step":7,"ep'
} >>judged/log.jsonl
expect_exit 0 "$CLGAN" report judged --out page.html --png figures.png
page 11 4
row '1|3|1000|87.50|0.500|0.250|0.400|0.125|9|0.900'
row '2|6|1000|43.25|'
row 'judged|10.0|20.0|0.0|10.0|'
row '* epoch 2: samples are <alike>'
row '* epoch 2: over is the warning alike'
[[ $(grep -c '^\*' rows) == 2 ]] || fail "a note on a last line that is on its way: $(cat rows)"
! grep -q -- '--evaluate-every N' page.html || fail "told how to get what is there"
[[ $(tool color_png figures.png) =~ ^1920\ [0-9]+$ ]] || fail "figures.png"
expect_exit 0 "$CLGAN" report "$one" judged --out page.html
page 11 9
grep -q -- '--evaluate-every N' page.html || fail "the run without evaluations is not told how"

{
    echo
    echo 'no JSON'
    echo '{"type":"step"}'
    echo '{"type":"evaluation","step":9,"fid":1}'
    echo '{"type":"evaluation","step":9,"epoch":3,"fid":null,"histogram":"none"}'
    printf '\0\xff\n'
    echo '[]'
} >>judged/log.jsonl
expect_exit 0 "$CLGAN" report judged --out page.html
expect_said 'judged/log.jsonl: damaged lines are left out: 6'
page 10 4
row '* log.jsonl has 6 damaged lines: left out'
row '3|9|-|-|-|'
row '1|3|1000|87.50|'

# Numbers that no axis can hold are left out, and small and negative ones do no harm.
cp -r judged numbers
rm -r numbers/checkpoints # nothing is drawn: faster
for number in 1e308 -1e308 1e99 1e-320 -1 0; do
    printf '{"type":"step","step":%s,"epoch":1,"loss_d":%s,"loss_g":1,"images_per_second":%s}\n' \
        "${number#-}" "$number" "$number" >numbers/log.jsonl
    expect_exit 0 timeout 60 "$CLGAN" report numbers --out page.html --png figures.png
    page 3 2
done

# Many classes of many runs are too many bars for one figure: their table remains.
evaluated 1 3 50 | sed "s/\"histogram\":\[[^]]*/\"histogram\":[1$(printf ',%d' {2..256})/" >numbers/log.jsonl
expect_exit 0 "$CLGAN" report numbers numbers numbers --out page.html --png figures.png
page 6 6
expect_exit 0 "$CLGAN" report numbers numbers numbers numbers --out page.html --png figures.png
page 5 8
[[ $(grep -c '^numbers|0.0|' rows) == 4 ]] || fail "no table of the classes"

# ---- what is missing or damaged ------------------------------------------------------------------

cp -r "$one" hurt
rm hurt/images/image_at_epoch_0001.png
tool cut hurt/dcgan.gif 1000
tool flip hurt/checkpoints/step_00000006.safetensors -1
mv digits moved
expect_exit 0 "$CLGAN" report hurt --out page.html
expect_said 'step_00000006.safetensors'
page 5 2
row '* images: 1 of 2 epochs have no picture there'
row '* dcgan.gif is damaged: the animation is left out'
row '* the checkpoint of step 6 cannot be used: left out'
row '* its images are not in '
grep -q 'checkpoint of step 3:' page.html || fail "not the newest sound checkpoint"
expect_exit 0 "$CLGAN" report hurt --out page.html --data moved
page 5 3
mkdir place
cp -r moved place/mnist
expect_exit 0 env CLGAN_DATA_DIR="$PWD/place" "$CLGAN" report hurt --out page.html
page 5 3
tool data others 48 2
expect_exit 0 "$CLGAN" report hurt --out page.html --data others
page 5 2
row '* others holds other images than those of the run'
expect_exit 2 "$CLGAN" report hurt --out none.html --data nowhere
expect_said nowhere
expect_absent none.html
tool cut hurt/images/image_at_epoch_0002.png 500
rm -r hurt/checkpoints hurt/dcgan.gif hurt/log.jsonl
expect_exit 0 "$CLGAN" report hurt --out page.html --png figures.png
page 0 0
row '* log.jsonl is not there'
row '* dcgan.gif is not there'
row '* no checkpoint can be used'
cp "$one/log.jsonl" hurt
expect_exit 0 "$CLGAN" report hurt --out page.html
page 5 0
row '* images/image_at_epoch_0002.png is damaged: left out'
mv moved digits

# ---- what is refused -----------------------------------------------------------------------------

# refused STATUS PATTERN ARGUMENTS...: it exits so, says so, and writes nothing.
refused() {
    local status=$1 pattern=$2
    shift 2
    expect_exit "$status" "$CLGAN" report "$@"
    expect_said "$pattern"
    [[ -z $(find . -name '*none.*') ]] || fail "something was written"
}
refused 2 'needs --out' two
refused 2 'needs a RUN' --out none.html
refused 2 'nowhere holds no run' nowhere --out none.html
refused 2 'digits holds no run' two digits --out none.html
refused 2 'config.json holds no run' two/config.json --out none.html
mkdir wrong
for config in '' '[]' '{"seed":1' '{"seed":1}'; do
    printf '%s' "$config" >wrong/config.json
    refused 2 'wrong/config.json is damaged' wrong --out none.html
done
refused 3 "no OpenCL device matches 'nowhere'" two --out none.html --device nowhere
# The name of a file tells what it is to be; it and its place are looked at first of all.
for name in none.pdf none.txt none none.png none.html.gz .html digits . none.html/ /dev/full /dev/null; do
    refused 2 "--out $name: the name must end in .html" nowhere --out "$name" --device nowhere
done
for name in none.html none.svg none .png /dev/full; do
    refused 2 "--png $name: the name must end in .png" nowhere --out none.html --png "$name"
done
refused 1 'cannot write missing/none.html' nowhere --out missing/none.html --device nowhere
refused 1 'cannot write missing/none.png' nowhere --out none.html --png missing/none.png
refused 1 'cannot write /proc/none.html' nowhere --out /proc/none.html
mkdir folder.html
refused 1 'cannot write folder.html' nowhere --out folder.html
rmdir folder.html
many=()
for ((i = 0; i < 25; i++)); do
    many+=(two)
done
refused 2 'report takes 24 at most of RUN' "${many[@]}" --out none.html
expect_exit 0 "$CLGAN" report --help
grep -q '^example: clgan report' out || fail "--help has no example"
printf x >kept.html
status=0
(ulimit -f 8 && exec "$CLGAN" report two --out kept.html 2>err) || status=$?
[[ $status == 1 && $(cat kept.html) == x ]] || fail "on a full disk: $status"

# ---- in a browser --------------------------------------------------------------------------------

# shellcheck source=tests/cli/browser.sh
source "$CLGAN_SOURCE_DIR/tests/cli/browser.sh"
if [[ -z $browser ]]; then
    echo "report: not looked at in a browser: there is no chromium here"
    exit 0
fi
expect_exit 0 "$CLGAN" report "$one" judged --out page.html
fits page.html
shot page.html light.png 1300,3000 1 ffffff
shot page.html dark.png 1300,3000 0 16181d
[[ -z ${KEEP_SHOTS:-} ]] || cp page.html light.png dark.png "$KEEP_SHOTS"
