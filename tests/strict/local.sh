#!/usr/bin/env bash
# In a step of batch 64 on a CPU with 16 KiB of local memory (limits.c) nothing runs by the plain
# algorithms, and nobody is warned. With 8 KiB a part of it does, and the warning says so.
# There is no self-test: strict/local_16 has what the algorithms compute, at less cost.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

tool mnist small 64 10
step() {
    CLGAN_STRICT_LOCAL_MEM=$1 expect_exit 0 "$CLGAN" train --data small --max-steps 1 --no-selftest \
        --evaluate-every 0 --batch "$2" --out "$3"
    cp err "$3.err"
}

# by_plain RUN: prints the lines of its config.json with an operation by plain.
by_plain() {
    grep -cE '"(g|d)\.[a-z0-9]+/[a-z_]+":[[:space:]]*"plain"' "$1/config.json" || true
}

step 16384 64 sixteen
grep -qE '"g.convt1/fwd":[[:space:]]*"fourier"' sixteen/config.json || fail "g.convt1 is not by fourier"
[[ $(by_plain sixteen) -eq 0 ]] || fail "$(by_plain sixteen) operations by plain"
! grep -q plain sixteen.err || fail "a warning: $(cat sixteen.err)"

step 8192 1 eight
[[ $(by_plain eight) -eq 6 ]] || fail "$(by_plain eight) operations by plain"
said="warning: by 'plain', which is slow: g.convt3/fwd, d.conv2/fwd, .*; no faster algorithm fits .* 8 KiB"
[[ $(grep -cE "$said" eight.err) -eq 1 ]] || fail "no warning: $(cat eight.err)"
