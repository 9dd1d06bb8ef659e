#include "core/base/result.hpp"

namespace garita::base {

std::string_view Error::field(std::string_view name) const {
  for (const Field& each : fields) {
    if (each.name == name) return each.value;
  }
  return {};
}

}  // namespace garita::base
