// The functions of garita_host_api: check what the driver gave, call Services, fill what the driver gets.
#pragma once

#include "garita/host.h"

namespace garita::load {

// The one table; its first argument tells devices apart.
const garita_host_api& host_calls();

}  // namespace garita::load
