#include "core/isolate/call_trail.hpp"

#include <algorithm>

#include "core/isolate/wire/messages.hpp"

namespace garita::isolate {

const char* name_of_call(uint32_t call) {
  static constexpr const char* commands[] = {"?", "load", "open", "next", "stored", "message", "close"};
  static constexpr const char* host_calls[] = {
      "stream_open", "stream_read",    "stream_write", "stream_wait",   "stream_close", "object_next", "object_sibling", "object_read_at",
      "object_done", "object_reject",  "strip_alloc",  "config_get",    "text_to_utf8", "text_to_utf8", "text_to_utf8"};
  constexpr auto first = static_cast<uint32_t>(HostCall::stream_open);
  if (call < std::size(commands)) return commands[call];
  if (call >= first && call - first < std::size(host_calls)) return host_calls[call - first];
  return "?";
}

void StreamTail::append(std::vector<std::byte>& tail, std::span<const std::byte> bytes) {
  if (bytes.size() > max_bytes) bytes = bytes.last(max_bytes);
  const size_t kept = std::min(tail.size(), max_bytes - bytes.size());
  tail.erase(tail.begin(), tail.end() - static_cast<ptrdiff_t>(kept));
  tail.insert(tail.end(), bytes.begin(), bytes.end());
}

void CallTrail::began(uint32_t command) {
  command_ = count_++;
  at(command_) = {command, 0, false, false, 0, 0};
}

void CallTrail::ended(uint32_t status) {
  if (count_ == 0 || count_ - command_ > max_calls) return;  // overwritten by its own host calls
  at(command_).status = status;
  at(command_).answered = true;
}

void CallTrail::served(uint32_t host_call, uint32_t status) {
  at(count_++) = {host_call, status, true, true, 0, 0};
}

void CallTrail::timed(uint64_t at_ns, uint64_t took_ns) {
  if (count_ == 0) return;
  at(count_ - 1).at_ns = at_ns;
  at(count_ - 1).took_ns = took_ns;
}

StreamTail* CallTrail::tail(const std::string& stream) {
  if (const auto known = tails_.find(stream); known != tails_.end()) return &known->second;
  if (tails_.size() >= max_streams) return nullptr;
  StreamTail& made = tails_[stream];
  made.name = stream;
  return &made;
}

void CallTrail::received(const std::string& stream, std::span<const std::byte> bytes) {
  StreamTail* const own = tail(stream);
  if (!own) return;
  own->received_bytes += bytes.size();
  StreamTail::append(own->received, bytes);
}

void CallTrail::sent(const std::string& stream, std::span<const std::byte> bytes) {
  StreamTail* const own = tail(stream);
  if (!own) return;
  own->sent_bytes += bytes.size();
  StreamTail::append(own->sent, bytes);
}

std::vector<CallNote> CallTrail::calls() const {
  std::vector<CallNote> last;
  for (uint64_t i = count_ - std::min<uint64_t>(count_, max_calls); i < count_; ++i)
    last.push_back(calls_[i % max_calls]);
  return last;
}

std::vector<StreamTail> CallTrail::streams() const {
  std::vector<StreamTail> all;
  for (const auto& [name, tail] : tails_) all.push_back(tail);
  return all;
}

}  // namespace garita::isolate
