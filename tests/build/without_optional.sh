#!/usr/bin/env bash
# A static clgan without its optional libraries: it configures, builds, trains, draws and evaluates; what it
# cannot do it says in one sentence. $1 is the folder of that build, which stays for the next time.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"
build=$1

for tool in cmake make pkg-config python3; do
    command -v "$tool" >/dev/null && continue
    echo "skipped: $tool is missing"
    exit 77
done

# ---- it builds -----------------------------------------------------------------------------------

# The tests' build, of which this one is a part, and what its files are compiled for.
tests=${build%/*/*}
type=$(sed -n 's/^CMAKE_BUILD_TYPE:[^=]*=//p' "$tests/CMakeCache.txt")
configure() {
    cmake -S "$CLGAN_SOURCE_DIR" -G 'Unix Makefiles' -DCMAKE_BUILD_TYPE="$type" -DCLGAN_TESTS=OFF \
        -DCLGAN_WERROR=ON -DBUILD_SHARED_LIBS=OFF "$@"
}

# Most files do not know of those libraries (scripts/check.sh includes): where both builds compile
# by the same flags, their objects are taken from the tests' build, for make to find them done.
reuse_objects() {
    [[ $(flags "$build/$1") == "$(flags "$tests/$1")" ]] || return 0
    cp -R "$tests/$1/src" "$build/$1"
}
flags() {
    sed -n '/^C_DEFINES/p; /^C_FLAGS/{ s/-ffile-prefix-map=[^ ]*//g; p }' "$1/flags.make"
}

launcher=()
! command -v ccache >/dev/null || launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
configure -B "$build" -DCLGAN_FIGURES=OFF -DCLGAN_FID=OFF -DCLGAN_MPI=OFF "${launcher[@]}" >configured
grep -q 'clgan report.*: no: CLGAN_FIGURES is OFF' configured || fail "figures: $(cat configured)"
grep -q 'Frechet distance.*: no: CLGAN_FID is OFF' configured || fail "distance: $(cat configured)"
grep -q "devices and hosts.*: no: CLGAN_MPI is OFF" configured || fail "MPI: $(cat configured)"
for target in clgan_objects clgan; do
    reuse_objects "CMakeFiles/$target.dir"
done
cmake --build "$build" --target clgan pages >built 2>&1 || fail "$(cat built)"
CLGAN=$build/clgan
if command -v ldd >/dev/null && ldd "$CLGAN" | grep -iE 'cairo|lapack|openblas|libmpi'; then
    fail "it is linked with what it was to go without"
fi

# ---- it trains, draws and evaluates --------------------------------------------------------------

# This program has no verdict on a device yet: it makes no self-test.
tool mnist digits 24 40
expect_exit 0 "$CLGAN" train --data digits --batch 8 --epochs 2 --evaluate-every 1 --no-selftest \
    --evaluate-samples 40 --log-every 1 --tensorboard --out run
expect_said 'no best checkpoint is kept: this clgan was built without LAPACKE.*CLGAN_FID'
expect_said 'epoch 1/2 judged in [0-9.]+ s: precision [01]\.'
expect_file run/images/image_at_epoch_0002.png
tool gif run/dcgan.gif 2
expect_absent run/checkpoints/best.safetensors
expect_checkpoints run "3 6"
[[ $(grep -c '"type":"evaluation".*"fid":null,"precision":[01]' run/log.jsonl) == 2 ]] ||
    fail "no evaluations without a distance: $(grep evaluation run/log.jsonl)"
expect_exit 0 "$CLGAN" train --data digits --epochs 3 --evaluate-every 1 --resume --no-selftest \
    --out run
expect_checkpoints run "3 6 9"

checkpoint=run/checkpoints/step_00000009.safetensors
expect_exit 0 "$CLGAN" sample --checkpoint "$checkpoint" --grid 4x4 --no-selftest \
    --out grid.png
expect_file grid.png

expect_exit 0 "$CLGAN" evaluate --checkpoint "$checkpoint" --data digits --samples 40 \
    --no-selftest --json scores.json
expect_said 'no Frechet distances: this clgan was built without LAPACKE.*CLGAN_FID'
grep -qE '^  fid +- +- +-  Frechet' out || fail "a distance in the table: $(cat out)"
tool score scores.json 'e["fid"] is None and e["fid_train_interval"] == [None, None]'
tool score scores.json 'f["fid"] is None and e["kid"] > f["kid"] and 0 <= e["precision"] <= 1'

# ---- what it cannot do ---------------------------------------------------------------------------

before=$(fingerprint run)
expect_exit 1 "$CLGAN" report run --out report.html
expect_said 'no figures: this clgan was built without cairo.*CLGAN_FIGURES'
[[ $(wc -l <err) == 1 ]] || fail "more than a sentence: $(cat err)"
for option in --html --png; do
    expect_exit 1 "$CLGAN" compare missing.json "$option" page
    expect_said 'no figures: this clgan was built without cairo.*CLGAN_FIGURES'
done
expect_exit 2 "$CLGAN" train --ranks 2 --data digits --out ranks
expect_said '--ranks needs MPI, and this clgan was built without it'
expect_exit 2 env OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2 "$CLGAN" train --data digits --out ranks
expect_said 'started as one of several ranks, and was built without MPI: .*CLGAN_MPI'
expect_absent ranks
expect_absent report.html
expect_absent page
[[ $(fingerprint run) == "$before" ]] || fail "the run has changed"

# ---- it is installed, and linked with ------------------------------------------------------------

mkdir install
CLGAN=$CLGAN TMPDIR=$PWD/install bash "$CLGAN_SOURCE_DIR/tests/install/test_install.sh" "$build" ||
    fail "the static library"

# ---- what is not found ---------------------------------------------------------------------------

# pkg-config knows all of these libraries but cairo.
mkdir modules
for module in libcjson libxxhash libmd; do
    ln -s "$(pkg-config --variable pcfiledir "$module")/$module.pc" modules/
done
export PKG_CONFIG_LIBDIR=$PWD/modules PKG_CONFIG_PATH=
configure -B hidden >configured 2>&1
grep -q 'clgan report.*: no: cairo is not found (CMAKE_PREFIX_PATH' configured ||
    fail "cairo: $(cat configured)"
configure -B hidden -DCLGAN_FIGURES=ON >configured 2>&1 &&
    fail "configured without what was asked for: $(cat configured)"
tr -s ' \n' ' ' <configured |
    grep -q 'CLGAN_FIGURES=ON: cairo is not found. .* or go without: -DCLGAN_FIGURES=OFF' ||
    fail "what is missing: $(cat configured)"
