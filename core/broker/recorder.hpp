// Writes a session into a recording (recorder.cpp draws the file) while it happens.
//
// It costs the streams one copy of each chunk and never makes them wait: chunks go through a bounded queue to a
// thread that compresses and writes. Where the disk is too slow for that, the recording ends there and says so;
// what it holds until then is whole. What was written before a kill is readable: at most the last flush_ms are lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/broker/broker.hpp"

namespace garita::broker {

struct RecorderLimits {
  size_t queued_bytes = 64u << 20;           // of chunks, not written yet
  uint64_t queued_object_bytes = 1ull << 30; // of objects, held by their sealed copies
  uint32_t flush_ms = 100;
  size_t frame_bytes = 512u << 10;
};

class Recorder final : public Tap {
 public:
  // Makes the file, never over an old one ("base.file_exists"). clock and files outlive it.
  static base::Result<std::unique_ptr<Recorder>> create(const std::filesystem::path& path,
                                                        const base::Clock& clock = base::system_clock(),
                                                        RecorderLimits limits = {},
                                                        base::FileSystem& files = base::real_file_system());
  ~Recorder() override;

  // Writes all that came, and the recording's end. Errors: base.*: the disk's; "broker.recording_overflow" {path}:
  // it ends before the session did. Nothing is recorded any more; later calls answer the same.
  base::Result<void> finish();

  void opened(std::string_view name, const Address& address, const StreamInfo& info, uint64_t at_ns) override;
  void passed(std::string_view name, Direction direction, std::span<const std::byte> bytes, uint64_t at_ns,
              int64_t at_utc_ns) override;
  void ended(std::string_view name, garita_status status, uint64_t at_ns) override;
  void dropped(std::string_view name, uint64_t datagrams, uint64_t at_ns) override;
  void handed_out(std::string_view name, const HandedOut& object, uint64_t at_ns) override;

 private:
  struct Inside;
  explicit Recorder(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace garita::broker
