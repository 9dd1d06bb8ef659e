#!/bin/sh
# Prints what abidiff sees between the kept driver of each released ABI and today's. A report for a person, never the
# verdict: abidiff answers the same for a legal append and for a swap. The verdict is `ctest -R ^abi/`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
command -v abidiff >/dev/null || { echo "report.sh: abidiff is missing: install abigail-tools" >&2; exit 2; }
today=$(mktemp -d)
trap 'rm -rf "$today"' EXIT
cd "$root"
cc -std=c99 -O2 -DNDEBUG -g -fPIC -shared -fvisibility=hidden -Isdk/include examples/minimal_c/driver.c \
  -o "$today/minimal_c.so" -Wl,--version-script=sdk/garita_driver.map
for kept in "$here"/drivers/*/minimal_c/minimal_c.abi; do
  version=$(basename "$(dirname "$(dirname "$kept")")")
  echo "abidiff: driver kept at ABI $version against today's"
  changes=$(abidiff "$kept" "$today/minimal_c.so" 2>&1 || true)
  echo "${changes:-no difference}" | sed 's/^/  /'
done
echo "(a report; the verdict is the tests abi/*)"
