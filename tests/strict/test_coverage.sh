#!/usr/bin/env bash
# The strict layer stands in front of every OpenCL function that the program or CLBlast calls, but
# for the queries below, which change nothing and whose errors all drivers report alike.
#
#   test_coverage.sh LAYER FILE      FILE: the program or the shared library that calls OpenCL
set -euo pipefail
queries='clGet(CommandQueueInfo|DeviceIDs|EventInfo|KernelInfo|MemObjectInfo|PlatformIDs|PlatformInfo|ProgramBuildInfo|ProgramInfo)'

command -v nm >/dev/null || exit 77
layer=$1 program=$2
clblast=$(ldd "$program" | sed -n 's/.*libclblast[^ ]* => \([^ ]*\).*/\1/p')

# functions SIGN FILE: the names of OpenCL functions that the file needs (U) or has (T).
functions() {
    nm -D "$2" | sed -n "s/.* $1 \(cl[A-Z][A-Za-z]*\).*/\1/p" | sort -u
}

called=$({ functions U "$program"; [[ -z $clblast ]] || functions U "$clblast"; } | sort -u)
[[ $(wc -l <<<"$called") -gt 20 ]] || { echo "only these calls were found: $called" >&2; exit 1; }
missing=$(comm -23 <(grep -vxE "$queries" <<<"$called") <(functions T "$layer"))
if [[ -n $missing ]]; then
    echo "not in the layer: $missing" >&2
    exit 1
fi
