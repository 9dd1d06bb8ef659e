#include "core/host/services.hpp"

#include <iconv.h>

#include <algorithm>
#include <cerrno>

#include "core/broker/inbox.hpp"
#include "garita/ext/message.h"

namespace garita::host {
namespace {

constexpr uint64_t longest_strip_wait_ns = 60'000'000'000;
constexpr size_t max_converted_bytes = 4u << 20;

// A driver reads English: what it is told is for the vendor's log.
load::Answer for_driver(const broker::Answer& answer) {
  return {answer.status, answer.ok() || answer.error.id.empty() ? std::string()
                                                               : base::render(answer.error, base::Language::en)};
}

load::ObjectInfo for_driver(broker::ObjectInfo object) {
  load::ObjectInfo info;
  info.handle = object.handle;
  info.siblings = object.siblings;
  info.size_bytes = object.size_bytes;
  info.modified.utc_ns = object.modified_utc_ns;
  info.modified.source = GARITA_TIME_HOST;
  info.name = std::move(object.name);
  info.sha256 = object.sha256;
  return info;
}

load::Answer no_objects() { return {GARITA_STALE_HANDLE, "the host gave out no such object"}; }

}  // namespace

HostServices::HostServices(broker::Broker& broker, const base::Clock& clock, LogSink& log,
                           Configuration configuration, uint64_t pool_bytes, bool replay)
    : broker_(broker), clock_(clock), log_(log), configuration_(std::move(configuration)),
      pool_(StripPool::create(pool_bytes)), replay_(replay) {
  limits_.struct_size = sizeof limits_;
  limits_.max_event_bytes = GARITA_MAX_EVENT_BYTES;
  limits_.max_strip_bytes = std::min<uint64_t>(GARITA_MAX_STRIP_BYTES, pool_bytes / (2 * max_held_strips));
  limits_.max_attachment_bytes = GARITA_MAX_ATTACHMENT_BYTES;
  limits_.max_held_strips = max_held_strips;
  limits_.max_held_objects = 16;
  limits_.max_streams = 16;
  limits_.max_message_bytes = GARITA_MAX_MESSAGE_BYTES;
}

load::Answer HostServices::stream_open(std::string_view name, uint64_t deadline_ns, garita_stream_info& info,
                                       uint32_t& stream) {
  broker::StreamInfo opened;
  const broker::Answer answer = broker_.open(name, deadline_ns, opened, stream);
  info.kind = opened.kind;
  info.max_datagram_bytes = opened.max_datagram_bytes;
  return for_driver(answer);
}

load::Answer HostServices::stream_read(uint32_t stream, std::span<std::byte> out, uint64_t deadline_ns,
                                       load::ReadInfo& info) {
  broker::ReadInfo read;
  const broker::Answer answer = broker_.read(stream, out, deadline_ns, read);
  info = {read.size_bytes, read.received_ns, read.received_utc_ns, read.dropped};
  return for_driver(answer);
}

load::Answer HostServices::stream_write(uint32_t stream, std::span<const std::byte> data, uint64_t deadline_ns,
                                        uint32_t& written_bytes) {
  return for_driver(broker_.write(stream, data, deadline_ns, written_bytes));
}

load::Answer HostServices::stream_wait(std::span<const uint32_t> streams, uint64_t deadline_ns, uint64_t& ready_bits,
                                       std::span<uint64_t> oldest_received_ns) {
  return for_driver(broker_.wait(streams, deadline_ns, ready_bits, oldest_received_ns));
}

load::Answer HostServices::stream_close(uint32_t stream) { return for_driver(broker_.close(stream)); }

load::Answer HostServices::object_next(uint32_t stream, uint64_t deadline_ns, load::ObjectInfo& info) {
  broker::ObjectInfo object;
  const broker::Answer answer = broker_.object_next(stream, deadline_ns, object);
  if (answer.ok()) info = for_driver(std::move(object));
  return for_driver(answer);
}

load::Answer HostServices::object_sibling(uint64_t object, std::string_view name, load::ObjectInfo& info) {
  broker::Inbox* inbox = broker_.inbox_of(object);
  if (!inbox) return no_objects();
  broker::ObjectInfo sibling;
  const broker::Answer answer = inbox->sibling(object, name, sibling);
  if (answer.ok()) info = for_driver(std::move(sibling));
  return for_driver(answer);
}

load::Answer HostServices::object_read_at(uint64_t object, uint64_t offset, std::span<std::byte> out,
                                          uint32_t& read_bytes) {
  broker::Inbox* inbox = broker_.inbox_of(object);
  return inbox ? for_driver(inbox->read_at(object, offset, out, read_bytes)) : no_objects();
}

load::Answer HostServices::object_done(uint64_t object) {
  broker::Inbox* inbox = broker_.inbox_of(object);
  return inbox ? for_driver(inbox->done(object)) : no_objects();
}

load::Answer HostServices::object_reject(uint64_t object, uint32_t code, std::string_view message) {
  broker::Inbox* inbox = broker_.inbox_of(object);
  return inbox ? for_driver(inbox->reject(object, code, message)) : no_objects();
}

load::Answer HostServices::strip_alloc(uint64_t size_bytes, uint32_t count, uint64_t deadline_ns,
                                       std::vector<load::StripMemory>& out) {
  const uint64_t now_ns = clock_.monotonic_ns();
  if (replay_)  // strips are waited for in the machine's time
    deadline_ns = base::system_clock().monotonic_ns() + std::min<uint64_t>(deadline_ns - std::min(deadline_ns, now_ns), longest_strip_wait_ns);
  return pool_->alloc(size_bytes, count, deadline_ns, out);
}

void HostServices::log(uint32_t level, std::string_view text) { log_.line(level, text); }

const image::Value* HostServices::config(std::string_view key) {
  const auto found = configuration_.find(key);
  return found == configuration_.end() ? nullptr : &found->second;
}

load::Answer HostServices::text_to_utf8(std::string_view encoding, std::span<const std::byte> data,
                                        std::string& out) {
  if (data.size() > max_converted_bytes) return {GARITA_HOST_LIMIT, "a text may have at most 4 MiB"};
  const bool plain_name = std::all_of(encoding.begin(), encoding.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' || c == '_' || c == ':' || c == '.';
  });
  const std::string name(encoding.substr(0, 64));
  iconv_t converter = plain_name ? iconv_open("UTF-8", name.c_str()) : reinterpret_cast<iconv_t>(-1);
  if (converter == reinterpret_cast<iconv_t>(-1))
    return {GARITA_NOT_SUPPORTED, "the host does not know the charset " + name};
  char* from = const_cast<char*>(reinterpret_cast<const char*>(data.data()));
  size_t left = data.size();
  out.resize(data.size() * 4 + 16);  // no charset grows by more than that
  char* to = out.data();
  size_t room = out.size();
  const bool whole = iconv(converter, &from, &left, &to, &room) != static_cast<size_t>(-1);
  iconv_close(converter);
  if (!whole) return {GARITA_DATA_CORRUPT, "these bytes are not text in " + name};
  out.resize(out.size() - room);
  return {};
}

void HostServices::raise_cancel() {
  broker_.raise_cancel();
  pool_->raise_cancel();
}

void HostServices::lower_cancel() {
  broker_.lower_cancel();
  pool_->lower_cancel();
}

}  // namespace garita::host
