#!/usr/bin/env bash
# Puts what a container needs to run clgan on PoCL, and nothing else, into a folder: the last stage
# of Containerfile. To be run on Debian 12, as root.
#
#   scripts/image-root.sh CLGAN ROOT     CLGAN: the program; ROOT: a folder that is not there yet
#
# Besides the program, the data sets and the classifiers these are the libraries that the program,
# PoCL and the linker load, and what PoCL opens while it compiles a kernel: its headers, its library
# of builtins, and what a shared object is linked with.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$1 root=$2
triplet=x86_64-linux-gnu
libraries=/usr/lib/$triplet
gcc=$(dirname "$(gcc -print-libgcc-file-name)")

# put FILE...: copies each to its own place; a link stays one, and what it leads to comes along.
put() {
    local file target
    for file in "$@"; do
        mkdir -p "$root$(dirname "$file")"
        cp -a "$file" "$root$file"
        [[ -L $file ]] || continue
        target=$(readlink "$file")
        [[ $target == /* ]] || target=$(dirname "$file")/$target
        put "$target"
    done
}

# libraries_of FILE...: prints whatever the loader would load with them, by the names that are
# looked for.
libraries_of() {
    ldd "$@" | sed -nE 's/^[[:space:]](.* => )?(\/[^ ]+) \(.*/\2/p' |
        sed 's|^/lib|/usr/lib|' | sort -u
}

# A stub takes the place of a library that LLVM loads and never calls here: the SMT solver of its
# analyzer, the tables of Unicode's names and rules. The loader wants the file, and one symbol in
# it.
stand_in() {
    rm "$root$libraries/$1"*
    gcc -shared -Wl,-soname,"$1" -x c - -o "$root$libraries/$1" <<<"$2"
}

mkdir -p "$root"/{usr/bin,usr/lib64,etc/OpenCL,tmp,clgan/runs} "$root$libraries"
chmod 1777 "$root/tmp"
ln -s usr/bin "$root/bin" && ln -s usr/lib "$root/lib" && ln -s usr/lib64 "$root/lib64"
cp "$program" "$root/usr/bin/clgan"
cp -r "$source_dir/data" "$root/clgan/data"

pocl=("$libraries"/libpocl.so.2 "$libraries"/pocl/*.so)
mapfile -t needed < <(libraries_of "$program" "${pocl[@]}" /usr/bin/ld)
put "${needed[@]}" "${pocl[@]}" /etc/OpenCL/vendors/pocl.icd /usr/share/pocl /usr/bin/ld
# Clang knows GCC's folder by its crtbegin.o.
put "$gcc"/crtbegin.o "$gcc"/libgcc.a "$gcc"/libgcc_s.so "$libraries"/lib{c,m,gcc_s,mvec}.so* \
    "$libraries"/libc_nonshared.a

icu=$(basename "$root$libraries"/libicudata.so.[0-9][0-9])
stand_in "$icu" "const long icudt${icu##*.}_dat[4] = {0};"
stand_in libz3.so.4 ''

# The builtins for AVX2 and AVX-512 stay, which x86-64 processors have had since 2013: they are 9 MB
# for each kind of processor, and of no use to another.
for kind in "$root"/usr/share/pocl/kernel-*; do
    [[ $kind == *-avx2.bc || $kind == *-avx512.bc ]] || rm "$kind"
done
