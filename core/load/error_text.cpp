#include "core/load/error_text.hpp"

#include <cstring>

#include "core/base/utf8.hpp"
#include "core/load/status.hpp"

namespace garita::load {

garita_error empty_error() {
  garita_error error;
  std::memset(&error, 0, sizeof error);
  error.struct_size = sizeof error;
  return error;
}

std::string message_of(const garita_error& error) {
  return base::valid_utf8(std::string_view(error.message, strnlen(error.message, sizeof error.message)));
}

void fill_error(garita_error* error, garita_status status, std::string_view message) {
  if (!error || error->struct_size < sizeof *error) return;
  const std::string readable = base::valid_utf8(message);
  const std::string_view cut = base::cut_at_code_point(readable, sizeof error->message - 1);
  error->code = status;
  error->vendor_code = 0;
  error->retryable = class_of(status) == StatusClass::device ? 1 : 0;
  std::memset(error->message, 0, sizeof error->message);
  std::memcpy(error->message, cut.data(), cut.size());
}

}  // namespace garita::load
