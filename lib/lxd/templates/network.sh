#!/usr/bin/env bash
# network.sh: what containers of different machines reach each other over. It is sourced after containers.sh, never run.
# shellcheck disable=SC2154 # bundle: provision.sh

# interface_of ADDRESS: the interface of the machine that has it.
interface_of() {
  local name
  name=$(ip -json -4 address show to "$1" | jq -r '[.[] | .ifname // empty][0] // empty')
  [[ -n $name ]] || die "no interface of this machine has the address $1; look with: ip address"
  echo "$name"
}

# network vxlan ADDRESS MTU PEER... | bridged MAC | macvlan ADDRESS | fan NETWORK: what containers are linked to is there; a bridge of ours
# also at each boot, before a container starts.
network() {
  local kind=$1 carries made line
  case $kind in
    vxlan)
      carries=$(cat "/sys/class/net/$(interface_of "$2")/mtu")
      ((carries >= $3 + 50)) ||
        die "the private network carries packets of $carries bytes, and those of VXLAN have $(($3 + 50)); give Network.vxlan({ mtu: $((carries - 50)) })"
      ;;
    macvlan)
      # shellcheck disable=SC2034 # container
      private_interface=$(interface_of "$2")
      return 0
      ;;
    fan)
      "$client" query "/1.0/networks/$2" </dev/null &>/dev/null ||
        die "the cluster has no network $2: a fan is made when the cluster is founded; to begin anew: vagrant destroy -f && vagrant up"
      return 0
      ;;
  esac
  network_unit=/etc/systemd/system/cdk-vagrant-network.service
  if put 644 "$network_unit" <<END; then
[Unit]
Description=The bridge that containers of all machines share (cdk-vagrant)
After=network.target cdk-vagrant-firewall.service
Before=lxd.service snap.lxd.daemon.service incus.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/bash $bundle/lib/make-network.sh $*

[Install]
WantedBy=multi-user.target
END
    systemctl daemon-reload
  fi
  systemctl is-enabled --quiet cdk-vagrant-network.service || systemctl --quiet enable cdk-vagrant-network.service
  made=$(bash "$bundle/lib/make-network.sh" "$@") || die "the containers' network cannot be made; see above"
  [[ -z $made ]] || while read -r line; do did "$line"; done <<<"$made"
}

# has_address NAME ADDRESS
has_address() {
  # shellcheck disable=SC2016 # jq's variable
  "$client" query "/1.0/instances/$1/state" </dev/null |
    jq --exit-status --arg address "$2" '.network.eth1.addresses // [] | any(.address == $address)' >/dev/null
}

# take_address NAME ADDRESS: tried again, as a container that has just started may not be that far yet.
take_address() {
  local try
  inside "$1" sh -c 'systemctl enable --quiet --now systemd-networkd && networkctl reload && networkctl reconfigure eth1' </dev/null &>/dev/null || return 1
  for try in 1 2 3 4 5; do
    if has_address "$1" "$2"; then return 0; fi
    ((try == 5)) || sleep 1
  done
  return 1
}

# network_address NAME ADDRESS SUBNET NEAR MACHINE: the container's address on the network. What comes in by its machine's bridge, where its
# address is NEAR, is answered there, also when its client is of the SUBNET; and there it reaches its MACHINE.
network_address() {
  local name=$1 address=$2 subnet=$3 near=$4 machine=$5 file=/etc/systemd/network/10-cdk-vagrant-eth1.network want have
  want="# Made by cdk-vagrant.
[Match]
Name=eth1

[Network]
LinkLocalAddressing=no
IPv6AcceptRA=no

[Address]
Address=$address/${subnet#*/}
AddPrefixRoute=no

[Route]
Destination=$subnet
PreferredSource=$address
Scope=link
Table=78

[RoutingPolicyRule]
From=$near
Table=254
Priority=100

[RoutingPolicyRule]
To=$machine
Table=254
Priority=100

[RoutingPolicyRule]
To=$subnet
Table=78
Priority=101"
  have=$(inside "$name" cat "$file" </dev/null 2>/dev/null || true)
  [[ $have != "$want" ]] || ! has_address "$name" "$address" || return 0
  inside "$name" sh -c 'command -v networkctl' </dev/null >/dev/null ||
    die "$name has no systemd-networkd, which gives it the address $address; choose another image, or Network.published()"
  inside "$name" tee "$file" >/dev/null <<<"$want"
  wait_for 90 "the address $address of $name" take_address "$name" "$address" ||
    die "$name did not take the address $address; look with: $client exec $name -- networkctl status eth1"
  did "gave $name the address $address"
}
