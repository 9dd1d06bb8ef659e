// Statuses by class and by name: whose move it is after a call (garita/status.h).
#pragma once

#include <cstdint>
#include <string>

#include "garita/status.h"

namespace garita::load {

enum class StatusClass : uint8_t { flow, host, driver, device, data, none };

// By the hundred of a code, also of one that this host does not know; a vendor's is the device's; `none` for
// codes that belong to no class.
StatusClass class_of(garita_status status);

// "DEVICE_LOST"; "status 357" or "vendor status 7" for what has no name here.
std::string status_name(garita_status status);

}  // namespace garita::load
