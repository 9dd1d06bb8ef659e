// The planes of one view as whoever shows it wants them: 16-bit numbers in rows from the front on, the low
// energy's moved onto the high one's, with what the record marks in them.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/host/open_package.hpp"
#include "core/picture/picture.hpp"

namespace garita::host {

// What becomes of planes that are not canonical transmission.
enum class Numbers {
  stretched,  // laid over the canonical range between their extremes
  exact,      // as stored where 16 bits hold them; laid over 0 … 65535 where not
};

struct ViewPlanes {
  picture::View shown;     // of a volume: its first slice
  std::string channel;     // of shown.plane: "high" where there is one
  bool canonical = false;  // the numbers are canonical transmission
  uint32_t reduction = 1;  // rows and columns of the plane that one of these stands for: 4, 16, …
  double slope = 1,
         intercept = 0;  // value = slope * number + intercept; transmission, or what the record says
};

// The planes read from `package`, which must outlive them. Where a plane is withheld and an overview of it is
// not, the finest such one, without the record's marks, whose places are the plane's. Errors: host.no_plane
// {view}; what reading gives.
base::Result<ViewPlanes> planes_of(OpenPackage& package, int view, Numbers numbers);

}  // namespace garita::host
