// A host made of a script: what the stream gives next, how many strips there are, and what became of them.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "garita/garita.h"
#include "garita/text.hpp"

namespace garita::test {

class FakeHost {
 public:
  FakeHost() { api_ = table(); }

  // The script of every stream: bytes, or the status that one read answers. At its end: TIMEOUT for ever.
  struct Bytes {
    std::string bytes;
  };
  using Line = std::variant<Bytes, garita_status>;
  void give(std::string bytes) { script_.push_back(Bytes{std::move(bytes)}); }
  void answer(garita_status status) { script_.push_back(status); }

  garita_open opening(std::string_view model = "") {
    return {sizeof(garita_open), 0, &api_, 77, &limits_, text(model), text("lane 1"), now_ + 1000};
  }

  garita_host_api& api() { return api_; }
  garita_limits& limits() { return limits_; }
  uint64_t now() const { return now_; }
  uint64_t soon() const { return now_ + 100; }

  std::map<std::string, garita_value> config;
  size_t free_strips = 64;
  std::map<uint64_t, std::vector<std::byte>> strips;  // given and not given back
  int discarded = 0;
  int stale_discards = 0;
  std::string written;
  size_t write_room = SIZE_MAX;
  garita_status open_answer = GARITA_OK;
  std::set<uint64_t> open_streams;
  int reads = 0;
  std::vector<std::string> log;
  std::vector<uint64_t> arrivals;  // what stream_wait answers, by place; 0: not ready

  // What the host does when it takes back all that was not delivered.
  void take_back_all() { strips.clear(); }

 private:
  static FakeHost& self(uint64_t) { return *current(); }
  static FakeHost*& current() {
    static FakeHost* host = nullptr;
    return host;
  }
  garita_host_api table();

  garita_status say(garita_error* error, garita_status status, const char* message) {
    if (error != nullptr && status >= 100) {
      error->code = status;
      std::snprintf(error->message, sizeof(error->message), "%s", message);
    }
    return status;
  }

  garita_status read(void* data, uint32_t capacity, uint64_t deadline_ns, garita_read_info* info,
                     garita_error* error) {
    ++reads;
    if (script_.empty() || std::holds_alternative<garita_status>(script_.front())) {
      const garita_status status =
          script_.empty() ? GARITA_TIMEOUT : std::get<garita_status>(script_.front());
      if (!script_.empty() && status != GARITA_END) script_.pop_front();  // the end stays the end
      if (status == GARITA_TIMEOUT && deadline_ns > now_) now_ = deadline_ns;
      return say(error, status, "the fake stream says so");
    }
    std::string& bytes = std::get<Bytes>(script_.front()).bytes;
    const size_t size = std::min<size_t>(capacity, bytes.size());
    std::memcpy(data, bytes.data(), size);
    bytes.erase(0, size);
    *info = {sizeof(*info), static_cast<uint32_t>(size), ++now_, static_cast<int64_t>(now_) * 1000, 0};
    if (bytes.empty()) script_.pop_front();
    return GARITA_OK;
  }

  garita_status alloc(uint64_t size, uint32_t count, uint64_t deadline_ns, garita_strip_memory* memories,
                      garita_error*) {
    if (strips.size() + count > free_strips) {
      if (deadline_ns > now_) now_ = deadline_ns;
      return GARITA_TIMEOUT;
    }
    for (uint32_t i = 0; i < count; ++i) {
      std::vector<std::byte>& memory = strips[++last_strip_] = std::vector<std::byte>(size);
      memories[i] = {last_strip_, memory.data(), size};
    }
    return GARITA_OK;
  }

  std::deque<Line> script_;
  uint64_t now_ = 1'000'000;
  uint64_t last_strip_ = 0;
  uint64_t last_stream_ = 0;
  garita_host_api api_{};
  garita_limits limits_{sizeof(garita_limits),
                        GARITA_MAX_EVENT_BYTES,
                        GARITA_MAX_STRIP_BYTES,
                        GARITA_MAX_ATTACHMENT_BYTES,
                        64,
                        8,
                        8,
                        65536};
};

inline garita_host_api FakeHost::table() {
  current() = this;
  garita_host_api api{};
  api.struct_size = sizeof(api);
  api.stream_open = [](uint64_t host, garita_text, uint64_t, garita_stream_info*, uint64_t* stream,
                       garita_error* error) {
    FakeHost& me = self(host);
    if (me.open_answer != GARITA_OK) return me.say(error, me.open_answer, "the fake stream does not open");
    me.open_streams.insert(*stream = ++me.last_stream_);
    return GARITA_OK;
  };
  api.stream_close = [](uint64_t host, uint64_t stream, garita_error*) {
    return self(host).open_streams.erase(stream) == 1 ? GARITA_OK : GARITA_STALE_HANDLE;
  };
  api.stream_read = [](uint64_t host, uint64_t, void* data, uint32_t capacity, uint64_t deadline_ns,
                       garita_read_info* info, garita_error* error) {
    return self(host).read(data, capacity, deadline_ns, info, error);
  };
  api.stream_write = [](uint64_t host, uint64_t, const void* data, uint32_t size, uint64_t, uint32_t* taken,
                        garita_error*) {
    FakeHost& me = self(host);
    *taken = static_cast<uint32_t>(std::min<size_t>(size, me.write_room));
    me.written.append(static_cast<const char*>(data), *taken);
    me.write_room -= *taken;
    return *taken == size ? GARITA_OK : GARITA_TIMEOUT;
  };
  api.stream_wait = [](uint64_t host, const uint64_t*, uint32_t count, uint64_t deadline_ns, uint64_t* ready,
                       uint64_t* oldest, garita_error*) {
    FakeHost& me = self(host);
    *ready = 0;
    for (uint32_t i = 0; i < count; ++i)
      if ((oldest[i] = i < me.arrivals.size() ? me.arrivals[i] : 0) != 0) *ready |= uint64_t{1} << i;
    if (*ready == 0 && deadline_ns > me.now_) me.now_ = deadline_ns;
    return *ready != 0 ? GARITA_OK : GARITA_TIMEOUT;
  };
  api.text_to_utf8 = [](uint64_t host, garita_text encoding, const void* data, uint32_t size, char* out,
                        uint32_t capacity, uint32_t* needed, garita_error* error) {
    if (view(encoding) != "X-TRIPLE") return self(host).say(error, GARITA_NOT_SUPPORTED, "no such charset");
    *needed = size * 3;
    if (*needed > capacity) return GARITA_BUFFER_TOO_SMALL;
    for (uint32_t i = 0; i < *needed; ++i) out[i] = static_cast<const char*>(data)[i / 3];
    return GARITA_OK;
  };
  api.strip_alloc = [](uint64_t host, uint64_t size, uint32_t count, uint64_t deadline_ns,
                       garita_strip_memory* memories, garita_error* error) {
    return self(host).alloc(size, count, deadline_ns, memories, error);
  };
  api.strip_discard = [](uint64_t host, uint64_t strip, garita_error*) {
    FakeHost& me = self(host);
    const bool known = me.strips.erase(strip) == 1;
    ++(known ? me.discarded : me.stale_discards);
    return known ? GARITA_OK : GARITA_STALE_HANDLE;
  };
  api.now_ns = [](uint64_t host) { return self(host).now_; };
  api.log = [](uint64_t host, uint32_t, garita_text line) { self(host).log.emplace_back(view(line)); };
  api.config_get = [](uint64_t host, garita_text key, garita_value* value, garita_error* error) {
    FakeHost& me = self(host);
    const auto found = me.config.find(std::string(view(key)));
    if (found == me.config.end()) return me.say(error, GARITA_NOT_CONFIGURED, "no value");
    *value = found->second;
    return GARITA_OK;
  };
  return api;
}

}  // namespace garita::test
