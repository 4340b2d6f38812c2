#!/usr/bin/env bash
# engine.sh: the machine as a member of a cluster of LXD or Incus. It is sourced after provision.sh, never run.
# shellcheck disable=SC2154 # home, keys, bundle: provision.sh

# --- the engine itself -------------------------------------------------------------------------------------------------

# engine NAME CLIENT DAEMON FOLDER SOCKET SERVICE: all in which LXD and Incus, packages and snap differ.
engine() {
  engine=$1 client=$2 engine_dir=$4 engine_units=("$5" "$6") engine_log="journalctl -u ${6%.service}"
  read -ra daemon <<<"$3"
}

# install_engine snap CHANNEL | install_engine apt PACKAGE... | install_engine backports PACKAGE...
install_engine() {
  local from=$1
  shift
  case $from in
    snap)
      packages snapd nftables jq curl openssl
      snap wait system seed.loaded
      # One cohort: every member gets the same revision. Held: no refresh takes the cluster apart behind one's back.
      case $(snap list lxd 2>/dev/null | awk 'NR == 2 {print $4}') in
        "$1"*) ;;
        '')
          snap install lxd --channel="$1" --cohort=+ >/dev/null
          did "installed the LXD snap from $1"
          ;;
        *)
          # The box brought another one. A member keeps what it has: its database may know no way back.
          if [[ ! -e $home/member ]]; then
            snap refresh lxd --channel="$1" --cohort=+ >/dev/null
            did "moved the LXD snap to $1"
          fi
          ;;
      esac
      snap list lxd | awk 'NR == 2 && $NF ~ /held/ {found = 1} END {exit !found}' || snap refresh --hold lxd >/dev/null
      ;;
    backports)
      add_source -backports main # apt takes from there what is nowhere else
      packages "$@" dnsmasq-base nftables jq curl openssl
      ;;
    apt) packages "$@" dnsmasq-base nftables jq curl openssl ;;
  esac
}

# known_suites: suites, components and mirrors that apt is told of, whether it has their lists or not: boxes come without.
known_suites() {
  # shellcheck disable=SC2016 # apt's own
  apt-get indextargets --no-release-info --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages'
}

# add_source ENDING COMPONENT: a suite or a component of the machine's own Debian that apt is not told of yet, from the mirror that it uses.
add_source() {
  local codename suites mirror keyring file=/etc/apt/sources.list.d/cdk-vagrant$1-$2.list
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  # What a run that was cut off left there may be what apt stumbles over.
  suites=$(known_suites) || { rm -f "$file" && suites=$(known_suites); }
  ! grep --quiet "^$codename$1 $2 " <<<"$suites" || return 0
  mirror=$(awk -v suite="$codename" '$1 == suite && $2 == "main" {print $3; exit}' <<<"$suites")
  [[ -n $mirror ]] || die "apt knows no mirror of $codename, to take $codename$1 $2 from; name one in apt's sources"
  # A suite has one keyring for all its components, which the other source names; none here takes that of a source that is read later.
  for keyring in ${1:+gpg} '' gpg pgp; do
    echo "deb ${keyring:+[signed-by=/usr/share/keyrings/debian-archive-keyring.$keyring] }$mirror $codename$1 $2" >"$file"
    if known_suites &>/dev/null; then
      did "added $codename$1 $2 to apt's sources"
      return 0
    fi
  done
  rm -f "$file"
  die "apt does not take $codename$1 $2 beside what it has of $mirror; add it to apt's sources"
}

# --- storage -----------------------------------------------------------------------------------------------------------

# storage_packages COMPONENT PACKAGE...: what the storage pools are made with.
storage_packages() {
  local component=$1
  shift
  if [[ $component == contrib ]]; then
    add_source '' contrib
    # Its module is built here, for the kernel that runs.
    packages "linux-headers-$(uname -r)"
  fi
  packages "$@"
}

# storage_disk NAME MEBIBYTES: finds the disk that is there for the storage pool, by its serial number or else as the only empty disk of
# its size, in $disk. It is known again when a run was cut off after that, and something is on it.
storage_disk() {
  local name=$1 mebibytes=$2 disks found chosen
  chosen=$(cat "$home/storage-disk" 2>/dev/null || true)
  udevadm settle --timeout=30 || true
  disks=$(lsblk --json --bytes --output NAME,PATH,TYPE,SIZE,SERIAL,FSTYPE,PTTYPE,MOUNTPOINT)
  found=$(jq -r --arg name "$name" --arg chosen "$chosen" --argjson size $((mebibytes * 1048576)) '
    [.blockdevices[] | select(.type == "disk")] as $disks
    | [$disks[] | select(.serial == $name)] as $named
    | [$disks[] | select((.size | tonumber) == $size)] as $sized
    | [$sized[] | select((.serial // .path) == $chosen)] as $known
    | if ($named | length) > 0 then $named elif ($known | length) > 0 then $known
      else [$sized[] | select(.fstype == null and .pttype == null and .mountpoint == null and .children == null)] end
    | .[].path' <<<"$disks")
  [[ -n $found && $found != *$'\n'* ]] ||
    die "there is not one empty disk of $mebibytes MiB, for the storage pool (found: ${found:-none}); attach one$([[ -n ${RUN_AGAIN:-} ]] || echo ', or with VirtualBox or VMware, run Vagrant with VAGRANT_EXPERIMENTAL=disks')"
  disk=$found
  # shellcheck disable=SC2016 # jq's variable
  jq -r --arg disk "$disk" '.blockdevices[] | select(.path == $disk) | .serial // .path' <<<"$disks" >"$home/storage-disk"
}

# preseed FILE: what the engine is told, with the disk that was found.
preseed() { sed "s|@storage-disk@|${disk:-}|" "$1"; }

# engine_answers SECONDS: a member whose cluster has no quorum never does.
engine_answers() { timeout "$(($1 + 5))" "${daemon[@]}" waitready --timeout="$1" &>/dev/null; }

# engine_answers_soon: a minute is enough for a member that has its majority. Having waited once, a boot does not wait again.
engine_answers_soon() {
  if [[ -e $home/unfinished ]]; then engine_answers 1; else engine_answers 45; fi
}

# await_engine: right after its installation.
await_engine() {
  engine_answers 300 || die "$engine does not start; see: $engine_log"
  "$client" remote list </dev/null &>/dev/null || true # its first call greets
}

is_clustered() {
  local answer
  answer=$(timeout 60 "$client" query /1.0/cluster </dev/null) || die "$engine does not say whether it is in a cluster; see: $engine_log"
  [[ $(jq -r .enabled <<<"$answer") == true ]]
}

# fan_kernel: LXD makes a fan of VXLAN's tunnels, with a map that only Ubuntu's kernel knows.
fan_kernel() {
  modprobe vxlan 2>/dev/null || true
  [[ -d /proc/sys/net/fan ]] ||
    die "this kernel ($(uname -r)) knows no fan, only Ubuntu's do; install linux-generic, or use Network.vxlan()"
}

# --- founding and joining ----------------------------------------------------------------------------------------------

# The keys came in the environment, in base64. They live in memory until this script ends.
unpack_keys() {
  install -d -m 700 "$keys"
  local name
  for name in CLUSTER_CERTIFICATE CLUSTER_KEY JOIN_CERTIFICATE JOIN_KEY; do
    [[ -z ${!name:-} ]] || (umask 077 && base64 --decode <<<"${!name}" >"$keys/$name")
    export -n "${name?}"
  done
}

# api ADDRESS METHOD PATH [DATA]: asks another member, as the holder of the join key. The cluster's certificate is pinned.
api() {
  local address=$1 method=$2 path=$3
  curl --silent --show-error --fail --connect-timeout 2 --max-time 120 --request "$method" ${4:+--data "$4"} \
    --cacert "$keys/CLUSTER_CERTIFICATE" --cert "$keys/JOIN_CERTIFICATE" --key "$keys/JOIN_KEY" \
    --connect-to "cluster:8443:$address:8443" "https://cluster:8443$path"
}

# find_member ADDRESS...: the first address at which a member of the cluster answers that trusts us, in $found.
find_member() {
  local address
  for address in "$@"; do
    if api "$address" GET /1.0 2>/dev/null | jq --exit-status '.metadata.auth == "trusted" and .metadata.environment.server_clustered' &>/dev/null; then
      found=$address
      return 0
    fi
  done
  return 1
}

# found_cluster NAME PRESEED
found_cluster() {
  # What it made of a disk, or a file, it does not take for its own when it is told once more.
  if [[ -e $home/founding ]]; then reset_engine founding; fi
  touch "$home/founding"
  preseed "$2" | "${daemon[@]}" init --preseed
  rm -f "$home/founding"
  did "founded the cluster as $1"
}

# The founder gives the cluster the certificate that joiners know, and trusts the join key.
trust_joiners() {
  local mine theirs certificate
  theirs=$(openssl x509 -noout -fingerprint -sha256 -in "$keys/CLUSTER_CERTIFICATE")
  mine=$(openssl x509 -noout -fingerprint -sha256 -in "$engine_dir/cluster.crt")
  if [[ $mine != "$theirs" ]]; then
    (($("$client" query /1.0/cluster/members </dev/null | jq length) == 1)) ||
      die "the cluster's certificate is not the one this host made; were the keys under .vagrant/cdk-vagrant removed? Destroy all machines and bring them up anew"
    "$client" cluster update-certificate "$keys/CLUSTER_CERTIFICATE" "$keys/CLUSTER_KEY" </dev/null >/dev/null
    did "gave the cluster its certificate"
  fi
  if ! "$client" query '/1.0/certificates?recursion=1' </dev/null | jq --exit-status 'any(.name == "cdk-vagrant-join")' >/dev/null; then
    certificate=$(openssl x509 -in "$keys/JOIN_CERTIFICATE" -outform DER | base64 --wrap=0)
    "$client" query --request POST --data "$(jq -nc --arg it "$certificate" '{type: "client", name: "cdk-vagrant-join", certificate: $it}')" \
      /1.0/certificates </dev/null >/dev/null
    did "trusted the join key"
  fi
}

# forget_former NAME ADDRESS: whoever bore this name before (a destroyed machine, a join cut off half-way) leaves the cluster.
forget_former() {
  local name=$1 address=$2 members certificates print
  members=$(api "$address" GET '/1.0/cluster/members?recursion=1') || die "$address does not say who is in the cluster; $(again "vagrant provision $name")"
  if jq --exit-status --arg name "$name" '.metadata | any(.server_name == $name)' <<<"$members" >/dev/null; then
    api "$address" DELETE "/1.0/cluster/members/$name?force=1" >/dev/null || die "the former $name cannot be removed from the cluster; $(again "vagrant provision $name")"
    did "removed the former $name from the cluster"
  fi
  # What the removal left: the engine takes the certificate away with the member, most times.
  certificates=$(api "$address" GET '/1.0/certificates?recursion=1') || die "$address does not say whom it trusts; $(again "vagrant provision $name")"
  for print in $(jq -r --arg name "$name" '.metadata[] | select(.type == "server" and .name == $name) | .fingerprint' <<<"$certificates"); do
    api "$address" DELETE "/1.0/certificates/$print" >/dev/null
  done
}

# drop_pools: ends the storage pools of an engine that is stopped; the kernel goes on holding them: mounts, volume groups, ZFS.
drop_pools() {
  local place device group pool disks=$engine_dir/disks devices=(${disk:+"$disk"})
  for place in $(findmnt --raw --noheadings --output TARGET | grep "^$engine_dir/storage-pools/" | sort --reverse); do umount "$place"; done
  for device in $(losetup --raw --noheadings --output NAME,BACK-FILE | awk -v disks="$disks/" 'index($2, disks) == 1 { print $1 }'); do
    devices+=("$device")
  done
  for device in "${devices[@]}"; do
    group=$(pvs --noheadings --options vg_name "$device" 2>/dev/null | tr -d ' ' || true)
    [[ -z $group ]] || vgremove --force --force --yes "$group" >/dev/null
    # A loop device ends with its last user by itself.
    [[ $device == "${disk:-}" ]] || losetup --detach "$device" 2>/dev/null || true
  done
  for pool in $(zpool list -H -o name 2>/dev/null || true); do
    ! zpool list -H -v -P "$pool" | awk '{ print $1 }' | grep --quiet "^$disks/${disk:+\|^$disk}" || zpool destroy -f "$pool"
  done
  [[ -z ${disk:-} ]] || wipefs --all --quiet "$disk"
}

# reset_engine WHAT: an engine that ours left between two states when it was cut off starts again from nothing. No container of ours can be in it.
reset_engine() {
  local network
  if compgen -G "$engine_dir/containers/*" >/dev/null || compgen -G "$engine_dir/virtual-machines/*" >/dev/null; then
    die "a $1 of this machine was cut off, and $engine has instances that are none of ours; take them away, and $(again "vagrant provision")"
  fi
  systemctl stop "${engine_units[@]}"
  for network in "$engine_dir"/networks/*; do
    [[ ! -e $network ]] || ip link delete "${network##*/}" 2>/dev/null || true
  done
  drop_pools
  rm -rf "${engine_dir:?}/database" "$engine_dir/cluster.crt" "$engine_dir/cluster.key" "$engine_dir/server.crt" "$engine_dir/server.key" \
    "$engine_dir/storage-pools" "$engine_dir/disks" "$engine_dir/networks"
  systemctl start "${engine_units[@]}"
  engine_answers 120 || die "$engine does not start anew; see: $engine_log"
  did "reset $engine after a $1 that was cut off"
}

# join_cluster NAME PRESEED ADDRESS...
join_cluster() {
  local name=$1 preseed=$2 try answer token
  shift 2
  for try in 1 2 3; do
    ((try == 1)) || sleep 5
    find_member "$@" || die "no member of the cluster answers any more at $*; $(again "vagrant provision $name")"
    if [[ -e $home/joining ]]; then
      reset_engine join
      rm -f "$home/joining"
    fi
    forget_former "$name" "$found"
    if ! answer=$(api "$found" POST /1.0/cluster/members "$(jq -nc --arg name "$name" '{server_name: $name}')"); then
      say "      try $try to join failed: $found gave no token"
      continue
    fi
    token=$(jq -c '.metadata.metadata | {server_name: .serverName, fingerprint, addresses, secret, expires_at: .expiresAt}' <<<"$answer" | base64 --wrap=0)
    touch "$home/joining"
    # The token is used up by this one join. It goes in by a pipe, never by a file or an argument.
    if { preseed "$preseed" && printf '  cluster_token: "%s"\n' "$token"; } | "${daemon[@]}" init --preseed; then
      rm -f "$home/joining"
      did "joined the cluster as $name, let in by $found"
      return 0
    fi
    say "      try $try to join failed"
  done
  die "could not join the cluster at $found in 3 tries; the log says why: $engine_log; $(again "vagrant provision $name")"
}

# --- without quorum ----------------------------------------------------------------------------------------------------

# finish_later SCRIPT: a lone member of three can do nothing yet. It lets the others come up, and finishes when they have.
finish_later() {
  [[ -z ${CDK_VAGRANT_FINISHING:-} ]] || die "the cluster lost its majority again"
  cat >"$home/finish.sh" <<END
#!/usr/bin/env bash
# Runs once this machine's cluster has a majority again, and finishes what was left undone at boot.
PATH=$PATH
${daemon[*]} waitready --timeout=3600 && CDK_VAGRANT_FINISHING=yes bash $1 && rm -f $home/unfinished
END
  touch "$home/unfinished"
  put 644 /etc/systemd/system/cdk-vagrant-finish.service <<END || true
[Unit]
Description=Finishes provisioning once the cluster has a majority (cdk-vagrant)
ConditionPathExists=$home/unfinished
After=network-online.target ${engine_units[1]}

[Service]
Type=oneshot
ExecStart=/usr/bin/bash $home/finish.sh
Restart=on-failure
RestartSec=15
TimeoutStartSec=infinity

[Install]
WantedBy=multi-user.target
END
  systemctl daemon-reload
  systemctl --quiet enable cdk-vagrant-finish.service
  systemctl start --no-block cdk-vagrant-finish.service
}
