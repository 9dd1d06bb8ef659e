// How to get input for a driver: conform.toml beside its sources, or what the command line says.
//
//   [[input]]
//   title = "two lorries"                                            # for people
//   simulator = ["garita-sim", "portal", "--listen", "127.0.0.1:0", "--port-file", "{port_file}", "--seed",
//   "{seed}"] source = ["scanner=tcp://127.0.0.1:{port}"]                      # as for `garita scan
//   --source` config = ["silence_ms=5000"]                                     # as for `garita scan
//   --config` scans = 2                                                        # a live source is recorded
//   until so many have ended
//
//   [[input]]
//   prepare = ["make-samples", "{folder}"]                           # writes files, then ends
//   source = ["exports=dir:{folder}"]
//
//   [[input]]
//   source = ["scanner=file:tests/sessions/one.bin"]                 # paths are relative to conform.toml
//
// {port_file}, {port}, {folder}, {seed} are filled in. Programs are looked for beside garita-conform, then
// beside conform.toml, then in PATH.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace garita::conformance {

struct InputPlan {
  std::string title, model;
  std::vector<std::string> simulator, prepare, source, config;
  uint64_t scans = 1;
  std::filesystem::path folder;  // that relative paths are meant from; empty: the current one
};

inline constexpr size_t max_inputs = 64;

// Errors: base.file_*, conform.bad_plan {path, what}, Outcome::usage.
base::Result<std::vector<InputPlan>> read_plan(const std::filesystem::path& path);

// With {port}, {folder} … filled in, in every text of `words`.
using Fillings = std::vector<std::pair<std::string, std::string>>;
std::vector<std::string> filled(std::vector<std::string> words, const Fillings& fillings);

// "scanner=file:a.bin" -> "scanner=file:<folder>/a.bin" for file: and dir: with a relative path.
std::string rooted(const std::string& source, const std::filesystem::path& folder);

}  // namespace garita::conformance
