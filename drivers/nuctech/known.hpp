// Which calibrations the host was given and still has.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace garita::nuctech {

// The host keeps the last sixteen, and each of the portal's is two there: one an energy.
class Known {
 public:
  void add(uint32_t id) {
    if (has(id)) return;
    ids_[next_] = id;
    next_ = (next_ + 1) % ids_.size();
  }
  bool has(uint32_t id) const { return std::find(ids_.begin(), ids_.end(), id) != ids_.end(); }

 private:
  std::array<uint32_t, 8> ids_{};  // 0 is none
  size_t next_ = 0;
};

}  // namespace garita::nuctech
