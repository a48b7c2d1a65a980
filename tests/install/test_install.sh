#!/usr/bin/env bash
# An installed clgan works wherever it is moved to: the build in $1 is installed under a DESTDIR, moved,
# and used by programs of its own, which are built by pkg-config and by CMake.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"
build=$1

# hidden COMMAND...: runs it where the source tree and the build are gone, if the system allows that;
# that no file names them is looked at in any case.
hidden() {
    local options
    for options in -m -rm; do
        unshare "$options" mount --bind "$work" "$work" 2>/dev/null || continue
        # shellcheck disable=SC2016 # expanded by the inner shell
        unshare "$options" sh -c 'mount -t tmpfs none "$0" && mount -t tmpfs none "$1" 2>/dev/null
            shift; [ ! -e "$0/CMakeLists.txt" ] || exit 99; exec "$@"' "$CLGAN_SOURCE_DIR" "$build" "$@"
        return
    done
    "$@"
}

for tool in cmake pkg-config nm strings; do
    command -v "$tool" >/dev/null && continue
    echo "skipped: $tool is missing"
    exit 77
done

# ---- it is installed, and moved ------------------------------------------------------------------

prefix=$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$build/CMakeCache.txt")
DESTDIR=$PWD/stage cmake --install "$build" >installed 2>&1 || fail "$(cat installed)"
work=$(mktemp -d /tmp/clgan_install.XXXXXX) # not under the source tree, which is hidden below
trap 'rm -rf "$work"' EXIT
root="$work/moved to"
mv "stage$prefix" "$root"
cd "$work" || exit 1
program=$root/bin/clgan
for file in bin/clgan share/clgan/mnist/train-images-idx3-ubyte.gz include/clgan/train.h \
    share/clgan/classifier/mnist-1.safetensors share/man/man1/clgan.1 \
    share/bash-completion/completions/clgan share/zsh/site-functions/_clgan \
    share/fish/vendor_completions.d/clgan.fish; do
    [[ -s $root/$file ]] || fail "not installed: $file"
done
library=$(find "$root" -name 'libclgan.so.*.*.*')
[[ -n $library ]] || library=$(find "$root" -name libclgan.a)
folder=$(dirname "$library")

# ---- nothing in it names the build ---------------------------------------------------------------

for path in "$CLGAN_SOURCE_DIR" "$build"; do
    ! grep -rlaF "$path" "$root" >named || fail "$path is named in $(cat named)"
done

# ---- what the library offers ---------------------------------------------------------------------

offered=$(grep -rhoE 'CG_API [^(;]*' "$root/include/clgan" | grep -oE 'cg_[a-z0-9_]+(\[[A-Z_]*\])?$' |
    sed 's/\[.*//' | sort -u)
[[ $(wc -l <<<"$offered") -gt 50 ]] || fail "only these are declared: $offered"
if [[ $library == *.so* ]]; then
    [[ $(nm -D --defined-only "$library" | sed 's/.* //; s/@.*//' | sort -u) == "$offered" ]] ||
        fail "the library offers other things than its headers: $(nm -D --defined-only "$library")"
    readelf -d "$library" | grep -q 'SONAME.*\[libclgan\.so\.0\]' || fail "$(readelf -d "$library")"
    [[ $(readelf -d "$program") == *"[libclgan.so.0]"* ]] || fail "the program has its own library"
fi
others=$(nm -g --defined-only "$library" | sed -n 's/.* [A-Z] //p' | grep -v '^cg_' || true)
[[ -z $others ]] || fail "symbols of others: $others"

# ---- the program ---------------------------------------------------------------------------------

mkdir none elsewhere && cd elsewhere
expect_exit 0 hidden "$program" --version
PATH=${program%/*}:$PATH expect_exit 0 hidden clgan --version
# Without a device the data are found, and that there is no device is the next thing to be said.
export OCL_ICD_VENDORS=$PWD/../none CLGAN_LOG=debug
expect_exit 3 hidden "$program" train
expect_said "mnist: $root/share/clgan/mnist"
expect_said 'no OpenCL device'
PATH=${program%/*}:$PATH expect_exit 3 hidden clgan train
expect_said "mnist: $root/share/clgan/mnist"
ln -s "$program" link
expect_exit 3 hidden ./link train
expect_said "mnist: $root/share/clgan/mnist"
CLGAN_DATA_DIR=$PWD/mistyped expect_exit 2 hidden "$program" train
expect_said "$PWD/mistyped/mnist"
CLGAN_DATA_DIR=$CLGAN_SOURCE_DIR/data expect_exit 3 "$program" train
expect_said "mnist: $CLGAN_SOURCE_DIR/data/mnist"

# ---- programs of its users -----------------------------------------------------------------------

cat >user.c <<'END'
#include <clgan/dataset.h>
#include <clgan/device.h>
#include <clgan/train.h>
#include <stdio.h>
int main(void)
{
    cg_dataset dataset;
    cg_devices *devices;
    cg_train_options options = cg_train_defaults();
    if (cg_dataset_read(&dataset, NULL, CG_DATASET_TEST) != CG_OK || cg_devices_create(&devices) != CG_OK)
        return 1;
    printf("%zu %zu %d %s %s\n", dataset.count, cg_devices_count(devices), (int)options.epochs.value,
           cg_hypers[0].name, cg_dataset_default());
    cg_dataset_deinit(&dataset);
    cg_devices_release(devices);
    return 0;
}
END
# A static library is a part of its user, who is elsewhere.
[[ $library == *.so* ]] || export CLGAN_DATA_DIR=$root/share/clgan
said="10000 0 50 learning_rate $root/share/clgan/mnist"
# The path has a blank, which pkgconf writes as a shell does; pkg-config before it does not.
flags=() packages=$folder
if [[ $(pkg-config --version) == 0.* ]]; then
    ln -s "$folder" "$work/unmoved"
    packages=$work/unmoved
fi
export PKG_CONFIG_PATH=$packages/pkgconfig
eval "flags=($(pkg-config --cflags --libs clgan))" || fail "no clgan.pc"
"${CC:-cc}" user.c -o by_pkg_config "${flags[@]}" || fail "it does not build by pkg-config: ${flags[*]}"
LD_LIBRARY_PATH=$folder expect_exit 0 hidden ./by_pkg_config
[[ $(cat out) == "$said" ]] || fail "it says $(cat out), not $said"
# As README.md has it, where the path has no blank.
line=$(sed -n 's/^    \(cc program\.c .*pkg-config.*\)/\1/p' "$CLGAN_SOURCE_DIR/README.md")
ln -s "$root" "$work/plain"
cp user.c program.c
PKG_CONFIG_PATH=$work/plain/${folder#"$root/"}/pkgconfig bash -c "${line:?}" || fail "README: $line"
LD_LIBRARY_PATH=$folder expect_exit 0 ./program
[[ $(pkg-config --modversion clgan) == "$("$program" --version | sed 's/clgan //')" ]] ||
    fail "pkg-config has another version"

# CMake, whose build knows where the library is, builds the examples as any project of its own.
cp -r "$CLGAN_SOURCE_DIR/examples" project
cp user.c project/
cmake -S project -B by_cmake -DCMAKE_PREFIX_PATH="$root" >configured 2>&1 || fail "$(cat configured)"
cmake --build by_cmake --target user 01_list_devices 04_draw_in_memory >built 2>&1 || fail "$(cat built)"
expect_exit 0 hidden by_cmake/user
[[ $(cat out) == "$said" ]] || fail "it says $(cat out), not $said"
expect_exit 1 by_cmake/01_list_devices
expect_said 'no OpenCL device'
printf '%s\n' 'cmake_minimum_required(VERSION 3.22)' 'project(asks LANGUAGES C)' \
    'find_package(clgan 0.9 REQUIRED)' >project/CMakeLists.txt
cmake -S project -B refused -DCMAKE_PREFIX_PATH="$root" >configured 2>&1 &&
    fail "another version will do"
grep -q 'version: 0.1.0' configured || fail "$(cat configured)"
