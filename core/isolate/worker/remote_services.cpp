#include "core/isolate/worker/remote_services.hpp"

#include <algorithm>
#include <cstring>

namespace garita::isolate {
namespace {

constexpr size_t piece_bytes = area_bytes - data_offset - 64 * 1024;  // leaves room for released strips

load::Answer answer_of(Reader& result) {
  const auto status = result.get<uint32_t>();
  return {status, result.text(4096)};
}

}  // namespace

load::Answer RemoteServices::stream_open(std::string_view name, uint64_t deadline_ns, garita_stream_info& info,
                                         uint32_t& stream) {
  Writer message = line_.begin();
  message.text(name);
  message.put(deadline_ns);
  Reader result = line_.call(HostCall::stream_open, message);
  load::Answer answer = answer_of(result);
  info.kind = result.get<uint32_t>();
  info.max_datagram_bytes = result.get<uint32_t>();
  stream = result.get<uint32_t>();
  return answer;
}

load::Answer RemoteServices::stream_read(uint32_t stream, std::span<std::byte> out, uint64_t deadline_ns,
                                         load::ReadInfo& info) {
  Writer message = line_.begin();
  message.put(stream);
  message.put(static_cast<uint32_t>(std::min(out.size(), piece_bytes)));
  message.put(deadline_ns);
  Reader result = line_.call(HostCall::stream_read, message);
  load::Answer answer = answer_of(result);
  info.size_bytes = result.get<uint32_t>();
  info.received_ns = result.get<uint64_t>();
  info.received_utc_ns = result.get<int64_t>();
  info.dropped = result.get<uint64_t>();
  const auto size = std::min<size_t>(result.get<uint32_t>(), std::min(out.size(), piece_bytes));
  if (size != 0) std::memcpy(out.data(), line_.data(), size);
  return answer;
}

load::Answer RemoteServices::stream_write(uint32_t stream, std::span<const std::byte> data, uint64_t deadline_ns,
                                          uint32_t& written_bytes) {
  written_bytes = 0;
  for (;;) {
    const std::span<const std::byte> piece = data.first(std::min(data.size(), piece_bytes));
    Writer message = line_.begin();
    message.put(stream);
    message.put(deadline_ns);
    message.put(static_cast<uint32_t>(piece.size()));
    message.raw(piece.data(), piece.size());
    Reader result = line_.call(HostCall::stream_write, message);
    load::Answer answer = answer_of(result);
    const auto written = std::min<size_t>(result.get<uint32_t>(), piece.size());
    written_bytes += static_cast<uint32_t>(written);
    data = data.subspan(written);
    if (!answer.ok() || data.empty() || written < piece.size()) return answer;
  }
}

load::Answer RemoteServices::stream_wait(std::span<const uint32_t> streams, uint64_t deadline_ns, uint64_t& ready_bits,
                                         std::span<uint64_t> oldest_received_ns) {
  Writer message = line_.begin();
  message.put(deadline_ns);
  message.array(std::vector<uint32_t>(streams.begin(), streams.end()));
  Reader result = line_.call(HostCall::stream_wait, message);
  load::Answer answer = answer_of(result);
  ready_bits = result.get<uint64_t>();
  for (uint64_t& oldest : oldest_received_ns) oldest = result.get<uint64_t>();
  return answer;
}

load::Answer RemoteServices::stream_close(uint32_t stream) {
  Writer message = line_.begin();
  message.put(stream);
  Reader result = line_.call(HostCall::stream_close, message);
  return answer_of(result);
}

load::Answer RemoteServices::object_info(Reader result, load::ObjectInfo& info) {
  load::Answer answer = answer_of(result);
  if (!answer.ok()) return answer;
  info.handle = result.get<uint64_t>();
  info.siblings = result.get<uint32_t>();
  info.size_bytes = result.get<uint64_t>();
  info.modified = {result.get<int64_t>(), result.get<int64_t>(), result.get<uint64_t>(), result.get<int32_t>(),
                   result.get<uint32_t>()};
  info.name = result.text(64u << 10);
  for (uint8_t& byte : info.sha256) byte = result.get<uint8_t>();
  return answer;
}

load::Answer RemoteServices::object_next(uint32_t stream, uint64_t deadline_ns, load::ObjectInfo& info) {
  Writer message = line_.begin();
  message.put(stream);
  message.put(deadline_ns);
  return object_info(line_.call(HostCall::object_next, message), info);
}

load::Answer RemoteServices::object_sibling(uint64_t object, std::string_view name, load::ObjectInfo& info) {
  Writer message = line_.begin();
  message.put(object);
  message.text(name);
  return object_info(line_.call(HostCall::object_sibling, message), info);
}

load::Answer RemoteServices::object_read_at(uint64_t object, uint64_t offset, std::span<std::byte> out,
                                            uint32_t& read_bytes) {
  read_bytes = 0;
  for (;;) {
    const size_t wanted = std::min(out.size(), piece_bytes);
    Writer message = line_.begin();
    message.put(object);
    message.put(offset);
    message.put(static_cast<uint32_t>(wanted));
    Reader result = line_.call(HostCall::object_read_at, message);
    load::Answer answer = answer_of(result);
    const auto size = std::min<size_t>(result.get<uint32_t>(), wanted);
    if (size != 0) std::memcpy(out.data(), line_.data(), size);
    read_bytes += static_cast<uint32_t>(size);
    offset += size;
    out = out.subspan(size);
    if (!answer.ok() || out.empty() || size < wanted) return answer;
  }
}

load::Answer RemoteServices::object_done(uint64_t object) {
  Writer message = line_.begin();
  message.put(object);
  Reader result = line_.call(HostCall::object_done, message);
  return answer_of(result);
}

load::Answer RemoteServices::object_reject(uint64_t object, uint32_t code, std::string_view text) {
  Writer message = line_.begin();
  message.put(object);
  message.put(code);
  message.text(text);
  Reader result = line_.call(HostCall::object_reject, message);
  return answer_of(result);
}

load::StripMemory RemoteServices::strip_at(uint64_t offset, uint64_t capacity_bytes) {
  return {std::shared_ptr<std::byte>(pool_.data() + offset,
                                     [this, offset](std::byte*) {
                                       if (delivered_.erase(offset) == 0) line_.released(offset);
                                     }),
          capacity_bytes};
}

void RemoteServices::stock(Reader& granted) {
  const auto capacity = granted.get<uint64_t>();
  const std::vector<uint64_t> offsets = granted.array<uint64_t>(max_stock);
  if (capacity != stock_bytes_) drop_stock();
  stock_bytes_ = capacity;
  stock_.insert(stock_.end(), offsets.begin(), offsets.end());
}

void RemoteServices::drop_stock() {
  for (uint64_t offset : stock_) line_.released(offset);
  stock_.clear();
}

load::Answer RemoteServices::strip_alloc(uint64_t size_bytes, uint32_t count, uint64_t deadline_ns,
                                         std::vector<load::StripMemory>& out) {
  if (count == 1 && !stock_.empty() && size_bytes <= stock_bytes_ && size_bytes > stock_bytes_ - strip_page_bytes) {
    out.push_back(strip_at(stock_.back(), stock_bytes_));
    stock_.pop_back();
    return {};
  }
  drop_stock();
  Writer message = line_.begin();
  message.put(size_bytes);
  message.put(count);
  message.put(deadline_ns);
  Reader result = line_.call(HostCall::strip_alloc, message);
  load::Answer answer = answer_of(result);
  if (!answer.ok()) return answer;
  const auto capacity = result.get<uint64_t>();
  for (uint32_t i = 0; i < count; ++i) out.push_back(strip_at(result.get<uint64_t>(), capacity));
  return answer;
}

uint64_t RemoteServices::deliver(const std::byte* memory) {
  const auto offset = static_cast<uint64_t>(memory - pool_.data());
  delivered_.insert(offset);
  return offset;
}

const image::Value* RemoteServices::config(std::string_view key) {
  auto known = configuration_.find(key);
  if (known == configuration_.end()) {
    Writer message = line_.begin();
    message.text(key);
    Reader result = line_.call(HostCall::config_get, message);
    std::optional<image::Value> value;
    if (result.get<uint8_t>() != 0) value = get_value(result);
    known = configuration_.emplace(std::string(key), std::move(value)).first;
  }
  return known->second ? &*known->second : nullptr;
}

load::Answer RemoteServices::text_to_utf8(std::string_view encoding, std::span<const std::byte> data,
                                          std::string& out) {
  for (bool first = true; first || !data.empty(); first = false) {
    const std::span<const std::byte> piece = data.first(std::min(data.size(), piece_bytes));
    Writer message = line_.begin();
    message.put(static_cast<uint8_t>(first));
    message.put(static_cast<uint32_t>(piece.size()));
    message.raw(piece.data(), piece.size());
    Reader result = line_.call(HostCall::text_piece, message);
    if (load::Answer answer = answer_of(result); !answer.ok()) return answer;
    data = data.subspan(piece.size());
  }
  Writer message = line_.begin();
  message.text(encoding);
  Reader result = line_.call(HostCall::text_convert, message);
  load::Answer answer = answer_of(result);
  const auto size = result.get<uint64_t>();
  while (answer.ok() && out.size() < size) {
    Writer take = line_.begin();
    take.put(static_cast<uint64_t>(out.size()));
    take.put(static_cast<uint32_t>(piece_bytes));
    Reader piece = line_.call(HostCall::text_take, take);
    answer = answer_of(piece);
    const auto taken = piece.get<uint32_t>();
    if (taken == 0) break;
    out.append(reinterpret_cast<const char*>(line_.data()), std::min<size_t>(taken, piece_bytes));
  }
  return answer;
}

}  // namespace garita::isolate
