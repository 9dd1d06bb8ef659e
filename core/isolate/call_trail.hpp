// The last calls between a driver and its host, and the last bytes of its streams: kept on the host's side, where a dying driver
// cannot falsify them. For the report to its vendor. Thread: that of the session's calls.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace garita::isolate {

// "next", "stream_read"; a Command or HostCall of wire/messages.hpp.
const char* name_of_call(uint32_t call);

struct CallNote {
  uint32_t call = 0;
  uint32_t status = 0;       // garita_status
  bool answered = false;     // false: it is under way
  bool from_driver = false;  // a host call; else a call of the driver
  uint64_t at_ns = 0, took_ns = 0;  // CLOCK_MONOTONIC; of host calls alone, else 0
};

// The last bytes of one stream, each way.
struct StreamTail {
  static constexpr size_t max_bytes = 256;
  std::string name;  // the stream's; "(inbox)" for objects
  uint64_t received_bytes = 0, sent_bytes = 0;
  std::vector<std::byte> received, sent;

  static void append(std::vector<std::byte>& tail, std::span<const std::byte> bytes);
};

class CallTrail {
 public:
  static constexpr size_t max_calls = 64;
  static constexpr size_t max_streams = 32;

  void began(uint32_t command);   // a call of the driver
  void ended(uint32_t status);    // of the last that began
  void served(uint32_t host_call, uint32_t status);
  void timed(uint64_t at_ns, uint64_t took_ns);  // of the host call that was served last

  void received(const std::string& stream, std::span<const std::byte> bytes);
  void sent(const std::string& stream, std::span<const std::byte> bytes);

  std::vector<CallNote> calls() const;  // oldest first
  std::vector<StreamTail> streams() const;

 private:
  CallNote& at(uint64_t number) { return calls_[number % max_calls]; }
  StreamTail* tail(const std::string& stream);

  std::array<CallNote, max_calls> calls_{};
  uint64_t count_ = 0, command_ = 0;
  std::map<std::string, StreamTail> tails_;
};

}  // namespace garita::isolate
