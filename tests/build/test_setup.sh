#!/usr/bin/env bash
# A test of what scripts/setup.sh does with a build folder that was configured before.
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$1/scripts/setup.sh"

SETUP_ROOT=$PWD/tree
wrong=0

# Instead of CMake, which would begin with what is there.
cmake() {
    [[ -e $SETUP_ROOT/build/test/CMakeCache.txt ]] && found=kept || found=gone
}

# expect kept|gone HOME GENERATOR: what becomes of a cache of that place and generator.
expect() {
    rm -rf "$SETUP_ROOT"
    mkdir -p "$SETUP_ROOT/build/test/CMakeFiles"
    printf '%s\n' "CMAKE_HOME_DIRECTORY:INTERNAL=$2" "CMAKE_GENERATOR:INTERNAL=$3" \
        >"$SETUP_ROOT/build/test/CMakeCache.txt"
    setup_configure test
    [[ $found == "$1" ]] && return
    echo "the cache of $2 by $3 is $found, not $1"
    wrong=1
}

expect kept "$SETUP_ROOT" 'Unix Makefiles'
expect gone "$SETUP_ROOT.before" 'Unix Makefiles'
expect gone "$SETUP_ROOT" Ninja
expect gone "$SETUP_ROOT.before" Ninja
exit $wrong
