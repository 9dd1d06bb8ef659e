// Extensions a driver may offer: derive from these beside Device, and GARITA_DRIVER offers them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "garita/ext/message.h"
#include "garita/ext/stored.h"

namespace garita {

// garita.stored/1: the host says what became of a scan, between two steps, in the order of SCAN_ENDs.
class HandlesStored {
 public:
  // scan_key  As SCAN_BEGIN had it, or the host's own.       outcome  GARITA_STORED_*
  virtual void stored(std::string_view scan_key, uint32_t outcome) = 0;

 protected:
  ~HandlesStored() = default;
};

// garita.message/1: bytes in, bytes out, for what a vendor needs beyond the ABI.
class HandlesMessages {
 public:
  // id  Reverse DNS.     Answers at most 64 KiB. An id that it does not know: fail(GARITA_NOT_SUPPORTED, …).
  virtual std::string message(std::string_view id, std::string_view data) = 0;

 protected:
  ~HandlesMessages() = default;
};

}  // namespace garita
