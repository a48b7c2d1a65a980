#!/usr/bin/env bash
# Wrong input gets one clear sentence and the right exit status, creates nothing and loses nothing.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

tool data discs 48 # whole batches of 16: the null device passes no audit of a smaller one

# refused STATUS PATTERN COMMAND...: says why, prints no result, leaves no run behind.
refused() {
    local status=$1 pattern=$2
    shift 2
    expect_exit "$status" "$@"
    expect_said "$pattern"
    [[ ! -s out ]] || fail "on stdout, by $*: $(cat out)"
    expect_absent runs
    expect_absent none
}

train() {
    "$CLGAN" train --batch 16 "$@"
}

# ---- options -------------------------------------------------------------------------------------

refused 2 'usage: clgan' "$CLGAN"
[[ $(wc -l <err) -eq 1 ]] || fail "no command: more than one line"
refused 2 "unknown command 'trian'; did you mean train\?" "$CLGAN" trian
[[ $(wc -l <err) -eq 1 ]] || fail "an unknown command: more than one line"
refused 2 "unknown command 'trian'; did you mean train\?" "$CLGAN" help trian
refused 2 "unexpected argument 'more'" "$CLGAN" help train more
refused 2 "unexpected argument '--more'" "$CLGAN" --version --more
refused 2 "CLGAN_LOG must be error, warning, info or debug, not 'loud'" \
    env CLGAN_LOG=loud "$CLGAN" devices
refused 2 "unknown command '--verson'; did you mean --version\?" "$CLGAN" --verson
refused 2 "unknown command ''" "$CLGAN" ''
refused 2 "unknown command '\?\[31m'" "$CLGAN" $'\e[31m'

# A line each: the pattern that stderr must match, a tab, the arguments.
while IFS=$'\t' read -r pattern arguments; do
    read -ra words <<<"$arguments"
    refused 2 "$pattern" "$CLGAN" "${words[@]}"
done <<'TABLE'
--batch must be a whole number from 1 .*'0'	train --batch 0
--epochs must be .*'-1'	train --epochs -1
--epochs must be .*'1.5'	train --epochs 1.5
--epochs must be .*'1e3'	train --epochs 1e3
--epochs must be .*'0x10'	train --epochs 0x10
--epochs must be .*'\+5'	train --epochs=+5
--epochs must be .*''	train --epochs=
--epochs must be .*'18446744073709551615'	train --epochs 18446744073709551615
--seed must be .*'x'	train --seed x
--seed must be .*'-1'	train --seed -1
--seed must be .*'18446744073709551616'	train --seed 18446744073709551616
--batch must be .*'65537'	train --batch 65537
--max-steps must be .*'0'	train --max-steps 0
--keep must be .*'0'	train --keep 0
--log-every must be .*'0'	train --log-every 0
--checkpoint-every must be .*'1x'	train --checkpoint-every 1x
--learning-rate must be a positive number.*'0'	train --learning-rate 0
--learning-rate must be .*'-1'	train --learning-rate -1
--learning-rate must be .*'nan'	train --learning-rate nan
--learning-rate must be .*'1e999'	train --learning-rate 1e999
--learning-rate must be .*'1,5'	train --learning-rate 1,5
unknown option '--epoch'; did you mean --epochs\?	train --epoch 3
unknown option '--epochss=3'; did you mean --epochs\?	train --epochss=3
unknown option '--quite'; did you mean --quiet\?	evaluate --quite
unknown option '--zzz' \(see .*clgan train --help\)$	train --zzz
unexpected argument '-seed'; did you mean --seed\?	train -seed 3
--quiet takes no value	train --quiet=1
not 'fats'; did you mean fast\?	train --data discs --recipe fats
not 'claer'; did you mean clear\?	cache claer
unknown option '--'	train --
unexpected argument '-e'	train -e 3
unexpected argument 'stray'	train --epochs 3 stray
--resume takes no value	train --resume=yes
--epochs needs a value	train --epochs
--out needs a value	train --out --resume
--out needs a value	train --out --max-steps=3
--out must not be empty	train --out=
unknown option '--jsno'	devices --jsno
unexpected argument 'all'	devices all
--json takes no value	devices --json=-
--checkpoint needs a value	sample --checkpoint
TABLE
refused 2 "--learning-rate must be a positive number, not ' 1'" train --learning-rate ' 1'
refused 2 "no algorithm 'nonsense' of convolutions; there are: .*plain" train --data discs --algorithm nonsense
refused 2 "no algorithm 'plian' of convolutions; there are: .*; did you mean plain\?" \
    train --data discs --algorithm plian
refused 2 "no operation 'g.convt9'; there are: g.dense.*; did you mean g.convt" train --data discs --algorithm g.convt9=plain
refused 2 "no operation ''; there are: g.dense" train --data discs --algorithm =plain
refused 2 'cannot read nope: No such file' \
    train --data discs --evaluate-every 0 --max-steps 1 --classifier nope
refused 2 "no algorithm 'fast' of g.dense; there are: own, .*clblast, plain" train --data discs --gemm fast
refused 2 "'image' does not serve g.convt1/fwd" train --data discs --algorithm g.convt1/fwd=image

# ---- help ----------------------------------------------------------------------------------------

expect_exit 0 "$CLGAN" --version
grep -qE '^clgan [0-9]+\.[0-9]+\.[0-9]+$' out || fail "--version says $(cat out)"
cp out version
expect_exit 0 "$CLGAN" -V
cmp -s out version || fail "-V says $(cat out)"
expect_exit 0 "$CLGAN" help
cp out usage
for word in --help -h; do
    expect_exit 0 "$CLGAN" $word
    cmp -s out usage || fail "$word is not what help is"
done
tool narrow usage 80
for command in devices train sample bench tune compare cache runs; do
    grep -q "^  $command " out || fail "--help does not name $command"
done

# help COMMAND OPTION...: its page has an example and these.
help() {
    local option command=$1
    expect_exit 0 "$CLGAN" "$@" --help # behind other options, too
    [[ ! -s err ]] || fail "$command --help on stderr"
    grep -q "^example: clgan $command " out || fail "$command --help has no example"
    tool narrow out 80
    cp out page
    expect_exit 0 "$CLGAN" help "$command"
    cmp -s out page || fail "help $command is not $command --help"
    shift
    for option in "$@" --quiet --help; do
        grep -q -- "^  $option " out || fail "$command --help does not tell $option"
    done
}
help devices --json
help train --device --data --out --epochs --batch --seed --max-steps --resume --checkpoint-every \
    --keep --log-every --learning-rate --algorithm --gemm --allow-device-change \
    --evaluate-every --evaluate-samples --classifier --stop-on-collapse
help sample --run --checkpoint --grid --count --seed --device --out
help bench --device --batch --seconds --profile --algorithm --gemm --json
help tune --device --batch --seconds
help cache --json
help runs --json
expect_absent runs

for page in man bash zsh fish; do
    expect_exit 0 "$CLGAN" --page $page
    grep -q 'quiet' out || fail "the page for $page does not tell --quiet"
    grep -q '\bhelp\b.*lists\|help --help\|clgan help' out || fail "the page for $page has no help"
done

# The error stands alone: runs that have no part in it are not looked at.
mkdir -p runs/001
echo '{' >runs/001/config.json
expect_exit 2 "$CLGAN" train --data nowhere
[[ $(wc -l <err) -eq 1 ]] || fail "a wrong folder: $(cat err)"
rm -r runs

# ---- devices -------------------------------------------------------------------------------------

expect_exit 0 "$CLGAN" devices
cp out list
refused 3 "matches 'nowhere'" train --data discs --device nowhere
while read -r mark index id _; do
    [[ $mark == '*' ]] || id=$index
    expect_said "  $id  "
done <list
refused 3 "matches 'nowhere'" env CLGAN_DEVICE=nowhere "$CLGAN" train --data discs
refused 3 "matches '99'" train --data discs --device 99
refused 3 "matches '99:0'" train --data discs --device 99:0

mkdir no-drivers
without_drivers() {
    env -u OCL_ICD_FILENAMES OCL_ICD_VENDORS="$PWD/no-drivers" "$CLGAN" "$@"
}
refused 3 'no OpenCL device found' without_drivers devices
refused 3 'no OpenCL device found' without_drivers train --data discs
expect_exit 3 without_drivers devices --json
[[ $(tr -d '[:space:]' <out) == '{"devices":[]}' ]] || fail "no devices as JSON: $(cat out)"
if [[ -e /dev/full ]]; then
    status=0
    "$CLGAN" devices >/dev/full 2>err || status=$?
    [[ $status -eq 1 ]] || fail "exit $status when stdout is full"
    expect_said 'cannot write to standard output'
fi

# ---- the surroundings of the process -------------------------------------------------------------

on_null_device

# Closed streams: nothing that the run opens takes their places.
expect_exit 0 train --data discs --epochs 1 --log-every 1 --out open
"$CLGAN" train --batch 16 --data discs --epochs 1 --log-every 1 --out closed <&- >&- 2>&-
[[ ! -s closed/.lock ]] || fail "the lock has $(cat closed/.lock)"
tool same open closed

# Nobody reads: the run goes on, and a command that only prints ends without a word.
set -o pipefail
"$CLGAN" train --batch 16 --data discs --epochs 1 --log-every 1 --out piped 2>&1 | :
tool same open piped
"$CLGAN" devices 2>err | :
set +o pipefail
[[ ! -s err ]] || fail "said $(cat err) when nobody read"
rm -r open closed piped

# PoCL ends the process when it cannot bind a thread.
on_device
for threads in $(($(nproc) + 1)) 0 x; do
    expect_exit 0 env POCL_MAX_PTHREAD_COUNT="$threads" "$CLGAN" train --batch 16 --data discs \
        --max-steps 1 --out "bound$threads"
done
rm -r bound*
on_null_device

# ---- data ----------------------------------------------------------------------------------------

images=bad/train-images-idx3-ubyte
labels=bad/train-labels-idx1-ubyte

# refused_data FOLDER PATTERN: as data, with one sentence that names it.
refused_data() {
    refused 2 "$1.*($2)" train --data "$1"
    refused 2 "$1.*($2)" train --data "$1" --out none
    [[ $(grep -c . err) -eq 1 ]] || fail "more than one sentence: $(cat err)"
}

# broken PATTERN COMMAND...: the folder `bad`, good but for what the command does to it, is refused.
broken() {
    local pattern=$1
    shift
    rm -rf bad
    cp -r discs bad
    "$@"
    refused_data bad "$pattern"
}

# packed PATTERN COMMAND...: the same, with the images as gzip.
packed() {
    local pattern=$1
    shift
    rm -rf bad
    mkdir bad
    tool gzip discs/train-images-idx3-ubyte "$images.gz"
    "$@"
    refused_data bad "$pattern"
}

# begin_with HEX...: the images' file.
begin_with() {
    local hex
    for hex in "$@"; do
        printf '%b' "\\x$hex"
    done | dd of="$images" conv=notrunc status=none
}

append() {
    echo more >>"$1"
}

replace_by() {
    rm "$images"
    "$@" "$images"
}

refused_data missing 'No such file or directory'
mkdir empty
refused_data empty 'expected train-images-idx3-ubyte or train-images-idx3-ubyte.gz in it'
broken 'is empty' truncate -s 0 "$images"
broken 'a folder, not a file' replace_by mkdir
broken 'not a regular file' replace_by mkfifo
broken 'not an IDX file' tool flip "$images" 0
broken 'not an IDX file' cp "$CLGAN_SOURCE_DIR/CMakeLists.txt" "$images"
broken 'holds 32-bit floats: images are' begin_with 00 00 0d 03
broken 'ends within its header' tool cut "$images" 10
broken 'promises 37632 bytes, it has 37631' tool cut "$images" 37647
broken 'more bytes follow its data' append "$images"
broken 'promises more' begin_with 00 00 08 03 ff ff ff ff
broken 'promises 1644167168' begin_with 00 00 08 03 00 20 00 00
broken 'holds nothing' begin_with 00 00 08 03 00 00 00 00
broken '27 x 28 pixels, not 28 x 28' tool idx "$images" 48 27 28
broken 'does not hold images' tool idx "$images" 48 784
broken '47 labels for 48 images' tool idx "$labels" 47
broken 'cut short' tool cut "$labels" 20
broken 'does not hold labels' cp "$images" "$labels"
packed 'cut short' tool cut "$images.gz" 5000
packed 'damaged' tool flip "$images.gz" 5000
packed 'damaged' tool flip "$images.gz" -6
packed 'stray bytes' append "$images.gz"
rm -r bad

# ---- places that cannot be written ---------------------------------------------------------------

: >file
refused 2 'file is not a folder' train --data discs --out file
refused 2 'cannot create the folder file/run' train --data discs --out file/run
mkdir locked
cd locked
ln -s ../discs discs
chmod 555 .
nobody=()
if [[ $(id -u) -eq 0 ]]; then
    mkdir -m 777 ../kernel-cache
    nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nowhere
        POCL_CACHE_DIR="$TMPDIR/kernel-cache")
fi
if "${nobody[@]}" test -x "$CLGAN" -a -r discs/train-images-idx3-ubyte 2>/dev/null; then
    "${nobody[@]}" env -u POCL_CACHE_DIR TMPDIR="$TMPDIR/kernel-cache" "$CLGAN" devices >../out 2>../err ||
        fail "no devices without a home: $(cat ../err)"
    env -u POCL_CACHE_DIR -u XDG_CACHE_HOME -u HOME TMPDIR="$TMPDIR" CLGAN_LOG=debug "$CLGAN" devices \
        >../out 2>../err || fail "no devices where HOME is not set: $(cat ../err)"
    grep -q "POCL_CACHE_DIR is $TMPDIR/clgan-pocl-[0-9]* instead of /tmp/pocl/kcache" ../err ||
        fail "without HOME: $(cat ../err)"
    for out in '' --out=run; do
        status=0
        "${nobody[@]}" "$CLGAN" train --batch 16 --data discs ${out:+"$out"} >../out 2>../err ||
            status=$?
        [[ $status -eq 2 ]] || fail "exit $status in a folder that is not writable: $(cat ../err)"
        grep -qE 'cannot create.*: Permission denied' ../err || fail "says $(cat ../err)"
    done
    # Folders beside the data set, and a home, that are closed to the user are passed over.
    mkdir -m 777 ../open
    mkdir -m 755 ../tree ../tree/MNIST
    cp discs/* ../tree/MNIST
    mkdir -m 700 ../tree/closed ../tree/train-images-idx3-ubyte ../home
    "${nobody[@]}" env -u CLGAN_TUNING -u XDG_CONFIG_HOME HOME="$TMPDIR/home" CLGAN_CACHE_DIR= "$CLGAN" \
        train --batch 16 --data ../tree --max-steps 1 --no-selftest --out ../open/run >../out 2>../err ||
        fail "closed folders beside the data: $(cat ../err)"
    grep -q 'home/.config/clgan/tuning.json: it cannot be read; taking the shipped' ../err ||
        fail "a closed home: $(cat ../err)"
    ! grep -q 'error:' ../err || fail "an error of what is passed over: $(cat ../err)"
else
    echo "not tested: a folder that another user cannot write" >&2
fi
chmod 755 .
cd ..

# ---- a full disk ---------------------------------------------------------------------------------

# expect_full_disk FOLDER REASON: what the run in it said, and that it left nothing half written.
expect_full_disk() {
    expect_said "cannot write $1/run/checkpoints/step_0000000[0-9].safetensors: $2"
    [[ -z $(find "$1" -name '*.tmp') ]] || fail "a half checkpoint is left in $1"
}

expect_exit 0 train --data discs --epochs 3 --out whole

# A limit of file size: room for everything but a checkpoint.
mkdir limited
expect_exit 0 train --data discs --epochs 3 --max-steps 3 --out limited/run
limit_and_resume() (
    ulimit -f 20000
    "$CLGAN" train --resume --out limited/run
)
expect_exit 1 limit_and_resume
expect_full_disk limited 'File too large'
expect_checkpoints limited/run 3
tool gif limited/run/dcgan.gif 2
expect_exit 0 "$CLGAN" train --resume --out limited/run
tool same whole limited/run

# A small disk, where we may mount one: two checkpoints of 30 MB fit.
mkdir small
if mount -t tmpfs -o size=72m tmpfs small 2>/dev/null; then
    trap 'umount small' EXIT
    expect_exit 1 train --data discs --epochs 3 --out small/run
    expect_full_disk small 'No space left on device'
    expect_checkpoints small/run '3 6'
    tool gif small/run/dcgan.gif 3
    mount -o remount,size=200m small
    expect_exit 0 "$CLGAN" train --resume --out small/run
    tool same whole small/run
    umount small
    trap - EXIT
fi
rm -r whole limited

on_device

# ---- starts that fail ----------------------------------------------------------------------------

# They leave nothing behind, and a folder where one was killed is taken again. An empty folder of
# somebody else's is not.
cp -r "$CLGAN_SOURCE_DIR/cl" kernels
echo '#error planted for the test' >>kernels/adam.cl
fail_to_start() {
    CLGAN_KERNEL_DIR=kernels "$CLGAN" train --data discs --batch 16 --no-selftest --tensorboard "$@"
}
mkdir -p runs/001 runs/002/checkpoints own
: >runs/002/.lock
: >runs/002/.config.json.17-0.tmp
: >own/file
expect_exit 1 fail_to_start
expect_said 'planted for the test'
[[ $(cat out) == runs/002 ]] || fail "started in $(cat out)"
expect_exit 1 fail_to_start --out own
expect_exit 1 fail_to_start --out new
expect_absent new
[[ $(find runs own) == $'runs\nruns/001\nown\nown/file' ]] || fail "left: $(find runs own)"
rm -r kernels runs own

# ---- more than fits ------------------------------------------------------------------------------

if [[ $(uname) == Linux ]] && grep -q "^\\*.*Portable" list; then
    # fit BATCH: with so little room for addresses that nothing large is ever taken.
    fit() (
        ulimit -v 3000000
        exec "$CLGAN" "${@:2}" --batch "$1"
    )
    commands=(train bench)
    ! in_whole || commands+=(tune) # which plans each of its candidates
    for command in "${commands[@]}"; do
        arguments=()
        [[ $command != train ]] || arguments=(--data discs --max-steps 1 --out large)
        expect_exit 1 fit 65536 "$command" "${arguments[@]}"
        expect_said 'a batch of 65536 needs [0-9.]+ GiB of memory on the device .* on the host \(there: .*, by the limit of the process\): a batch of [0-9]+ fits'
        expect_absent large
    done
    fitting=$(sed -n 's/.*a batch of \([0-9]*\) fits/\1/p' err)
    expect_exit 1 fit "$((fitting * 2))" train --data discs --out large
fi

# ---- numbers that are none -----------------------------------------------------------------------

expect_exit 1 train --data discs --epochs 3 --learning-rate 1e30 --checkpoint-every 1 --out diverged
expect_said 'loss is not finite at step 2'
expect_checkpoints diverged 1
expect_exit 0 "$CLGAN" sample --checkpoint diverged/checkpoints/step_00000001.safetensors \
    --out one.png
expect_exit 1 train --data discs --epochs 3 --learning-rate 1e30 --out again
expect_said 'loss is not finite at step 2' # found at the epoch's end, said as it was
[[ -z $(ls again/checkpoints) && ! -e again/dcgan.gif ]] || fail "a diverged epoch was saved"

# A parameter, then a moment that no loss ever sees: the checkpoint tells, and the older one stays.
# The device made the moment so, at its second step alone.
expect_exit 1 train --data discs --learning-rate 1e39 --max-steps 1 --out infinite
expect_said '^clgan: error: g.dense.weight is not finite any more at step 1: stopped'
[[ -z $(ls infinite/checkpoints) ]] || fail "infinite parameters were saved"
cp -r "$CLGAN_SOURCE_DIR/cl" kernels
sed -i 's/^    VSTORE(v1, v, i);/    v1 = select(v1, (vfloat)INFINITY, VLOAD(v, i) > 0.0f);\n&/' kernels/adam.cl
! cmp -s "$CLGAN_SOURCE_DIR/cl/adam.cl" kernels/adam.cl || fail "the kernel is not changed"
expect_exit 4 env CLGAN_KERNEL_DIR=kernels "$CLGAN" train --data discs --batch 16 --epochs 3 \
    --checkpoint-every 1 --log-every 1 --no-selftest --out moment
expect_said 'epoch 1/3 step 2/3 .*loss D [0-9.]+ G [0-9.]+ '
expect_said '^clgan: error: adam.v.g.dense.weight is not finite any more at step 2: stopped'
expect_said 'computes wrong results, seen at step 2: adam update: '
expect_checkpoints moment 1
rm -r kernels

# ---- kernels -------------------------------------------------------------------------------------

cp -r "$CLGAN_SOURCE_DIR/cl" kernels
echo '#error planted for the test' >>kernels/adam.cl
expect_exit 1 env CLGAN_KERNEL_DIR=kernels "$CLGAN" train --data discs --batch 16 --out broken
expect_said 'planted for the test'
expect_said 'building step.cl'
expect_absent broken
expect_exit 2 env CLGAN_KERNEL_DIR=missing "$CLGAN" train --data discs --batch 16 --out broken2
expect_said 'cannot read missing/'
expect_said 'CLGAN_KERNEL_DIR is missing'
