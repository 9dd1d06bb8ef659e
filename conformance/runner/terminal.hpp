// What the kit prints with.
#pragma once

#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/text.hpp"

namespace garita::conformance {

struct Terminal {
  base::Language language = base::Language::en;
  bool out_is_tty = false;  // a progress bar only there
  bool colour = false;
  std::ostream& out;
  std::ostream& err;

  std::string text(std::string_view id, std::initializer_list<base::Field> fields = {}) const {
    const std::vector<base::Field> list(fields);
    return base::text(language, id, list);
  }
};

// Prints the error's sentence; returns the exit code that it means.
int fail(const Terminal& terminal, const base::Error& error);

}  // namespace garita::conformance
