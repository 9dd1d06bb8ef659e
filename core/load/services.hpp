// What a driver may ask of its host, as the host's side sees it: the functions behind garita_host_api.
//
// Load owns the C table and checks every pointer, handle and size of the driver; an implementation (host
// in-process, isolate in a worker) sees only checked values. Calls come on the driver's thread, inside a
// driver call; cancel() from any. Deadlines are monotonic ns of now_ns().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/image/event.hpp"
#include "garita/host.h"

namespace garita::load {

struct ReadInfo {
  uint32_t size_bytes = 0;
  uint64_t received_ns = 0;
  int64_t received_utc_ns = 0;
  uint64_t dropped = 0;
};

struct ObjectInfo {
  uint64_t handle = 0;  // the implementation's own; load gives the driver one with a generation
  uint32_t siblings = 0;
  uint64_t size_bytes = 0;
  image::Time modified;
  std::string name;
  std::array<uint8_t, 32> sha256{};
};

// One piece of strip memory. The driver writes it; memory keeps it mapped.
struct StripMemory {
  std::shared_ptr<std::byte> memory;
  uint64_t capacity_bytes = 0;
};

// A status and, where it is not flow, the sentence for the driver's error struct.
struct Answer {
  garita_status status = GARITA_OK;
  std::string message;
  bool ok() const { return status == GARITA_OK; }
};

class Services {
 public:
  virtual ~Services() = default;

  // Streams are numbered by the implementation; load hands out generation handles.
  virtual Answer stream_open(std::string_view name, uint64_t deadline_ns, garita_stream_info& info,
                             uint32_t& stream) = 0;
  virtual Answer stream_read(uint32_t stream, std::span<std::byte> out, uint64_t deadline_ns,
                             ReadInfo& info) = 0;
  virtual Answer stream_write(uint32_t stream, std::span<const std::byte> data, uint64_t deadline_ns,
                              uint32_t& written_bytes) = 0;
  virtual Answer stream_wait(std::span<const uint32_t> streams, uint64_t deadline_ns, uint64_t& ready_bits,
                             std::span<uint64_t> oldest_received_ns) = 0;
  virtual Answer stream_close(uint32_t stream) = 0;

  virtual Answer object_next(uint32_t stream, uint64_t deadline_ns, ObjectInfo& info) = 0;
  virtual Answer object_sibling(uint64_t object, std::string_view name, ObjectInfo& info) = 0;
  virtual Answer object_read_at(uint64_t object, uint64_t offset, std::span<std::byte> out,
                                uint32_t& read_bytes) = 0;
  virtual Answer object_done(uint64_t object) = 0;
  virtual Answer object_reject(uint64_t object, uint32_t code, std::string_view message) = 0;

  virtual Answer strip_alloc(uint64_t size_bytes, uint32_t count, uint64_t deadline_ns,
                             std::vector<StripMemory>& out) = 0;

  virtual uint64_t now_ns() = 0;
  // now_ns is the clock of a replay: it moves only while the driver waits, and may be any distance from the machine's.
  virtual bool time_is_virtual() const { return false; }
  virtual void log(uint32_t level, std::string_view text) = 0;
  // nullptr: not declared. A value of type GARITA_VALUE_NONE: declared, but without value and default.
  virtual const image::Value* config(std::string_view key) = 0;
  virtual Answer text_to_utf8(std::string_view encoding, std::span<const std::byte> data,
                              std::string& out) = 0;

  virtual const garita_limits& limits() const = 0;

  // From any thread: makes waiting calls answer CANCELLED until lower_cancel().
  virtual void raise_cancel() = 0;
  virtual void lower_cancel() = 0;
};

}  // namespace garita::load
