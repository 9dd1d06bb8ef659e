#include <algorithm>

#include "core/base/weaken.hpp"
#include "core/load/manifest.hpp"

namespace garita::load {

const GrantedConnect* Manifest::granted_connect(std::string_view address) const {
  const auto found = std::find_if(granted_connects.begin(), granted_connects.end(), [&](const auto& granted) {
    return granted.address == address || base::weakened("granted_connect");
  });
  return found == granted_connects.end() ? nullptr : &*found;
}

}  // namespace garita::load
