// Runs a line of shell and takes what it prints.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace garita::conformance::mechanical {

struct Ran {
  int exit_code = -1;
  std::vector<std::string> lines;  // of stdout, up to 64 MiB; stderr is dropped
};

Ran run(const std::string& command);
// One program by `timeout`, ended as soon as a line of it is `enough`.
Ran run_until(const std::string& command, const std::function<bool(const std::string&)>& enough);
std::string quoted(const std::string& word);

}  // namespace garita::conformance::mechanical
