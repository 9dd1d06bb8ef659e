// What came in is opened first by a program that can do no harm: garita-open reads one descriptor in a box
// without files, network or processes of its own, checks every byte, and says what it found.
#pragma once

#include <filesystem>

#include "core/base/result.hpp"
#include "core/exchange/inbound/facts.hpp"

namespace garita::exchange {

struct BoxedLimits {
  uint64_t timeout_ms = 120'000;
};

// `opener`: the program, "garita-open". Errors: exchange.open_failed {path, reason} (it was killed for what
// it tried, it crashed, took too long, or said nonsense; the file is then "not_readable"), base.file_*.
base::Result<Claims> open_boxed(const std::filesystem::path& opener, const std::filesystem::path& package,
                                const BoxedLimits& limits = {});
// The same of what is open already, perhaps without a name; `package` stands in errors.
base::Result<Claims> open_boxed(const std::filesystem::path& opener, int descriptor,
                                const std::filesystem::path& package, const BoxedLimits& limits = {});

}  // namespace garita::exchange
