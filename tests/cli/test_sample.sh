#!/usr/bin/env bash
# clgan sample: grids and IDX files, the same for the same seed; a checkpoint with a single wrong
# bit is refused, and nothing is written.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

tool data discs 16
expect_exit 0 "$CLGAN" train --data discs --batch 16 --max-steps 1 --out run
checkpoint=run/checkpoints/step_00000001.safetensors

sample() {
    "$CLGAN" sample --checkpoint "$checkpoint" "$@"
}

# ---- what is drawn -------------------------------------------------------------------------------

expect_exit 0 sample --out default.png
[[ ! -s out ]] || fail "sample prints: $(cat out)"
tool png default.png 122 122
expect_exit 0 sample --grid 2x3 --out grid.png
tool png grid.png 92 62
expect_exit 0 sample --count 5 --out five.PNG
tool png five.PNG 92 62
expect_exit 0 sample --grid 2x3 --out capital.PNG
cmp grid.png capital.PNG || fail "capitals, another grid"

# 64 vectors are drawn at a time: an image does not depend on how many follow it.
expect_exit 0 sample --count 70 --out many.idx
tool images many.idx 70
expect_exit 0 sample --count 64 --seed 1 --out few.idx.gz
tool images few.idx.gz 64
gzip -dc few.idx.gz >few.idx
tool prefix many.idx few.idx
expect_exit 0 sample --count 64 --seed=1 --out again.idx.gz
cmp few.idx.gz again.idx.gz || fail "the same seed, other bytes"
expect_exit 0 sample --grid 8x8 --seed 2 --out other.idx
tool images other.idx 64
! cmp -s few.idx other.idx || fail "another seed, the same images"
# The pictures are those of the network, not of the noise alone: one more step, other pictures.
expect_exit 0 "$CLGAN" train --resume --out run --max-steps 2
expect_exit 0 "$CLGAN" sample --checkpoint run/checkpoints/step_00000002.safetensors --count 64 \
    --out later.idx
! cmp -s few.idx later.idx || fail "another checkpoint, the same images"

# A run draws from its best checkpoint, else from its newest; where none is named, from the latest.
expect_exit 0 "$CLGAN" sample --run run --count 64 --out newest.idx
cmp -s newest.idx later.idx || fail "not the newest checkpoint"
cp "$checkpoint" run/checkpoints/best.safetensors
mkdir runs
mv run runs/latest # the name of a folder that is ours is no link
expect_exit 0 "$CLGAN" sample --count 64 --out best.idx
expect_said 'taking runs/latest'
cmp -s best.idx few.idx || fail "not the best checkpoint"
mv runs/latest run
tool flip run/checkpoints/best.safetensors 20000000
expect_exit 0 "$CLGAN" sample --run run --count 64 --out newest.idx
expect_said 'best.safetensors is damaged'
cmp -s newest.idx later.idx || fail "not the newest checkpoint where the best is damaged"

# ---- what is refused -----------------------------------------------------------------------------

# refused STATUS PATTERN OPTIONS...: and `none.*` is not written.
refused() {
    local status=$1 pattern=$2
    shift 2
    expect_exit "$status" "$CLGAN" sample "$@"
    expect_said "$pattern"
    [[ -z $(find . -name '*none.*') ]] || fail "something was written"
}

refused 2 'needs a --run or --checkpoint: there is no run' --out none.png
refused 2 'needs --out FILE.png' --checkpoint "$checkpoint"
# No output takes the place of what is to be read, by whatever name.
ln -s "$checkpoint" link.png
cp "$checkpoint" before
refused 2 '--out would take the place of link.png, which is to be read' \
    --checkpoint "$checkpoint" --out link.png
expect_exit 2 "$CLGAN" evaluate --checkpoint "$checkpoint" --json ./"$checkpoint"
expect_said '--json would take the place of'
expect_exit 2 "$CLGAN" compare newest.idx --html newest.idx
expect_said '--html would take the place of'
cmp -s before "$checkpoint" || fail "the checkpoint was replaced"
rm before link.png
refused 2 'one of --checkpoint and --run, not 2' --checkpoint "$checkpoint" --run run --out none.png
refused 2 'cannot read nowhere: No such file' --run nowhere --out none.png
refused 2 'discs holds no sound checkpoint' --run discs --out none.png
refused 2 'must end in .png, .idx or .idx.gz' --checkpoint "$checkpoint" --out none.jpg
refused 2 'must end in .png, .idx or .idx.gz' --checkpoint "$checkpoint" --out .png
refused 2 'exclude each other' --checkpoint "$checkpoint" --grid 2x2 --count 4 --out none.png
for grid in 0x4 4x0 4 x4 4x 4x4x4 -4x4 4X4 999999x1 '4x 4' ''; do
    refused 2 '--grid must be' --checkpoint "$checkpoint" --out none.png --grid "$grid"
done
for count in 0 -1 1.5 x 99999999999999999999 2800000 ''; do
    refused 2 '--count must be' --checkpoint "$checkpoint" --out none.idx --count "$count"
done
refused 2 '--seed must be' --checkpoint "$checkpoint" --out none.idx --seed x
refused 3 "no OpenCL device matches 'nowhere'" --checkpoint "$checkpoint" --out none.png \
    --device nowhere
refused 1 'cannot write missing/none.png' --checkpoint "$checkpoint" --out missing/none.png
refused 1 'cannot write discs/none.idx/none.idx|cannot write run/config.json/none.idx' \
    --checkpoint "$checkpoint" --out run/config.json/none.idx

refused 2 'cannot read nowhere.safetensors' --checkpoint nowhere.safetensors --out none.png
refused 2 'it is a folder' --checkpoint run --out none.png
refused 2 'run/log.jsonl is ' --checkpoint run/log.jsonl --out none.png
tool foreign foreign.safetensors
refused 2 'foreign.safetensors was not written by clgan' --checkpoint foreign.safetensors \
    --out none.png

# Each wrong bit is noticed: in the header's length, its text, the hash, the tensors, the last byte.
size=$(stat -c %s "$checkpoint")
digits=$(($(grep -abo 'xxh3-128:' "$checkpoint" | head -n 1 | cut -d : -f 1) + 20))
for place in 0 7 9 100 "$digits" 2000 123456 15000000 25000001 $((size - 1)); do
    cp "$checkpoint" flipped.safetensors
    tool flip flipped.safetensors "$place"
    refused 2 'flipped.safetensors' --checkpoint flipped.safetensors --out none.png
done
for length in 0 7 8 1000 $((size - 1)); do
    cp "$checkpoint" cut.safetensors
    tool cut cut.safetensors "$length"
    refused 2 'cut.safetensors' --checkpoint cut.safetensors --out none.png
done
cp "$checkpoint" more.safetensors
printf x >>more.safetensors
refused 2 'more.safetensors' --checkpoint more.safetensors --out none.png
cp "$checkpoint" newer.safetensors
tool forge newer.safetensors '"clgan.format":"1"' '"clgan.format":"2"'
refused 2 'newer.safetensors has checkpoint format 2.*a newer clgan' \
    --checkpoint newer.safetensors --out none.png
