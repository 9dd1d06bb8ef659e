# The installed tree stands on its own, wherever it lies.
. "$(dirname "$0")/common.sh"
first=$work_folder/first/garita
rm -rf "$work_folder/first" "$work_folder/moved"
mkdir -p "$work_folder/first" "$work_folder/moved"
cmake --install "$build_folder" --prefix "$first" >"$work_folder/install.log" || fail "cmake --install; see $work_folder/install.log"
mv "$first" "$installed"
own_folder tree

named=$(grep -rIlF -e "$work_folder" -e "$build_folder" -e "$source_folder" "$installed" || true)
[ -z "$named" ] || fail "these name folders of the build: $named"
foreign=$(find "$installed/bin" "$installed/lib" -type f \( -perm -u+x -o -name '*.so*' \) -exec readelf -d {} + 2>/dev/null |
  grep -E 'RPATH|RUNPATH' | grep -v '\[\$ORIGIN[]/]' || true)
[ -z "$foreign" ] || fail "a run path leads out of the tree: $foreign"
for file in include/garita/garita.h include/garita/garita.hpp share/garita/garita_driver.map lib/pkgconfig/garita-sdk.pc \
  lib/cmake/Garita/GaritaConfig.cmake share/garita/schema/garita-manifest-1.schema.json share/garita/template/c/driver.c \
  share/garita/proto/garita/v1/inspection.proto bin/garita bin/garita-worker bin/garita-sim bin/garita-conform; do
  [ -s "$installed/$file" ] || fail "$file is not installed"
done

garita drivers || fail "an installed driver is not usable"
for driver in portal dicos n42; do
  [ -s "$installed/lib/garita/drivers/$driver/$driver.garita.json" ] || fail "driver $driver is not installed"
  check_driver "$installed/lib/garita/drivers/$driver/$driver.so"
done

garita-sim portal --listen 127.0.0.1:0 --port-file port --count 1 --seed 1 >sim.txt 2>&1 &
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
for _ in $(seq 300); do [ -s port ] && break; sleep 0.1; done
timeout -k 5 120 garita scan --driver portal --source "scanner=tcp://127.0.0.1:$(cat port)" --out out --count 1 ||
  fail "the installed portal does not scan"
garita verify out/*.garita >verify.txt || fail "what the installed portal scanned does not verify"
