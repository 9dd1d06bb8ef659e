// The test stand: plays an Input to a driver as its host, from memory, and notes what the driver did.
//
// All bytes are there from the start; chunks carry arrival times that rise by a microsecond, in the order in
// which those of all streams arrived, and lie in the past, so that a driver of several streams can take them
// in that order. How the bytes end is the rule's
// choice.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "conformance/input/input.hpp"
#include "core/host/services.hpp"

namespace garita::conformance {

enum class Ending : uint8_t {
  end,     // END behind the last byte, as a FIN or an emptied inbox
  lost,    // DEVICE_LOST, also for every further stream_open
  silent,  // nothing more comes
};

struct Play {
  Ending ending = Ending::end;
  uint64_t cut_bytes = UINT64_MAX;  // of each stream of bytes: what lies behind is not there
  uint32_t longest_read = 0;  // reads give 1 … so many bytes, by the seed; 0: as many as are asked for
  uint64_t seed = 1;
  bool unreachable = false;     // no stream can be opened: DEVICE_LOST
  uint32_t stalls = 0;          // so many times nothing comes for a while, although there is more
  bool clock_steps = false;     // the host's clocks jump back an hour in the middle
  int64_t utc_shift_ns = 0;     // of the host's wall clock

  bool operator==(const Play&) const = default;
};

// What a driver said to its log.
struct LogFigures {
  uint64_t lines = 0, unreadable = 0;  // of these not UTF-8, or with control characters
  std::string worst;                   // one that is unreadable
};

class Stand final : public load::Services {
 public:
  struct Refusal {
    std::string name;
    uint32_t code = 0;
    std::string message;
  };

  // input outlives it.
  Stand(const load::Manifest& manifest, const Input& input, host::Configuration configuration, Play play);

  bool used_up() const;         // nothing more comes, and the driver knows
  uint64_t left_at_ns() const;  // when the last host call returned
  bool told_end() const;        // the driver has asked beyond the last byte or object
  uint32_t openings() const { return openings_; }
  const std::vector<Refusal>& refusals() const { return refusals_; }
  uint32_t objects_given() const { return static_cast<uint32_t>(next_object_); }
  const std::vector<std::string>& strangers() const { return strangers_; }  // streams asked for that no manifest declares
  const std::vector<std::string>& misused() const { return misused_; }      // written to, although declared as input
  LogFigures log_figures() const;

  load::Answer stream_open(std::string_view name, uint64_t deadline_ns, garita_stream_info& info,
                           uint32_t& stream) override;
  load::Answer stream_read(uint32_t stream, std::span<std::byte> out, uint64_t deadline_ns,
                           load::ReadInfo& info) override;
  load::Answer stream_write(uint32_t stream, std::span<const std::byte> data, uint64_t deadline_ns,
                            uint32_t& written) override;
  load::Answer stream_wait(std::span<const uint32_t> streams, uint64_t deadline_ns, uint64_t& bits,
                           std::span<uint64_t> oldest) override;
  load::Answer stream_close(uint32_t stream) override;
  load::Answer object_next(uint32_t stream, uint64_t deadline_ns, load::ObjectInfo& info) override;
  load::Answer object_sibling(uint64_t object, std::string_view name, load::ObjectInfo& info) override;
  load::Answer object_read_at(uint64_t object, uint64_t offset, std::span<std::byte> out,
                              uint32_t& read) override;
  load::Answer object_done(uint64_t object) override;
  load::Answer object_reject(uint64_t object, uint32_t code, std::string_view message) override;
  load::Answer strip_alloc(uint64_t, uint32_t, uint64_t, std::vector<load::StripMemory>&) override;
  uint64_t now_ns() override;
  void log(uint32_t level, std::string_view text) override;
  const image::Value* config(std::string_view key) override { return helper_->config(key); }
  load::Answer text_to_utf8(std::string_view encoding, std::span<const std::byte> data,
                            std::string& out) override {
    return helper_->text_to_utf8(encoding, data, out);
  }
  const garita_limits& limits() const override { return helper_->limits(); }
  void raise_cancel() override;
  void lower_cancel() override;

 private:
  struct Opened {
    const StreamInput* input = nullptr;  // null: an inbox, or a stream without input
    std::string name;
    uint32_t kind = GARITA_STREAM_BYTES;
  };
  struct Place {  // how far a stream has been read; goes on where it is opened again
    uint64_t byte = 0;
    size_t chunk = 0;
    uint64_t in_chunk = 0;
    bool end_told = false;
  };
  class Leaving;

  uint64_t size_of(const StreamInput& input) const;
  bool ready(const Opened& stream) const;
  load::Answer nothing_more(Place& place) const;
  uint32_t how_many(const Opened& stream, const Place& place, size_t asked);
  uint64_t arrival_ns(const Opened& stream, const Place& place) const;
  // False: cancelled.
  bool wait(std::unique_lock<std::mutex>& lock, uint64_t deadline_ns);
  // True: nothing comes now, by the play; the deadline has passed.
  bool stall(std::unique_lock<std::mutex>& lock, uint64_t deadline_ns);
  const FileInput* file_of(uint64_t object) const;
  load::ObjectInfo info_of(uint64_t handle, const FileInput& file, size_t siblings) const;

  const load::Manifest& manifest_;
  const Input& input_;
  const Play play_;
  std::unique_ptr<broker::Broker> no_broker_;
  std::unique_ptr<host::HostServices> helper_;  // configuration, charsets, limits: as the host has them
  const uint64_t base_ns_;
  uint64_t random_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool cancelled_ = false;
  uint64_t left_at_ns_ = 0;
  std::vector<Opened> opened_;
  std::map<std::string, Place, std::less<>> places_;
  uint32_t openings_ = 0;
  size_t next_object_ = 0;
  bool objects_end_told_ = false;
  uint32_t stalled_ = 0, reads_ = 0;
  std::vector<Refusal> refusals_;
  std::vector<std::string> strangers_, misused_;
  mutable std::mutex log_mutex_;
  LogFigures log_;
};

}  // namespace garita::conformance
