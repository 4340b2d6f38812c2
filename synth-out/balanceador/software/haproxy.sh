#!/bin/sh
# haproxy.sh: gives a container, or the machine itself, its software. Its own text is its version: changed, it runs again.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

set -- haproxy procps
missing=
for package; do
  # shellcheck disable=SC2016 # dpkg's own
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
  deadline=$(($(date +%s) + 300))
  until ip -4 route show default | grep -q .; do
    [ "$(date +%s)" -lt "$deadline" ] || {
      echo "no network after 300 s" >&2
      exit 1
    }
    sleep 1
  done
  if command -v cloud-init >/dev/null; then cloud-init status --wait >/dev/null || true; fi

  # No service starts before it is configured.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\n# cdk-vagrant\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
  fi
  # The image may be busy with updates of its own.
  until dpkg --force-unsafe-io --configure -a </dev/null &&
    apt-get -q -o Acquire::Languages=none -o APT::Update::Error-Mode=any update </dev/null; do
    [ "$(date +%s)" -lt "$deadline" ] || {
      echo "no package lists after 300 s" >&2
      exit 1
    }
    sleep 2
  done
  # shellcheck disable=SC2086 # several words
  apt-get -q -y -o DPkg::Path="$PATH" -o Dpkg::Options::=--force-unsafe-io -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
    install --no-install-recommends $missing </dev/null
  apt-get clean
  rm -rf /var/lib/apt/lists/*
fi
if grep -qs '^# cdk-vagrant$' /usr/sbin/policy-rc.d; then rm -f /usr/sbin/policy-rc.d; fi

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
