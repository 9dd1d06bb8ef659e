// Services in the worker: every call of the driver goes to the host and back. Strips are slices of the pool that both have
// mapped; the host keeps the book of them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "core/isolate/wire/event_codec.hpp"
#include "core/isolate/worker/line.hpp"
#include "core/load/services.hpp"

namespace garita::isolate {

class RemoteServices final : public load::Services, public StripPlaces {
 public:
  // line and pool outlive it.
  RemoteServices(Line& line, const Mapping& pool, garita_limits limits) : line_(line), pool_(pool), limits_(limits) {}

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
  uint64_t now_ns() override {
    const uint64_t virtual_ns = line_.control().virtual_now_ns.load(std::memory_order_relaxed);
    return virtual_ns != 0 ? virtual_ns : monotonic_ns();
  }
  void log(uint32_t level, std::string_view text) override { line_.log(level, text); }
  const image::Value* config(std::string_view key) override;
  load::Answer text_to_utf8(std::string_view encoding, std::span<const std::byte> data, std::string& out) override;
  const garita_limits& limits() const override { return limits_; }

  // The host makes its own waiting calls answer CANCELLED; nothing waits here.
  void raise_cancel() override {}
  void lower_cancel() override {}

  uint64_t deliver(const std::byte* memory) override;

  // Strips that the host gave before anybody asked; those that the driver's next request fits are taken from here.
  void stock(Reader& granted);
  void drop_stock();
  uint8_t stock_left() const { return static_cast<uint8_t>(stock_.size()); }

 private:
  load::StripMemory strip_at(uint64_t offset, uint64_t capacity_bytes);
  load::Answer object_info(Reader result, load::ObjectInfo& info);

  Line& line_;
  const Mapping& pool_;
  const garita_limits limits_;
  std::map<std::string, std::optional<image::Value>, std::less<>> configuration_;  // as far as it was asked for
  std::vector<uint64_t> stock_;
  uint64_t stock_bytes_ = 0;      // capacity of each
  std::set<uint64_t> delivered_;  // strips that are the host's, but still in a value of ours
};

}  // namespace garita::isolate
