#!/usr/bin/env bash
# Gives readers of files what libFuzzer makes of their seeds, under the sanitizers; needs clang.
#
#   scripts/fuzz.sh [TARGET|all] [SECONDS]     60 seconds for each target, of all
#
# The targets are those of tests/fuzz/fuzz.c. The inputs that it learns stay in
# build/fuzz/corpus/TARGET, where the next call begins. An input that breaks a promise is named, lies
# in build/fuzz/findings/TARGET, and belongs into tests/fuzz/seeds/TARGET with the repair. FUZZ_RUNS
# ends a target after this many runs. Exits 0, 1 when something is found, 2 on a wrong target, 77
# without clang's libFuzzer.
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$SETUP_ROOT" || exit 1

wanted=${1:-all} seconds=${2:-60}
folder=build/fuzz

if ! printf '%s\n' '#include <stddef.h>' 'int LLVMFuzzerTestOneInput(const char *d, size_t n);' \
    'int LLVMFuzzerTestOneInput(const char *d, size_t n) { (void)d; return n > 99999999; }' |
    clang -fsanitize=fuzzer,address -x c - -o /dev/null 2>/dev/null; then
    echo "skipped: no clang with libFuzzer"
    exit 77
fi
setup_build fuzz fuzz || exit 1

export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:quarantine_size_mb=8
export LSAN_OPTIONS=suppressions=$SETUP_ROOT/tests/lsan.supp:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1
[[ -n ${TMPDIR:-} ]] || export TMPDIR=/tmp

# Prints the number of runs, and the words of a finding.
fuzz_target() {
    local target=$1 seeds=tests/fuzz/seeds/$1 corpus=$folder/corpus/$1 found=$folder/findings/$1
    mkdir -p "$corpus" "$found"
    FUZZ_TARGET=$target "$folder/tests/fuzz" -max_total_time="$seconds" -runs="${FUZZ_RUNS:--1}" \
        -max_len=16384 -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=128 -use_value_profile=1 \
        -print_final_stats=1 -close_fd_mask=1 -dict=tests/fuzz/words.dict -artifact_prefix="$found/" \
        "$corpus" "$seeds" >"$found.log" 2>&1
    local status=$?
    awk -v target="$target" '/^stat::number_of_executed_units/ { runs = $2 }
        /^stat::average_exec_per_sec/ { rate = $2 }
        END { printf "%-14s %12d runs, %d a second\n", target, runs, rate }' "$found.log"
    ((status == 0)) && return 0
    grep -E "does not hold|ERROR: |ParseDict|runtime error|Test unit written" "$found.log" || tail -n 3 "$found.log"
    return 1
}

mapfile -t targets < <(FUZZ_TARGET='' "$folder/tests/fuzz" 2>&1 | sed -n 's/^FUZZ_TARGET names one of: //p' |
    tr ' ' '\n')
if [[ $wanted != all ]]; then
    if [[ " ${targets[*]} " != *" $wanted "* ]]; then
        echo "no target $wanted; there are: ${targets[*]}" >&2
        exit 2
    fi
    targets=("$wanted")
fi
status=0
for target in "${targets[@]}"; do
    fuzz_target "$target" || status=1
done
exit $status
