# shellcheck shell=sh disable=SC2148
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
