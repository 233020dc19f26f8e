#!/usr/bin/env bash
# Proof that the two commands work on a machine with nothing on it (issue 2, done means 1): a Debian 12 root made by
# debootstrap --variant=minbase (no python, curl, ps, sudo), once as root and once as a normal user whose home others
# cannot enter. Prints the seconds of each step. Needs root, debootstrap, git, network and about 6 GB.
#
#   tests/acceptance/bare_debian.sh [DIRECTORY]      default /tmp/bare-debian; made when missing, reused otherwise
set -euo pipefail

checkout=$(git -C "$(dirname -- "$0")" rev-parse --show-toplevel)
target=${1:-/tmp/bare-debian}
results=$target.times

if [ "${2:-}" != inside ]; then
    [ -d "$target/bin" ] ||
        debootstrap --variant=minbase bookworm "$target" >"$target.log"
    # Own mounts and process numbers: whatever the proof starts ends with it.
    exec unshare --mount --pid --fork --kill-child "$0" "$target" inside
fi

mount -t proc proc "$target/proc"
mount -t tmpfs tmpfs "$target/dev/shm"
# The environment of this machine, not the project: name server, certificates it trusts, package indexes it uses.
cp /etc/resolv.conf "$target/etc/resolv.conf"
mkdir -p "$target/usr/local/share/ca-certificates"
cp /usr/local/share/ca-certificates/*.crt "$target/usr/local/share/ca-certificates/" 2>/dev/null || true
for file in /etc/pip.conf /etc/npmrc; do
    [ ! -e "$file" ] || grep -v find-links "$file" >"$target$file"
done

: >"$results"
failures=0

# timed NAME COMMAND...: run, remember the seconds.
timed() {
    local name=$1 started=$SECONDS status=0
    shift
    echo "=== $name"
    "$@" || status=$?
    echo "$name: $((SECONDS - started)) s, status $status" | tee -a "$results"
    [ "$status" = 0 ] || failures=$((failures + 1))
}

as_root() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb /usr/sbin/chroot "$target" bash -c "cd /root/city && $1"; }
as_user() {
    env -i PATH=/usr/bin:/bin HOME=/home/newcomer TERM=dumb /usr/sbin/chroot --userspec=1000:1000 "$target" \
        bash -c "cd /home/newcomer/city && $1"
}

# clone DIRECTORY: a fresh clone inside the root, without anything that git does not track.
clone() {
    rm -rf "${target:?}$1"
    git clone -q "$checkout" "$target$1"
}

chroot "$target" useradd --uid 1000 --create-home --shell /bin/bash newcomer 2>/dev/null || true
clone /root/city
clone /home/newcomer/city
chroot "$target" chown -R newcomer:newcomer /home/newcomer
chmod 0700 "$target/root" "$target/home/newcomer"

if [ ! -e "$target/usr/bin/python3" ]; then
    echo "=== normal user without rights: one sentence with the command"
    as_user './citycommand up' 2>&1 | tee "$target.refusal" || true
    grep -q 'apt-get install --no-install-recommends' "$target.refusal" || failures=$((failures + 1))
fi

timed "root: first up" as_root './citycommand up'
timed "root: second up" as_root './citycommand up'
timed "root: no cluster or broker of the system" as_root '! ls /var/lib/postgresql/15/main 2>/dev/null && ! ls /etc/rc3.d/S*mosquitto 2>/dev/null'
timed "root: status" as_root './citycommand status'
timed "root: down" as_root './citycommand down'
timed "root: test" as_root './citycommand test'
timed "normal user: first up" as_user './citycommand up'
timed "normal user: second up" as_user './citycommand up'
timed "normal user: down" as_user './citycommand down'
timed "normal user: test" as_user './citycommand test'

echo
cat "$results"
[ "$failures" = 0 ] || { echo "$failures steps failed."; exit 1; }
