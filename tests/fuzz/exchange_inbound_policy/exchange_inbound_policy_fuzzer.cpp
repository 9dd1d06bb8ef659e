// An inbound policy from whoever wrote it: whatever it says, a package that shows nothing is never accepted.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/exchange/inbound/admission.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace garita::exchange;
  const auto read = parse_inbound({reinterpret_cast<const char*>(data), size}, "p.toml");
  for (const auto& problem : read.problems)
    if (problem.field("line").empty()) std::abort();
  if (!read.problems.empty()) return 0;
  const Verdict verdict = judge(read.policy, {}, 0);
  if (verdict.action == Action::accept || !is_reason(verdict.code)) std::abort();
  return 0;
}
