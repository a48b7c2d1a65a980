#!/usr/bin/env bash
# Trains the DCGAN from nothing: installs what is missing, builds a release, runs `clgan train`.
#
#   scripts/train.sh                              50 epochs on the best device
#   scripts/train.sh --epochs 2 --device pocl     arguments go to `clgan train`; see its --help
#
# Runs in the current folder and exits with clgan's status.
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

setup_install build || exit 1
setup_build release all || exit 1
setup_device || exit 1
exec "$SETUP_ROOT/build/release/clgan" train "$@"
