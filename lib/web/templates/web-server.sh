#!/usr/bin/env bash
# web-server.sh: Apache in a container, or on the machine itself. It is sourced after provision.sh, never run.
# shellcheck disable=SC2154 # folder_sum: provision.sh

# web_server PLACE NAME LISTEN FOLDER BALANCER...: the pages, swapped in at once when they differ, where it listens, and the balancers
# that Apache believes.
web_server() {
  local place=$1 name=$2 listen=$3 folder=$4 want have settings
  shift 4
  [[ $place != . ]] || serves "$name" web_server
  settings=$(web_server_settings "$name" "$listen" "$@")
  want=$(cd "$folder" && bash -c "$folder_sum" && echo "$settings")
  have=$(inside "$place" sh -c "test -e /etc/apache2/cdk-vagrant/$name.applied && cd /var/www/$name/ && $folder_sum && cat /etc/apache2/cdk-vagrant/$name.conf" </dev/null 2>/dev/null || true)
  if [[ $want != "$have" ]]; then
    push_pages "$place" "$name" "$folder" "$settings" || die "the pages of $name cannot be pushed; look with: $(command_in "$place" 'journalctl -u apache2')"
    did "pushed the pages of $name"
  fi
  if [[ $(inside "$place" systemctl is-active apache2 </dev/null) != active ]]; then
    inside "$place" systemctl restart apache2 </dev/null || die "Apache does not start; look with: $(command_in "$place" 'journalctl -u apache2')"
    did "started Apache for $name"
  fi
}

# web_server_settings NAME LISTEN BALANCER...: the balancers say who the client is.
web_server_settings() {
  local name=$1 listen=$2
  printf '%s\n' "Listen $listen" "<VirtualHost *:${listen##*:}>" "  DocumentRoot /var/www/$name" \
    '  CustomLog /var/log/apache2/access.log cdk_vagrant env=!health_check'
  (($# == 2)) || printf '  RemoteIPInternalProxy %s\n' "${@:3}"
  echo '</VirtualHost>'
}

# push_pages PLACE NAME FOLDER SETTINGS
push_pages() {
  local place=$1 name=$2 folder=$3 settings=$4
  # shellcheck disable=SC2016 # expands there
  tar -C "$folder" -c . | inside "$place" sh -c '
    set -e
    own=/etc/apache2/cdk-vagrant/$1
    pages=/var/www/$1
    rm -f "$own.applied"
    new=$pages.$(date +%s).$$
    mkdir "$new"
    tar -x --no-same-owner -C "$new"
    chmod -R u=rwX,go=rX "$new"
    echo "$2" >"$own.conf"
    ln -sfn "$new" "$pages.next"
    mv -T "$pages.next" "$pages"
    systemctl reload-or-restart apache2
    for old in "$pages".*; do [ "$old" = "$new" ] || rm -rf "$old"; done
    touch "$own.applied"' sh "$name" "$settings"
}

# retire_web_server NAME: what the machine itself no longer serves.
retire_web_server() {
  rm -rf "/etc/apache2/cdk-vagrant/$1".* "/var/www/$1" "/var/www/$1".*
  if compgen -G '/etc/apache2/cdk-vagrant/*.conf' >/dev/null; then
    systemctl reload-or-restart apache2
  else
    systemctl --quiet disable --now apache2
    rm -f /var/lib/cdk-vagrant/installed/apache # so that it is enabled again when somebody wants it again
  fi
}
