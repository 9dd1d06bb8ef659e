// How to get input for a driver: conform.toml beside its sources, or what the command line says.
//
// clang-format off
//   [[input]]
//   title = "two lorries"                      # for people
//   simulator = ["garita-sim", "portal", "--listen", "127.0.0.1:0", "--port-file", "{port_file}", "--seed", "{seed}"]
//   source = ["scanner=tcp://127.0.0.1:{port}"]   # as for `garita scan --source`
//   config = ["silence_ms=5000"]               # as for `garita scan --config`
//   scans = 2                                  # a live source is recorded until so many have ended
//
//   [[input]]
//   prepare = ["make-samples", "{folder}"]                           # writes files, then ends
//   source = ["exports=dir:{folder}"]
//
//   [[input]]
//   source = ["scanner=file:tests/sessions/one.bin"]                 # paths are relative to conform.toml
//
//   [[input]]
//   name = "base"                                                    # others are like it
//   repeat_from = 36                                                 # from this byte on its streams may be played
//   source = ["scanner=file:tests/sessions/one.bin"]                 # again and again, scan after scan
//
//   [[input]]                                                        # a variant: no input of its own for the rules that
//   like = "base"                                                    # look at each, but compared with that other
//   changed = "plate"       # container, date, language, serial, category: no pixel may change; rows: strips in
//   source = [ … ]          # another order; object: what changes lies in `where` = [first row, rows, first column,
//                           # columns]; times: the same scans again and again, `scans` of them, where a stream counts
//                           # and cannot be played again
// clang-format on
//
// {port_file}, {port}, {folder}, {seed} are filled in, and {here}: the folder of conform.toml. Programs are
// looked for beside garita-conform, then beside conform.toml, then in PATH.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace garita::conformance {

struct InputPlan {
  std::string title, model, name, like, changed;
  std::vector<uint64_t> where;
  int64_t repeat_from = -1;
  std::vector<std::string> simulator, prepare, source, config;
  uint64_t scans = 1;
  std::filesystem::path folder;  // that relative paths are meant from; empty: the current one
};

inline constexpr size_t max_inputs = 64;
inline constexpr uint64_t max_plan_bytes = 1u << 20;

// `path`: for errors, and the folder that relative paths are meant from. Errors: conform.bad_plan {path,
// what}, Outcome::usage.
base::Result<std::vector<InputPlan>> parse_plan(std::string_view text, const std::filesystem::path& path);

// The same of a file. Further errors: base.file_*.
base::Result<std::vector<InputPlan>> read_plan(const std::filesystem::path& path);

// With {port}, {folder} … filled in, in every text of `words`.
using Fillings = std::vector<std::pair<std::string, std::string>>;
std::vector<std::string> filled(std::vector<std::string> words, const Fillings& fillings);

// "scanner=file:a.bin" -> "scanner=file:<folder>/a.bin" for file: and dir: with a relative path.
std::string rooted(const std::string& source, const std::filesystem::path& folder);

}  // namespace garita::conformance
