// Addenda that somebody else wrote: read up to the first line that does not hold. What was read once reads
// the same again, and nothing in it breaks the rules of the record.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/package/addenda.hpp"
#include "core/record/json.hpp"
#include "core/record/validate.hpp"

namespace {

void check_json(std::string_view text) {
  const auto addendum = garita::record::addendum_from_json(text);
  if (!addendum) return;
  const auto again = garita::record::addendum_from_json(garita::record::to_json(*addendum, 0));
  if (!again && garita::record::validate(*addendum).empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_json(bytes);
  const garita::base::Digest root = garita::base::sha256("fuzz");  // of the seeds
  const auto addenda = garita::package::parse_addenda(bytes, root, "addenda");
  if (addenda.good_bytes + addenda.torn_bytes > size) std::abort();
  const auto again = garita::package::parse_addenda(bytes.substr(0, addenda.good_bytes), root, "addenda");
  if (again.fault || again.entries.size() != addenda.entries.size() || again.head != addenda.head)
    std::abort();
  for (const auto& each : addenda.entries)
    if (!garita::record::validate(each.addendum).empty()) std::abort();
  return 0;
}
