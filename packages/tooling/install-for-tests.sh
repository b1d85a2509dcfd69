#!/bin/sh
# install-for-tests.sh redis-server|promtool|prometheus|alertmanager|amtool|curl: the tests run against the real thing. Root on Debian or
# Ubuntu gets it installed, anybody else is told how.
set -e
program=$1
case $program in
  redis-server) debian=redis-server brew=redis ;;
  promtool | prometheus) debian=prometheus brew=prometheus ;;
  alertmanager | amtool) debian=prometheus-alertmanager brew=alertmanager ;;
  curl) debian=curl brew=curl ;;
esac

# Debian calls Alertmanager after its package.
! command -v "$program" >/dev/null || exit 0
[ "$program" != alertmanager ] || ! command -v "$debian" >/dev/null || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests need $program: sudo apt-get install $debian (Debian, Ubuntu), brew install $brew (macOS)." >&2
  exit 1
fi

echo "Installing $program for the tests ..."
apt-get update -qq
case $program in
  promtool | prometheus | alertmanager | amtool)
    # It alone: its package would also start a server.
    [ "$program" != alertmanager ] || program=$debian
    directory=$(mktemp -d)
    trap 'rm -rf "$directory"' EXIT
    (cd "$directory" && apt-get -o APT::Sandbox::User=root download -qq "$debian" && dpkg-deb --extract ./*.deb .) >/dev/null
    install -m 755 "$directory/usr/bin/$program" "/usr/local/bin/$program"
    # Alertmanager does not start without its templates.
    if [ "$program" = prometheus-alertmanager ]; then
      mkdir -p /usr/share/prometheus
      cp -R "$directory/usr/share/prometheus/alertmanager" /usr/share/prometheus/
    fi
    ;;
  *) DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$debian" >/dev/null ;;
esac
