#!/usr/bin/env bash
# vmBalanceador_cfg.sh: the containers of vmBalanceador.
# Made by cdk-vagrant from balanceador/Cluster/vmBalanceador. It may run at any time: what is as it should be is left alone.
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
source "$bundle"/lib/balancer.sh
cd "$bundle"
engine LXD lxc lxd /var/lib/lxd lxd.socket lxd.service

begin 'vmBalanceador, containers' 4

step "Firewall"
firewall firewall/vmBalanceador.nft

# What is no longer in the app.
retire_services

step "Cluster"
if ! engine_answers_soon; then
  finish_later "$bundle"/vmBalanceador_cfg.sh
  say "      no majority of the cluster for now; the containers are looked after once others are up"
  exit 0
fi
read_cluster balanceador vmBalanceador

# balanceador/Cluster/vmBalanceador/Haproxy/Container
step "Container haproxy"
container haproxy ubuntu:24.04
install_software haproxy software/haproxy.sh
statistics_password statistics-http STATISTICS_HTTP ''
balancer haproxy haproxy haproxy.cfg statistics-http=STATISTICS_HTTP -- pages/http
await_answer haproxy haproxy 10.77.21.83 80

step "What is no longer in the app"
retire no containers/names.txt
retire_templates

touch "$home/done"
finish
