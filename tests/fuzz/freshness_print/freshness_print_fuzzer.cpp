// Any bytes as the print of a scan, under a digest that holds: refused, or the same again when written and
// read, and judged against itself without harm.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "core/base/text.hpp"
#include "core/freshness/judge.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  using namespace garita;
  std::vector<uint8_t> bytes(data, data + size_bytes);
  const base::Digest digest = base::sha256(base::Bytes(bytes));
  bytes.insert(bytes.end(), digest.begin(), digest.end());
  const auto print = freshness::parse_print(base::Bytes(bytes));
  if (!print) {
    if (base::render(print.error(), base::Language::en).empty()) std::abort();
    return 0;
  }
  const auto again = freshness::parse_print(base::Bytes(freshness::to_bytes(*print)));
  if (!again || !(*again == *print)) std::abort();
  freshness::ScanPrint other = *print;
  other.key_digits += "2";
  (void)freshness::judge(*print, {other, other});
  return 0;
}
