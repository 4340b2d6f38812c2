#!/usr/bin/env bash
# cdk-vagrant-start: brings this machine to what its seed says. systemd runs it at each boot, and when a seed is put into
# /var/lib/cdk-vagrant. What came to its end is not done again; what did not, is, until it does.
set -euo pipefail
umask 077
home=/var/lib/cdk-vagrant
secrets=/run/cdk-vagrant/environment # in memory: keys
medium=/run/cdk-vagrant/medium
mkdir -p "$home"
trap 'rm -rf "$secrets"; ! mountpoint --quiet "$medium" || umount "$medium"' EXIT

# One that was put there, or that of the medium which cloud-init found.
seed=$home/seed.tar
if [[ ! -f $seed ]]; then
  device=$(blkid --label cidata || blkid --label CIDATA || true)
  if [[ -n $device ]]; then
    mkdir -p "$medium"
    mount -o ro "$device" "$medium"
    seed=$medium/seed.tar
  fi
fi
if [[ ! -f $seed ]]; then
  echo "no seed on a medium labelled cidata, nor as $seed; this machine waits for one"
  exit 0
fi
id=$(sha256sum <"$seed")
if [[ $(cat "$home/seed.done" 2>/dev/null || true) == "$id" ]]; then
  rm -f "$home/seed.tar"
  exit 0
fi

rm -rf "$home/seed"
mkdir -p "$home/seed" "$secrets"
tar -x --no-same-owner -C "$secrets" --strip-components 1 -f "$seed" environment
tar -x --no-same-owner -C "$home/seed" --exclude environment -f "$seed"
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
rm -rf "$home/seed" "$home/seed.tar"
echo "$id" >"$home/seed.done"
echo "this machine is what its seed says"
