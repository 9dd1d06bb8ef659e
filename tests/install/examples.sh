# The minimal drivers, outside the source tree: through find_package, and through pkg-config with a plain compiler.
. "$(dirname "$0")/common.sh"
own_folder examples
cp -r "$source_folder/examples/minimal_c" "$source_folder/examples/minimal_cpp" "$here/examples/CMakeLists.txt" .

# The component `sdk` alone is enough to build with.
cmake --install "$build_folder" --component sdk --prefix "$folder/sdk" >install.log
[ ! -e sdk/bin ] || fail "component sdk brings programs along"
export PKG_CONFIG_PATH=$folder/sdk/lib/pkgconfig PATH="${PATH#"$installed/bin:"}"
cmake -B build -DCMAKE_PREFIX_PATH="$folder/sdk" >configure.log || fail "configure: $(tail -5 configure.log)"
cmake --build build >build.log || fail "build: $(tail -20 build.log)"
for driver in minimal_c minimal_cpp; do check_driver build/drivers/$driver/$driver.so; done
PATH="$installed/bin:$PATH"
garita scan --driver build/drivers/minimal_c/minimal_c.garita.json --until-empty --out simulated || fail "minimal_c does not scan"
printf 'GMIN\2\0\1\0\144\0\144\0\350\3\350\3\46\2\350\3' >scan.gmin
garita scan --driver build/drivers/minimal_cpp/minimal_cpp.garita.json --source scanner=file:scan.gmin --until-empty --out file ||
  fail "minimal_cpp does not scan"

gcc -std=c99 $(pkg-config --cflags garita-sdk) minimal_c/driver.c $(pkg-config --libs garita-sdk) -o minimal_c.so
g++ -std=c++20 $(pkg-config --cflags garita-sdk) minimal_cpp/driver.cpp $(pkg-config --libs garita-sdk) -o minimal_cpp.so
for driver in minimal_c minimal_cpp; do check_driver $driver.so; done

for component in host moon; do
  if cmake -S . -B other -DCMAKE_PREFIX_PATH="$folder/sdk" -DCOMPONENT=$component >other.log 2>&1; then
    fail "component '$component' was found where it is not"
  fi
  grep -q "component '$component' is not installed" other.log || fail "a missing component is not named: $(cat other.log)"
done
