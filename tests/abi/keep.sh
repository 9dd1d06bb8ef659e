#!/bin/sh
# Keeps today's minimal driver for ever, when a version of the ABI is released: tests/abi/keep.sh 1.0
# Writes drivers/VERSION/minimal_c/: the binary (stripped, < 50 kB), its manifest, and what abidw reads out of it.
# Never run it for a version that is out: a kept driver that changes proves nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
out=$here/drivers/$1/minimal_c
[ ! -e "$out/minimal_c.so" ] || { echo "keep.sh: $out is kept already" >&2; exit 2; }
mkdir -p "$out"
cd "$root"
cc -std=c99 -O2 -DNDEBUG -g -fPIC -shared -fvisibility=hidden -ffile-prefix-map="$(pwd)"=. -Isdk/include \
  examples/minimal_c/driver.c -o "$out/minimal_c.so" \
  -Wl,-z,now,-z,relro,-z,defs,--exclude-libs,ALL -Wl,--version-script=sdk/garita_driver.map -Wl,--build-id=none
(cd "$out" && abidw --no-comp-dir-path --no-corpus-path --out-file minimal_c.abi minimal_c.so)
strip --strip-all --remove-section=.comment "$out/minimal_c.so"
digest=$(sha256sum "$out/minimal_c.so" | cut -d' ' -f1)
sed "s/@GARITA_DRIVER_SHA256@/$digest/" examples/minimal_c/minimal_c.garita.json.in >"$out/minimal_c.garita.json"
