#!/usr/bin/env bash
# clgan evaluate and clgan train-classifier: a classifier of a small data set, and with it what is
# known beforehand of sets of images: the test set itself, copies, noise, a run's checkpoints.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

# The measures of known sets of images are looked at with `small`. A Frechet distance costs seconds,
# and less between few images: what else there is is looked at with `little`.
tool mnist small 1000 300
tool mnist little 40 12

# ---- the classifier ------------------------------------------------------------------------------

classify() {
    "$CLGAN" train-classifier --data small --epochs 6 --batch 50 "$@"
}

expect_exit 0 classify --out tiny.v1.safetensors
right=$(sed -n 's/.*: \([0-9]*\)\.[0-9]* % of the test set right.*/\1/p' out)
[[ ${right:-0} -ge 85 ]] || fail "the classifier tells $right % right"
digest=$(sha256sum tiny.v1.safetensors)
[[ $(sed -n 's/^sha256 //p' out) == "${digest%% *}" ]] || fail "another SHA-256 than the file's"
for name in once again; do
    expect_exit 0 classify --epochs 1 --out $name.safetensors
done
cmp once.safetensors again.safetensors || fail "the same options, other weights"
expect_exit 0 classify --seed 2 --epochs 1 --out other.safetensors
! cmp -s once.safetensors other.safetensors || fail "another seed, the same weights"

refused_classifier() {
    local status=$1 pattern=$2
    shift 2
    expect_exit "$status" "$CLGAN" train-classifier "$@"
    expect_said "$pattern"
    expect_absent none.safetensors
}

refused_classifier 2 'needs --out' --data small
refused_classifier 2 'no training images' --data missing --out none.safetensors
refused_classifier 3 'nothing' --data small --device nothing --out none.safetensors
refused_classifier 1 'missing/none' --data small --out missing/none.safetensors
refused_classifier 1 'not finite' --data small --learning-rate 1e30 --epochs 1 --out none.safetensors
cp -r small bad
rm bad/train-labels-idx1-ubyte
refused_classifier 2 'no labels' --data bad --out none.safetensors

# ---- sets of which the scores are known ----------------------------------------------------------

evaluate() {
    "$CLGAN" evaluate --data small --classifier tiny.v1.safetensors "$@"
}

# The test set: no distance, every ball hit, and as far from the training images as it is.
expect_exit 0 evaluate --images small/t10k-images-idx3-ubyte --json test.json
grep -q '^300 samples, by classifier tiny' out || fail "the table does not name the classifier"
grep -qE '^  fid  +' out || fail "the table has no FID"
tool scores test.json 300 1 tiny
tool score test.json 'e["fid"] < 1e-3 and e["precision"] == e["recall"] == e["coverage"] == 1'
tool score test.json 'e["nearest_train"] == f["nearest_train"] and e["classifier_fits"]'
tool score test.json 'e["fid_train"] == f["fid_train"] and e["classes_covered"] == 10'

# Training images are copies of themselves. JSON alone on stdout.
expect_exit 0 evaluate --images small/train-images-idx3-ubyte --samples 300 --json -
cp out train.json
tool scores train.json 300 1 tiny
tool score train.json 'e["nearest_train"] == 0 and f["nearest_train"] > 0.05'
tool score train.json '0 < e["fid"] and e["precision"] > 0.7 and e["recall"] > 0.7'

# All alike: one class, nothing covered, far away.
tool idx black.idx 100 28 28
expect_exit 0 evaluate --images black.idx --json black.json
tool scores black.json 100 1 tiny
grep -q '^  blank pictures: precision and density mean little$' out || fail "black reads as praise"
tool score black.json 'e["classes_covered"] == 1 and abs(e["kl_uniform"] - 2.302585) < 1e-6'
tool score black.json 'e["recall"] == 0 and e["fid"] > 10 * f["fid"] and e["kid"] > f["kid"]'

# As many classes as the labels have: here one label is that of a 27th.
cp -r little letters
tool relabel letters/t10k-labels-idx1-ubyte 26
expect_exit 0 "$CLGAN" train-classifier --data letters --epochs 1 --batch 50 --out letters.safetensors
expect_said 'a classifier of 27 classes'
expect_exit 0 "$CLGAN" evaluate --data letters --classifier letters.safetensors \
    --images letters/t10k-images-idx3-ubyte --json letters.json
grep -qE ' [0-9]+ of 27 classes$' out || fail "the table does not have 27 classes"
tool scores letters.json 12 1 letters
tool score letters.json 'len(e["histogram"]) == 27 and e["fid"] < 1e-3'

# Few real images: what needs more is left out, and said.
cp -r small few
tool mnist few 7 6
expect_exit 0 evaluate --data few --images black.idx --json few.json
expect_said 'the test set in few holds 6 images: 10 at least are wanted'
expect_said 'the training set in few holds 7 images: 10 at least are wanted'
tool score few.json 'e["fid"] is e["kid_train"] is e["precision"] is e["coverage"] is None'
tool score few.json 'e["fid_interval"] == e["kid_interval"] == [None, None]'
tool score few.json 'e["histogram"] and e["nearest_train"] > 0 and f["confidence"] > 0'
grep -qE '^  fid +- +- ' out || fail "the table has something for what was not measured"
rm -r few

# Real images of another kind: the classifier is not theirs, which is said.
tool mnist swapped 40 12 1
expect_exit 0 "$CLGAN" evaluate --data swapped --classifier tiny.v1.safetensors --json swapped.json \
    --images swapped/t10k-images-idx3-ubyte
expect_said 'was trained on other images'
tool score swapped.json 'not e["classifier_fits"]'

# ---- checkpoints ---------------------------------------------------------------------------------

evaluate_little() {
    evaluate --data little --samples 12 "$@"
}
expect_exit 0 "$CLGAN" train --data little --batch 32 --checkpoint-every 1 --max-steps 2 --out run
checkpoint=run/checkpoints/step_00000002.safetensors
expect_exit 0 evaluate_little --run run --json run.json
tool scores run.json 12 2 tiny
tool score run.json '[x["step"] for x in e["evaluations"]] == [1, 2] and e["step"] == 2'
expect_exit 0 evaluate_little --checkpoint $checkpoint --json one.json
tool same_scores run.json one.json

# A damaged one among them is passed over; alone it is an error.
cp -r run partly
tool flip partly/checkpoints/step_00000002.safetensors 20000000
expect_exit 0 evaluate_little --run partly --json partly.json
expect_said 'step_00000002.safetensors is left out'
tool scores partly.json 12 1 tiny
rm partly/checkpoints/step_00000001.safetensors
expect_exit 2 evaluate_little --run partly
expect_said 'partly holds no sound checkpoint'

# The run's own images are found without --data, also where its folder has moved; others are refused
# before anything is measured, unless that is meant.
own() {
    "$CLGAN" evaluate --classifier tiny.v1.safetensors --samples 12 "$@"
}
mkdir runs
cp -r run runs/one
expect_exit 0 own --json own.json
expect_said 'taking runs/one, .*'
expect_said 'measuring the real images of .*/little on'
tool same_scores run.json own.json
mkdir data
mv little data/mnist
expect_exit 0 own --checkpoint $checkpoint --json own.json
tool same_scores one.json own.json
mv data/mnist moved
for subject in "--run run" "--checkpoint $checkpoint"; do
    read -ra words <<<"$subject"
    expect_exit 2 own "${words[@]}"
    expect_said "images that ${words[1]} was trained on .* are not in .*/little, nor in"
    expect_exit 2 own "${words[@]}" --data swapped
    expect_said "swapped does not hold the images that ${words[1]} was trained on"
    expect_exit 2 own "${words[@]}" --data missing --other-data
    expect_said 'missing'
done
! grep -q 'measuring' err || fail "something was measured before: $(cat err)"
expect_exit 0 own --checkpoint $checkpoint --data swapped --other-data --json other.json
! cmp -s other.json one.json || fail "other data, the same scores"
mv moved little
rmdir data
rm -r runs

# `evaluate` judges the pictures that `clgan sample` draws.
expect_exit 0 "$CLGAN" sample --checkpoint $checkpoint --count 12 --seed 7 --out drawn.idx.gz
expect_exit 0 evaluate_little --images drawn.idx.gz --seed 7 --json drawn.json
expect_exit 0 evaluate_little --checkpoint $checkpoint --seed 7 --json seven.json
tool same_scores drawn.json seven.json
! cmp -s one.json seven.json || fail "the seed changes nothing"

# ---- what is refused -----------------------------------------------------------------------------

refused() {
    local status=$1 pattern=$2
    shift 2
    expect_exit "$status" evaluate "$@" --json none.json
    expect_said "$pattern"
    expect_absent none.json
}

images=(--images drawn.idx.gz)
refused 2 'needs a --run, --checkpoint or --images: there is no run' --samples 100
refused 2 'cannot read nowhere: No such file' --run nowhere
refused 2 'one of --checkpoint, --run and --images, not 2' "${images[@]}" --run run
refused 2 '--samples must be' "${images[@]}" --samples 9
refused 2 'cannot read the classifier nowhere' --run run --classifier nowhere
refused 2 'missing.idx' --images missing.idx
refused 2 'no checkpoint' --run small
refused 2 'drawn.idx.gz' --checkpoint drawn.idx.gz
refused 2 'no checkpoint of clgan' --checkpoint tiny.v1.safetensors
refused 2 'is no classifier' "${images[@]}" --classifier $checkpoint
refused 2 'missing.safetensors' "${images[@]}" --classifier missing.safetensors
refused 3 'nothing' "${images[@]}" --device nothing
cp tiny.v1.safetensors damaged.safetensors
tool flip damaged.safetensors -1000
refused 2 'damaged.safetensors' "${images[@]}" --classifier damaged.safetensors
tool idx narrow.idx 100 28 27
refused 2 'does not hold images of 28 x 28' --images narrow.idx
tool idx few.idx 9 28 28
refused 2 'holds 9 images' --images few.idx
rm bad/t10k-images-idx3-ubyte
refused 2 'no test images' "${images[@]}" --data bad
expect_exit 1 evaluate "${images[@]}" --json missing/none.json
