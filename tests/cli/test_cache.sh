#!/usr/bin/env bash
# The program cache: the same bits without it, cold, warm and damaged; two processes at once; the
# command's words.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

tool data discs 40
export CLGAN_CACHE_DIR=$PWD/cache

draw() {
    "$CLGAN" sample --checkpoint run/checkpoints/*1.safetensors --grid 1x1 --out "$1"
}

# drawn NAME: the digit that was drawn without a cache.
drawn() {
    expect_exit 0 draw "$1.png"
    cmp -s "$1.png" without.png || fail "other bits in $1.png"
}

# programs: prints how many the cache holds.
programs() {
    "$CLGAN" cache info --json | sed -n 's/.*"files":\s*\([0-9]*\).*/\1/p'
}

# ---- the same bits -------------------------------------------------------------------------------

# PoCL is left to its own cache: where it is the device, rusticl is asked as well.
# A verdict of the self-test counts as a program.
expect_exit 0 "$CLGAN" train --data discs --batch 1 --epochs 1 --max-steps 1 --no-selftest --out run
if [[ $(programs) == 0 ]]; then
    export RUSTICL_ENABLE=llvmpipe CLGAN_DEVICE=rusticl
    if ! "$CLGAN" devices | grep -q rusticl; then
        [[ -z ${CI:-} ]] || fail "rusticl is not there"
        echo "skipped: no driver whose programs are cached"
        exit 77
    fi
fi
rm -rf cache

CLGAN_CACHE_DIR=off expect_exit 0 draw without.png
expect_absent cache
expect_absent off
drawn cold
count=$(programs)
[[ $count -gt 0 ]] || fail "nothing was cached"
drawn warm
[[ $(programs) == "$count" ]] || fail "a warm start changed the number of programs"

# A damaged entry is built anew and replaced. (Sound files with binaries that the driver must
# refuse: tests/ocl/test_binary.c.)
whole=$(fingerprint cache)
for file in cache/*.program; do
    printf 'x' | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") / 2)) conv=notrunc 2>/dev/null
done
damaged=$(fingerprint cache)
[[ $whole != "$damaged" ]] || fail "nothing was damaged"
drawn damaged
[[ $(programs) == "$count" ]] || fail "$(programs) programs after the damage instead of $count"
[[ $(fingerprint cache) != "$damaged" ]] || fail "the damaged programs are still there"
for file in cache/*.program; do
    : >"$file"
done
drawn emptied
for file in cache/*.program; do
    expect_file "$file"
done

# ---- two processes at once -----------------------------------------------------------------------

rm -r cache
draw left.png >left.out 2>&1 &
left=$!
drawn right
wait "$left" || fail "the second process: $(cat left.out)"
cmp -s left.png without.png || fail "other bits in left.png"
[[ $(programs) == "$count" ]] || fail "$(programs) programs of two processes instead of $count"
left_over=$(find cache -name '.*.program.*')
[[ -z $left_over ]] || fail "left over: $left_over"

# A folder that cannot be written is not worth a word.
touch file
CLGAN_CACHE_DIR=$PWD/file/below drawn unwritable
! grep -q '^clgan.*cache' err || fail "said: $(cat err)"

# ---- the command ---------------------------------------------------------------------------------

expect_exit 0 "$CLGAN" cache info
grep -qF "$PWD/cache: $count programs" out || fail "info says $(cat out)"
expect_exit 0 "$CLGAN" cache info --json
python3 -c 'import json, os, sys
info = json.load(open("out"))
bytes = sum(os.path.getsize("cache/" + name) for name in os.listdir("cache"))
sys.exit(info != {"folder": os.path.abspath("cache"), "files": int(sys.argv[1]), "bytes": bytes,
                  "limit_bytes": 256 << 20})' "$count" || fail "info --json says $(cat out)"
echo theirs >cache/theirs
expect_exit 0 "$CLGAN" cache clear
grep -qx "$count programs removed" out || fail "clear says $(cat out)"
[[ $(ls -A cache) == theirs ]] || fail "clear left $(ls -A cache)"

expect_exit 0 env CLGAN_CACHE_DIR=off "$CLGAN" cache info
grep -q 'no cache' out || fail "info without a cache says $(cat out)"
expect_exit 0 env CLGAN_CACHE_DIR=off "$CLGAN" cache info --json
grep -q '"folder":.*null' out || fail "info --json without a cache says $(cat out)"
expect_exit 0 env CLGAN_CACHE_DIR=off "$CLGAN" cache clear
expect_exit 0 "$CLGAN" cache --help
expect_exit 2 "$CLGAN" cache
expect_said 'cache needs info or clear$'
expect_exit 2 "$CLGAN" cache empty
expect_said "cache needs info or clear, not 'empty'"
expect_exit 2 "$CLGAN" cache info clear
expect_said "unexpected argument 'clear'"
expect_exit 2 "$CLGAN" cache clear --json
expect_said '--json goes with cache info'
