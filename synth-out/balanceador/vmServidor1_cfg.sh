#!/usr/bin/env bash
# vmServidor1_cfg.sh: the containers of vmServidor1.
# Made by cdk-vagrant from balanceador/Cluster/vmServidor1. It may run at any time: what is as it should be is left alone.
set -euo pipefail

home=/var/lib/cdk-vagrant
bundle=$home/bundle
# shellcheck source=/dev/null
source "$bundle"/lib/provision.sh
# shellcheck source=/dev/null
source "$bundle"/lib/engine.sh
# shellcheck source=/dev/null
source "$bundle"/lib/containers.sh
# shellcheck source=/dev/null
source "$bundle"/lib/web-server.sh
cd "$bundle"
engine LXD lxc lxd /var/lib/lxd lxd.socket lxd.service

begin 'vmServidor1, containers' 6

step "Firewall"
firewall firewall/vmServidor1.nft

# What is no longer in the app.
retire_services

step "Cluster"
if ! engine_answers_soon; then
  finish_later "$bundle"/vmServidor1_cfg.sh
  say "      no majority of the cluster for now; the containers are looked after once others are up"
  exit 0
fi
read_cluster balanceador vmServidor1

step 'Software apache, once for several containers'
prepare apache-870ddbeee9a2 ubuntu:24.04 software/apache.sh web1 web4

# balanceador/web-backend/web1/Container
step "Container web1"
container web1 template:apache-870ddbeee9a2
install_software web1 software/apache.sh
web_server web1 web1 80 sites/web1 192.168.56.5
await_answer web1 web1 10.77.123.11 80

# balanceador/Backups/web4/Container
step "Container web4"
container web4 template:apache-870ddbeee9a2
install_software web4 software/apache.sh
web_server web4 web4 80 sites/web4 192.168.56.5
await_answer web4 web4 10.77.123.14 80

step "What is no longer in the app"
retire no containers/names.txt
retire_templates apache-870ddbeee9a2

touch "$home/done"
finish
