# The vendor's tutorial, command by command, with a tree of its own that it may install into.
. "$(dirname "$0")/common.sh"
page=$installed/share/doc/garita/TUTORIAL
own_folder tutorial
commands_of "$page.md" >commands
commands_of "$page.es.md" | diff commands - || fail "TUTORIAL.es.md has other commands than TUTORIAL.md"
[ "$(wc -l <commands)" -ge 15 ] || fail "TUTORIAL.md has hardly any commands"

cp -al "$installed" garita
export GARITA=$folder/garita
export PATH="$GARITA/bin:$PATH" PKG_CONFIG_PATH=$GARITA/lib/pkgconfig
run_commands commands

cd acme-x1
code_lines=$(grep -vcE '^\s*(//.*)?$' driver.cpp)
[ "$code_lines" -le 60 ] || fail "the template's driver.cpp has $code_lines lines of code"
cmp tests/session.bin "$GARITA/share/garita/template/common/tests/session.bin" || fail "the simulator writes another session"
for driver in build/drivers/acme-x1/acme-x1.so by-hand/acme-x1.so; do check_driver $driver; done
[ -s scans/pictures/side.png ] || fail "there is no picture"
garita verify --planes scans/*.garita >from_tcp
garita verify --planes replayed/*.garita | diff from_tcp - || fail "the replayed scan has other pixels than the one over TCP"
garita drivers --json | grep -q '"acme-x1"' || fail "the installed driver is not listed"
