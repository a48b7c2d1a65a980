#!/usr/bin/env bash
# A run of ranks on several hosts: network namespaces with a name and an address each, behind a
# bridge, which mpirun reaches by a script in ssh's place. The checkpoints are those of one process,
# also over a slow link; when a host is cut off all ends, and the run goes on. Needs root and ip.
# CLGAN_RANKS_FAULTS=all has a host that is cut off unknown to mpirun, too.
#
# All of it, the mounts that name namespaces among them, goes with the last process in here.
if [[ -z ${CLGAN_HOSTS-} ]]; then
    ((EUID == 0)) && command -v ip unshare tc >/dev/null || exit 77
    mpirun --version 2>&1 | grep -qE "Open MPI|prte" || exit 77
    mkdir -p /run/netns && unshare --mount --net ip link add link0 type bridge 2>/dev/null || exit 77
    export CLGAN_HOSTS=1
    exec unshare --mount --net --pid --fork --kill-child --mount-proc bash "$0"
fi
# shellcheck source=tests/cli/support.sh
source "$CLGAN_SOURCE_DIR/tests/cli/support.sh"

hosts=(alpha beta gamma)
mount -t tmpfs none /run/netns
ip link add switch type bridge
ip link set switch up
echo "127.0.0.1 localhost" >hosts
for i in "${!hosts[@]}"; do
    host=${hosts[i]}
    ip netns add "$host"
    ip link add "port$i" type veth peer name eth0 netns "$host"
    ip link set "port$i" master switch up
    ip -n "$host" link set lo up
    ip -n "$host" addr add "10.77.0.$((i + 1))/24" dev eth0
    ip -n "$host" link set eth0 up
    echo "10.77.0.$((i + 1)) $host" >>hosts
done
mount --bind hosts /etc/hosts

# shell HOST WORDS...: has a shell there do them, as ssh does.
cat >shell <<'END'
#!/usr/bin/env bash
export HOST=$1 WORDS="${*:2}"
exec ip netns exec "$HOST" unshare --uts bash -c 'hostname "$HOST" && exec bash -c "$WORDS"'
END
chmod +x shell

tool mnist small 80 60 # 10 steps an epoch
options=(--device pocl --no-selftest --log-every 1 --evaluate-every 0)
new=(--data small --batch 8 --shards 4 --checkpoint-every 2 --keep 100 "${options[@]}")

# Rank 2 may be held at a call.
cat >rank <<'END'
#!/usr/bin/env bash
[[ -z ${HELD-} || $OMPI_COMM_WORLD_RANK != 2 ]] || export LD_PRELOAD=$CLGAN_EVENTS \
    CLGAN_EVENTS_ROOT=$TMPDIR CLGAN_EVENTS_AT=$HELD CLGAN_EVENTS_DO=run:./hold
exec "$CLGAN_ALONE" "$@"
END
chmod +x rank
write_hold

# mpi HOSTS RANKS MCA RUN ARGUMENT...: as many ranks on the first hosts, in turn.
mpi() {
    local list
    list=$(printf '%s:4,' "${hosts[@]:0:$1}")
    # shellcheck disable=SC2031,SC2086 # the function start sets it; words
    ${in_place:-} ./shell alpha exec mpirun -n "$2" --host "${list%,}" --map-by node \
        --allow-run-as-root --bind-to none --mca plm_rsh_agent "$PWD/shell" --mca btl tcp,self \
        --mca btl_tcp_if_include eth0 --mca oob_tcp_if_include eth0 $3 "$PWD/rank" train \
        --out "$4" "${@:5}"
}

# same RUN RUN: of less than an epoch there is no GIF to compare.
same() {
    cmp {"$1","$2"}/checkpoints/step_00000012.safetensors || fail "$2: another checkpoint"
    [[ ! -e $1/dcgan.gif ]] || tool same "$1" "$2"
}

expect_none_left() {
    local i
    for ((i = 0; i < 1200; i++)); do
        pgrep -f -- "$1" >/dev/null || return 0
        sleep 0.1
    done
    fail "processes are left: $(pgrep -af -- "$1")"
}

expect_exit 0 "$CLGAN_ALONE" train "${new[@]}" --max-steps 12 --out one

# Two hosts, one of them over a slow link: late packets that overtake others, or lost ones.
tc qdisc add dev port1 root netem delay 3ms 1ms 2>/dev/null ||
    tc qdisc add dev port1 root tbf rate 200mbit burst 64kbit latency 20ms
expect_exit 0 mpi 2 2 "" two "${new[@]}" --max-steps 12
same one two
tc qdisc del dev port1 root

# cut RUN MCA: the last of three hosts is gone in the midst of a step.
cut() {
    rm -f held go
    export HELD=clEnqueueNDRangeKernel:1000
    start mpi 3 3 "$2" "$1" "${new[@]}" --max-steps 12
    await_held
    ip link set port2 down
    touch go
    unset HELD
}

# go_on RUN HOSTS: a rank on each, or one process, which find the last checkpoint whole.
go_on() {
    ip link set port2 up
    expect_checkpoints_before "$1"
    if (($2 > 1)); then
        expect_exit 0 mpi "$2" "$2" "" "$1" --resume "${options[@]}" --max-steps 12
    else
        expect_exit 0 "$CLGAN_ALONE" train --resume "${options[@]}" --max-steps 12 --out "$1"
    fi
    ! grep -q 'skipped the checkpoint' err || fail "$1: a checkpoint is damaged: $(cat err)"
    same one "$1"
}
expect_checkpoints_before() {
    expect_file "$1/checkpoints/step_00000002.safetensors"
    expect_absent "$1/checkpoints/step_00000012.safetensors"
}

# mpirun looks after its connections, and ends.
cut gone "--mca oob_tcp_keepalive_time 5 --mca oob_tcp_keepalive_intvl 2 --mca oob_tcp_keepalive_probes 3"
status=0
wait "$started" || status=$?
((status != 0)) || fail "a host was cut off, and the status is 0"
expect_said 'lost communication with a remote daemon|has not been heard of for'
expect_none_left 'mpirun|orted|clgan train'
go_on gone 2

[[ ${CLGAN_RANKS_FAULTS-} == all ]] || exit 0

# mpirun does not: the ranks end by themselves, and mpirun once it is told that the host has gone.
cut silent ""
expect_none_left 'clgan train'
expect_said 'error: rank 2 on gamma has not been heard of for [0-9]+ seconds: this run ends'
(($(grep -c 'error:' err) == 1)) || fail "not one sentence: $(cat err)"
ip link set port2 up
status=0
wait "$started" || status=$?
((status == 1)) || fail "a host was cut off, and the status is $status"
expect_none_left 'mpirun|orted|clgan train'
go_on silent 1

# Larger batches, several ranks a host.
big=(--recipe fast --batch 64 --shards 8 --data "$CLGAN_SOURCE_DIR/data/mnist" --max-steps 12
    "${options[@]}")
expect_exit 0 "$CLGAN_ALONE" train "${big[@]}" --out large
expect_exit 0 mpi 2 4 "" four "${big[@]}"
same large four
expect_exit 0 mpi 3 8 "" eight "${big[@]}"
same large eight
