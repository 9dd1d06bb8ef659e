#include "core/load/driver_call.hpp"

#include "core/load/error_text.hpp"
#include "core/load/status.hpp"

namespace garita::load {

base::Error driver_answered(const std::string& driver, std::string_view call, garita_status status,
                            const garita_error& error, base::Outcome outcome) {
  if (class_of(status) == StatusClass::none)
    return fault(driver, call, "status_unknown", {{"status", std::to_string(status)}}, GARITA_DRIVER_FAULT,
                 outcome);
  const std::string message = message_of(error);
  return fault(driver, call, message.empty() ? "answered_silent" : "answered",
               {{"status", status_name(status)}, {"message", message}}, status, outcome);
}

base::Result<void> check_table_size(const std::string& driver, std::string_view call, const char* table,
                                    uint32_t size, size_t needed) {
  if (size >= needed && size <= max_table_bytes) return {};
  return fault(driver, call, "table_size",
               {{"table", table}, {"size", std::to_string(size)}, {"expected", std::to_string(needed)}},
               GARITA_DRIVER_FAULT, base::Outcome::not_loaded);
}

}  // namespace garita::load
