#include "core/isolate/call_server.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/utf8.hpp"

namespace garita::isolate {
namespace {

constexpr size_t max_name_bytes = 1024;
constexpr size_t max_message_bytes = GARITA_ERROR_MESSAGE_BYTES;
constexpr uint32_t bulk_bytes = area_bytes - data_offset;

const load::Answer stale{GARITA_STALE_HANDLE, {}};
const load::Answer too_many{GARITA_HOST_LIMIT, {}};

}  // namespace

CallServer::CallServer(load::Services& services, std::shared_ptr<SharedPool> pool)
    : services_(services), pool_(std::move(pool)), limits_(services.limits()) {
  limits_.struct_size = sizeof limits_;
  const uint64_t share = pool_->total_bytes() / (2 * std::max(limits_.max_held_strips, 1u));
  limits_.max_strip_bytes = std::min(limits_.max_strip_bytes, share);
}

void CallServer::put(Writer& out, const load::Answer& answer) {
  status_ = answer.status;
  out.put(answer.status);
  out.text(std::string_view(answer.message).substr(0, max_message_bytes));
}

std::optional<uint32_t> CallServer::serve(uint32_t call, OutsideReader& in, Area area, uint64_t latest_ns) {
  latest_ns_ = latest_ns;
  status_ = GARITA_OK;
  Writer out(area);
  const auto which = static_cast<HostCall>(call);
  const bool known = stream_call(which, in, area, out) || object_call(which, in, area, out) ||
                     text_call(which, in, area, out);
  if (!known || !in.ok() || !out.ok()) return std::nullopt;
  trail_.served(call, status_);
  return static_cast<uint32_t>(out.size());
}

uint64_t CallServer::deadline(OutsideReader& in) const { return in.get<uint64_t>().clamped(latest_ns_); }

// One that the driver holds; nullopt: a stale handle.
std::optional<uint32_t> CallServer::own_stream(OutsideReader& in) const {
  return in.get<uint32_t>().checked([this](uint32_t stream) { return streams_.contains(stream); });
}

std::optional<uint64_t> CallServer::own_object(OutsideReader& in) const {
  return in.get<uint64_t>().checked([this](uint64_t object) { return objects_.contains(object); });
}

bool CallServer::stream_call(HostCall call, OutsideReader& in, Area area, Writer& out) {
  reads_ += call == HostCall::stream_read || call == HostCall::stream_wait || call == HostCall::object_read_at;
  switch (call) {
    case HostCall::stream_open:
      stream_open(in, out);
      return true;
    case HostCall::stream_read:
      stream_read(in, area, out);
      return true;
    case HostCall::stream_write:
      stream_write(in, out);
      return true;
    case HostCall::stream_wait:
      stream_wait(in, out);
      return true;
    case HostCall::stream_close: {
      const auto stream = own_stream(in);
      if (stream) streams_.erase(*stream);
      put(out, stream ? services_.stream_close(*stream) : stale);
      return true;
    }
    default:
      return false;
  }
}

void CallServer::stream_open(OutsideReader& in, Writer& out) {
  const std::string name = in.text(max_name_bytes).made(base::valid_utf8);
  const uint64_t until_ns = deadline(in);
  garita_stream_info info{};
  info.struct_size = sizeof info;
  uint32_t stream = 0;
  load::Answer answer = too_many;
  if (in.ok() && streams_.size() < limits_.max_streams)
    answer = services_.stream_open(name, until_ns, info, stream);
  if (answer.ok()) streams_[stream] = name;
  put(out, answer);
  out.put(info.kind);
  out.put(info.max_datagram_bytes);
  out.put(stream);
}

void CallServer::stream_read(OutsideReader& in, Area area, Writer& out) {
  const auto stream = own_stream(in);
  const uint32_t capacity = in.get<uint32_t>().clamped(bulk_bytes);
  const uint64_t until_ns = deadline(in);
  load::ReadInfo info;
  load::Answer answer = stale;
  if (in.ok() && capacity != 0 && stream)
    answer = services_.stream_read(*stream, area.subspan(data_offset, capacity), until_ns, info);
  put(out, answer);
  out.put(info.size_bytes);
  out.put(info.received_ns);
  out.put(info.received_utc_ns);
  out.put(info.dropped);
  const bool has_data = answer.ok() || answer.status == GARITA_BUFFER_TOO_SMALL;
  if (answer.ok()) trail_.received(streams_[*stream], area.subspan(data_offset, std::min(info.size_bytes, capacity)));
  out.put(has_data ? std::min(info.size_bytes, capacity) : 0u);
}

void CallServer::stream_write(OutsideReader& in, Writer& out) {
  const auto stream = own_stream(in);
  const uint64_t until_ns = deadline(in);
  const auto data = in.bytes(area_bytes);
  uint32_t written = 0;
  load::Answer answer = stale;
  if (data && stream) answer = services_.stream_write(*stream, *data, until_ns, written);
  put(out, answer);
  if (data && stream) trail_.sent(streams_[*stream], data->first(std::min<size_t>(written, data->size())));
  out.put(written);
}

void CallServer::stream_wait(OutsideReader& in, Writer& out) {
  const uint64_t until_ns = deadline(in);
  const auto held = [this](const std::vector<uint32_t>& wanted) {
    return !wanted.empty() &&
           std::all_of(wanted.begin(), wanted.end(), [this](uint32_t s) { return streams_.contains(s); });
  };
  const auto streams = in.array<uint32_t>(GARITA_MAX_WAIT_STREAMS).checked(held);
  std::array<uint64_t, GARITA_MAX_WAIT_STREAMS> oldest{};
  uint64_t ready_bits = 0;
  load::Answer answer = stale;
  const size_t count = in.ok() && streams ? streams->size() : 0;
  if (count != 0)
    answer = services_.stream_wait(*streams, until_ns, ready_bits, std::span(oldest).first(count));
  put(out, answer);
  out.put(ready_bits);
  for (size_t i = 0; i < count; ++i) out.put(oldest[i]);
}

bool CallServer::object_call(HostCall call, OutsideReader& in, Area area, Writer& out) {
  load::ObjectInfo info;
  switch (call) {
    case HostCall::object_next: {
      const auto stream = own_stream(in);
      const uint64_t until_ns = deadline(in);
      load::Answer answer = objects_.size() >= limits_.max_held_objects ? too_many : stale;
      if (in.ok() && stream && objects_.size() < limits_.max_held_objects)
        answer = services_.object_next(*stream, until_ns, info);
      object_info(answer, info, 0, out);
      return true;
    }
    case HostCall::object_sibling: {
      const auto object = own_object(in);
      const std::string name = in.text(max_name_bytes).made(base::valid_utf8);
      load::Answer answer = objects_.size() >= limits_.max_held_objects ? too_many : stale;
      if (in.ok() && object && objects_.size() < limits_.max_held_objects)
        answer = services_.object_sibling(*object, name, info);
      const uint64_t parent = object ? objects_.at(*object) : 0;
      object_info(answer, info, parent != 0 ? parent : object.value_or(0), out);
      return true;
    }
    case HostCall::object_read_at:
      object_read_at(in, area, out);
      return true;
    case HostCall::object_done:
    case HostCall::object_reject: {
      const auto object = own_object(in);
      const bool rejects = call == HostCall::object_reject;
      const uint32_t code = rejects ? in.get<uint32_t>().clamped(UINT32_MAX) : 0;  // the reason's, whatever it is
      const std::string reason = rejects ? in.text(64u << 10).made(base::valid_utf8) : std::string();
      if (!in.ok() || !object || objects_.at(*object) != 0) return put(out, stale), true;
      std::erase_if(objects_,
                    [&](const auto& held) { return held.first == *object || held.second == *object; });
      put(out, rejects ? services_.object_reject(*object, code, reason) : services_.object_done(*object));
      return true;
    }
    default:
      return false;
  }
}

void CallServer::object_info(const load::Answer& answer, const load::ObjectInfo& info, uint64_t parent,
                             Writer& out) {
  if (answer.ok()) objects_[info.handle] = parent;
  put(out, answer);
  out.put(info.handle);
  out.put(info.siblings);
  out.put(info.size_bytes);
  out.put(info.modified.utc_ns);
  out.put(info.modified.uncertainty_ns);
  out.put(info.modified.received_ns);
  out.put(info.modified.offset_s);
  out.put(info.modified.source);
  out.text(std::string_view(info.name).substr(0, 64u << 10));
  for (uint8_t byte : info.sha256) out.put(byte);
}

void CallServer::object_read_at(OutsideReader& in, Area area, Writer& out) {
  const auto object = own_object(in);
  const uint64_t offset = in.get<uint64_t>().clamped(INT64_MAX);
  const uint32_t capacity = in.get<uint32_t>().clamped(bulk_bytes);
  uint32_t size = 0;
  load::Answer answer = stale;
  if (in.ok() && object)
    answer = services_.object_read_at(*object, offset, area.subspan(data_offset, capacity), size);
  if (answer.ok() && object)
    trail_.received("(inbox)", area.subspan(data_offset, std::min(size, capacity)));
  put(out, answer);
  out.put(answer.ok() ? std::min(size, capacity) : 0u);
}

bool CallServer::text_call(HostCall call, OutsideReader& in, Area area, Writer& out) {
  switch (call) {
    case HostCall::strip_alloc:
      strip_alloc(in, out);
      return true;
    case HostCall::config_get:
      config_get(in, out);
      return true;
    case HostCall::text_piece: {
      if (in.flag()) text_.clear();
      const auto data = in.bytes(area_bytes);
      const bool fits = data && text_.size() + data->size() <= max_text_in_bytes;
      if (fits) text_.append(reinterpret_cast<const char*>(data->data()), data->size());
      put(out, fits ? load::Answer() : too_many);
      return true;
    }
    case HostCall::text_convert: {
      const std::string charset = in.text(max_name_bytes).made(base::valid_utf8);
      converted_.clear();
      put(out, services_.text_to_utf8(charset, std::as_bytes(std::span(text_)), converted_));
      out.put(uint64_t{converted_.size()});
      return true;
    }
    case HostCall::text_take: {
      const uint64_t offset = in.get<uint64_t>().clamped(converted_.size());
      const auto size = std::min<uint64_t>(in.get<uint32_t>().clamped(bulk_bytes), converted_.size() - offset);
      std::memcpy(area.data() + data_offset, converted_.data() + offset, size);
      put(out, {});
      out.put(static_cast<uint32_t>(size));
      return true;
    }
    default:
      return false;
  }
}

void CallServer::strip_alloc(OutsideReader& in, Writer& out) {
  const uint64_t most = limits_.max_strip_bytes;
  const size_t all = limits_.max_held_strips + max_stock, held = std::min(strips_.size(), all);
  const size_t room = std::min<size_t>(limits_.max_held_strips, all - held);
  const auto size = in.get<uint64_t>().checked([most](uint64_t bytes) { return bytes <= most; });
  const auto count = in.get<uint32_t>().checked([room](uint32_t strips) { return strips <= room; });
  const uint64_t until_ns = deadline(in);
  std::vector<SharedPool::Slice> slices;
  load::Answer answer = too_many;
  const bool replay = services_.time_is_virtual();  // strips are waited for in the machine's time
  if (size && count)
    answer = pool_->alloc(*size, *count, replay ? machine_time(until_ns, services_) : until_ns, slices);
  put(out, answer);
  if (!answer.ok()) return;
  usual_bytes_ = *count == 1 ? slices.front().strip.capacity_bytes : 0;
  out.put(slices.front().strip.capacity_bytes);
  for (SharedPool::Slice& slice : slices) {
    out.put(slice.offset);
    strips_[slice.offset] = std::move(slice.strip);
  }
}

// Never waits: where the pool is short, the driver asks, and waits itself.
void CallServer::grant_ahead(Writer& out, uint32_t left) {
  std::vector<SharedPool::Slice> slices;
  if (usual_bytes_ != 0 && left < max_stock && strips_.size() < limits_.max_held_strips)
    (void)pool_->alloc(usual_bytes_, max_stock - left, 0, slices);
  out.put(usual_bytes_);
  out.put(static_cast<uint32_t>(slices.size()));
  for (SharedPool::Slice& slice : slices) {
    out.put(slice.offset);
    strips_[slice.offset] = std::move(slice.strip);
  }
}

void CallServer::config_get(OutsideReader& in, Writer& out) {
  const std::string key = in.text(max_name_bytes).made(base::valid_utf8);
  const image::Value* value = services_.config(key);
  out.put(static_cast<uint8_t>(value != nullptr));
  if (value) put_value(out, *value);
}

bool CallServer::take_released(OutsideReader& in) {
  const auto count = in.get<uint32_t>().checked([](uint32_t strips) { return strips <= max_released; });
  if (!count) return false;
  for (uint32_t i = 0; i < *count; ++i)
    if (!in.get<uint64_t>().made([this](uint64_t offset) { return strips_.erase(offset) != 0; })) return false;
  return in.ok();
}

std::optional<load::StripMemory> CallServer::take_strip(uint64_t offset) {
  auto held = strips_.extract(offset);
  return held ? std::optional(std::move(held.mapped())) : std::nullopt;
}

void CallServer::close() {
  strips_.clear();
  objects_.clear();
  for (const auto& [stream, name] : streams_) services_.stream_close(stream);
  streams_.clear();
}

}  // namespace garita::isolate
