#include "conformance/rules/stand.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "core/base/digest.hpp"

namespace garita::conformance {
namespace {

constexpr uint64_t pool_bytes = 64u << 20;
constexpr size_t max_noted = 8;
constexpr uint64_t hour_ns = UINT64_C(3600'000'000'000);
constexpr uint64_t sibling_shift = 32;  // a sibling's handle: its object's, and its place in the high half

uint64_t monotonic_ns() { return base::system_clock().monotonic_ns(); }

class NoLog final : public host::LogSink {
 public:
  void line(uint32_t, std::string_view) override {}
};

NoLog& no_log() {
  static NoLog own;
  return own;
}

}  // namespace

// Notes when a host call returns: lateness counts from there.
class Stand::Leaving {
 public:
  explicit Leaving(Stand& stand) : stand_(stand) {}
  ~Leaving() { stand_.left_at_ns_ = monotonic_ns(); }

 private:
  Stand& stand_;
};

Stand::Stand(const load::Manifest& manifest, const Input& input, host::Configuration configuration, Play play)
    : manifest_(manifest),
      input_(input),
      play_(play),
      base_ns_(monotonic_ns() - 60'000'000'000),
      random_(play.seed * 2 + 1) {
  auto broker = broker::Broker::create({});
  if (broker) no_broker_ = std::move(*broker);
  helper_ = std::make_unique<host::HostServices>(*no_broker_, base::system_clock(), no_log(),
                                                 std::move(configuration), pool_bytes);
}

uint64_t Stand::size_of(const StreamInput& input) const {
  return input.kind == GARITA_STREAM_BYTES ? std::min<uint64_t>(input.bytes.size(), play_.cut_bytes)
                                           : input.bytes.size();
}

bool Stand::used_up() const {
  const std::lock_guard lock(mutex_);
  if (next_object_ < input_.objects.size()) return false;
  for (const StreamInput& stream : input_.streams) {
    const auto place = places_.find(stream.name);
    if (place == places_.end() || place->second.byte < size_of(stream)) return false;
  }
  return true;
}

bool Stand::told_end() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(places_.begin(), places_.end(), [](const auto& each) { return each.second.end_told; });
}

uint64_t Stand::left_at_ns() const {
  const std::lock_guard lock(mutex_);
  return left_at_ns_;
}

bool Stand::wait(std::unique_lock<std::mutex>& lock, uint64_t deadline_ns) {
  const auto until = std::chrono::steady_clock::time_point(
      std::chrono::nanoseconds(std::min<uint64_t>(deadline_ns, uint64_t{INT64_MAX} / 2)));
  changed_.wait_until(lock, until, [&] { return cancelled_; });
  return !cancelled_;
}

bool Stand::stall(std::unique_lock<std::mutex>& lock, uint64_t deadline_ns) {
  constexpr uint64_t longest_ns = 100'000'000;
  if (stalled_ >= play_.stalls || ++reads_ % 2 != 0) return false;
  ++stalled_;
  (void)wait(lock, std::min(deadline_ns, monotonic_ns() + longest_ns));
  return true;
}

uint64_t Stand::arrival_ns(const Opened& stream, const Place& place) const {
  const bool behind = play_.clock_steps && stream.input && place.byte > size_of(*stream.input) / 2;
  const uint64_t rank = stream.input ? stream.input->rank(place.chunk) : place.chunk;
  return base_ns_ + rank * 1000 + place.in_chunk / 16 - (behind ? hour_ns : 0);
}

void Stand::log(uint32_t, std::string_view text) {
  const std::lock_guard lock(log_mutex_);
  ++log_.lines;
  const bool control = std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 && c != '\t'; });
  if (!control && text.find("\xEF\xBF\xBD") == std::string_view::npos && !text.empty()) return;
  if (log_.unreadable++ == 0) log_.worst = base::printable(text);
}

LogFigures Stand::log_figures() const {
  const std::lock_guard lock(log_mutex_);
  return log_;
}

load::Answer Stand::stream_open(std::string_view name, uint64_t, garita_stream_info& info, uint32_t& stream) {
  const std::lock_guard lock(mutex_);
  const Leaving leaving(*this);
  const load::StreamDeclaration* declared = manifest_.stream(name);
  const StreamInput* input = input_.stream(name);
  if (!declared && strangers_.size() < max_noted) strangers_.emplace_back(name);
  if (declared && play_.unreachable && (input || declared->required))
    return {GARITA_DEVICE_LOST, "the device does not answer"};
  const bool inbox = declared && declared->kind == GARITA_STREAM_OBJECTS;
  if (!declared || (!input && !inbox && !declared->required))
    return {GARITA_NOT_CONFIGURED, "the site gives no source for the stream " + std::string(name)};
  Place& place = places_[std::string(name)];
  if (play_.ending == Ending::lost && place.end_told)
    return {GARITA_DEVICE_LOST, "the device does not answer"};
  info.kind = declared->kind;
  info.max_datagram_bytes = declared->kind == GARITA_STREAM_DATAGRAMS ? 65535 : 0;
  opened_.push_back({input, std::string(name), declared->kind});
  stream = static_cast<uint32_t>(opened_.size() - 1);
  ++openings_;
  return {};
}

load::Answer Stand::nothing_more(Place& place) const {
  place.end_told = true;
  if (play_.ending == Ending::lost) return {GARITA_DEVICE_LOST, "the connection was reset by the device"};
  return {GARITA_END, {}};
}

// An inbox is ready where an object waits, or where its end can be told.
bool Stand::ready(const Opened& stream) const {
  if (play_.ending != Ending::silent) return true;
  if (stream.kind == GARITA_STREAM_OBJECTS) return next_object_ < input_.objects.size();
  return stream.input && places_.find(stream.name)->second.byte < size_of(*stream.input);
}

uint32_t Stand::how_many(const Opened& stream, const Place& place, size_t asked) {
  const uint64_t left = std::min<uint64_t>(size_of(*stream.input) - place.byte,
                                           stream.input->chunks[place.chunk] - place.in_chunk);
  uint64_t size = std::min<uint64_t>(asked, left);
  if (play_.longest_read != 0) {
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    size = std::min<uint64_t>(size, 1 + (random_ >> 33) % play_.longest_read);
  }
  return static_cast<uint32_t>(size);
}

load::Answer Stand::stream_read(uint32_t stream, std::span<std::byte> out, uint64_t deadline_ns,
                                load::ReadInfo& info) {
  std::unique_lock lock(mutex_);
  const Leaving leaving(*this);
  if (stream >= opened_.size()) return {GARITA_STALE_HANDLE, "no such stream"};
  const Opened own = opened_[stream];
  if (cancelled_) return {GARITA_CANCELLED, {}};
  if (stall(lock, deadline_ns)) return {cancelled_ ? GARITA_CANCELLED : GARITA_TIMEOUT, {}};
  if (!ready(own)) return {wait(lock, deadline_ns) ? GARITA_TIMEOUT : GARITA_CANCELLED, {}};
  Place& place = places_[own.name];
  if (!own.input || place.byte >= size_of(*own.input)) return nothing_more(place);
  const bool datagram = own.kind == GARITA_STREAM_DATAGRAMS;
  const uint32_t size = datagram ? own.input->chunks[place.chunk] : how_many(own, place, out.size());
  std::memcpy(out.data(), own.input->bytes.data() + place.byte, std::min<size_t>(size, out.size()));
  const uint64_t received_ns = arrival_ns(own, place);
  info = {size, received_ns,
          base::system_clock().utc_ns() + play_.utc_shift_ns - (received_ns < base_ns_ ? int64_t{hour_ns} : 0), 0};
  place.byte += size;
  place.in_chunk += size;
  if (place.in_chunk == own.input->chunks[place.chunk]) ++place.chunk, place.in_chunk = 0;
  if (datagram && size > out.size())
    return {GARITA_BUFFER_TOO_SMALL, "the datagram is larger than the capacity given"};
  return {};
}

load::Answer Stand::stream_write(uint32_t stream, std::span<const std::byte> data, uint64_t,
                                 uint32_t& written) {
  const std::lock_guard lock(mutex_);
  const Leaving leaving(*this);
  if (stream >= opened_.size()) return {GARITA_STALE_HANDLE, "no such stream"};
  if (cancelled_) return {GARITA_CANCELLED, {}};
  const load::StreamDeclaration* declared = manifest_.stream(opened_[stream].name);
  if (declared && declared->direction == load::Direction::in && misused_.size() < max_noted)
    misused_.push_back(opened_[stream].name);
  if (play_.ending == Ending::lost && places_[opened_[stream].name].end_told)
    return {GARITA_DEVICE_LOST, "the connection was reset by the device"};
  written = static_cast<uint32_t>(data.size());
  return {};
}

load::Answer Stand::stream_wait(std::span<const uint32_t> streams, uint64_t deadline_ns, uint64_t& bits,
                                std::span<uint64_t> oldest) {
  std::unique_lock lock(mutex_);
  const Leaving leaving(*this);
  bits = 0;
  if (cancelled_) return {GARITA_CANCELLED, {}};
  if (stall(lock, deadline_ns)) return {cancelled_ ? GARITA_CANCELLED : GARITA_TIMEOUT, {}};
  for (size_t i = 0; i < streams.size(); ++i) {
    if (streams[i] >= opened_.size()) return {GARITA_STALE_HANDLE, "no such stream"};
    const Opened& own = opened_[streams[i]];
    if (!ready(own)) continue;
    bits |= uint64_t{1} << i;
    if (i < oldest.size()) oldest[i] = arrival_ns(own, places_[own.name]);
  }
  if (bits != 0) return {};
  return {wait(lock, deadline_ns) ? GARITA_TIMEOUT : GARITA_CANCELLED, {}};
}

load::Answer Stand::stream_close(uint32_t stream) {
  const std::lock_guard lock(mutex_);
  const Leaving leaving(*this);
  return stream < opened_.size() ? load::Answer() : load::Answer{GARITA_STALE_HANDLE, "no such stream"};
}

load::ObjectInfo Stand::info_of(uint64_t handle, const FileInput& file, size_t siblings) const {
  load::ObjectInfo info;
  info.handle = handle;
  info.siblings = static_cast<uint32_t>(siblings);
  info.size_bytes = file.bytes.size();
  info.modified.utc_ns = INT64_C(1700000000000000000);
  info.modified.source = GARITA_TIME_HOST;
  info.name = file.name;
  info.sha256 = base::sha256(file.bytes);
  return info;
}

load::Answer Stand::object_next(uint32_t stream, uint64_t deadline_ns, load::ObjectInfo& info) {
  std::unique_lock lock(mutex_);
  const Leaving leaving(*this);
  if (stream >= opened_.size()) return {GARITA_STALE_HANDLE, "no such stream"};
  if (cancelled_) return {GARITA_CANCELLED, {}};
  if (stall(lock, deadline_ns)) return {cancelled_ ? GARITA_CANCELLED : GARITA_TIMEOUT, {}};
  if (next_object_ < input_.objects.size()) {
    const ObjectInput& object = input_.objects[next_object_++];
    info = info_of(next_object_, object.file, object.siblings.size());
    return {};
  }
  if (play_.ending == Ending::silent)
    return {wait(lock, deadline_ns) ? GARITA_TIMEOUT : GARITA_CANCELLED, {}};
  return nothing_more(places_[opened_[stream].name]);
}

const FileInput* Stand::file_of(uint64_t object) const {
  const uint64_t own = object & UINT32_MAX, sibling = object >> sibling_shift;
  if (own == 0 || own > input_.objects.size()) return nullptr;
  const ObjectInput& found = input_.objects[own - 1];
  if (sibling == 0) return &found.file;
  return sibling <= found.siblings.size() ? &found.siblings[sibling - 1] : nullptr;
}

load::Answer Stand::object_sibling(uint64_t object, std::string_view name, load::ObjectInfo& info) {
  const std::lock_guard lock(mutex_);
  const Leaving leaving(*this);
  const uint64_t own = object & UINT32_MAX;
  if (own == 0 || own > input_.objects.size()) return {GARITA_STALE_HANDLE, "no such object"};
  const auto& siblings = input_.objects[own - 1].siblings;
  for (size_t i = 0; i < siblings.size(); ++i) {
    if (siblings[i].name != name) continue;
    info = info_of((i + 1) << sibling_shift | own, siblings[i], 0);
    return {};
  }
  return {GARITA_NOT_CONFIGURED, "the object has no sibling of that name"};
}

load::Answer Stand::object_read_at(uint64_t object, uint64_t offset, std::span<std::byte> out,
                                   uint32_t& read) {
  const std::lock_guard lock(mutex_);
  const Leaving leaving(*this);
  const FileInput* file = file_of(object);
  if (!file) return {GARITA_STALE_HANDLE, "no such object"};
  if (offset > file->bytes.size())
    return {GARITA_INVALID_ARGUMENT, "the offset lies behind the object's end"};
  read = static_cast<uint32_t>(std::min<uint64_t>(out.size(), file->bytes.size() - offset));
  if (read != 0) std::memcpy(out.data(), file->bytes.data() + offset, read);
  return {};
}

load::Answer Stand::object_done(uint64_t object) {
  const std::lock_guard lock(mutex_);
  const Leaving leaving(*this);
  return file_of(object) ? load::Answer() : load::Answer{GARITA_STALE_HANDLE, "no such object"};
}

load::Answer Stand::object_reject(uint64_t object, uint32_t code, std::string_view message) {
  const std::lock_guard lock(mutex_);
  const Leaving leaving(*this);
  const FileInput* file = file_of(object);
  if (!file) return {GARITA_STALE_HANDLE, "no such object"};
  refusals_.push_back({file->name, code, std::string(message)});
  return {};
}

// Strips come from the memory that the worker shares.
load::Answer Stand::strip_alloc(uint64_t, uint32_t, uint64_t, std::vector<load::StripMemory>&) {
  return {GARITA_NOT_SUPPORTED, {}};
}

uint64_t Stand::now_ns() { return monotonic_ns(); }

void Stand::raise_cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

void Stand::lower_cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = false;
}

}  // namespace garita::conformance
