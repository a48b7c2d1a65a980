# shellcheck shell=bash
# Bare systems of other distributions, each in a root of its own under build/roots; takes root. To be
# sourced after setup.sh:
#
#   roots_select NAME       of the table below; sets $root, its folder, and $log
#   roots_make              makes it, where it is not there; else $roots_why says why it cannot be
#   roots_open              copies the tracked files into it and mounts what programs need
#   roots_inside COMMAND... runs there, in /root/clgan, with an empty environment; output to $log
#   roots_close             takes the mounts away

# Each root has a name, a suite and components.
ROOTS_TABLE='
debian-12        bookworm main
debian-13        trixie   main
debian-unstable  sid      main
ubuntu-22.04     jammy    main,universe
ubuntu-24.04     noble    main,universe
ubuntu-26.04     resolute main,universe
'

root="" roots_why=""

roots_names() {
    awk 'NF { print $1 }' <<<"$ROOTS_TABLE"
}

roots_select() {
    roots_name=$1
    read -r roots_suite roots_components < <(awk -v n="$1" '$1 == n { print $2, $3 }' \
        <<<"$ROOTS_TABLE")
    root=$SETUP_ROOT/build/roots/$1
    log=$root.log
    [[ $roots_suite ]]
}

# Prints the mirror that this system installs from; of another family only CLGAN_MIRROR can tell.
roots_find_mirror() {
    [[ -z ${CLGAN_MIRROR:-} ]] || { echo "$CLGAN_MIRROR" && return; }
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        grep -E "/${roots_name%%-*}/?\$" | head -n 1
}

roots_fail() {
    # shellcheck disable=SC2034 # read by who sources this
    roots_why=$*
    return 1
}

roots_make() {
    local mirror
    [[ ! -e $root/.complete ]] || return 0
    ((EUID == 0)) || roots_fail "making a root takes root here" || return
    mirror=$(roots_find_mirror)
    [[ $mirror ]] ||
        roots_fail "no mirror of ${roots_name%%-*} is known; CLGAN_MIRROR can name one" || return
    rm -rf --one-file-system "$root"
    mkdir -p "${root%/*}"
    setup_say "making build/roots/$roots_name"
    roots_bootstrap "$mirror" >"$log" 2>&1 || {
        roots_fail "no root can be made; build/roots/$roots_name.log tells why"
        return
    }
    touch "$root/.complete"
}

# A mirror may be a snapshot, whose lists have an end; to Ubuntu, apt is not of the minimum.
roots_bootstrap() {
    if command -v mmdebstrap >/dev/null; then
        mmdebstrap --aptopt='Acquire::Check-Valid-Until "false"' --variant=minbase --include=apt \
            --components="$roots_components" "$roots_suite" "$root" "$1"
    elif command -v debootstrap >/dev/null; then
        debootstrap --variant=minbase --components="$roots_components" "$roots_suite" "$root" "$1"
    else
        echo "neither mmdebstrap nor debootstrap is installed"
        return 1
    fi
}

# Copies every tracked file, as it is in the working tree. Builds that are there stay.
roots_copy_tree() {
    mkdir -p "$root/root/clgan" &&
        find "$root/root/clgan" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} + &&
        git -C "$SETUP_ROOT" ls-files -z |
        tar -C "$SETUP_ROOT" --null -T - -cf - | tar -C "$root/root/clgan" -xf - || return
    cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
    cp -r /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
}

roots_open() {
    roots_copy_tree || roots_fail "cannot copy the tracked files into the root" || return
    if ! mkdir -p "$root/dev/shm" "$root/dev/pts" || ! mount -t proc proc "$root/proc" ||
        ! mount --bind /sys "$root/sys" || ! mount -t tmpfs tmpfs "$root/dev/shm" ||
        ! mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"; then
        roots_close
        roots_fail "cannot mount /proc, /sys, /dev/shm and /dev/pts in the root" || return
    fi
    [[ -e $root/dev/null ]] || mknod -m 666 "$root/dev/null" c 1 3
    ln -sfn pts/ptmx "$root/dev/ptmx" # terminals, which tests open
}

roots_close() { # that it was not open is no error
    [[ -z $root ]] || umount "$root/proc" "$root/sys" "$root/dev/shm" "$root/dev/pts" 2>/dev/null || true
}

roots_inside() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        bash -c 'cd /root/clgan && "$@"' bash "$@" </dev/null >>"$log" 2>&1
}
