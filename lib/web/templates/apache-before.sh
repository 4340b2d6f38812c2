# shellcheck shell=sh disable=SC2148
# Debian's package starts Perl once for each of thirty modules to link two files, which is most of its installation on a slow
# processor. While it is installed, these do the linking.
cat >/usr/local/sbin/a2enmod <<'END'
#!/bin/sh
case $0 in
  *mod) kind=mods ;;
  *conf) kind=conf ;;
  *site) kind=sites ;;
esac
for name; do
  case $name in -*) continue ;; esac
  for file in /etc/apache2/$kind-available/"$name".*; do
    ln -sf "../$kind-available/${file##*/}" "/etc/apache2/$kind-enabled/"
  done
done
END
chmod 755 /usr/local/sbin/a2enmod
ln -sf a2enmod /usr/local/sbin/a2enconf
ln -sf a2enmod /usr/local/sbin/a2ensite
