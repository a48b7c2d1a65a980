#!/usr/bin/env bash
# Compares the OpenCL training step with a fixture of recorded float64 results.
#
#   scripts/parity.sh FILE.json [--device SEL] [--algorithm [OP=]NAME] [--shards N]
#
# It prints a line per tensor and step, the last one "PARITY PASS worst=... at ..." or "PARITY FAIL
# worst=... at ...". Exits 0 when all is within the limits, 1 when not, 2 when the file or the
# options cannot be read, 3 without a device.
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

setup_install build || exit 1
setup_build release all || exit 1
setup_device release || exit 1
exec "$SETUP_ROOT/build/release/clgan-parity" "$@"
