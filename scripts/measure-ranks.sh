#!/usr/bin/env bash
# Measures what ranks of this machine bring and cost, in turn: a batch without shards, in shards on
# one rank with all processors, and on several ranks that have a part of the processors each. The
# machine has to be quiet meanwhile. Prints the medians of the turns as a table in Markdown.
#
#   scripts/measure-ranks.sh [--device SEL] [--ranks N] [--batch B] [--turns N] [--seconds N] [CLGAN]
#
#   --device SEL    pocl; for ranks with a device each 'rank:0=A,1=B' or A,B
#   --ranks N       2
#   --batch B       images of a step, 256
#   --turns N       how often each is measured, 3
#   --seconds N     of each measurement, 20
#   CLGAN           the program, default build/release/clgan
#
# Exits 0, 2 when the options are wrong, else as clgan bench did.
set -euo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

usage() {
    setup_say "$1"
    sed -n 's/^#   //p' "${BASH_SOURCE[0]}" >&2
    exit 2
}

declare -A values=([device]=pocl [ranks]=2 [batch]=256 [turns]=3 [seconds]=20)
clgan=$SETUP_ROOT/build/release/clgan
while (($#)); do
    case $1 in
    --help | -h)
        sed -n 's/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed '1d;/^shellcheck/,$d'
        exit 0
        ;;
    --device | --ranks | --batch | --turns | --seconds)
        (($# > 1)) || usage "$1 needs a value"
        values[${1#--}]=$2
        shift
        ;;
    -*) usage "unknown option '$1'" ;;
    *) clgan=$1 ;;
    esac
    shift
done
[[ ${values[turns]} =~ ^[1-9][0-9]?$ ]] ||
    usage "--turns takes a number from 1 to 99, not '${values[turns]}'"

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
common=(--device "${values[device]}" --batch "${values[batch]}" --seconds "${values[seconds]}")
export CLGAN_TUNING=
for ((turn = 1; turn <= values[turns]; turn++)); do
    "$clgan" bench "${common[@]}" --shards 8 --quiet --json "$out/one_$turn.json" >/dev/null
    "$clgan" bench "${common[@]}" --ranks "${values[ranks]}" --quiet \
        --json "$out/several_$turn.json" >/dev/null
done

python3 - "$out" "${values[turns]}" <<'PYTHON'
import json, statistics, sys

folder, turns = sys.argv[1], int(sys.argv[2])


def read(name):
    return [json.load(open(f"{folder}/{name}_{i + 1}.json"))["ranks"] for i in range(turns)]


def ms(figures):
    return 1e3 * statistics.median(figures)


one, several = read("one"), read("several")
whole = ms(r["without_shards"]["seconds_median"] for r in one)
shards = ms(r["step"]["seconds_median"] for r in one)
ranks = ms(r["step"]["seconds_median"] for r in several)
parts = {part: ms(statistics.mean(m[part + "_seconds"] for m in r["members"]) for r in several)
         for part in ("computing", "exchanging", "waiting")}
count, batch = several[0]["count"], several[0]["batch"]
print(f"| a step of {batch} | ms, median of {turns} turns | speed |")
print("|---|---|---|")
print(f"| one rank, without shards | {whole:.1f} | {shards / whole:.2f} |")
print(f"| one rank, {one[0]['shards']} shards | {shards:.1f} | 1 |")
print(f"| {count} ranks, {several[0]['shards']} shards | {ranks:.1f} | {shards / ranks:.2f} |")
for part, time in parts.items():
    print(f"| of it {part} | {time:.1f} | {100 * time / ranks:.0f} % of the step |")
PYTHON
