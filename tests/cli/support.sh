# shellcheck shell=bash
# What the tests of the command share; to be sourced. The test's folder is $TMPDIR, empty at first,
# and current from here on. $CLGAN is the program, $CLGAN_SOURCE_DIR the source tree.
set -eu

: "${CLGAN:?}" "${CLGAN_SOURCE_DIR:?}" "${TMPDIR:?}"
cd "$TMPDIR"
export CLGAN_CACHE_DIR=${CLGAN_CACHE_DIR-$TMPDIR/cache} # never the user's own
export CLGAN_TUNING=                                    # nor what the user has tuned

# on_null_device: from here on $CLGAN computes on a device that runs no kernel, but whose state moves
# with each step as a sound one's does (faults/null_device.c); for what the host's code does. The
# tier exhaustive goes without CLGAN_NULL, and stays on the real one. on_device takes that back.
real_clgan=$CLGAN
on_null_device() {
    CLGAN=${CLGAN_NULL:-$CLGAN}
}
on_device() {
    CLGAN=$real_clgan
}

# in_whole: the tier exhaustive runs the whole test, of which the suite leaves out what repeats itself.
in_whole() {
    [[ -n ${CLGAN_WHOLE-} ]]
}

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# Data sets, run folders and files seen from outside: tests/cli/tools.py.
tool() {
    python3 "$CLGAN_SOURCE_DIR/tests/cli/tools.py" "$@"
}

# expect_exit STATUS COMMAND...: runs it with its output in the files `out` and `err`. An error must
# have said something, in clean text, and no run may end in a crash.
expect_exit() {
    local wanted=$1 status=0
    shift
    "$@" >out 2>err || status=$?
    if [[ $status -ne $wanted ]]; then
        tail -n 20 err >&2
        fail "exit $status instead of $wanted: $*"
    fi
    if [[ $wanted -ne 0 && ! -s err ]]; then
        fail "exit $status without a word: $*"
    fi
    check_words "$*"
}

# The text in `err` is fit to be read.
check_words() {
    if LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f]' err; then
        fail "control characters on stderr: $*"
    fi
    if grep -qiE 'segmentation|assertion|core dumped|sanitizer|runtime error|terminate called' err; then
        cat err >&2
        fail "a crash: $*"
    fi
}

# expect_said PATTERN: the last command's stderr has it (grep -E).
expect_said() {
    grep -qE -- "$1" err && return
    cat err >&2
    fail "stderr does not say: $1"
}

expect_file() {
    [[ -s $1 ]] || fail "$1 is missing or empty"
}

expect_absent() {
    [[ ! -e $1 ]] || fail "$1 is there"
}

# bench_in_time ARGUMENT...: clgan bench, which measures for a short time, as neither its words nor how
# its numbers are related depend on that. It measures for longer where others have the processors, and
# a step would take more than there is.
bench_in_time() {
    local seconds status
    for seconds in 3 12 60; do
        status=0
        "$CLGAN" bench --seconds "$seconds" "$@" 2>bench.err || status=$?
        grep -q 'or more --seconds$' bench.err || break
    done
    cat bench.err >&2
    return "$status"
}

# fingerprint FOLDER: prints one number for all that it holds: names, sizes, and when each file was
# last written. The contents would take seconds: runs hold hundreds of megabytes.
fingerprint() {
    find "$1" -type f -printf '%P %s %T@\n' | sort | sha256sum
}

# checkpoints RUN: prints the numbers of its checkpoints, the best one apart: "3 6 9".
checkpoints() {
    local name names=()
    for name in "$1"/checkpoints/step_*; do
        name=${name##*/step_}
        names+=("$((10#${name%.safetensors}))")
    done
    echo "${names[*]}"
}

expect_checkpoints() {
    local found
    found=$(checkpoints "$1")
    [[ $found == "$2" ]] || fail "$1 has the checkpoints $found instead of $2"
}

# start FUNCTION...: runs it in the background, with output in `out` and `err`; its id goes to
# $started. The function runs `${in_place:-} program`, so that the program takes the subshell's
# place and signals to $started reach it.
start() {
    (
        # shellcheck disable=SC2034 # read by the function
        in_place='exec'
        "$@"
    ) >out 2>err &
    started=$!
}

# write_hold: writes the program `hold`, for CLGAN_EVENTS_DO=run:./hold: a moment that lasts until the
# test has done what it wants to. await_held waits for that moment; `touch go` ends it.
write_hold() {
    cat >hold <<'END'
#!/usr/bin/env bash
touch held
until [[ -e go ]]; do sleep 0.02; done
END
    chmod +x hold
}
await_held() {
    until [[ -e held ]]; do sleep 0.02; done
}

# read_step RUN: $step = the last one in the run's log, 0 where there is none. Without a process of
# its own, as the run goes on meanwhile.
read_step() {
    local line
    step=0
    [[ -e $1/log.jsonl ]] || return 0
    while read -r line; do
        [[ ! $line =~ \"step\":([0-9]+) ]] || step=${BASH_REMATCH[1]}
    done <"$1/log.jsonl"
}

# is_stopped: what was started has been halted by SIGSTOP, all of its threads, or has ended.
is_stopped() {
    local state
    state=$(sed 's/.*) //' "/proc/$started/stat" 2>/dev/null) || return 0
    [[ ${state:-Z} == [TZX]* ]]
}

# halt_at STEP: once the log of the run that was started, $run, has come to STEP, it is halted by
# SIGSTOP. $step = the last one in its log then.
halt_at() {
    while read_step "$run" && [[ $step -lt $1 ]] && kill -0 "$started" 2>/dev/null; do
        sleep 0.01
    done
    kill -STOP "$started" 2>/dev/null || true
    until is_stopped; do
        sleep 0.01
    done
    read_step "$run"
}

# start_and_halt RUN FIRST LAST FUNCTION...: starts it and halts it when the log of RUN has come to
# a step from FIRST to LAST; to go on it needs SIGCONT. On a busy machine the run may get further
# before it is halted: then it is ended, and done again from what there was of it before.
start_and_halt() {
    local run=$1 first=$2 last=$3 tries
    shift 3
    rm -rf .before
    [[ ! -e $run ]] || cp -r "$run" .before
    for ((tries = 0; tries < 50; tries++)); do
        start "$@"
        halt_at "$first"
        [[ $step -lt $first || $step -gt $last ]] || return 0
        kill -KILL "$started" 2>/dev/null || true
        wait "$started" 2>/dev/null || true
        [[ $step -ge $first ]] || fail "$run ended at step $step, before step $first: $(cat err)"
        rm -rf "$run"
        [[ ! -e .before ]] || cp -r .before "$run"
    done
    fail "$run was never halted between step $first and step $last"
}

# expect_end STATUS: waits for what was started, and compares its status.
expect_end() {
    local status=0
    wait "$started" 2>/dev/null || status=$?
    if [[ $status -ne $1 ]]; then
        cat err >&2
        fail "ended with $status instead of $1"
    fi
    check_words "ended with $status"
}
