#!/usr/bin/env bash
# vmServidor2_cfg.sh: the containers of vmServidor2.
# Made by cdk-vagrant from balanceador/Cluster/vmServidor2. It may run at any time: what is as it should be is left alone.
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

begin 'vmServidor2, containers' 6

step "Firewall"
firewall firewall/vmServidor2.nft

# What is no longer in the app.
retire_services

step "Cluster"
if ! engine_answers_soon; then
  finish_later "$bundle"/vmServidor2_cfg.sh
  say "      no majority of the cluster for now; the containers are looked after once others are up"
  exit 0
fi
read_cluster balanceador vmServidor2

step 'Software apache, once for several containers'
prepare apache-da2cedf2b51c ubuntu:24.04 software/apache.sh web2 web3

# balanceador/web-backend/web2/Container
step "Container web2"
container web2 template:apache-da2cedf2b51c
install_software web2 software/apache.sh
web_server web2 web2 80 sites/web2 192.168.56.5
await_answer web2 web2 10.77.123.12 80

# balanceador/Backups/web3/Container
step "Container web3"
container web3 template:apache-da2cedf2b51c
install_software web3 software/apache.sh
web_server web3 web3 80 sites/web3 192.168.56.5
await_answer web3 web3 10.77.123.13 80

step "What is no longer in the app"
retire no containers/names.txt
retire_templates apache-da2cedf2b51c

touch "$home/done"
finish
