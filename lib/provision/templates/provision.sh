#!/usr/bin/env bash
# provision.sh: what the scripts of every machine share. It is sourced, never run.
# Each function looks before it acts, so every script may run at any time, any number of times.
# shellcheck disable=SC2154 # home, bundle: see below

set -euo pipefail
export HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin

# home (what this library keeps on the machine) and bundle (the files that came with the scripts) are set by who sources this.
keys=/run/cdk-vagrant/keys # in memory, and only while a script runs
changes=0 step=0 steps=0 began=$SECONDS

# --- telling the person who waits ---------------------------------------------------------------------------------------

# begin TITLE STEPS: takes the machine's lock, so that a script whose Vagrant was killed ends before the next one starts.
begin() {
  title=$1 steps=$2
  install -d -m 755 "$home" /run/cdk-vagrant
  install -d -m 700 "$home/secrets"
  lock
  trap 'rm -rf "$keys"' EXIT
}

# lock: one script at a time on a machine. One whose Vagrant was killed may still be at work.
lock() {
  [[ ! -e /dev/fd/9 ]] || return 0 # this script has it already
  exec 9>/run/cdk-vagrant/lock
  flock --nonblock 9 && return 0
  echo "$title: waiting for an earlier run on this machine to end"
  flock --timeout 1800 9 || die "an earlier run did not end within 1800 s; look for it with: ps -ef | grep vagrant"
}

say() { printf '%s\n' "$*"; }

step() {
  step=$((step + 1))
  say "[$step/$steps] $* ($((SECONDS - began)) s)"
}

# did WHAT: notes a change. A run without any says so at its end.
did() {
  changes=$((changes + 1))
  say "      $*"
}

die() {
  printf '%s: %s\n' "${title:-cdk-vagrant}" "$*" >&2
  exit 1
}

# again COMMAND: the remedy of what another run may bring about. On servers, systemd runs it once more by itself.
again() {
  if [[ -n ${RUN_AGAIN:-} ]]; then echo "it is tried again soon"; else echo "run: $1"; fi
}

finish() {
  local took=$((SECONDS - began))
  case $changes in
    0) say "$title: nothing to change ($took s)" ;;
    1) say "$title: 1 change ($took s)" ;;
    *) say "$title: $changes changes ($took s)" ;;
  esac
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds. Past the deadline it says what for it waited, and fails.
wait_for() {
  local seconds=$1 what=$2 start=$SECONDS told=0
  shift 2
  until "$@"; do
    if ((SECONDS - start >= seconds)); then
      say "      gave up after $seconds s: $what" >&2
      return 1
    fi
    if ((SECONDS - start >= told + 30)); then
      told=$((SECONDS - start))
      say "      waiting for $what ($told s of $seconds s)"
    fi
    sleep 1
  done
}

# --- files --------------------------------------------------------------------------------------------------------------

# put MODE DESTINATION < CONTENT: writes a file when its content differs; succeeds only if it wrote.
put() {
  local mode=$1 destination=$2 passing
  passing=$(mktemp "$destination.XXXXXX")
  cat >"$passing" || die "cannot write $destination"
  if cmp --silent "$passing" "$destination"; then
    rm -f "$passing"
    return 1
  fi
  chmod "$mode" "$passing"
  mv -f "$passing" "$destination"
}

# --- the machine's own packages and kernel -----------------------------------------------------------------------------

# packages NAME...: installs what is missing, without upgrading the world.
packages() {
  local name missing=()
  for name in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0
  # A machine that has just booted may be busy with updates of its own.
  wait_for 600 "the packages ${missing[*]}" install_packages "${missing[@]}" || {
    tail -n 20 "$home/packages.log" >&2
    die "installing ${missing[*]} failed; the whole log is $home/packages.log"
  }
  did "installed ${missing[*]}"
}

install_packages() {
  {
    dpkg --configure -a &&
      apt-get -q -o Acquire::Languages=none -o APT::Update::Error-Mode=any update &&
      apt-get -q -y -o DPkg::Lock::Timeout=60 -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"
  } >"$home/packages.log" 2>&1 </dev/null
}

# A balancer under load keeps many connections; the defaults of a small machine hold 8,192 of them and drop the rest.
kernel_limits() {
  local file=/etc/sysctl.d/90-cdk-vagrant.conf
  put 644 /etc/modules-load.d/cdk-vagrant.conf <<<nf_conntrack || true
  modprobe nf_conntrack
  cat >/run/cdk-vagrant/limits.conf <<'END'
net.netfilter.nf_conntrack_max = 131072
net.netfilter.nf_conntrack_buckets = 32768
net.netfilter.nf_conntrack_tcp_timeout_time_wait = 30
net.netfilter.nf_conntrack_tcp_be_liberal = 1
net.ipv4.tcp_max_syn_backlog = 8192
net.core.somaxconn = 8192
net.core.netdev_max_backlog = 8192
END
  if ! cmp --silent /run/cdk-vagrant/limits.conf "$file"; then
    sysctl --quiet --load /run/cdk-vagrant/limits.conf
    put 644 "$file" </run/cdk-vagrant/limits.conf # last: what is on disk has been loaded
    did "raised the kernel's connection limits"
  fi
}

# firewall FILE: who may reach the containers. Loaded now, and at each boot before LXD or Incus starts a container.
firewall() {
  local file=$1
  if put 644 /etc/systemd/system/cdk-vagrant-firewall.service <<END; then
[Unit]
Description=Who may reach the containers of this machine (cdk-vagrant)
DefaultDependencies=no
Before=network-pre.target lxd.service snap.lxd.daemon.service incus.service
Wants=network-pre.target
After=local-fs.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f $home/firewall.nft

[Install]
WantedBy=multi-user.target
END
    systemctl daemon-reload
  fi
  systemctl is-enabled --quiet cdk-vagrant-firewall.service || systemctl --quiet enable cdk-vagrant-firewall.service
  if ! cmp --silent "$file" "$home/firewall.nft" || ! nft list table inet cdk_vagrant &>/dev/null; then
    nft -f "$file"
    put 644 "$home/firewall.nft" <"$file" || true # last: what is on disk has been loaded
    did "loaded the firewall"
  fi
}

# --- software and services: in a container, or on the machine itself, which is the place "." -----------------------------------

# inside PLACE COMMAND...: runs a command there. Its standard input is ours.
inside() {
  if [[ $1 == . ]]; then
    (cd / && "${@:2}")
  else
    in_container "$@" # containers.sh
  fi
}

# command_in PLACE COMMAND: what somebody types on this machine to run it there.
command_in() {
  if [[ $1 == . ]]; then echo "$2"; else echo "$client exec $1 -- $2"; fi
}

# install_software PLACE RECIPE: runs a recipe, unless it has run to its end there before.
install_software() {
  local place=$1 recipe=$2 name want have mark log
  name=$(basename "$recipe" .sh)
  mark=/var/lib/cdk-vagrant/installed/$name
  log=$home/$name.log
  [[ $place == . ]] || log=$home/$place.log
  want=$(sha256sum <"$recipe")
  have=$(inside "$place" cat "$mark" </dev/null 2>/dev/null || true)
  [[ $have != "$want" ]] || return 0
  inside "$place" sh -s <"$recipe" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "installing the software $name in ${place/#./this machine} failed; the whole log is $log"
  }
  # shellcheck disable=SC2016 # expands there
  inside "$place" sh -c 'mkdir -p "${1%/*}" && cat >"$1"' sh "$mark" <<<"$want"
  did "installed $name in ${place/#./this machine}"
}

# await_answer PLACE NAME ADDRESS PORT: until the server says something, be it an error.
await_answer() {
  wait_for 300 "an answer of $2 at $3:$4" curl --silent --output /dev/null --max-time 5 "http://$3:$4/" ||
    die "$2 does not answer; look with: $(command_in "$1" 'journalctl -b')"
}

# serves NAME KIND: notes that this machine itself is about to have such a service, and how it is ended: a later tree may bring no library
# that says so.
serves() {
  local file=$home/services/$1
  install -d -m 755 "$home/services"
  if [[ -e $file && $(tail -n 1 "$file") != "retire_$2 $1" ]]; then
    # shellcheck source=/dev/null
    source "$file"
    did "ended $1, which is another kind of service now"
  fi
  put 644 "$file" < <(declare -f "retire_$2" && echo "retire_$2 $1") || true
}

# retire_services NAME...: what this machine itself has and no longer is in the tree, before something new wants its port.
retire_services() {
  local file name
  for file in "$home/services"/*; do
    name=${file##*/}
    [[ -e $file && $name != *.* && " $* " != *" $name "* ]] || continue # one with a dot was being written when the power went
    # shellcheck source=/dev/null
    source "$file"
    rm -f "$file"
    did "ended $name, which is no longer in the app"
  done
}

# folder_sum: one sum over the names and contents of all files below the working folder, in a container or not.
# shellcheck disable=SC2034 # used by the files sourced after this one
folder_sum='find . -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum'
