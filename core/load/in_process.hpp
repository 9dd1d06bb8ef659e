// A driver in this very process: for debugging, tests, and the inside of a worker. It gives no guarantee: a
// driver that crashes or hangs takes the process along.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/base/result.hpp"
#include "core/load/library.hpp"
#include "core/load/services.hpp"
#include "core/load/session.hpp"

namespace garita::load {

// Opens one device on the calling thread. `services` outlives the session. model: one of the manifest's, or
// empty; instance: the site's name for the instrument. After an answer of the driver or host class the
// session is dead: every later next answers the same error.
base::Result<std::unique_ptr<Session>> open_in_process(std::shared_ptr<const Library> driver,
                                                       Services& services, std::string_view model,
                                                       std::string_view instance, uint64_t deadline_ns);

}  // namespace garita::load
