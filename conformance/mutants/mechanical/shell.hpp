// Runs a line of shell and takes what it prints.
#pragma once

#include <string>
#include <vector>

namespace garita::conformance::mechanical {

struct Ran {
  int exit_code = -1;
  std::vector<std::string> lines;  // of stdout, up to 64 MiB; stderr is dropped
};

Ran run(const std::string& command);
std::string quoted(const std::string& word);

}  // namespace garita::conformance::mechanical
