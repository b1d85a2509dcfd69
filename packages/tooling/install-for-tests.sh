#!/bin/sh
# install-for-tests.sh redis-server|promtool|curl: the tests run against the real thing. Root on Debian or Ubuntu gets it installed, anybody
# else is told how.
set -e
program=$1
case $program in
  redis-server) debian=redis-server brew=redis ;;
  promtool) debian=prometheus brew=prometheus ;;
  curl) debian=curl brew=curl ;;
esac

command -v "$program" >/dev/null && exit

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests need $program: sudo apt-get install $debian (Debian, Ubuntu), brew install $brew (macOS)." >&2
  exit 1
fi

echo "Installing $program for the tests ..."
apt-get update -qq
if [ "$program" = promtool ]; then
  # It alone: its package would also start a Prometheus.
  directory=$(mktemp -d)
  trap 'rm -rf "$directory"' EXIT
  (cd "$directory" && apt-get -o APT::Sandbox::User=root download -qq "$debian" && dpkg-deb --extract ./*.deb .) >/dev/null
  install -m 755 "$directory/usr/bin/promtool" /usr/local/bin/promtool
else
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$debian" >/dev/null
fi
