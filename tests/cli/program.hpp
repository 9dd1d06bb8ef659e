// Starts the real programs, as a person would.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/file.hpp"
#include "core/base/testing/temporary_folder.hpp"

namespace garita::cli_test {

struct Outcome {
  int exit_code = -1;
  std::string out, err;
};

// A command line for the shell; programs by name from the build.
inline Outcome run(const base::testing::TemporaryFolder& folder, const std::string& command) {
  const std::string err = folder / "stderr.txt";
  const std::string line = "cd '" + folder.path().string() + "' && PATH=" GARITA_BIN_DIR ":$PATH LANG=C timeout 120 " +
                           command + " 2>'" + err + "' </dev/null";
  Outcome outcome;
  FILE* pipe = popen(line.c_str(), "r");
  std::array<char, 65536> buffer;
  for (size_t n; pipe && (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) outcome.out.append(buffer.data(), n);
  const int status = pipe ? pclose(pipe) : -1;
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  outcome.err = base::read_text_file(err, 1u << 20).ok() ? *base::read_text_file(err, 1u << 20) : "";
  return outcome;
}

// A simulated portal and one scan of it, in a folder of its own.
class Cli : public ::testing::Test {
 protected:
  Outcome run(const std::string& command) { return cli_test::run(folder, command); }

  // Scans `count` scans of a portal simulator started with `options` into out/; returns what `garita scan` said.
  Outcome scan(const std::string& options, int count = 1) {
    const std::string n = std::to_string(count);
    return run("bash -c 'garita-sim portal --listen 127.0.0.1:0 --port-file port --count " + n + " " + options +
               " >sim.txt 2>&1 & for i in $(seq 200); do [ -s port ] && break; sleep 0.05; done; "
               "garita scan --driver portal --source scanner=tcp://127.0.0.1:$(cat port) --out out --state state "
               "--site Mexicali --lane 1 --json --count " + n + "; code=$?; kill %1 2>/dev/null; wait; exit $code'");
  }

  std::string package() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder / "out")) return entry.path();
    return "";
  }

  base::testing::TemporaryFolder folder;
};

}  // namespace garita::cli_test
