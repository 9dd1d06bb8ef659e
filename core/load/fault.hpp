// Errors that name the driver and the event or call at fault.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.hpp"
#include "garita/status.h"

namespace garita::load {

// "load." + id, with the driver and `subject` (an event or call, as the ABI names it) as first fields.
inline base::Error fault(const std::string& driver, std::string_view subject, std::string_view id,
                         std::initializer_list<base::Field> fields = {},
                         garita_status status = GARITA_DRIVER_FAULT,
                         base::Outcome outcome = base::Outcome::incomplete) {
  base::Error error{
      outcome, "load." + std::string(id), {{"driver", driver}, {"event", std::string(subject)}}, status};
  error.fields.insert(error.fields.end(), fields.begin(), fields.end());
  return error;
}

}  // namespace garita::load
