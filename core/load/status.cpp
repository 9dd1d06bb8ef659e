#include "core/load/status.hpp"

namespace garita::load {

StatusClass class_of(garita_status status) {
  if (status >= GARITA_VENDOR_STATUS) return StatusClass::device;
  switch (status / 100) {
    case 0:
      return StatusClass::flow;
    case 1:
      return StatusClass::host;
    case 2:
      return StatusClass::driver;
    case 3:
      return StatusClass::device;
    case 4:
      return StatusClass::data;
    default:
      return StatusClass::none;
  }
}

std::string status_name(garita_status status) {
  switch (status) {
    case GARITA_OK:
      return "OK";
    case GARITA_TIMEOUT:
      return "TIMEOUT";
    case GARITA_CANCELLED:
      return "CANCELLED";
    case GARITA_END:
      return "END";
    case GARITA_WORKING:
      return "WORKING";
    case GARITA_NOT_SUPPORTED:
      return "NOT_SUPPORTED";
    case GARITA_NOT_CONFIGURED:
      return "NOT_CONFIGURED";
    case GARITA_HOST_LIMIT:
      return "HOST_LIMIT";
    case GARITA_HOST_FAILURE:
      return "HOST_FAILURE";
    case GARITA_BUFFER_TOO_SMALL:
      return "BUFFER_TOO_SMALL";
    case GARITA_INVALID_ARGUMENT:
      return "INVALID_ARGUMENT";
    case GARITA_WRONG_STATE:
      return "WRONG_STATE";
    case GARITA_STALE_HANDLE:
      return "STALE_HANDLE";
    case GARITA_DRIVER_FAULT:
      return "DRIVER_FAULT";
    case GARITA_OUT_OF_MEMORY:
      return "OUT_OF_MEMORY";
    case GARITA_VERSION_MISMATCH:
      return "VERSION_MISMATCH";
    case GARITA_UNKNOWN_MODEL:
      return "UNKNOWN_MODEL";
    case GARITA_NOT_READY:
      return "NOT_READY";
    case GARITA_WARMING_UP:
      return "WARMING_UP";
    case GARITA_DEVICE_LOST:
      return "DEVICE_LOST";
    case GARITA_DEVICE_FAULT:
      return "DEVICE_FAULT";
    case GARITA_PROTOCOL_ERROR:
      return "PROTOCOL_ERROR";
    case GARITA_DATA_CORRUPT:
      return "DATA_CORRUPT";
    case GARITA_DATA_TRUNCATED:
      return "DATA_TRUNCATED";
    case GARITA_DATA_UNSUPPORTED:
      return "DATA_UNSUPPORTED";
    default:
      break;
  }
  if (status >= GARITA_VENDOR_STATUS) return "vendor status " + std::to_string(status - GARITA_VENDOR_STATUS);
  return "status " + std::to_string(status);
}

}  // namespace garita::load
