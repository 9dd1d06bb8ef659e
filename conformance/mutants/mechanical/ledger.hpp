// What became of each mutant: a line of JSON each in the journal, and the last results for everybody.
//
//   {"family","file","line","rule","before","after","verdict":"killed"|"survived"|"stillborn"|"error","by":["RULE",
//   …]}
//
// Results:
// {"seed","mechanical","mechanical_killed","stillborn","errors","unhealthy":["FAMILY"],"families":{"NAME":
// {"mutants","killed"}},"survivors":[{… as above without by, "source": the line, "reason"}]}
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace garita::conformance::mechanical {

struct Entry {
  std::string family, file, rule, before, after, verdict, source;
  uint32_t line = 0, column = 0;
  std::vector<std::string> by;

  std::string key() const;  // what makes it the same mutant in another run: not its line's number
};

// Lines that are whole; a last one that was cut is passed over. An absent file is empty.
std::map<std::string, Entry> read_journal(const std::filesystem::path& path);
base::Result<void> append(const std::filesystem::path& path, const Entry& entry);

struct Results {
  uint64_t seed = 1;
  std::vector<Entry> entries;
  std::vector<std::string> unhealthy;  // families whose unchanged driver does not pass
};
// Reasons of survivors that the file already has stay. Returns {mutants, killed}.
base::Result<std::pair<uint64_t, uint64_t>> write_results(const std::filesystem::path& path,
                                                          const Results& results);

}  // namespace garita::conformance::mechanical
