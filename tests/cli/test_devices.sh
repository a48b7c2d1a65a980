#!/usr/bin/env bash
# clgan devices: the table, the JSON of the contract, and names that --device then accepts.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

# The ids as clinfo numbers them: " `-- Device #0: NAME" under "Platform #1: NAME" is 1:0.
clinfo_ids() {
    clinfo -l | awk '/^Platform #/ { platform = substr($2, 2) + 0 }
        match($0, /Device #[0-9]+/) {
            printf "%s%d:%d", gap, platform, substr($0, RSTART + 8)
            gap = " "
        }'
}

check_list() {
    local ids=
    if command -v clinfo >/dev/null; then
        ids=$(clinfo_ids)
        [[ -n $ids ]] || fail "clinfo -l lists no device"
    fi
    expect_exit 0 "$CLGAN" devices
    cp out table
    [[ $(grep -c '^\* ' table) -eq 1 ]] || fail "not one default: $(cat table)"
    expect_exit 0 "$CLGAN" devices --json
    tool devices out "$ids"
    [[ $(grep -o '"id"' out | wc -l) -eq $(wc -l <table) ]] ||
        fail "table and JSON differ in length"
}

# Mesa's processor device is there, too, where it is installed.
(
    export RUSTICL_ENABLE=llvmpipe
    check_list
)
check_list

# The default is what its number and its id mean.
read -r _ index id _ < <(grep '^\*' table)
tool data discs 16
unset CLGAN_DEVICE
for selector in "$index" "$id" "!no-such-device,$id" "no-such-device,$id"; do
    rm -rf run
    expect_exit 0 "$CLGAN" train --data discs --batch 2 --max-steps 1 --out run --device "$selector"
    grep -q "\"id\":[[:space:]]*\"$id\"" run/config.json || fail "--device $selector is another one"
done
expect_exit 3 "$CLGAN" train --data discs --out none --device "!$id,$id"
expect_absent none

# A device that cannot be used is listed with the reason, and is no default.
unusable() {
    expect_exit 3 env CLGAN_STRICT_LIMITS="$1" "$CLGAN" devices
    grep -q "^  .*; unusable: $2\$" out || fail "not '$2': $(cat out)"
    expect_said 'no OpenCL device can be used; there is:'
    expect_exit 3 env CLGAN_STRICT_LIMITS="$1" "$CLGAN" devices --json
    grep -q "\"unusable\":[[:space:]]*\"$2\"" out || fail "not '$2' in JSON: $(cat out)"
    ! grep -q '"default":[[:space:]]*true' out || fail "it is the default: $(cat out)"
    for selector in "$index" "$id"; do
        expect_exit 3 env CLGAN_STRICT_LIMITS="$1" "$CLGAN" train --data discs --out none \
            --device "$selector"
        expect_said ": $2\$"
        expect_absent none
    done
}
if [[ $CLGAN == */strict_bin/* ]]; then
    unusable absent 'its driver says that it is not available'
    unusable binaries 'its driver has no compiler'
fi
