#!/bin/sh
# install-for-tests.sh PROGRAM DEBIAN_PACKAGE BREW_PACKAGE: the tests run against the real thing. Root on Debian or Ubuntu gets it
# installed, anybody else is told how.
set -e
program=$1 debian=$2 brew=$3

command -v "$program" >/dev/null && exit

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing $program for the tests ..."
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$debian" >/dev/null
else
  echo "The tests need $program: sudo apt-get install $debian (Debian, Ubuntu), brew install $brew (macOS)." >&2
  exit 1
fi
