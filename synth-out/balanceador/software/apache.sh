#!/bin/sh
# apache.sh: gives a container, or the machine itself, its software. Its own text is its version: changed, it runs again.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

# Debian's package starts Perl once for each of thirty modules to link two files, which is most of its installation on a slow
# processor. While it is installed, these do the linking.
cat >/usr/local/sbin/a2enmod <<'END'
#!/bin/sh
case $0 in
  *mod) kind=mods ;;
  *conf) kind=conf ;;
  *site) kind=sites ;;
esac
enable() {
  for name; do
    case $name in -*) continue ;; esac
    [ ! -e "/etc/apache2/$kind-enabled/$name.load" ] || continue
    for file in /etc/apache2/$kind-available/"$name".*; do
      ln -sf "../$kind-available/${file##*/}" "/etc/apache2/$kind-enabled/"
      # shellcheck disable=SC2046 # several words
      enable $(sed -n 's/^# Depends: //p' "$file")
    done
  done
}
enable "$@"
END
chmod 755 /usr/local/sbin/a2enmod
ln -sf a2enmod /usr/local/sbin/a2enconf
ln -sf a2enmod /usr/local/sbin/a2ensite

set -- apache2
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

rm -f /usr/local/sbin/a2enmod /usr/local/sbin/a2enconf /usr/local/sbin/a2ensite

# What all servers of this Apache have in common. Each has a file of its own, and its pages behind a link, so that a new set replaces
# the old one in one move.
cat >/etc/apache2/sites-available/cdk-vagrant.conf <<'END'
ServerName localhost
ServerTokens Prod
ServerSignature Off
TraceEnable Off

# Clients reach a balancer only: it says who they are, and nobody else is believed.
RemoteIPHeader X-Forwarded-For

# A balancer gives up an idle connection before this does, so it never sends a request into a closing one.
KeepAlive On
KeepAliveTimeout 75
MaxKeepAliveRequests 0

# The balancer's checks, one a second, would drown what people asked for.
SetEnvIf User-Agent ^haproxy-check$ health_check
LogFormat "%a %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" cdk_vagrant

<Directory /var/www>
  Options SymLinksIfOwnerMatch
  AllowOverride None
  Require all granted
</Directory>

IncludeOptional /etc/apache2/cdk-vagrant/*.conf
END
mkdir -p /etc/apache2/cdk-vagrant
cd /etc/apache2
echo '# Each server says where it listens: cdk-vagrant/*.conf' >ports.conf
rm -f sites-enabled/000-default.conf mods-enabled/status.* mods-enabled/autoindex.*
ln -sf ../mods-available/remoteip.load mods-enabled/
ln -sf ../sites-available/cdk-vagrant.conf sites-enabled/
systemctl enable --quiet apache2
# Apache starts with its first server.
for server in cdk-vagrant/*.conf; do
  [ ! -e "$server" ] || systemctl reload-or-restart apache2
done
