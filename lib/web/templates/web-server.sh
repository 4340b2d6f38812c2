#!/usr/bin/env bash
# web-server.sh: Apache in a container. It is sourced after containers.sh, never run.
# shellcheck disable=SC2154 # folder_sum: containers.sh

# web_server NAME FOLDER BALANCER...: the pages, swapped in at once when they differ, and the balancers that Apache believes.
web_server() {
  local name=$1 folder=$2 want have balancers
  shift 2
  balancers='# no balancer leads here'
  if (($#)); then balancers=$(printf 'RemoteIPInternalProxy %s\n' "$@"); fi
  want=$(cd "$folder" && bash -c "$folder_sum" && echo "$balancers")
  have=$(inside "$name" sh -c "test -e /etc/apache2/cdk-vagrant-applied && cd /var/www/site/ && $folder_sum && cat /etc/apache2/cdk-vagrant-balancers.conf" </dev/null 2>/dev/null || true)
  if [[ $want != "$have" ]]; then
    push_pages "$name" "$folder" "$balancers" || die "the pages of $name cannot be pushed; look with: lxc exec $name -- journalctl -u apache2"
    did "pushed the pages of $name"
  fi
  if [[ $(inside "$name" systemctl is-active apache2 </dev/null) != active ]]; then
    inside "$name" systemctl restart apache2 </dev/null || die "Apache does not start; look with: lxc exec $name -- journalctl -u apache2"
    did "started Apache in $name"
  fi
}

# push_pages NAME FOLDER BALANCERS
push_pages() {
  local name=$1 folder=$2 balancers=$3
  # shellcheck disable=SC2016 # expands in the container
  tar -C "$folder" -c . | inside "$name" sh -c '
    set -e
    rm -f /etc/apache2/cdk-vagrant-applied
    new=/var/www/site.$(date +%s).$$
    mkdir "$new"
    tar -x --no-same-owner -C "$new"
    chmod -R u=rwX,go=rX "$new"
    echo "$1" >/etc/apache2/cdk-vagrant-balancers.conf
    ln -sfn "$new" /var/www/site.next
    mv -T /var/www/site.next /var/www/site
    systemctl reload-or-restart apache2
    for old in /var/www/site.*; do [ "$old" = "$new" ] || rm -rf "$old"; done
    touch /etc/apache2/cdk-vagrant-applied' sh "$balancers"
}
