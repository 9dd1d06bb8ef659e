# Each component alone, in a root that holds the system, that component, and nothing else of Garita: the SDK builds drivers,
# SDK and kit go from nothing to a certificate by the commands of conformance/TUTORIAL.md, and the host scans.
. "$(dirname "$0")/common.sh"
own_folder components

# bare NAME COMPONENT…: installs them into an own tree. What a person does there runs in a root with only this tree, at /opt/garita.
bare() {
  prefix=$folder/$1; shift
  for component in "$@"; do
    cmake --install "$build_folder" --prefix "$prefix" --component "$component" >>"$folder/install.log" || fail "cmake --install --component $component"
  done
}

# in_bare_root SCRIPT: the system's folders for reading, the tree, and an empty home. pivot_root and not chroot, in which nobody
# may make a namespace: the boxes of drivers are made of them.
in_bare_root() {
  local root=$folder/root own=()
  mkdir -p "$root"
  [ "$(id -u)" = 0 ] || own=(--map-root-user)
  cp "$1" "$prefix/script.sh"
  unshare "${own[@]}" --mount --propagation private bash -euo pipefail -c '
    root=$1 prefix=$2
    mount -t tmpfs bare "$root"
    cd "$root"
    mkdir -p usr etc dev proc tmp sys opt/garita home old
    for folder in usr etc dev proc sys; do mount --rbind /$folder $folder; done
    for link in bin lib lib64 sbin; do [ ! -L /$link ] || cp -a /$link $link; done
    mount --bind "$prefix" opt/garita
    pivot_root . old
    umount -l /old
    cd /home
    exec env -i PATH=/opt/garita/bin:/usr/bin:/bin:/usr/sbin:/sbin GARITA=/opt/garita HOME=/home LANG=C CMAKE_GENERATOR=Ninja \
      PKG_CONFIG_PATH=/opt/garita/lib/pkgconfig XDG_STATE_HOME=/home/state timeout -k 5 500 bash -euo pipefail /opt/garita/script.sh
  ' bare "$root" "$prefix"
}
if ! unshare $([ "$(id -u)" = 0 ] || echo --map-root-user) --mount true 2>/dev/null; then
  echo "SKIPPED LOUDLY: this system lets nobody make a mount namespace, so there is no bare root"
  exit 0
fi

# First of each script.
cat >first.sh <<'END'
refused() { if "$@"; then echo "this should not have worked: $*" >&2; exit 1; fi; }
set -x
END

bare sdk sdk
cat first.sh - >sdk.sh <<'END'
refused command -v garita
cat >CMakeLists.txt <<'LIST'
cmake_minimum_required(VERSION 3.25)
project(bare CXX C)
find_package(Garita COMPONENTS sdk REQUIRED)
garita_add_driver(acme-x1 SOURCES driver.cpp wire.cpp MANIFEST acme-x1.garita.json.in)
LIST
cp "$GARITA"/share/garita/template/c++/*.?pp "$GARITA"/share/garita/template/common/acme-x1.garita.json.in .
cmake -B build -DCMAKE_PREFIX_PATH="$GARITA" && cmake --build build
[ -s build/drivers/acme-x1/acme-x1.so ]
END
in_bare_root sdk.sh >sdk.log 2>&1 || { tail -20 sdk.log; fail "the SDK alone does not build a driver"; }

bare kit sdk conformance
commands_of "$source_folder/conformance/TUTORIAL.md" >commands
commands_of "$source_folder/conformance/TUTORIAL.es.md" | diff commands - || fail "conformance/TUTORIAL.es.md has other commands than TUTORIAL.md"
[ "$(wc -l <commands)" -ge 30 ] || fail "conformance/TUTORIAL.md has hardly any commands"
cat first.sh commands - >kit.sh <<'END'
garita show scans/*.garita | grep -i 'certification.*certified'
[ -s report.html ] && [ -s build/conformance/conformance.xml ]
refused command -v garita-sim
# One byte of the driver, and it is refused.
printf x >>build/drivers/acme-x1/acme-x1.so
refused garita scan --driver $DRIVER --source scanner=file:tests/session.bin --until-empty --out again --state state --policy site.toml
END
in_bare_root kit.sh >kit.log 2>&1 || { tail -30 kit.log; fail "SDK and kit do not go from nothing to a certificate"; }

bare host host
cat first.sh - >host.sh <<'END'
[ ! -e "$GARITA/include" ]
refused command -v garita-conform
garita drivers
garita-sim portal --listen 127.0.0.1:0 --port-file port --count 1 --seed 1 --scene block >sim.txt 2>&1 &
for _ in $(seq 300); do [ -s port ] && break; sleep 0.1; done
garita scan --driver portal --source "scanner=tcp://127.0.0.1:$(cat port)" --out out --count 1
garita verify out/*.garita
garita view out/*.garita --out pictures
END
in_bare_root host.sh >host.log 2>&1 || { tail -20 host.log; fail "the host alone does not scan"; }
