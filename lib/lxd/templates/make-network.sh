#!/usr/bin/env bash
# make-network.sh vxlan ADDRESS MTU PEER... | bridged MAC: the bridge that containers of all machines share. Looks before it acts, and
# tells what it changed. A unit runs it at each boot.
set -euo pipefail
shopt -s inherit_errexit
bridge=cdkv0 tunnel=cdkvx0

# The machine itself has no address there.
make_bridge() {
  if ! ip link show "$bridge" &>/dev/null; then
    ip link add "$bridge" type bridge
    ip link set "$bridge" addrgenmode none
    echo "made the bridge $bridge"
  fi
  # Nor does it answer there for those that it has elsewhere.
  echo 8 >"/proc/sys/net/ipv4/conf/$bridge/arp_ignore"
  ip link set "$bridge" ${1:+mtu "$1"} up
}

# Each machine sends to each other one: no multicast, which not every private network carries.
make_vxlan() {
  local address=$1 mtu=$2 peer had nobody=00:00:00:00:00:00
  shift 2
  make_bridge "$mtu"
  for peer in $(ip -json link show master "$bridge" | jq -r '.[].ifname // empty | select(startswith("veth") | not)'); do
    [[ $peer == "$tunnel" ]] || { ip link set "$peer" nomaster down && echo "took $peer off the bridge $bridge"; }
  done
  # shellcheck disable=SC2016 # jq's variable
  if ! ip -json -details link show "$tunnel" 2>/dev/null |
    jq --exit-status --arg address "$address" '.[0].linkinfo.info_data | .id == 78 and .local == $address and .port == 4789' >/dev/null; then
    ip link delete "$tunnel" 2>/dev/null || true
    ip link add "$tunnel" type vxlan id 78 local "$address" dstport 4789
    ip link set "$tunnel" addrgenmode none
    echo "made the tunnel $tunnel from $address"
  fi
  ip link set "$tunnel" mtu "$mtu" master "$bridge" up
  had=" $(bridge -json fdb show dev "$tunnel" | jq -r --arg mac $nobody '[.[] | select(.mac == $mac) | .dst] | join(" ")') "
  for peer; do
    [[ $had != *" $peer "* ]] || continue
    bridge fdb append $nobody dev "$tunnel" dst "$peer"
    echo "connected it with $peer"
  done
  for peer in $had; do
    [[ " $* " != *" $peer "* ]] || continue
    bridge fdb delete $nobody dev "$tunnel" dst "$peer"
    echo "disconnected it from $peer"
  done
}

# An interface of its own on the private network, which has no address and is known by its hardware address.
make_bridged() {
  local mac=$1 nic='' try
  make_bridge ''
  # The bridge itself may have taken the address.
  for try in {1..30}; do
    # shellcheck disable=SC2016 # jq's variable
    nic=$(ip -json -details link show | jq -r --arg mac "$mac" '[.[] | select(.address == $mac and .linkinfo.info_kind != "bridge") | .ifname][0] // empty')
    [[ -z $nic && $try -lt 30 ]] || break
    sleep 1
  done
  [[ -n $nic ]] || { echo "no interface has the hardware address $mac; a machine gets it when it is made: vagrant destroy -f it, and vagrant up" >&2 && exit 1; }
  if ip link show "$tunnel" &>/dev/null; then
    ip link delete "$tunnel"
    echo "removed the tunnel $tunnel"
  fi
  if [[ $(ip -json link show "$nic" | jq -r '.[0].master') != "$bridge" ]]; then
    ip link set "$nic" master "$bridge"
    echo "put $nic on the bridge $bridge"
  fi
  ip link set "$nic" promisc on up
  # Packets are as large as on the private network.
  ip link set "$bridge" mtu "$(<"/sys/class/net/$nic/mtu")"
}

"make_$1" "${@:2}"
