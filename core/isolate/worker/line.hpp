// The worker's end of the conversation (messages.hpp): waits for commands, calls the host, answers. Thread: the driver's,
// but log.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "core/isolate/wire/bytes.hpp"
#include "core/isolate/wire/messages.hpp"
#include "core/isolate/wire/region.hpp"

namespace garita::isolate {

class Line {
 public:
  explicit Line(Region region);

  Control& control() { return region_.control(); }
  Trace& trace() { return region_.trace(); }
  void phase(Phase phase) { control().phase.store(static_cast<uint32_t>(phase), std::memory_order_relaxed); }

  Command await_command(Reader& payload);

  // A message to the host, to be filled; the strips given back since the last one go first.
  Writer begin();
  Reader call(HostCall call, const Writer& message);  // sends it, waits for the result
  void answer(const Writer& message);

  // Bulk data of the last result.
  const std::byte* data() const { return region_.to_worker().data() + data_offset; }

  void released(uint64_t strip_offset) { released_.push_back(strip_offset); }
  void log(uint32_t level, std::string_view text);  // any thread; what does not fit is dropped and counted

 private:
  std::span<const std::byte> await();
  void send(uint32_t kind, const Writer& message);

  Region region_;
  Waiter waiter_;
  uint32_t received_ = 0, sent_ = 0;
  std::vector<uint64_t> released_;
  std::mutex log_mutex_;
};

}  // namespace garita::isolate
