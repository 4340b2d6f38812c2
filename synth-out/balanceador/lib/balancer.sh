#!/usr/bin/env bash
# balancer.sh: HAProxy in a container, or on the machine itself. It is sourced after provision.sh, never run.
# shellcheck disable=SC2154 # home, folder_sum: provision.sh

# statistics_password LABEL CARRIER [VARIABLE]: makes $home/secrets/LABEL.hash. Without VARIABLE, which the user sets on the host to a
# password or its hash and which arrives in CARRIER, a password is made here, once, and kept where only root reads it.
statistics_password() {
  local label=$1 given=${!2:-} variable=${3:-} file=$home/secrets/$1 password
  if [[ -z $variable ]]; then
    if [[ ! -s $file.password ]]; then
      (umask 077 && openssl rand -base64 18 >"$file.password")
      rm -f "$file.hash"
    fi
    password=$(<"$file.password")
  else
    password=$(base64 --decode <<<"$given")
    [[ $password != *$'\n'* ]] || die "$variable holds several lines, which is no password"
    rm -f "$file.password"
    if [[ -z $password ]]; then
      [[ -s $file.hash ]] || die "the password of the statistics is to come from the variable $variable, which is not set on the host; set it and run: vagrant provision"
      return 0
    fi
  fi
  if [[ $password =~ ^\$[0-9a-z]+\$[A-Za-z0-9./,=\$]+$ ]]; then
    put 600 "$file.hash" <<<"$password" || return 0
  else
    # The same password with the same salt gives the same hash.
    local salt=''
    if [[ -s $file.hash ]]; then
      salt=$(cut -d '$' -f 3 "$file.hash")
      [[ $(openssl passwd -6 -salt "$salt" -stdin <<<"$password") != "$(<"$file.hash")" ]] || return 0
    fi
    (umask 077 && openssl passwd -6 -stdin <<<"$password" >"$file.hash")
  fi
  did "set the password of $label"
}

# balancer PLACE NAME CONFIGURATION [SECRET...] [-- PAGES...]: gives HAProxy its configuration, the hashes of the SECRETs (LABEL=VARIABLE)
# and the folders of its error pages. What HAProxy refuses never replaces what it runs with.
balancer() {
  local place=$1 name=$2 configuration=$3 want have environment='' next=$home/balancer where="in $1"
  shift 3
  if [[ $place == . ]]; then
    where='on this machine'
    serves "$name" balancer
  fi
  rm -rf "$next"
  mkdir -p "$next"
  cp "$configuration" "$next/haproxy.cfg"
  while (($#)) && [[ $1 != -- ]]; do
    environment+="${1#*=}='$(<"$home/secrets/${1%%=*}.hash")'"$'\n'
    shift
  done
  (($# < 2)) || cp -R --parents "${@:2}" "$next/"
  want=$(cd "$next" && bash -c "$folder_sum" && sha256sum <<<"$environment")
  have=$(inside "$place" sh -c "test -e /etc/haproxy/applied && cd /etc/haproxy/current/ && $folder_sum && sha256sum </etc/haproxy/statistics.env" </dev/null 2>/dev/null || true)
  if [[ $want != "$have" ]]; then
    inside "$place" sh -c 'umask 077 && cat >/etc/haproxy/statistics.env.next' <<<"$environment"
    tar -C "$next" -c . | inside "$place" sh -c "$balancer_change" || die "HAProxy $where did not take the new configuration; see above"
    did "configured HAProxy $where"
  fi
  rm -rf "$next"
  if [[ $(inside "$place" systemctl is-active haproxy </dev/null) != active ]]; then
    inside "$place" systemctl restart haproxy </dev/null || die "HAProxy does not start; look with: $(command_in "$place" 'journalctl -u haproxy')"
    did "started HAProxy $where"
  fi
}

# retire_balancer NAME: the machine itself no longer balances.
retire_balancer() {
  systemctl --quiet disable --now haproxy
  rm -f /etc/haproxy/applied /var/lib/cdk-vagrant/installed/haproxy # so that it is enabled again when somebody wants it again
}

# Runs in the container with the new files on its standard input.
# shellcheck disable=SC2016 # expands there
balancer_change='
set -e
new=/etc/haproxy/release.$(date +%s).$$
mkdir "$new"
tar -x --no-same-owner -C "$new"
chmod -R u=rwX,go=rX "$new"
# The environment is read at a start only. A change that was cut off half-way starts anew as well; a reload keeps every connection.
restart=
cmp -s /etc/haproxy/statistics.env.next /etc/haproxy/statistics.env && [ -e /etc/haproxy/applied ] || restart=yes
if ! (set -a; . /etc/haproxy/statistics.env.next; set +a; haproxy -c -dW -f "$new/haproxy.cfg") >"$new.log" 2>&1; then
  cat "$new.log" >&2
  rm -rf "$new" "$new.log" /etc/haproxy/statistics.env.next
  exit 1
fi
rm -f "$new.log" /etc/haproxy/applied
mv /etc/haproxy/statistics.env.next /etc/haproxy/statistics.env
ln -sfn "$new" /etc/haproxy/current.next
mv -T /etc/haproxy/current.next /etc/haproxy/current
for old in /etc/haproxy/release.*; do [ "$old" = "$new" ] || rm -rf "$old"; done
if [ -n "$restart" ] || ! systemctl is-active --quiet haproxy; then
  systemctl restart haproxy
else
  main=$(systemctl show --property MainPID --value haproxy)
  before=$(pgrep -P "$main" -n)
  systemctl reload haproxy
  deadline=$(($(date +%s) + 60))
  until now=$(pgrep -P "$main" -n) && [ "$now" != "$before" ]; do
    [ "$(date +%s)" -lt "$deadline" ] || { echo "no new worker 60 s after the reload" >&2; exit 1; }
    sleep 0.2
  done
fi
touch /etc/haproxy/applied'
