#!/usr/bin/env bash
# cdk-vagrant-start: brings this machine to what its seed says. systemd runs it at each boot, and when a seed is put into
# /var/lib/cdk-vagrant. What came to its end is not done again; what did not, is, until it does.
set -euo pipefail
shopt -s nullglob
umask 077
home=/var/lib/cdk-vagrant
secrets=/run/cdk-vagrant/environment # in memory: keys
medium=/run/cdk-vagrant/medium
mkdir -p "$home"
sync # what cloud-init has written and will not write again: users, their keys, those of SSH, the network
trap 'rm -rf "$secrets"; ! mountpoint --quiet "$medium" || umount "$medium"' EXIT

# A seed that was put there is taken by one rename, so that one that comes meanwhile has its own turn, in place of one that failed.
[[ ! -f $home/seed.tar ]] || mv -f "$home/seed.tar" "$home/seed.taken"
seed=$home/seed.taken

# That of the medium which cloud-init found counts once, and no more when another was put there.
device=$(blkid --label cidata || blkid --label CIDATA || true)
id=
if [[ -n $device ]]; then
  mkdir -p "$medium"
  mount -o ro "$device" "$medium"
  [[ ! -f $medium/seed.tar ]] || id=$(sha256sum <"$medium/seed.tar")
fi
if [[ ! -f $seed ]]; then
  if [[ -z $id ]]; then
    echo "no seed on a medium labelled cidata, nor as $home/seed.tar; this machine waits for one"
    exit 0
  fi
  ! grep --quiet --line-regexp --fixed-strings "$id" "$home/seed.done" 2>/dev/null || exit 0
  seed=$medium/seed.tar
fi

rm -rf "$home/seed"
mkdir -p "$home/seed" "$secrets"
tar -x --no-same-owner -C "$home/seed" --exclude environment -f "$seed"
machine=$(<"$home/seed/machine")
if [[ $machine != "$(uname -n)" ]]; then
  rm -rf "$home/seed" "$home/seed.taken"
  echo "this seed is of $machine, and this machine is $(uname -n); put that of $(uname -n) there" >&2
  exit 3
fi
tar -x --no-same-owner -C "$secrets" --strip-components 1 -f "$seed" environment
install -m 600 "$home/seed/bundle.tar" /var/tmp/cdk-vagrant.tar
while read -r file destination; do
  mkdir -p "$(dirname "$destination")"
  mv -f "$home/seed/$file" "$destination"
done <"$home/seed/uploads.txt"

for script in "$home"/seed/scripts/*; do
  name=$(basename "$script")
  (
    umask 022
    set -a
    # shellcheck source=/dev/null
    source "$secrets/$name"
    set +a
    exec "$script"
  )
done
echo "${id:-put there}" >>"$home/seed.done"
sync "$home/seed.done"
rm -rf "$home/seed" "$home/seed.taken"
echo "this machine is what its seed says"
