#!/bin/sh
# Keeps what today's programs write, for ever, when a version is released: tests/frozen/keep.sh 1.1 [BUILD]
# BUILD is the build folder, build/release unless said; garita, garita-sim, garita-conform, driver_canary and
# keep_frozen must be built there. Never run for a version that is out: a kept file that changes proves nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
build=$(cd "${2:-$root/build/release}" && pwd)
out=$here/$1
[ ! -e "$out" ] || { echo "keep.sh: $out is kept already" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work" "$out.new"' EXIT
PATH=$build/bin:$PATH
LC_ALL=C
export PATH LC_ALL
kept=$out.new
mkdir -p "$kept/driver" "$kept/recording" "$kept/packages" "$kept/trust/documents" "$kept/evidence"
cd "$work"

# The driver, stripped, as a vendor ships it.
strip --strip-all --remove-section=.comment "$build/lib/garita/drivers/portal/portal.so" -o "$kept/driver/portal.so"
digest=$(sha256sum "$kept/driver/portal.so" | cut -d' ' -f1)
sed "s/@GARITA_DRIVER_SHA256@/$digest/" "$root/drivers/portal/portal.garita.json.in" >"$kept/driver/portal.garita.json"
manifest=portal/portal.garita.json  # what is kept names no folder of this machine
cp -r "$kept/driver" portal
cp "$root/drivers/portal/tests/variants/thing.npy" "$root/drivers/portal/tests/sessions/single_energy.bin" .

# A session of it, recorded, and the package that it gave, with what two officers said of it.
garita-sim portal --listen 127.0.0.1:0 --port-file port --scene object --pitch-along-um 50000 --count 1 \
  --plate ABC123D --container SIMU0000015 --seed 10 >sim.txt 2>&1 &
for i in $(seq 100); do [ -s port ] && break; sleep 0.1; done
garita scan --driver "$manifest" --source "scanner=tcp://127.0.0.1:$(cat port)" --out scans --state site \
  --site Mexicali --lane 1 --count 1 --record "$kept/recording/session.rec"
wait
chmod 644 "$kept/recording/session.rec"
mv scans/*.garita "$kept/packages/portal.garita"
garita verify --planes "$kept/packages/portal.garita" >"$kept/recording/planes.txt"
garita decide "$kept/packages/portal.garita" hold --reason R7 --officer 4711 --on-screen 12 --state site
garita finding "$kept/packages/portal.garita" fentanyl --quantity "12.5 kg" --place "behind the spare wheel" --state site

# Its evidence, signed by a lab, and its certificate, signed by a person of each of two nations.
for person in ana luis eva; do garita trust keygen $person; done
for person in john lab; do garita trust keygen $person --algorithm ed25519; done
cat >conform.toml <<END
[[input]]
title = "one thing twice, dual energy"
simulator = ["garita-sim", "portal", "--listen", "127.0.0.1:0", "--port-file", "{port_file}",
  "--image", "{here}/thing.npy", "--count", "2", "--seed", "{seed}"]
source = ["scanner=tcp://127.0.0.1:{port}"]
scans = 2
[[input]]
title = "one scan of a single energy"
source = ["scanner=file:single_energy.bin"]
END
garita-conform run --driver "$manifest" --smoke --input conform.toml --seed 1 --evidence evidence.tar.zst --sign-key lab
cp evidence.tar.zst lab.pub "$kept/evidence"
garita trust witness witness.json --recording "$kept/recording/session.rec" --object "$root/drivers/portal/recording.toml" \
  --model SP-6/4 --serial SP64-00010 --firmware "sim 1.0" --place Mexicali
garita trust sign witness.json --key lab
mv witness.json "$kept/evidence"

# Documents in the order in which a site takes them; the last takes the certificate back, and the state is kept before it.
documents=$kept/trust/documents
garita trust root "$documents/1_root.json" --role mx=1:ana.pub,luis.pub --role us=1:john.pub --days 400
garita trust revoke "$documents/2_status_mx.json" --role mx --days 40
garita trust revoke "$documents/3_status_us.json" --role us --days 40
garita-conform certify evidence.tar.zst --device "SP-6/4=sim 1.0" --simulated --days 60 --suite-days 50 \
  --out "$documents/4_certificate.json"
garita trust root "$documents/5_root.json" --from "$documents/1_root.json" --role mx=1:eva.pub,luis.pub --days 400
certificate=$(garita trust show "$documents/4_certificate.json" --json | sed 's/.*"sha256":"\([0-9a-f]*\)","signatures.*/\1/')
garita trust revoke "$documents/6_status_us.json" --from "$documents/3_status_us.json" --days 40 \
  --sha256 "$certificate" --reason "It sends what it should not."
for signed in "1_root ana" "1_root john" "2_status_mx luis" "3_status_us john" "4_certificate luis" "4_certificate john" \
  "5_root luis" "5_root john" "6_status_us john"; do
  garita trust sign "$documents/${signed% *}.json" --key "${signed#* }"
done
pin=$(garita trust show "$documents/1_root.json" --json | sed 's/.*"sha256":"\([0-9a-f]*\)".*/\1/')
echo "$pin" >"$kept/trust/pin.txt"
state=$kept/trust/state
garita trust install "$documents/1_root.json" --sha256 "$pin" --state "$state"
for document in "$documents"/[2-5]_*.json; do garita trust install "$document" --state "$state"; done
find "$state" -mindepth 1 -maxdepth 1 ! -name trust -exec rm -rf {} +

keep_frozen "$kept"
if grep -l '^lost' "$kept"/packages/*.txt; then echo "keep.sh: a field that the record does not have" >&2; exit 1; fi
# A second reader, written from FORMAT.md alone, sees the same pixels.
for package in portal every_kind predictive; do
  python3 "$root/examples/read_package.py" "$kept/packages/$package.garita" >second.txt
  garita verify --planes "$kept/packages/$package.garita" | diff second.txt -
done
find "$kept" -type f -exec chmod 644 {} +
(cd "$kept" && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
mv "$kept" "$out"
du -sh "$out"
