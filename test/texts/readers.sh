#!/usr/bin/env bash
# Runs the scripts of its arguments with stand-ins for what they call, each of which prints the number of its words and the words, all
# ended by NUL. A script itself begins with "script". No program is run.
# shellcheck disable=SC1090,SC2123 # any script, no programs
exec 3>&1
told() { printf '%s\0' "$#" "$@" >&3; }
command_not_found_handle() { told "$@"; }
for name in apt-get await_answer await_engine await_image balancer begin container dpkg engine finish finish_later firewall found_cluster import_image install \
  install_engine install_software ip join_cluster kernel_limits network network_address prepare read_cluster retire retire_services retire_templates rm say source \
  statistics_password step touch trust_joiners unpack_keys wait_for web_server cat flock chmod mkdir mv tar; do
  eval "$name() { told $name \"\$@\"; }"
done
# The first run of a machine: no cluster is there, no package is installed.
dpkg-query() { told dpkg-query "$@"; }
is_clustered() { return 1; }
find_member() { return 1; }
engine_answers_soon() { return 0; }
base64() { return 0; }
cd() { return 0; }
date() { echo 0; }
grep() { return 0; }
PATH=
for script; do
  told script "$script"
  (. "$script")
done
