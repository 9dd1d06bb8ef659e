// What is wrong with a driver's binary as a file: one row a requirement of GAR-BIN.
#pragma once

#include <string_view>

#include "conformance/rules/elf.hpp"
#include "core/load/manifest.hpp"

namespace garita::conformance {

struct BinaryFault {
  std::string_view requirement;
  const char* what;     // the field of the file
  std::string value;    // what it is
  const char* allowed;  // what it may be
};

std::vector<BinaryFault> faults_of(const Build& build, const load::Manifest& manifest);

}  // namespace garita::conformance
