// Calling a driver's functions: no exception of a driver gets further than here, and what it answers becomes
// an Error.
#pragma once

#include <cxxabi.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/load/fault.hpp"
#include "garita/status.h"

namespace garita::load {

// A table grows with newer minor versions; more than this is no table but a wrong number.
inline constexpr uint32_t max_table_bytes = 4096;

template <typename Body>
base::Result<void> call_driver(const std::string& driver, std::string_view call, Body body) {
  try {
    body();
    return {};
  } catch (const abi::__forced_unwind&) {  // the thread is being ended: nobody's to catch
    throw;
  } catch (...) {
    return fault(driver, call, "exception");
  }
}

// What a status that is not flow says, with the driver's own sentence. A status of no class is the driver's
// fault.
base::Error driver_answered(const std::string& driver, std::string_view call, garita_status status,
                            const garita_error& error, base::Outcome outcome = base::Outcome::incomplete);

// A table of at least `needed` and no absurd size.
base::Result<void> check_table_size(const std::string& driver, std::string_view call, const char* table,
                                    uint32_t size, size_t needed);

}  // namespace garita::load
