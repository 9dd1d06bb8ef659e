// Statuses that unwind. Inside a driver a failed call throws Stop; at the boundary `guarded` turns it, and
// any other exception, into the status and the sentence that the ABI wants. Nothing of C++ ever crosses.
#pragma once

#include <cxxabi.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "garita/status.h"
#include "garita/text.hpp"

namespace garita {

// A status other than OK on its way out of the driver. TIMEOUT, CANCELLED, END and WORKING are flow: they
// carry no sentence and mean no harm.
//
// Not a std::exception on purpose: code that catches those, for a library's sake, must not swallow a TIMEOUT.
struct Stop {
  garita_status status = GARITA_DRIVER_FAULT;
  std::string message = {};
  uint32_t vendor_code = 0;
  bool retryable = false;
};

// Ends the step with a status and one sentence that names the thing at fault.
//
// Data class inside a scan: the scan ends as SCAN_END(fault) with what was good, then resync() is called.
// Device class: the same, then the host closes the device and opens it again. Consume the input that is at
// fault first, or the next step meets it again.
[[noreturn]] inline void fail(garita_status status, std::string message, uint32_t vendor_code = 0) {
  throw Stop{status, std::move(message), vendor_code, false};
}

constexpr bool is_flow(garita_status status) { return status < 100; }
constexpr bool is_data(garita_status status) { return status >= 400 && status < 500; }
constexpr bool is_device(garita_status status) {
  return (status >= 300 && status < 400) || status >= GARITA_VENDOR_STATUS;
}

// Fills what fits into the caller's struct; a flow status leaves it untouched.
inline garita_status fill_error(garita_error* error, const Stop& stop) {
  constexpr size_t before_message = offsetof(garita_error, message);
  if (error == nullptr || is_flow(stop.status) || error->struct_size <= before_message) return stop.status;
  error->code = stop.status;
  error->vendor_code = stop.vendor_code;
  error->retryable = stop.retryable ? 1 : 0;
  const size_t room = std::min<size_t>(error->struct_size - before_message, GARITA_ERROR_MESSAGE_BYTES);
  const std::string_view message = cut_text(stop.message, room - 1);
  std::memcpy(error->message, message.data(), message.size());
  error->message[message.size()] = '\0';
  return stop.status;
}

// An error struct that is ready to be passed to a host call.
inline garita_error empty_error() {
  garita_error error{};
  error.struct_size = sizeof(error);
  return error;
}

// What a failed host call said, as a Stop.
inline Stop to_stop(garita_status status, const garita_error& error) {
  const std::string_view message(error.message, strnlen(error.message, sizeof(error.message)));
  return {status, std::string(message), error.vendor_code, error.retryable != 0};
}

// Runs `body`, which answers a status, and lets no exception out. One exception is let through: the forced
// unwinding of pthread_cancel and pthread_exit, which ends the process where it is caught and not thrown
// again.
template <typename Body>
garita_status guarded(garita_error* error, Body&& body) {
  try {
    return body();
  } catch (const Stop& stop) {
    return fill_error(error, stop);
  } catch (const std::bad_alloc&) {
    return fill_error(error, {GARITA_OUT_OF_MEMORY, "the driver is out of memory"});
  } catch (const std::exception& exception) {
    try {
      return fill_error(error, {GARITA_DRIVER_FAULT, std::string("the driver failed: ") + exception.what()});
    } catch (const std::bad_alloc&) {
      return fill_error(error, {GARITA_OUT_OF_MEMORY});
    }
  } catch (abi::__forced_unwind&) {
    throw;
  } catch (...) {
    return fill_error(error, {GARITA_DRIVER_FAULT, "the driver failed with an exception of unknown type"});
  }
}

}  // namespace garita
