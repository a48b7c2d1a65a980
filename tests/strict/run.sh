#!/usr/bin/env bash
# Runs a test and fails, also where the test passed, when something in it made a call that the
# OpenCL specification calls an error.
#
#   run.sh LOG COMMAND...
#
# The strict layer (strict.h) writes LOG. It is either preloaded into COMMAND here, when
# STRICT_LAYER names it, or into what COMMAND starts, by the programs beside this suite's clgan.
set -u
CLGAN_STRICT_LOG=$1
export CLGAN_STRICT_LOG
shift
mkdir -p "${CLGAN_STRICT_LOG%/*}" && rm -f "$CLGAN_STRICT_LOG" || exit 1
status=0
env ${STRICT_LAYER:+LD_PRELOAD="$STRICT_LAYER"} "$@" || status=$?
if [[ -s $CLGAN_STRICT_LOG ]]; then
    echo "calls that OpenCL 1.2 forbids:" >&2
    sort "$CLGAN_STRICT_LOG" | uniq -c | head -n 20 >&2
    exit 1
fi
exit "$status"
