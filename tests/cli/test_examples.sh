#!/usr/bin/env bash
# The programs of examples/ do what they and examples/README.md say: a picture after 20 steps, and
# then scores of their checkpoint, far from those of real images. So do the commands of README.md.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"
examples=${CLGAN_EXAMPLES:?}

expect_exit 0 "$examples/01_list_devices"
[[ $(grep -c '^-> ' out) -eq 1 ]] || fail "not one device is marked: $(cat out)"
expect_exit 0 "$examples/01_list_devices" "${CLGAN_DEVICE:-cpu}"
[[ $(grep -c '^-> ' out) -eq 1 ]] || fail "not one device is selected: $(cat out)"
expect_exit 1 "$examples/01_list_devices" 'no such device'
expect_said "no OpenCL device matches 'no such device'"
[[ ! -s out ]] || fail "devices, and none was selected: $(cat out)"

# The programs have defaults of folders: data/mnist here, a run and a picture here.
tool mnist data/mnist 700 500
expect_exit 0 "$examples/02_train_20_steps"
checkpoint=runs/example/checkpoints/step_00000020.safetensors
[[ $(cat out) == "$checkpoint"$'\n'digits.png ]] || fail "it prints other files: $(cat out)"
expect_checkpoints runs/example 20
tool png digits.png 122 122
expect_exit 1 "$examples/02_train_20_steps" # the run is there
expect_said 'runs/example'

expect_exit 0 "$examples/03_evaluate_checkpoint" "$checkpoint"
[[ $(wc -l <out) -eq 5 ]] || fail "not five lines: $(cat out)"
awk '/^Frechet distance/ && $3 > 2 * $4 && $4 > 0 { found = 1 } END { exit !found }' out ||
    fail "20 steps are as good as real images: $(cat out)"
awk '/^classes/ && $3 == 10 { found = 1 } END { exit !found }' out ||
    fail "real images are not of ten classes: $(cat out)"
# The digits of the seed as text, with no file left behind.
before=$(find . -type f ! -name out ! -name err | sort)
expect_exit 0 "$examples/04_draw_in_memory" "$checkpoint"
[[ $(wc -lL <out | tr -s ' ') == ' 14 84' ]] || fail "not three digits: $(cat out)"
[[ $(tr -d '\n' <out | fold -w 1 | sort -u | wc -l) -gt 3 ]] || fail "no greys: $(cat out)"
cp out first
expect_exit 0 "$examples/04_draw_in_memory" "$checkpoint" 2
! cmp -s out first || fail "another seed draws the same"
rm first
[[ $(find . -type f ! -name out ! -name err | sort) == "$before" ]] || fail "drawing leaves a file"
expect_exit 2 "$examples/04_draw_in_memory"
expect_exit 1 "$examples/04_draw_in_memory" missing.safetensors

# In parts, as floats and in two threads they are the digits of `clgan sample`.
expect_exit 0 "$CLGAN" sample --checkpoint "$checkpoint" --count 70 --seed 3 --out drawn.idx
expect_exit 0 "${CLGAN_DRAW_PARTS:?}" "$checkpoint" drawn.idx
expect_said '1 digits from the 18446744073709551615th on'

# Cancelled by its callback, saved, with nothing on stderr but messages: a terminal, which progress
# would be drawn on.
expect_exit 0 tool terminal raw "$examples/05_train_with_callbacks" runs/callbacks 5
tr -d '\r' <raw >err
[[ $(tail -n 1 out) == 'CG_ERR_STOPPED after 5 steps, 2 records' ]] || fail "it ends with $(cat out)"
[[ $(grep -cE '^step 4: loss D [0-9.]+ G [0-9.]+$' out) -eq 1 ]] || fail "no progress: $(cat out)"
! grep -v '^clgan: ' err || fail "progress of the library's own: $(cat err)"
expect_checkpoints runs/callbacks 5

expect_exit 2 "$examples/03_evaluate_checkpoint"
expect_said usage
expect_exit 1 "$examples/03_evaluate_checkpoint" missing.safetensors
expect_said 'missing.safetensors'

# ---- README.md -----------------------------------------------------------------------------------

# Its commands run as they are written, in a folder with what they speak of. Those that measure or
# train for minutes do not: their options are looked up.
slow='train bench tune evaluate train-classifier'
for run in runs/001 runs/002; do
    cp -r runs/example "$run"
    cp "$run/checkpoints/step_00000020.safetensors" "$run/checkpoints/best.safetensors"
done
cp "$CLGAN_SOURCE_DIR"/results/pocl/epyc_zen3_2cores.json before.json
cp "$CLGAN_SOURCE_DIR"/results/pocl/epyc_zen5_2cores.json after.json
mkdir bin
ln -s "$CLGAN" bin/clgan
PATH=$PWD/bin:$PATH
export CLGAN_CACHE_DIR=$PWD/own # one of them clears it
ran=0
while read -r line; do
    command=${line#clgan }
    command=${command%% *}
    if [[ " $slow " == *" $command "* ]]; then
        clgan "$command" --help >help
        mapfile -t options < <(grep -oE -- '--[a-z][a-z0-9-]*' <<<"$line")
        for option in "${options[@]}"; do
            grep -q -- "^  $option " help || fail "README.md: $line: there is no $option"
        done
    else
        expect_exit 0 bash -c "$line"
        ran=$((ran + 1))
    fi
done < <(python3 "$CLGAN_SOURCE_DIR/scripts/check-docs.py" --run)
((ran > 5)) || fail "only $ran commands of README.md"
for file in digits.png compare.html compare.png report.html; do
    expect_file "$file"
done
