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
