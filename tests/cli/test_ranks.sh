#!/usr/bin/env bash
# clgan train --ranks and bench --ranks: what they start, hand on and say. A script that notes what it is asked for
# takes the place of mpirun, so that nothing is trained; tests/ranks/ has the real one.
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

mkdir fake none
cat >fake/mpirun <<'END'
#!/usr/bin/env bash
printf '%s\n' "$@" >"$FAKE/words"
echo "$CLGAN_RANKS_PARENT" >"$FAKE/parent"
echo "${POCL_AFFINITY-none}" >"$FAKE/affinity"
case $FAKE_WAY in
exit) exit 4 ;;
killed) kill -KILL $$ ;;
hydra) exit 9 ;;
broken) exit 213 ;;
order)
    : >"$FAKE/ready"
    head -c 1 | od -An -tu1 | tr -d ' \n' >"$FAKE/order"
    exit $((128 + $(cat "$FAKE/order")))
    ;;
esac
END
chmod +x fake/mpirun
for name in mpirun.openmpi mpirun.mpich mpiexec.hydra; do
    ln -s mpirun fake/$name
done
for name in env sh bash; do
    ln -s "$(command -v $name)" none/$name
done
export FAKE=$PWD

# run WAY ARGUMENT...: with a fake mpirun that behaves so.
command=train
run() {
    FAKE_WAY=$1 PATH=$PWD/fake:$PATH "$CLGAN" "$command" "${@:2}"
}

# ---- what cannot be ------------------------------------------------------------------------------

for count in 0 x 65; do
    expect_exit 2 run exit --ranks "$count"
    expect_said '--ranks must be a whole number from 1 to 64'
done
expect_exit 2 run exit --ranks 2 --nonsense
expect_exit 3 run exit --ranks 1 --device no-such-device
for wrong in '--ranks 0' '--ranks 65' '--shards 0' '--shards 65' '--ranks 1 --shards 9 --batch 8' \
    '--shards 2 --profile' '--ranks 2 --profile'; do
    # shellcheck disable=SC2086 # they are words
    expect_exit 2 env PATH="$PWD/none" "$CLGAN" bench $wrong
done
expect_exit 3 "$CLGAN" bench --shards 2 --device no-such-device
expect_exit 2 run exit --ranks 2 --seeds 1,2
expect_said '--ranks for one run on several'
if ((!CLGAN_HAS_MPI)); then
    expect_exit 2 run exit --ranks 2
    expect_said '--ranks needs MPI, and this clgan was built without it'
    exit 0
fi
expect_exit 2 env PATH="$PWD/none" "$CLGAN" train --ranks 2
expect_said '--ranks needs mpirun, which is not in the PATH: install '
expect_exit 2 env OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=4 "$CLGAN" train --ranks 2
expect_said '--ranks 2 starts ranks, and this is one already'
expect_absent words

# Threads are bound to processors where one process has them all, and not by ranks, which would each
# bind the first one of theirs to processor 0; unless the user says so.
for given in none 1; do
    bound=()
    [[ $given == none ]] || bound=(POCL_AFFINITY=1)
    env -u POCL_AFFINITY "${bound[@]}" FAKE_WAY=exit PATH="$PWD/fake:$PATH" "$CLGAN" train \
        --ranks 2 || true # mpirun's status
    [[ $(<affinity) == "$given" ]] || fail "ranks get POCL_AFFINITY=$(<affinity), not $given"
done

# Ranks other than 0 leave it to rank 0 to say what is wrong with the options.
status=0
OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4 "$CLGAN" train --nonsense >out 2>err || status=$?
[[ $status == 2 && ! -s err ]] || fail "rank 1 says with $status: $(cat err)"

# ---- what is started -----------------------------------------------------------------------------

expect_status() {
    local wanted=$1 status=0
    shift
    run "$@" >out 2>err || status=$?
    ((status == wanted)) || fail "exit $status instead of $wanted: $* $(cat err)"
}

# The last words are the program and its arguments, without --ranks.
expect_status 4 exit --epochs 2 --ranks 3 --out 'a run' --ranks=2
tail -n 5 words | tr '\n' '|' >last
[[ $(cat last) == 'train|--epochs|2|--out|a run|' ]] || fail "it starts $(cat last)"
head -n 2 words | tr '\n' '|' | grep -qx -- '-n|2|' || fail "it starts $(cat words)"
[[ -z $(cat parent) && ! -s err ]] || fail "it says $(cat parent err)"

# A rank that was killed says nothing itself.
for way in killed hydra; do
    expect_status 1 $way --ranks 2
    expect_said 'error: a rank was ended by signal 9, and the others with it; the run'
done
expect_status 1 broken --ranks 2
expect_said 'error: .*mpi[a-z.]* ended with status 213, which is none of clgan.s$'

command=bench
expect_status 4 exit --ranks 2 --batch 4
tail -n 3 words | tr '\n' '|' >last
[[ $(cat last) == 'bench|--batch|4|' ]] || fail "it starts $(cat last)"
expect_status 1 killed --ranks 2
expect_said 'error: a rank was ended by signal 9, and the others with it$'
command=train

# A signal is handed to rank 0 alone, which decides how all end.
for signal in INT:2 TERM:15 HUP:1; do
    rm -f ready order
    (trap - INT HUP && FAKE_WAY=order PATH=$PWD/fake:$PATH exec "$CLGAN" train --ranks 2 2>err) &
    child=$!
    until [[ -e ready ]]; do sleep 0.05; done
    kill -"${signal%:*}" $child
    status=0
    wait $child || status=$?
    ((status == 128 + ${signal#*:})) || fail "$signal: exit $status, $(cat err)"
    [[ $(cat order) == "${signal#*:}" ]] || fail "$signal: rank 0 is told $(cat order)"
done
