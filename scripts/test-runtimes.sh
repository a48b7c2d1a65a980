#!/usr/bin/env bash
# Tests clgan on every OpenCL runtime for CPUs that can be brought here: scripts/test.sh
# --all-runtimes.
#
#   scripts/test.sh --all-runtimes [NAME...]      NAME: a line of the table below; else all
#
# On each of them the tests of the label ops run (on slow ones those that the table names), the
# self-test of what a training runs there, which must find nothing, parity of three training steps
# with recorded ones, a short training, the same training stopped and resumed, which must give the
# same bytes, and a strict one, which must give those of every device. The last lines are a table. A
# runtime that cannot be brought is a row that says why. Exits 0, 1 when something failed, 2 for a
# wrong NAME.
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
# shellcheck source=scripts/roots.sh
source "$SETUP_ROOT/scripts/roots.sh"

# Each line has a name; how it is brought (a function bring_* and its arguments); the tests that are
# its ops, all of the label or a pattern of their names; whether it trains, or why not; its
# environment.
RUNTIMES_TABLE='
pocl      | here pocl-opencl-icd                   | all                  | yes | CLGAN_DEVICE=pocl
pocl-7    | root debian-unstable pocl              | all                  | yes |
intel     | intel                                  | all                  | yes | CLGAN_DEVICE=Intel(R) OpenCL,!graphics,!gpu
rusticl   | here mesa-opencl-icd                   | portability/rusticl  | yes | CLGAN_DEVICE=rusticl RUSTICL_ENABLE=llvmpipe
oclgrind  | here oclgrind                          | portability/oclgrind | the simulator is too slow for whole steps |
'
RUNTIMES_HOUR=3600 # s, the most that one of the six takes

work=$SETUP_ROOT/build/runtimes
build=$SETUP_ROOT/build/test
export CLGAN_TUNING='' CLGAN_CACHE_DIR=$work/cache

# ---- bringing ------------------------------------------------------------------------------------
# Each leaves the runtime's variables in $environment, and fails with the reason in $why. A runtime
# in a root fills in the $row itself, by this script in there.

# Brings a package of the distribution, which setup_install has tried to install.
bring_here() {
    why="$1 is not installed here, and cannot be"
    case $1 in
    mesa-opencl-icd) setup_has mesa: ;;
    oclgrind) setup_has command:oclgrind ;;
    *) setup_has_driver && why="$1 builds nothing for this processor" &&
        setup_finds_device test pocl ;;
    esac
}

bring_intel() {
    why="it cannot be brought from PyPI: build/intel.log"
    setup_install_needs venv && setup_intel || return
    environment+=("OCL_ICD_VENDORS=$SETUP_INTEL/vendors")
}

# bring_root ROOT NAME: brings another system's runtime NAME, on that system.
bring_root() {
    local status=0
    if ! roots_select "$1" || ! roots_make || ! roots_open; then
        why=$roots_why
        return 1
    fi
    setup_say "$name: in build/roots/$1 (build/roots/$1.log)"
    : >"$log"
    roots_inside scripts/test.sh --all-runtimes "$2" || status=$?
    roots_close
    row=$(grep "^| $2 " "$log" | tail -n 1 | sed "s/^| $2 /| $name /")
    [[ $row ]] || row="| $name | - | fail ($status): build/roots/$1.log | - | - | - | - | - |"
}

# ---- the six -------------------------------------------------------------------------------------

# one WORD COMMAND...: puts pass, fail or skipped into $result.
one() {
    local status=0
    setup_say "$name: $1"
    {
        printf '\n==== %s\n' "$*"
        env "${environment[@]}" timeout "$RUNTIMES_HOUR" "${@:2}"
    } </dev/null >>"$log" 2>&1 || status=$?
    case $status in
    0) result=pass ;;
    124) result="fail: more than $RUNTIMES_HOUR s" ;;
    *) result="fail ($status)" ;;
    esac
}

run_ops() {
    local tests=(-L '^ops$')
    [[ $name == pocl* ]] || tests+=(-LE '^pocl$')
    [[ $1 == all ]] || tests=(-R "^$1\$")
    one ops env CLGAN_STRICT_OPTIMISED=1 ctest --test-dir "$build" "${tests[@]}" --parallel "$(setup_cpus)" --output-on-failure \
        --no-tests=error
    [[ $1 == all ]] && return
    [[ $result != pass ]] || ! tail -n 15 "$log" | grep -q 'Skipped)' || result="skipped: see the log"
    result="$result ($1)"
}

# A whole training of four small steps, which take llvmpipe minutes, and one that stops after two
# and is resumed.
clgan_train() {
    "$build/clgan" train --data "$work/digits" --batch 4 --evaluate-every 0 --log-every 1 "$@"
}
run_whole() {
    rm -rf "${work:?}/runs/$name"
    clgan_train --epochs 2 --out "$work/runs/$name/whole"
}
run_parted() {
    local last=checkpoints/step_00000004.safetensors
    clgan_train --epochs 1 --out "$work/runs/$name/parted" &&
        clgan_train --epochs 2 --resume --out "$work/runs/$name/parted" &&
        cmp "$work/runs/$name/whole/$last" "$work/runs/$name/parted/$last"
}

# The test of strict runs, which has the bytes.
run_strict() {
    export CLGAN=$build/clgan CLGAN_STRICT_STEP=$build/clgan-strict CLGAN_SOURCE_DIR=$SETUP_ROOT
    export TMPDIR=$work/strict/$name CLGAN_STRICT_FORMS=1
    rm -rf "$TMPDIR" && mkdir -p "$TMPDIR" && bash "$SETUP_ROOT/tests/cli/test_strict.sh"
}

# It runs in another process, for `timeout`.
if [[ ${1:-} == --part ]]; then
    name=$2
    "$3"
    exit
fi

# Prints the driver's version, as the program lists it; that of a simulator, which no other program
# sees.
version_of() {
    local selector place
    if command -v "$name" >/dev/null; then
        "$name" --version | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1
        return
    fi
    selector=$(printf '%s\n' "${environment[@]}" | sed -n 's/^CLGAN_DEVICE=//p')
    place=$(env "${environment[@]}" "$build/examples/01_list_devices" "$selector" 2>/dev/null |
        grep -n '^->' | cut -d: -f1)
    env "${environment[@]}" "$build/clgan" devices 2>/dev/null |
        sed -n "${place:-1}s/.*, driver \([^,]*\),.*/\1/p"
}

test_runtime() {
    local selftest=skipped parity=skipped train=skipped resume=skipped strict=skipped
    run_ops "$ops"
    ops=$result
    if [[ $trains == yes ]]; then
        one selftest "$build/clgan" selftest --batch 4
        selftest=$result
        one parity "$build/clgan-parity" "$SETUP_ROOT/tests/fixtures/tf_step_a.json"
        parity=$result
        one train "$0" --part "$name" run_whole
        train=$result
        one resume "$0" --part "$name" run_parted
        resume=$result
        one strict "$0" --part "$name" run_strict
        strict=$result
    else
        selftest="skipped: $trains"
    fi
    row="| $name | $(version_of) | $ops | $selftest | $parity | $train | $resume | $strict |"
}

# ---- all of them ---------------------------------------------------------------------------------

field() {
    sed 's/^ *//; s/ *$//' <<<"$1"
}

# Takes a line of the table; adds a row to $rows.
run_line() {
    local name how ops trains variables environment=() row="" why="" log
    IFS='|' read -r name how ops trains variables <<<"$1"
    name=$(field "$name") ops=$(field "$ops") trains=$(field "$trains")
    # A value may have blanks: what is no NAME=VALUE belongs to the one before.
    mapfile -t environment < <(field "$variables" | sed -E 's/ ([A-Z_]+=)/\n\1/g' | sed '/^$/d')
    log=$work/$name.log
    : >"$log"
    setup_say "$name: bringing it (build/runtimes/$name.log)"
    read -ra how <<<"$how"
    if "bring_${how[0]}" "${how[@]:1}"; then
        [[ $row ]] || test_runtime
    else
        row="| $name | - | skipped: $why | - | - | - | - | - |"
    fi
    rows+=("$row")
}

main() {
    local line lines=() rows=() wanted
    for wanted in "$@"; do
        awk -v name="$wanted" '$1 == name { found = 1 } END { exit !found }' <<<"$RUNTIMES_TABLE" || {
            echo "usage: scripts/test.sh --all-runtimes [$(awk 'NF { print $1 }' <<<"$RUNTIMES_TABLE" | paste -sd ' ')]" >&2
            return 2
        }
    done
    setup_install test && setup_build test all -DCLGAN_WERROR=ON || return 1
    mkdir -p "$work" && CLGAN_SOURCE_DIR=$SETUP_ROOT python3 "$SETUP_ROOT/tests/cli/tools.py" \
        mnist "$work/digits" 8 8 || return 1
    mapfile -t lines < <(sed '/^$/d' <<<"$RUNTIMES_TABLE")
    trap roots_close EXIT
    for line in "${lines[@]}"; do
        (($# == 0)) || [[ " $* " == *" ${line%% *} "* ]] || continue
        run_line "$line"
    done
    printf '| %s | %s | %s | %s | %s | %s | %s | %s |\n' runtime driver ops selftest parity train resume \
        strict --- --- --- --- --- --- --- ---
    printf '%s\n' "${rows[@]}"
    [[ "${rows[*]}" != *fail* ]]
}

main "$@"
