#!/usr/bin/env bash
# Runs `$1 plain`, and three training steps by `$2 $3` (clgan-parity and a fixture), on Intel's
# OpenCL runtime for CPUs: the one that CLGAN_INTEL_OPENCL names, libintelocl.so with its libraries
# beside it as pip installs them (intel-opencl-rt, intel-cmplr-lib-rt), else one that is installed.
# Exits 77 where there is none: it is nothing that a distribution packages, so CI need not have it.
set -euo pipefail

driver=${CLGAN_INTEL_OPENCL-}
export CLGAN_DEVICE='Intel(R) OpenCL,!graphics,!gpu'
if [[ $driver ]]; then
    if [[ ! -f $driver ]]; then
        echo "CLGAN_INTEL_OPENCL: there is no file $driver"
        exit 1
    fi
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    mkdir "$folder/vendors" "$folder/lib"
    realpath "$driver" >"$folder/vendors/intel.icd"
    # All are linked but the loader that comes with the driver: it takes our loader's place, and
    # needs more.
    ln -s "$(dirname "$(realpath "$driver")")"/*.so* "$folder/lib"
    rm -f "$folder"/lib/libOpenCL.so*
    export OCL_ICD_VENDORS=$folder/vendors
    export LD_LIBRARY_PATH=$folder/lib${LD_LIBRARY_PATH+:$LD_LIBRARY_PATH}
fi

status=0
"$1" plain || status=$?
if [[ $status == 77 && $driver ]]; then
    echo "CLGAN_INTEL_OPENCL: the runtime does not load; ldd $driver tells what it lacks"
    exit 1
fi
[[ $status == 0 ]] || exit "$status"
"$2" "$3" | tail -n 1
