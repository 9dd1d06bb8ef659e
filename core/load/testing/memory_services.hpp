// MemoryServices: what a driver is granted in a test, all of it in memory: streams of bytes that end or wait,
// an inbox, strips that are counted, configuration, and the log as it was written.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/digest.hpp"
#include "core/load/services.hpp"

namespace garita::load::testing {

struct MemoryStream {
  uint32_t kind = GARITA_STREAM_BYTES;
  std::string bytes;    // what the driver reads
  bool ends = true;     // END behind the last byte; else reads wait
  std::string written;  // what the driver wrote
  bool open = false;
};

struct MemoryObject {
  std::string name;
  std::string bytes;
  std::map<std::string, std::string> siblings;
  bool done = false;
  uint32_t rejected = 0;  // the code of object_reject
  std::string reason;
};

// Tests set the members before they open the driver. Calls as Services says; push and end_stream from any
// thread.
class MemoryServices final : public Services {
 public:
  std::map<std::string, MemoryStream> streams;
  std::deque<MemoryObject> objects;  // of every OBJECTS stream
  std::map<std::string, image::Value, std::less<>> configuration;
  std::vector<std::pair<uint32_t, std::string>> log_lines;
  garita_limits granted{
      sizeof(garita_limits), GARITA_MAX_EVENT_BYTES, GARITA_MAX_STRIP_BYTES, 64u << 20, 8, 16, 8, 65536};
  uint64_t strips_made = 0;

  // Strips that somebody, driver or host, still has.
  long strips_alive() const { return strips_.use_count() - 1; }

  void push(const std::string& stream, std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    streams[stream].bytes += bytes;
    changed_.notify_all();
  }
  size_t unread(const std::string& stream) const {
    const std::lock_guard lock(mutex_);
    const auto found = streams.find(stream);
    return found == streams.end() ? 0 : found->second.bytes.size();
  }
  bool cancelled() const {
    const std::lock_guard lock(mutex_);
    return cancelled_;
  }

  Answer stream_open(std::string_view name, uint64_t, garita_stream_info& info, uint32_t& stream) override {
    const std::lock_guard lock(mutex_);
    const auto found = streams.find(std::string(name));
    if (found == streams.end()) return {GARITA_NOT_CONFIGURED, "no such stream"};
    if (found->second.open) return {GARITA_WRONG_STATE, "it is open"};
    found->second.open = true;
    info.kind = found->second.kind;
    numbers_.push_back(&found->second);
    stream = static_cast<uint32_t>(numbers_.size() - 1);
    return {};
  }

  Answer stream_read(uint32_t stream, std::span<std::byte> out, uint64_t deadline_ns,
                     ReadInfo& info) override {
    std::unique_lock lock(mutex_);
    MemoryStream& own = *numbers_[stream];
    const Answer answer = wait(lock, deadline_ns, [&] { return !own.bytes.empty() || own.ends; });
    if (!answer.ok()) return answer;
    if (own.bytes.empty()) return {GARITA_END, {}};
    const size_t size = std::min(out.size(), own.bytes.size());
    std::memcpy(out.data(), own.bytes.data(), size);
    own.bytes.erase(0, size);
    info = {static_cast<uint32_t>(size), now_ns(), 0, 0};
    return {};
  }

  Answer stream_write(uint32_t stream, std::span<const std::byte> data, uint64_t,
                      uint32_t& written_bytes) override {
    const std::lock_guard lock(mutex_);
    numbers_[stream]->written.append(reinterpret_cast<const char*>(data.data()), data.size());
    written_bytes = static_cast<uint32_t>(data.size());
    return {};
  }

  Answer stream_wait(std::span<const uint32_t> wanted, uint64_t deadline_ns, uint64_t& ready_bits,
                     std::span<uint64_t> oldest_received_ns) override {
    std::unique_lock lock(mutex_);
    return wait(lock, deadline_ns, [&] {
      for (size_t i = 0; i < wanted.size(); ++i) {
        const MemoryStream& own = *numbers_[wanted[i]];
        if (own.bytes.empty() && !own.ends) continue;
        ready_bits |= uint64_t{1} << i;
        oldest_received_ns[i] = now_ns();
      }
      return ready_bits != 0;
    });
  }

  Answer stream_close(uint32_t stream) override {
    const std::lock_guard lock(mutex_);
    numbers_[stream]->open = false;
    return {};
  }

  Answer object_next(uint32_t, uint64_t, ObjectInfo& info) override {
    if (next_object_ == objects.size()) return {GARITA_END, {}};
    const MemoryObject& own = objects[next_object_++];
    info = {next_object_,     static_cast<uint32_t>(own.siblings.size()),
            own.bytes.size(), {},
            own.name,         base::sha256(own.bytes)};
    return {};
  }

  // A sibling's handle: its object's, and its place in the high half.
  Answer object_sibling(uint64_t object, std::string_view name, ObjectInfo& info) override {
    const MemoryObject& own = objects[(object & 0xFFFF) - 1];
    const auto found = own.siblings.find(std::string(name));
    if (found == own.siblings.end()) return {GARITA_NOT_CONFIGURED, "no such sibling"};
    const auto place = static_cast<uint64_t>(std::distance(own.siblings.begin(), found)) + 1;
    info = {place << 32 | (object & 0xFFFF), 0, found->second.size(), {}, found->first,
            base::sha256(found->second)};
    return {};
  }

  Answer object_read_at(uint64_t object, uint64_t offset, std::span<std::byte> out,
                        uint32_t& read_bytes) override {
    const MemoryObject& own = objects[(object & 0xFFFF) - 1];
    const uint64_t place = object >> 32;
    const std::string& bytes =
        place == 0 ? own.bytes : std::next(own.siblings.begin(), static_cast<long>(place) - 1)->second;
    const size_t size =
        std::min<uint64_t>(out.size(), bytes.size() - std::min<uint64_t>(offset, bytes.size()));
    if (size != 0) std::memcpy(out.data(), bytes.data() + offset, size);
    read_bytes = static_cast<uint32_t>(size);
    return {};
  }

  Answer object_done(uint64_t object) override { return objects[object - 1].done = true, Answer(); }

  Answer object_reject(uint64_t object, uint32_t code, std::string_view message) override {
    objects[object - 1].rejected = code;
    objects[object - 1].reason = message;
    return {};
  }

  Answer strip_alloc(uint64_t size_bytes, uint32_t count, uint64_t, std::vector<StripMemory>& out) override {
    const uint64_t capacity_bytes = (size_bytes + 63) / 64 * 64;
    for (uint32_t i = 0; i < count; ++i) {
      auto* memory = static_cast<std::byte*>(std::aligned_alloc(64, capacity_bytes));
      std::memset(memory, 0, capacity_bytes);
      std::shared_ptr<int> counted = strips_;
      out.push_back({std::shared_ptr<std::byte>(memory, [counted](std::byte* bytes) { std::free(bytes); }),
                     capacity_bytes});
      ++strips_made;
    }
    return {};
  }

  uint64_t now_ns() override {
    return static_cast<uint64_t>(
        std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
  }

  void log(uint32_t level, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    log_lines.emplace_back(level, text);
  }

  const image::Value* config(std::string_view key) override {
    const auto found = configuration.find(key);
    return found == configuration.end() ? nullptr : &found->second;
  }

  // Latin-1 alone: enough to see that the call arrives.
  Answer text_to_utf8(std::string_view encoding, std::span<const std::byte> data, std::string& out) override {
    if (encoding != "ISO-8859-1") return {GARITA_NOT_SUPPORTED, "no such charset"};
    for (std::byte byte : data) {
      const auto value = static_cast<unsigned char>(byte);
      if (value >= 0x80) out += static_cast<char>(0xC0 | value >> 6);
      out += static_cast<char>(value < 0x80 ? value : 0x80 | (value & 0x3F));
    }
    return {};
  }

  const garita_limits& limits() const override { return granted; }

  void raise_cancel() override {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    changed_.notify_all();
  }
  void lower_cancel() override {
    const std::lock_guard lock(mutex_);
    cancelled_ = false;
  }

 private:
  template <typename Ready>
  Answer wait(std::unique_lock<std::mutex>& lock, uint64_t deadline_ns, Ready ready) {
    const std::chrono::steady_clock::time_point until{std::chrono::nanoseconds(
        static_cast<int64_t>(std::min<uint64_t>(deadline_ns, uint64_t{INT64_MAX} / 2)))};
    bool is_ready = false;
    changed_.wait_until(lock, until, [&] { return cancelled_ || (is_ready = ready()); });
    if (cancelled_) return {GARITA_CANCELLED, {}};
    return {is_ready ? GARITA_OK : GARITA_TIMEOUT, {}};
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool cancelled_ = false;
  std::vector<MemoryStream*> numbers_;
  size_t next_object_ = 0;
  std::shared_ptr<int> strips_ = std::make_shared<int>(0);
};

}  // namespace garita::load::testing
