// Inside normalize: round to nearest even for the life of this object, whatever a driver in this process has
// set.
#pragma once

#include <cfenv>

namespace garita::normalize {

class RoundToNearest {
 public:
  RoundToNearest() : before_(std::fegetround()) {
    if (before_ != FE_TONEAREST) std::fesetround(FE_TONEAREST);
  }
  ~RoundToNearest() {
    if (before_ != FE_TONEAREST) std::fesetround(before_);
  }
  RoundToNearest(const RoundToNearest&) = delete;
  RoundToNearest& operator=(const RoundToNearest&) = delete;

 private:
  int before_;
};

}  // namespace garita::normalize
