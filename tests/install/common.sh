# Sourced by the scripts beside it: NAME.sh SOURCE_FOLDER BUILD_FOLDER WORK_FOLDER
set -euo pipefail
source_folder=$1 build_folder=$2 work_folder=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
installed=$work_folder/moved/garita  # by tree.sh

fail() { echo "FAILED: $*" >&2; exit 1; }

# own_folder NAME: an empty one, with a state of its own, and the installed tree first in PATH. No generator is assumed.
own_folder() {
  folder=$work_folder/$1
  rm -rf "$folder" && mkdir -p "$folder" && cd "$folder"
  export GARITA=$installed PATH="$installed/bin:$PATH" XDG_STATE_HOME=$folder/state LANG=C CMAKE_GENERATOR=Ninja
  export PKG_CONFIG_PATH=$installed/lib/pkgconfig
  unset GARITA_DRIVER_PATH GARITA_WORKER
}

# commands_of PAGE: what stands in its sh blocks, also in indented ones.
commands_of() {
  awk '/^ *```sh$/ { on = 1; match($0, /^ */); indent = RLENGTH; next } /^ *```$/ { on = 0 } on { print substr($0, indent + 1) }' "$1"
}

listens() { grep -qiE ":$(printf %04X "$1") 0+:0000 0A" /proc/net/tcp; }

free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 10000))
    listens $port || { echo $port; return; }
  done
  fail "no free port"
}

# run_commands FILE: as a person would type them, each of which must succeed.
run_commands() {
  local port; port=$(free_port)
  {
    declare -f listens
    echo "sleep() { for _ in \$(seq 300); do listens $port && return; command sleep 0.1; done; return 1; }"
    echo "trap 'kill \$(jobs -p) 2>/dev/null || true' EXIT"
    command -v garita-conform >/dev/null ||
      echo 'garita-conform() { echo "SKIPPED LOUDLY: garita-conform is not installed"; }'
    echo 'set -x'
    sed "s/7101/$port/g" "$1"
  } >"$1.run"
  timeout -k 5 280 bash -euo pipefail "$1.run"
}

# Whatever a driver links, it exports its entry and nothing else, and nothing of it is bound late.
check_driver() {
  local symbols; symbols=$(nm -D --defined-only "$1" | awk '{ print $3 }')
  [ "$symbols" = garita_driver_entry ] || fail "$1 exports: $symbols"
  readelf -d "$1" | grep -q 'BIND_NOW\|FLAGS_1.*NOW' || fail "$1 is not linked with -z now"
  readelf -lW "$1" | grep -q GNU_RELRO || fail "$1 is not linked with -z relro"
}
