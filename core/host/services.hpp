// What the host grants a driver that runs in this process: the broker's streams, strips from a pool, the lane's
// configuration.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/base/clock.hpp"
#include "core/base/text.hpp"
#include "core/broker/broker.hpp"
#include "core/host/strip_pool.hpp"
#include "core/load/services.hpp"

namespace garita::host {

// Where a driver's log lines go. Calls from any thread.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void line(uint32_t level, std::string_view text) = 0;
};

// What a driver may hold of strips that are not delivered; the manifest's limits.held_strips is held against it.
inline constexpr uint32_t max_held_strips = 16;

using Configuration = std::map<std::string, image::Value, std::less<>>;

class HostServices final : public load::Services {
 public:
  // broker, clock and log outlive this. pool_bytes bounds the pixels in flight.
  // replay: clock is that of a recording.
  HostServices(broker::Broker& broker, const base::Clock& clock, LogSink& log, Configuration configuration,
               uint64_t pool_bytes, bool replay = false);

  load::Answer stream_open(std::string_view name, uint64_t deadline_ns, garita_stream_info& info,
                           uint32_t& stream) override;
  load::Answer stream_read(uint32_t stream, std::span<std::byte> out, uint64_t deadline_ns,
                           load::ReadInfo& info) override;
  load::Answer stream_write(uint32_t stream, std::span<const std::byte> data, uint64_t deadline_ns,
                            uint32_t& written_bytes) override;
  load::Answer stream_wait(std::span<const uint32_t> streams, uint64_t deadline_ns, uint64_t& ready_bits,
                           std::span<uint64_t> oldest_received_ns) override;
  load::Answer stream_close(uint32_t stream) override;

  load::Answer object_next(uint32_t stream, uint64_t deadline_ns, load::ObjectInfo& info) override;
  load::Answer object_sibling(uint64_t object, std::string_view name, load::ObjectInfo& info) override;
  load::Answer object_read_at(uint64_t object, uint64_t offset, std::span<std::byte> out,
                              uint32_t& read_bytes) override;
  load::Answer object_done(uint64_t object) override;
  load::Answer object_reject(uint64_t object, uint32_t code, std::string_view message) override;

  load::Answer strip_alloc(uint64_t size_bytes, uint32_t count, uint64_t deadline_ns,
                           std::vector<load::StripMemory>& out) override;

  uint64_t now_ns() override { return clock_.monotonic_ns(); }
  bool time_is_virtual() const override { return replay_; }
  void log(uint32_t level, std::string_view text) override;
  const image::Value* config(std::string_view key) override;
  load::Answer text_to_utf8(std::string_view encoding, std::span<const std::byte> data, std::string& out) override;
  const garita_limits& limits() const override { return limits_; }

  void raise_cancel() override;
  void lower_cancel() override;

 private:
  broker::Broker& broker_;
  const base::Clock& clock_;
  LogSink& log_;
  const Configuration configuration_;
  std::shared_ptr<StripPool> pool_;
  garita_limits limits_{};
  const bool replay_;
};

}  // namespace garita::host
