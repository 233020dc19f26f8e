#!/usr/bin/env bash
# Proof that a bundle installs without network (issue 2): a bare Debian 12 root in a network namespace that has only a
# loopback. Needs root, debootstrap, git, iproute2, about 5 GB; the network only to make the bundle and the root.
#
#   tests/acceptance/offline_bundle.sh [DIRECTORY]    default /tmp/bare-offline; must not hold an installed city
set -euo pipefail

checkout=$(git -C "$(dirname -- "$0")" rev-parse --show-toplevel)
target=${1:-/tmp/bare-offline}
bundle=$target.tar.gz

if [ "${2:-}" != inside ]; then
    "$checkout/citycommand" bundle "$bundle"
    [ -d "$target/bin" ] ||
        debootstrap --variant=minbase bookworm "$target" >"$target.log"
    exec unshare --net --mount --pid --fork --kill-child "$0" "$target" inside
fi

ip link set lo up
[ "$(ip -o link | wc -l)" = 1 ] || { echo "There is a network besides the loopback."; exit 1; }
mount -t proc proc "$target/proc"
mount -t tmpfs tmpfs "$target/dev/shm"
[ ! -e "$target/usr/bin/python3" ] || { echo "$target is not bare any more; remove it."; exit 1; }

mkdir -p "$target/srv"
rm -rf "$target/srv/city-command"
tar -xzf "$bundle" -C "$target/srv"
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb /usr/sbin/chroot "$target" bash -c '
    set -e
    cd /srv/city-command
    ./citycommand up
    ./citycommand status
    ./citycommand down'
echo "Installed and started without network."
