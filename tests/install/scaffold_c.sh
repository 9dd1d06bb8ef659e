# The scaffold in C, under another name, by the README that it brings along.
. "$(dirname "$0")/common.sh"
own_folder scaffold_c
garita new-driver gate-7b --language c --json >made.json
cd gate-7b
left=$(grep -rIil acme . || true)
[ -z "$left" ] || fail "the template's name stands in: $left"
commands_of README.md >../commands
commands_of README.es.md | diff ../commands - || fail "README.es.md has other commands than README.md"
run_commands ../commands
check_driver build/drivers/gate-7b/gate-7b.so
build/gate-7b-sim --write again.bin
cmp again.bin tests/session.bin || fail "the simulator in C writes another session than the one in C++"
cd ..

# What is refused is refused before anything is made.
touch refusal.txt
before=$(ls -A)
refused() { local code=0; garita new-driver "$@" 2>refusal.txt || code=$?; [ $code = 2 ] || fail "new-driver $*: exit $code"; }
refused gate-7b
for name in Gate 7gate gate- gate--7 'ga te' ../gate "$(printf 'g%.0s' $(seq 49))"; do refused "$name"; done
refused gate --language rust
refused
[ "$(ls -A)" = "$before" ] || fail "a refused new-driver left something behind: $(ls)"
