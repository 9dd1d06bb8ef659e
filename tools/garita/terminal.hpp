// What every command prints with: language, JSON or text, colour, and errors as one sentence with an exit code.
#pragma once

#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/text.hpp"

namespace garita::cli {

struct Terminal {
  base::Language language = base::Language::en;
  bool json = false;        // --json: results for programs on out
  bool out_is_tty = false;  // progress and colour only there, and never where NO_COLOR is set
  bool colour = false;
  std::ostream& out;
  std::ostream& err;

  std::string text(std::string_view id, std::initializer_list<base::Field> fields = {}) const;
};

// The error's sentence and, where a report for the driver's vendor was written, its place.
std::string sentence_of(const Terminal& terminal, const base::Error& error);

// Prints the error's sentence on err (and, with --json, {"error": …} on out); returns the exit code it means.
int fail(const Terminal& terminal, const base::Error& error);

// An error of wrong usage: exit code 2.
base::Error usage_error(std::string id, std::vector<base::Field> fields);

// Pads to a width counted in code points; what is longer stays whole.
std::string padded(std::string_view text, size_t width);

}  // namespace garita::cli
