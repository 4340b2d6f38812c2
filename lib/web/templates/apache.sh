# shellcheck shell=sh disable=SC2148
rm -f /usr/local/sbin/a2enmod /usr/local/sbin/a2enconf /usr/local/sbin/a2ensite

# The pages stand behind a link, so that a new set replaces the old one in one move.
cat >/etc/apache2/sites-available/cdk-vagrant.conf <<'END'
ServerName localhost
ServerTokens Prod
ServerSignature Off
TraceEnable Off

# Clients reach a balancer only: it says who they are, and nobody else is believed.
RemoteIPHeader X-Forwarded-For
IncludeOptional /etc/apache2/cdk-vagrant-balancers.conf

# A balancer gives up an idle connection before this does, so it never sends a request into a closing one.
KeepAlive On
KeepAliveTimeout 75
MaxKeepAliveRequests 0

# The balancer's checks, one a second, would drown what people asked for.
SetEnvIf User-Agent ^haproxy-check$ health_check
LogFormat "%a %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" cdk_vagrant

<VirtualHost *:80>
  DocumentRoot /var/www/site
  CustomLog /var/log/apache2/access.log cdk_vagrant env=!health_check
  <Directory /var/www>
    Options SymLinksIfOwnerMatch
    AllowOverride None
    Require all granted
  </Directory>
</VirtualHost>
END
if [ ! -e /var/www/site ]; then
  mkdir -p /var/www/site.empty
  ln -sfn /var/www/site.empty /var/www/site
fi
cd /etc/apache2
rm -f sites-enabled/* mods-enabled/status.* mods-enabled/autoindex.*
ln -sf ../mods-available/remoteip.load mods-enabled/
ln -sf ../sites-available/cdk-vagrant.conf sites-enabled/
systemctl enable --quiet apache2
systemctl reload-or-restart apache2
