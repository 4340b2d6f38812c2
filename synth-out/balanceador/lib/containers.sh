#!/usr/bin/env bash
# containers.sh: the containers on one member. It is sourced after provision.sh and engine.sh, never run.
# shellcheck disable=SC2154 # bundle, home, step: provision.sh; client: engine.sh

# read_cluster STACK MEMBER: what is there already, asked once.
read_cluster() {
  stack=$1 member=$2
  instances=$("$client" query '/1.0/instances?recursion=1' </dev/null)
}

# instance NAME FILTER [JQ-ARGUMENT...]: reads something of an instance as it was when the script began.
instance() {
  local name=$1 filter=$2
  shift 2
  jq -r "$@" --arg name "$name" ".[] | select(.name == \$name) | $filter" <<<"$instances"
}

# in_container NAME COMMAND...: runs a command in a container. Its standard input is ours.
in_container() {
  local name=$1
  shift
  "$client" exec "$name" --project "${project:-default}" --cwd / --env DEBIAN_FRONTEND=noninteractive --env LC_ALL=C -- "$@"
}

refresh() { instances=$("$client" query '/1.0/instances?recursion=1' </dev/null); }

# --- images ------------------------------------------------------------------------------------------------------------

has_image() { "$client" query "/1.0/images/aliases/$1" </dev/null &>/dev/null; }

# import_image ALIAS METADATA ROOTFS: one member gets the files and imports them; the cluster passes the image on.
import_image() {
  local alias=$1 metadata=$2 rootfs=$3 want have
  have=$("$client" query "/1.0/images/aliases/$alias" </dev/null 2>/dev/null | jq -r .target || true)
  if [[ ! -f $metadata || ! -f $rootfs ]]; then
    [[ -n $have ]] || die "image $alias is not in the cluster and its files did not come with this run; remove .vagrant/cdk-vagrant/finished beside the Vagrantfile and run: vagrant provision"
    return 0
  fi
  want=$(cat "$metadata" "$rootfs" | sha256sum | cut -d ' ' -f 1)
  if [[ $want != "$have" ]]; then
    "$client" query "/1.0/images/$want" </dev/null &>/dev/null || "$client" image import "$metadata" "$rootfs" </dev/null >/dev/null
    [[ -z $have ]] || "$client" image alias delete "$alias" </dev/null
    "$client" image alias create "$alias" "$want" </dev/null
    did "imported image $alias"
  fi
  rm -f "$metadata" "$rootfs"
}

# await_image ALIAS FROM: another member imports it.
await_image() {
  wait_for 1800 "image $1, which $2 imports" has_image "$1" || die "image $1 did not come; $(again "vagrant up $2")"
}

# make SOURCE NAME WORD... <SETTINGS: an instance. A member that is very busy looks offline for a while, and the image that it alone has
# with it, which is waited for.
make() {
  local settings why start=$SECONDS
  settings=$(cat)
  until why=$("$client" init "$@" <<<"$settings" 2>&1 >/dev/null); do
    if [[ $why != *'not available on any online'* ]] || ((SECONDS - start >= 300)); then die "$2 cannot be made: $why"; fi
    say "      waiting for a member that has image $1"
    sleep 10
  done
}

# Prepared containers wait in a project of their own, where nobody takes them for something that serves.
templates=cdk-vagrant-templates

# template_state NAME: ready, or as the engine says, or nothing.
template_state() {
  "$client" query "/1.0/instances/$1?project=$templates" </dev/null 2>/dev/null |
    jq -r 'if .config["user.cdk-vagrant.ready"] == "yes" then "ready" else .status end' || true
}

# prepare TEMPLATE SOURCE RECIPE CONTAINER...: installs once, on this member, what several of its containers need; they become
# copies of it. Copying a stopped container is cheaper than publishing an image of it and unpacking that.
prepare() {
  local name=$1 source=$2 recipe=$3 project=$templates container missing=''
  shift 3
  for container; do [[ -n $(instance "$container" .name) ]] || missing=yes; done
  [[ -n $missing ]] || return 0
  "$client" query "/1.0/projects/$project" </dev/null &>/dev/null ||
    "$client" project create "$project" -c features.images=false -c features.profiles=false </dev/null &>/dev/null ||
    "$client" query "/1.0/projects/$project" </dev/null >/dev/null # the other member was faster
  case $(template_state "$name") in
    ready) return 0 ;;
    Running) ;;
    # A run was cut off here. What cannot start any more is made anew.
    Stopped) "$client" start "$name" --project "$project" </dev/null || "$client" delete "$name" --project "$project" --force </dev/null ;;
  esac
  if [[ -z $(template_state "$name") ]]; then
    make "$source" "$name" --project "$project" --target "$member" </dev/null
    "$client" start "$name" --project "$project" </dev/null
  fi
  install_software "$name" "$recipe"
  # A copy is a machine of its own.
  inside "$name" sh -c ': >/etc/machine-id; rm -f /var/lib/dbus/machine-id /etc/ssh/ssh_host_*; if command -v cloud-init >/dev/null; then cloud-init clean --logs; fi' </dev/null
  "$client" stop "$name" --project "$project" --timeout 60 </dev/null || "$client" stop "$name" --project "$project" --force </dev/null
  "$client" config set "$name" --project "$project" user.cdk-vagrant.ready yes </dev/null
}

# --- containers --------------------------------------------------------------------------------------------------------

# container NAME SOURCE: makes it (SOURCE is an image, or template:NAME), moves it here, or gives it the settings it lacks; then starts
# it. Its settings are in containers/MEMBER.json.
container() {
  local name=$1 source=$2 settings where device key
  # shellcheck disable=SC2016 # jq's variables
  settings=$(jq --compact-output --arg name "$name" --arg parent "${private_interface:-}" '
    .[$name] | (.devices[]? | select(.nictype == "macvlan" and .parent == "") | .parent) |= $parent' "containers/$member.json")
  if [[ $(instance "$name" '.config["user.cdk-vagrant.ready"] == "yes" and .config["user.cdk-vagrant.path"] == null') == true ]]; then
    "$client" delete "$name" --force </dev/null # a copy that was cut off before it had its settings
    refresh
  fi
  where=$(instance "$name" .location)
  if [[ -z $where ]]; then
    case $source in
      template:*) "$client" copy "${source#template:}" "$name" --project "$templates" --target-project default --target "$member" --instance-only </dev/null ;;
      *) make "$source" "$name" --target "$member" <<<"$settings" ;;
    esac
    refresh
    did "made container $name"
  elif [[ $where != "$member" ]]; then
    if [[ $(instance "$name" .status) == Running ]]; then stop "$name"; fi
    "$client" move "$name" --target "$member" </dev/null
    refresh
    did "moved container $name here from $where"
  fi
  # Options and labels that the tree has no longer; its own options are told from those that somebody set by hand by their list.
  # shellcheck disable=SC2016 # jq's variables
  for key in $(instance "$name" '
      .config as $have
      | [($have["user.cdk-vagrant.raw"] // "" | split(",")[]), ($have | keys[] | select(startswith("user.label."))), "user.cdk-vagrant.raw"]
      | unique | .[] | select($have[.] != null and $want.config[.] == null)' --argjson want "$settings"); do
    "$client" config unset "$name" "$key" </dev/null
    did "removed $key from $name"
  done
  # shellcheck disable=SC2016 # jq's variables
  if ! instance "$name" '
      . as $have
      | ([$want.config | to_entries[] | .value == ($have.config[.key] // "")] | all)
        and ([$want.devices | to_entries[] | .value == $have.devices[.key]] | all)' \
    --exit-status --argjson want "$settings" >/dev/null; then
    "$client" query --request PATCH --data "$settings" "/1.0/instances/$name" </dev/null >/dev/null
    did "changed the settings of $name"
  fi
  # shellcheck disable=SC2016 # jq's variables
  for device in $(instance "$name" '.devices | keys - ($want.devices | keys) - ["root"] | .[]' --argjson want "$settings"); do
    "$client" config device remove "$name" "$device" </dev/null >/dev/null
    did "removed device $device from $name"
  done
  if [[ $(instance "$name" .status) != Running ]]; then
    "$client" start "$name" </dev/null
    did "started $name"
  fi
}

# stop NAME: its services end what they have begun; a balancer turns to other servers meanwhile.
stop() {
  "$client" stop "$1" --timeout 60 </dev/null || "$client" stop "$1" --force </dev/null
}

# retire PRUNE NAMES: containers of this stack on this member that are in the tree no more. The file NAMES lists those that are.
retire() {
  local prune=$1 names=$2 name
  [[ -n ${network_unit:-} ]] || retire_network
  for name in $(retired "$names"); do
    if [[ $(instance "$name" '.config["boot.autostart"]') != false ]]; then "$client" config set "$name" boot.autostart=false </dev/null; fi
    if [[ $(instance "$name" .status) == Running ]]; then
      stop "$name"
      did "stopped $name, which is no longer in the app"
    fi
    if [[ $prune == yes ]]; then
      "$client" delete "$name" --force </dev/null
      did "deleted $name"
    else
      say "      $name is no longer in the app. It is stopped and kept; delete it with: $client delete $name, or set prune: true"
    fi
  done
}

# retire_network: the bridge between machines, when the tree has none any more.
retire_network() {
  local unit=/etc/systemd/system/cdk-vagrant-network.service port
  [[ -e $unit ]] || return 0
  for port in /sys/class/net/cdkv0/brif/*; do
    # An interface of the machine would answer for its address as well.
    [[ ! -e $port || ${port##*/} == veth* ]] || ip link set "${port##*/}" down
  done
  ip link delete cdkvx0 2>/dev/null || true
  ip link delete cdkv0 2>/dev/null || true
  # Unless the firewall that is loaded has one, it is that of the bridge.
  grep --quiet '^table bridge' "$home/firewall.nft" || nft delete table bridge cdk_vagrant 2>/dev/null || true
  # Last, so that a run that was cut off is made good by the next.
  systemctl --quiet disable cdk-vagrant-network.service
  rm -f "$unit"
  systemctl daemon-reload
  did "removed the network that containers had"
}

# retire_templates NAME...: prepared containers of earlier recipes.
retire_templates() {
  local name
  for name in $("$client" query "/1.0/instances?recursion=1&project=$templates" </dev/null 2>/dev/null | jq -r --arg member "$member" '
    .[] | select(.location == $member) | .name | select(IN($ARGS.positional[]) | not)' --args "$@"); do
    "$client" delete "$name" --project "$templates" --force </dev/null
    did "deleted $name, which no container is made from any more"
  done
}

retired() {
  jq -r --arg stack "$stack" --arg member "$member" '
    .[] | select(.location == $member and .config["user.cdk-vagrant.stack"] == $stack) | .name' <<<"$instances" |
    grep --invert-match --line-regexp --fixed-strings --file "$1" || true
}
