# shellcheck shell=sh disable=SC2148
# One link leads to the configuration in force; it moves only to one that HAProxy has accepted.
mkdir -p /etc/systemd/system/haproxy.service.d
cat >/etc/systemd/system/haproxy.service.d/cdk-vagrant.conf <<'END'
[Service]
Environment=CONFIG=/etc/haproxy/current/haproxy.cfg
EnvironmentFile=-/etc/haproxy/statistics.env
LimitNOFILE=65536
END
systemctl daemon-reload
systemctl enable --quiet haproxy
