// The command line of `garita-conform run` and `list`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "conformance/runner/terminal.hpp"

namespace garita::conformance {

struct Options {
  std::string driver, driver_path, input, model, filter, profile;
  std::vector<std::string> sources, config;
  std::filesystem::path out, junit, evidence, sign_key, waivers, twin, object;
  bool redact_payload = false;  // the bundle holds digests of inputs, not their bytes
  uint64_t repeat = 1;          // each with a seed of its own
  bool official = false;        // as for a certificate: repeat is 5 at least
  bool json = false, smoke = false, help = false, markdown = false, capabilities = false;
  int level = 0;      // 0: not given
  uint64_t jobs = 0;  // 0: as many as there are processors, at most 4
  uint64_t seed = 1, scans = 1;
  uint64_t time_limit_s = 0;  // of a rule; 0: what the manifest's limits suggest
};

// command: "run" or "list". Prints the help itself where it is asked for (help is true then).
// Errors: conform.bad_option {option}, Outcome::usage.
base::Result<Options> parse_options(const Terminal& terminal, const std::string& command,
                                    const std::vector<std::string>& arguments);

// The command that runs just this rule again, fit for a shell. seed: of the repetition that is to be seen again.
std::string replay_command(const Options& options, const std::string& rule, uint64_t seed);

// `word` as a shell takes it for one word.
std::string quoted(const std::string& word);

}  // namespace garita::conformance
