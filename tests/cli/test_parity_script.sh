#!/usr/bin/env bash
# scripts/parity.sh installs nothing where nothing is missing, builds a release, and is clgan-parity
# from there on. The build itself is what every other test stands on: here cmake only takes notes.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

FIXTURE=$CLGAN_SOURCE_DIR/tests/fixtures/tf_step_b.json
if [[ ! -x ${CLGAN%/*}/clgan-parity ]]; then
    echo "skipped: no ${CLGAN%/*}/clgan-parity" >&2
    exit 77
fi

mkdir -p tree/build/release bin elsewhere
cp -r "$CLGAN_SOURCE_DIR/scripts" tree/scripts
ln -s "$CLGAN" "${CLGAN%/*}/clgan-parity" tree/build/release/

# stub NAME: makes a command of that name, of the script on stdin, before the machine's own.
stub() {
    { echo '#!/usr/bin/env bash' && cat; } >"bin/$1"
    chmod +x "bin/$1"
}
stub cmake <<<"echo \"\$*\" | tee -a '$PWD/built'"
stub apt-get <<<"echo \"\$*\" >>'$PWD/installed'; exit 1"
# shellcheck disable=SC2016 # for the stub
stub dpkg-query <<<'shift 3; printf "ii %s\n" "$@"'

# The script runs from another folder than the tree, with a path that is relative to it.
cp "$FIXTURE" elsewhere/met.json
tool perturb "$FIXTURE" elsewhere/missed.json
parity() (
    cd elsewhere
    PATH=$TMPDIR/bin:$PATH exec ../tree/scripts/parity.sh "$@"
)

# verdict PATTERN: the last line on stdout has it. The first is a tensor's: the build says nothing
# there.
verdict() {
    head -n 1 out | grep -qE '^step 1  ' || fail "the first line is: $(head -n 1 out)"
    tail -n 1 out | grep -qE "$1" || fail "the last line is: $(tail -n 1 out)"
}

expect_exit 0 parity met.json
verdict '^PARITY PASS worst=[0-9.]+ at step'
expect_absent installed
[[ $(cat built) == "--preset release"$'\n'"--build $PWD/tree/build/release --target all "* ]] ||
    fail "what was built: $(cat built)"

status=0
parity missed.json --algorithm plain >out 2>err || status=$?
[[ $status -eq 1 ]] || fail "exit $status on numbers that are a thousandth off"
verdict '^PARITY FAIL worst=[0-9.]+ at step 1 loss_g'
expect_exit 2 parity missing.json
expect_exit 2 parity
expect_said '^usage: '
expect_exit 3 parity met.json --device 'no such device'
expect_said "'no such device'"

# A build that fails is told, and there is no verdict of an older program.
stub cmake <<<'echo "error: planted"; exit 1'
expect_exit 1 parity met.json
expect_said '^error: planted'
expect_said 'the build failed'
[[ ! -s out ]] || fail "on stdout, without a build: $(cat out)"
