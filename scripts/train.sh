#!/usr/bin/env bash
# Trains the DCGAN from nothing: installs what is missing, builds a release, runs `clgan train`.
#
#   scripts/train.sh                              50 epochs on the best device
#   scripts/train.sh --epochs 2 --device pocl     arguments go to `clgan train`; see its --help
#   scripts/train.sh --ranks 2 ...                installs MPI, too, which several ranks need
#
# Runs in the current folder and exits with clgan's status.
set -uo pipefail
# shellcheck source=scripts/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

build_for=build
for word in "$@"; do
    [[ $word != --ranks && $word != --ranks=* ]] || build_for=ranks
done
setup_install $build_for || exit 1
setup_build release all || exit 1
[[ " $* " == *" --help "* ]] || setup_device release || exit 1
exec "$SETUP_ROOT/build/release/clgan" train "$@"
