#!/bin/sh
# The tests run against a real Redis. Root on Debian or Ubuntu gets it installed, anybody else is told how.
set -e

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo 'Installing redis-server for the tests ...'
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends redis-server >/dev/null
else
  echo 'The tests need redis-server: sudo apt-get install redis-server (Debian, Ubuntu), brew install redis (macOS).' >&2
  exit 1
fi
