#!/usr/bin/env bash
# Runs all tests, as CI does: installs what is missing, builds with warnings as errors, runs ctest.
#
#   scripts/test.sh            everything, on PoCL: 8 to 16 minutes on two cores, cold
#   scripts/test.sh --quick    what needs no OpenCL device, and the checks, in under one
#   scripts/test.sh --exhaustive [REGEX]
#                              what takes from minutes to hours and is run before a release: the label
#                              exhaustive, or those of its tests whose names match
#   scripts/test.sh --all-runtimes [NAME...]
#                              on every OpenCL runtime that can be brought: scripts/test-runtimes.sh
#
# CLGAN_DEVICE chooses another device. With CI set, a missing tool is a failure and not a skipped
# test. Before the last line, ctest's summary, stand the times of each label.
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

only=()
[[ ${1:-} != --all-runtimes ]] || exec "$SETUP_ROOT/scripts/test-runtimes.sh" "${@:2}"
case "$#:${1:-}" in
0:) ;;
1:--quick) only=(-L '^(quick|checks)$') ;;
1:--exhaustive) only=(-C exhaustive -L '^exhaustive$') ;;
2:--exhaustive) only=(-C exhaustive -L '^exhaustive$' -R "$2") ;;
*)
    echo "usage: scripts/test.sh [--quick|--exhaustive [REGEX]|--all-runtimes [NAME...]]" >&2
    exit 2
    ;;
esac

setup_install test || exit 1
setup_build test all -DCLGAN_WERROR=ON || exit 1

# Intel's runtime takes PoCL's place where that builds nothing for this processor, but in the tests
# that are about PoCL.
device=pocl
[[ ${1:-} == --quick ]] || setup_device test "${CLGAN_DEVICE:-pocl}" || exit 1
if [[ $setup_took_intel ]]; then
    device='Intel(R) OpenCL,!gpu'
    only+=(-LE '^pocl$')
fi
export CLGAN_DEVICE=${CLGAN_DEVICE:-$device}
log=$SETUP_ROOT/build/test/ctest.log
ctest --test-dir "$SETUP_ROOT/build/test" --parallel "$(setup_cpus)" --output-on-failure \
    --no-tests=error "${only[@]}" </dev/null 2>&1 |
    tee "$log" | grep --line-buffered -v ' tests failed out of '
status=${PIPESTATUS[0]}
grep ' tests failed out of ' "$log" || echo "ctest ended without a summary, status $status"
exit "$status"
