#!/usr/bin/env bash
# What some tests need of the system: a PostgreSQL server and a browser. Installs Debian's, only
# when missing; without them those tests are skipped.
set -uo pipefail

missing=()
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "install_system_parts: no apt-get here; install ${missing[*]} yourself, or their tests are skipped" >&2
  exit 1
fi
root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install_system_parts: neither root nor sudo; install ${missing[*]} yourself, or their tests are skipped" >&2
    exit 1
  fi
  root=(sudo -n)
fi
export DEBIAN_FRONTEND=noninteractive
quiet=(-qq -o Dpkg::Use-Pty=0)
if ! { "${root[@]}" apt-get "${quiet[@]}" update && "${root[@]}" apt-get "${quiet[@]}" install -y --no-install-recommends "${missing[@]}"; } >/dev/null; then
  echo "install_system_parts: apt-get could not install ${missing[*]}; their tests are skipped" >&2
  exit 1
fi
