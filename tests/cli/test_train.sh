#!/usr/bin/env bash
# A run's files, log, pictures and checkpoints are what the contract says; the same seed gives them
# again, bit for bit.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"
FIXTURE=$CLGAN_SOURCE_DIR/tests/fixtures/tf_step_b.json

tool data discs 10 # batches of 4, 4 and 2
tool data fashion 4 2
mkdir packed
tool gzip discs/train-images-idx3-ubyte packed/train-images-idx3-ubyte.gz

expect_line() {
    [[ $(cat out) == "$1" ]] || fail "stdout is '$(cat out)' instead of '$1'"
}

# A whole run, by its defaults of folders: data/mnist here, runs/001.
mkdir data
ln -s ../discs data/mnist
expect_exit 0 "$CLGAN" train --batch 4 --epochs 3 --log-every 2
expect_line runs/001
expect_said '^epoch 2/3 step 1/3 \(4\) .*loss D'
tool config runs/001 seed=1 batch=4 learning_rate=0.0001 epochs=3 keep=3 checkpoint_every=0 \
    log_every=2 "data=\"$(realpath discs)\"" \
    "data_sha256=\"$(sha256sum <discs/train-images-idx3-ubyte | cut -d ' ' -f 1)\""
tool log runs/001 3 2 e3 4 6 e6 8 9 e9
for picture in real image_at_epoch_0001 image_at_epoch_0002 image_at_epoch_0003; do
    tool png runs/001/images/$picture.png 122 122
done
tool gif runs/001/dcgan.gif 3
expect_checkpoints runs/001 "3 6 9"
tool checkpoint runs/001/checkpoints/step_00000009.safetensors "$FIXTURE" 9 3 1
for file in runs/001/images/* runs/001/checkpoints/* runs/001/checkpoints/.* runs/001/images/.*; do
    [[ $file != *tmp* ]] || fail "left over: $file"
done

# The same data as gzip: the same run, in a folder of the caller's choice, with its parents.
expect_exit 0 "$CLGAN" train --data packed --batch=4 --epochs=3 --log-every 2 --out deep/er/run
expect_line deep/er/run
tool same runs/001 deep/er/run

# Another seed, another run; --max-steps ends it within an epoch; runs are numbered.
expect_exit 0 "$CLGAN" train --batch 4 --epochs 3 --log-every 1 --seed 18446744073709551615 \
    --checkpoint-every 2 --keep 10 --max-steps 5
expect_line runs/002
expect_said 'stopped at step 5 of 9.*go on with: .*clgan train --out runs/002 --resume'
tool config runs/002 seed=18446744073709551615
tool log runs/002 3 1 2 3 e3 4 5
tool means runs/002
expect_checkpoints runs/002 "2 3 4 5"
tool png runs/002/images/image_at_step_00000005.png 122 122
tool gif runs/002/dcgan.gif 1
expect_absent runs/002/images/image_at_epoch_0002.png
cmp -s runs/001/images/real.png runs/002/images/real.png || fail "the real digits differ"
! cmp -s runs/001/images/image_at_epoch_0001.png runs/002/images/image_at_epoch_0001.png ||
    fail "two seeds draw the same picture"
! tool same runs/001 runs/002 2>/dev/null || fail "two seeds give the same run"
rm -r runs/001 deep

# A batch larger than the data set.
tool data two 2
expect_exit 0 "$CLGAN" train --data two --batch 4 --max-steps 2 --no-selftest --out larger
rm -r larger

on_null_device

# Another data set, one step an epoch; of many checkpoints the last and every tenth epoch's stay.
# The first free name is a gap. The images' file is given, by a link, whose name stays.
mkdir links
ln -s ../fashion/train-images-idx3-ubyte links/train-images-idx3-ubyte
expect_exit 0 "$CLGAN" train --data links/train-images-idx3-ubyte --batch 4 --epochs 12 --keep 1 \
    --log-every 100
expect_line runs/001
tool config runs/001 "data=\"$(realpath links)/train-images-idx3-ubyte\""
expect_checkpoints runs/001 "10 12"
tool gif runs/001/dcgan.gif 12
tool png runs/001/images/image_at_epoch_0012.png 122 122
[[ $(find runs/001/images -name 'image_at_*' | wc -l) -eq 12 ]] || fail "pictures of 12 epochs"
tool log runs/001 1 e1 e2 e3 e4 e5 e6 e7 e8 e9 e10 e11 12 e12

# The plain algorithms.
tool data few 3
expect_exit 0 "$CLGAN" train --data few --batch 3 --algorithm plain --max-steps 1 --no-selftest \
    --out plain
tool algorithms plain plain

# One operation's algorithm, which a resume keeps without being told; another one is refused.
expect_exit 0 "$CLGAN" train --data few --batch 3 --max-steps 1 --no-selftest --out chosen \
    --algorithm d.conv1=plain,g.convt3/fwd=plain --gemm clblast
tool algorithm chosen d.conv1/bwd_data plain
tool algorithm chosen g.convt3/fwd plain
tool algorithm chosen g.dense/fwd clblast
expect_exit 0 "$CLGAN" train --resume --no-selftest --out chosen --max-steps 2
tool algorithm chosen d.conv1/bwd_data plain
tool algorithm chosen g.dense/bwd_weight clblast
expect_exit 2 "$CLGAN" train --resume --out chosen --max-steps 3 --algorithm plain
tool log plain 1 1 e1
expect_absent runs/003
