#!/usr/bin/env bash
# clusterBalanceador.sh: makes vmBalanceador a member of the cluster balanceador/Cluster.
# Made by cdk-vagrant. It may run at any time: what is as it should be is left alone.
set -euo pipefail

home=/var/lib/cdk-vagrant
bundle=$home/bundle

# One script at a time on a machine: one whose Vagrant was killed may still be at work.
install -d -m 755 /run/cdk-vagrant
exec 9>/run/cdk-vagrant/lock
flock --nonblock 9 || {
  echo "waiting for an earlier run on this machine to end"
  flock --timeout 1800 9 || {
    echo "an earlier run on this machine has not ended for half an hour; end it, or boot the machine anew" >&2
    exit 1
  }
}

# The files that came with this script, as one archive.
archive=/var/tmp/cdk-vagrant.tar
if [[ -f $archive ]]; then
  rm -rf "$bundle.new"
  mkdir -p "$bundle.new"
  tar -x --no-same-owner -f "$archive" -C "$bundle.new"
  # Only for a moment none is there: a boot may look for it.
  rm -rf "$bundle.old"
  [[ ! -e $bundle ]] || mv "$bundle" "$bundle.old"
  mv "$bundle.new" "$bundle"
  rm -rf "$bundle.old" "$archive"
fi
# shellcheck source=/dev/null
source "$bundle/lib/provision.sh"
# shellcheck source=/dev/null
source "$bundle/lib/engine.sh"

engine LXD lxc lxd /var/lib/lxd lxd.socket lxd.service

# The other members, the founder first.
others=(192.168.56.6 192.168.56.7)
other_names=(vmServidor1 vmServidor2)

begin 'vmBalanceador, cluster' 3

step 'LXD, from packages of the distribution'
install_engine apt lxd lxd-client squashfs-tools xz-utils attr

step "Kernel"
kernel_limits

step "Membership"
if [[ -e $home/member ]]; then
  # A member without its majority cannot answer. It lets the other machines come up and finishes by itself.
  if ! engine_answers_soon; then
    finish_later "$bundle"/vmBalanceador_cfg.sh
    say "      a member, but without a majority of its cluster for now; it goes on by itself once others are up"
  fi
else
  await_engine
  unpack_keys
  if is_clustered; then
    rm -f "$home/founding" "$home/joining" # an earlier run was cut off after it had joined
  elif find_member "${others[@]}"; then
    # This machine was made anew: the others have the cluster that it once founded.
    join_cluster vmBalanceador "$bundle"/preseeds/vmBalanceador-join.yaml "${others[@]}"
  else
    former=()
    for machine in $(base64 --decode <<<"${PROVISIONED:-}"); do
      [[ " ${other_names[*]} " != *" $machine "* ]] || former+=("$machine")
    done
    if ((${#former[@]})); then
      # A second cluster beside the first would be the end of both.
      wait_for 300 "${former[*]}, who have the cluster" find_member "${others[@]}" ||
        die "the cluster lives on ${former[*]}, and none of them answers; run: vagrant up ${former[*]} && vagrant up vmBalanceador (or, to begin anew: vagrant destroy -f)"
      join_cluster vmBalanceador "$bundle"/preseeds/vmBalanceador-join.yaml "${others[@]}"
    else
      found_cluster vmBalanceador "$bundle"/preseeds/vmBalanceador-found.yaml
    fi
  fi
  trust_joiners
  rm -f "$home/joining"
  touch "$home/member"
fi

finish
