// The file of a recording, little-endian throughout:
//
//   0  u32  0x184D2A50, u32 16          a zstd frame to be skipped: `zstd -dc FILE` gives the plain records
//   8       "garitarc"
//  16  u32  version 1, u32 0
//  24       zstd frames, each with its check sum, each of whole records, at most 4 MiB plain
//
// A record, at most 1 MiB of body:
//
//   0  u8   kind     8  u64  monotonic ns, never before the record before
//   1  u8   0       16  i64  UTC ns
//   2  u16  stream  24       body
//   4  u32  bytes of the body
//
//   1 start   first; empty           2 stream  u32 kind, u32 max_datagram_bytes, u16 n, u16 m, name[n], address[m]
//   3 opened  empty                  4 from_device, 5 to_device: a chunk of bytes, or a datagram
//   6 dropped u64 datagrams          7 ended   u32 status
//   8 object  u32 files; then each:  9 file    u64 bytes, i64 modified UTC ns, u8 sha256[32], u16 n, name[n]
//                                   10 piece   bytes of that file
//  11 finish  u32 1: whole, 2: it ends before the session did
//
// Streams are numbered in the order of their declarations. A file without its finish record was cut short by a
// kill; its last frame may be torn, and is passed over then.
#include "core/broker/recorder.hpp"

#include <pthread.h>
#include <signal.h>
#include <zstd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "core/broker/recording_form.hpp"
#include "core/broker/sealed_copy.hpp"

namespace garita::broker {
namespace {

constexpr int compression_level = 1;          // pixels hardly shrink more, and the disk is faster than level 3
constexpr size_t piece_bytes = 256u << 10;
constexpr size_t item_cost_bytes = 128;       // of the queue itself, so that tiny chunks count too

class Body {
 public:
  template <typename Number>
  Body& put(Number value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof value);
    return *this;
  }
  Body& bytes(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Body& text(std::string_view text) { return bytes(std::as_bytes(std::span(text))); }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace

struct Recorder::Inside {
  struct Item {
    RecordKind kind = RecordKind::start;
    uint16_t stream = 0;
    uint64_t at_ns = 0;
    int64_t at_utc_ns = 0;
    std::vector<std::byte> body;
    HandedOut object;
    uint64_t object_bytes = 0;
  };

  Inside(std::filesystem::path the_path, const base::Clock& the_clock, RecorderLimits the_limits,
         std::unique_ptr<base::WritableFile> the_file)
      : path(std::move(the_path)), clock(the_clock), limits(the_limits), file(std::move(the_file)), zstd(ZSTD_createCCtx()) {}
  ~Inside() { ZSTD_freeCCtx(zstd); }

  // ---- Any thread
  void keep(std::string_view name, Item item);
  uint16_t number_of(std::string_view name) const;
  int64_t utc_of(uint64_t at_ns) const;

  // ---- The writing thread
  void run();
  void write(const Item& item);
  void write_object(const Item& item);
  void add(RecordKind kind, uint16_t stream, uint64_t at_ns, int64_t at_utc_ns, std::span<const std::byte> body);
  void flush();

  const std::filesystem::path path;
  const base::Clock& clock;
  const RecorderLimits limits;

  std::mutex mutex;
  std::condition_variable bell;
  std::deque<Item> queue;
  size_t queued_bytes = 0;
  uint64_t queued_object_bytes = 0;
  std::map<std::string, uint16_t, std::less<>> numbers;
  bool finishing = false, overflowed = false;

  std::unique_ptr<base::WritableFile> file;
  ZSTD_CCtx* const zstd;
  std::vector<std::byte> plain, packed;
  std::chrono::steady_clock::time_point flush_at;  // what is in plain is due then
  uint64_t last_ns = 0;
  base::Result<void> failure;  // of the disk
  std::thread thread;
};

// ---- Any thread

// Whatever does not fit ends the recording: a stream with a hole would be replayed as another stream.
void Recorder::Inside::keep(std::string_view name, Item item) {
  const std::lock_guard lock(mutex);
  if (finishing || overflowed) return;
  const auto number = numbers.find(name);
  if (number == numbers.end()) return;
  item.stream = number->second;
  const size_t cost = item.body.size() + item_cost_bytes;
  if (queued_bytes + cost > limits.queued_bytes ||
      queued_object_bytes + item.object_bytes > limits.queued_object_bytes) {
    overflowed = true;
  } else {
    queued_bytes += cost;
    queued_object_bytes += item.object_bytes;
    queue.push_back(std::move(item));
  }
  bell.notify_one();
}

// The wall clock at a moment a little while ago.
int64_t Recorder::Inside::utc_of(uint64_t at_ns) const {
  return clock.utc_ns() - static_cast<int64_t>(clock.monotonic_ns() - at_ns);
}

void Recorder::opened(std::string_view name, const Address& address, const StreamInfo& info, uint64_t at_ns) {
  Inside& in = *inside_;
  const int64_t utc_ns = in.utc_of(at_ns);
  bool known = false;
  {
    const std::lock_guard lock(in.mutex);
    known = in.numbers.contains(name);
    if (!known && in.numbers.size() == max_recorded_streams) in.overflowed = true;
    else in.numbers.emplace(std::string(name), static_cast<uint16_t>(in.numbers.size()));
  }
  if (!known) {
    const auto short_name = name.substr(0, max_recorded_name_bytes);
    const auto text = std::string_view(address.text).substr(0, max_recorded_address_bytes);
    Body body;
    body.put(info.kind).put(info.max_datagram_bytes);
    body.put(static_cast<uint16_t>(short_name.size())).put(static_cast<uint16_t>(text.size()));
    in.keep(name, {RecordKind::stream, 0, at_ns, utc_ns, body.text(short_name).text(text).take(), {}, 0});
  }
  in.keep(name, {RecordKind::opened, 0, at_ns, utc_ns, {}, {}, 0});
}

void Recorder::passed(std::string_view name, Direction direction, std::span<const std::byte> bytes, uint64_t at_ns,
                      int64_t at_utc_ns) {
  const RecordKind kind = direction == Direction::from_device ? RecordKind::from_device : RecordKind::to_device;
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), max_record_bytes))) {
    const auto piece = bytes.first(std::min(bytes.size(), max_record_bytes));
    inside_->keep(name, {kind, 0, at_ns, at_utc_ns, {piece.begin(), piece.end()}, {}, 0});
  }
}

void Recorder::ended(std::string_view name, garita_status status, uint64_t at_ns) {
  inside_->keep(name, {RecordKind::ended, 0, at_ns, inside_->utc_of(at_ns), Body().put(status).take(), {}, 0});
}

void Recorder::dropped(std::string_view name, uint64_t datagrams, uint64_t at_ns) {
  inside_->keep(name, {RecordKind::dropped, 0, at_ns, inside_->utc_of(at_ns), Body().put(datagrams).take(), {}, 0});
}

void Recorder::handed_out(std::string_view name, const HandedOut& object, uint64_t at_ns) {
  uint64_t bytes = 0;
  for (const HandedOut::File& file : object.files) bytes += file.copy->size_bytes();
  const auto files = static_cast<uint32_t>(object.files.size());
  inside_->keep(name, {RecordKind::object, 0, at_ns, inside_->utc_of(at_ns), Body().put(files).take(), object, bytes});
}

// ---- The writing thread

void Recorder::Inside::run() {
  std::deque<Item> items;
  auto lock = std::unique_lock(mutex);
  for (;;) {
    const auto due = [&] { return !queue.empty() || finishing || overflowed; };
    if (plain.empty()) bell.wait(lock, due);
    else bell.wait_until(lock, flush_at, due);
    if (!plain.empty() && std::chrono::steady_clock::now() >= flush_at) {
      lock.unlock();
      flush();
      lock.lock();
    }
    if (queue.empty() && (finishing || overflowed)) return;
    items.swap(queue);
    queued_bytes = 0;
    lock.unlock();
    uint64_t object_bytes = 0;
    for (const Item& item : items) {
      write(item);
      object_bytes += item.object_bytes;
    }
    items.clear();
    lock.lock();
    queued_object_bytes -= object_bytes;
  }
}

void Recorder::Inside::write(const Item& item) {
  add(item.kind, item.stream, item.at_ns, item.at_utc_ns, item.body);
  if (item.kind == RecordKind::object) write_object(item);
}

void Recorder::Inside::write_object(const Item& item) {
  std::vector<std::byte> buffer(piece_bytes);
  for (const HandedOut::File& of : item.object.files) {
    const auto name = std::string_view(of.name).substr(0, max_recorded_name_bytes);
    Body body;
    body.put(of.copy->size_bytes()).put(of.modified_utc_ns);
    body.bytes(std::as_bytes(std::span(of.copy->sha256()))).put(static_cast<uint16_t>(name.size())).text(name);
    add(RecordKind::file, item.stream, item.at_ns, item.at_utc_ns, body.take());
    for (uint64_t at = 0; at < of.copy->size_bytes();) {
      const size_t size = of.copy->read_at(at, buffer);
      if (size == 0) break;
      add(RecordKind::piece, item.stream, item.at_ns, item.at_utc_ns, std::span(buffer).first(size));
      at += size;
    }
  }
}

void Recorder::Inside::add(RecordKind kind, uint16_t stream, uint64_t at_ns, int64_t at_utc_ns,
                           std::span<const std::byte> body) {
  last_ns = std::max(last_ns, at_ns);
  if (plain.empty()) flush_at = std::chrono::steady_clock::now() + std::chrono::milliseconds(limits.flush_ms);
  std::array<std::byte, record_head_bytes> head{};
  const auto size = static_cast<uint32_t>(body.size());
  head[0] = static_cast<std::byte>(kind);
  std::memcpy(head.data() + 2, &stream, 2);
  std::memcpy(head.data() + 4, &size, 4);
  std::memcpy(head.data() + 8, &last_ns, 8);
  std::memcpy(head.data() + 16, &at_utc_ns, 8);
  plain.insert(plain.end(), head.begin(), head.end());
  plain.insert(plain.end(), body.begin(), body.end());
  if (plain.size() >= limits.frame_bytes) flush();
}

// After an error of the disk nothing more is written: what is there stays readable.
void Recorder::Inside::flush() {
  if (!plain.empty() && failure) {
    packed.resize(ZSTD_compressBound(plain.size()));
    const size_t size = ZSTD_compress2(zstd, packed.data(), packed.size(), plain.data(), plain.size());
    if (ZSTD_isError(size)) failure = base::Error{base::Outcome::incomplete, "broker.recording_memory", {{"path", path.string()}}};
    else failure = file->append(std::as_bytes(std::span(packed)).first(size));
  }
  plain.clear();
}

// ---- Begin and end

base::Result<std::unique_ptr<Recorder>> Recorder::create(const std::filesystem::path& path, const base::Clock& clock,
                                                         RecorderLimits limits, base::FileSystem& files) {
  GARITA_TRY_ASSIGN(file, files.create(path, 0600));
  auto inside = std::make_unique<Inside>(path, clock, limits, std::move(file));
  if (!inside->zstd)
    return base::Error{base::Outcome::not_loaded, "broker.recording_memory", {{"path", path.string()}}};
  ZSTD_CCtx_setParameter(inside->zstd, ZSTD_c_compressionLevel, compression_level);
  ZSTD_CCtx_setParameter(inside->zstd, ZSTD_c_checksumFlag, 1);
  const RecordingHeader header = recording_header();
  GARITA_TRY(inside->file->append(std::as_bytes(std::span(&header, 1))));
  inside->add(RecordKind::start, 0, clock.monotonic_ns(), clock.utc_ns(), {});

  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the program's own threads
  base::Result<void> started;
  try {
    inside->thread = std::thread([inside = inside.get()] { inside->run(); });
  } catch (const std::system_error& error) {
    started = base::Error{base::Outcome::not_loaded, "broker.no_thread", {{"reason", error.what()}}, GARITA_HOST_LIMIT};
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  GARITA_TRY(std::move(started));
  return std::unique_ptr<Recorder>(new Recorder(std::move(inside)));
}

Recorder::Recorder(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Recorder::~Recorder() { (void)finish(); }

base::Result<void> Recorder::finish() {
  Inside& in = *inside_;
  if (in.thread.joinable()) {
    {
      const std::lock_guard lock(in.mutex);
      in.finishing = true;
    }
    in.bell.notify_one();
    in.thread.join();
    const RecordingEnd end = in.overflowed ? RecordingEnd::overflow : RecordingEnd::whole;
    in.add(RecordKind::finish, 0, in.clock.monotonic_ns(), in.clock.utc_ns(),
           Body().put(static_cast<uint32_t>(end)).take());
    in.flush();
    if (in.failure) in.failure = in.file->sync();
  }
  if (!in.failure) {
    base::Error error = in.failure.error();
    error.outcome = base::Outcome::incomplete;
    return error;
  }
  if (in.overflowed)
    return base::Error{base::Outcome::incomplete, "broker.recording_overflow", {{"path", in.path.string()}}, GARITA_HOST_LIMIT};
  return {};
}

}  // namespace garita::broker
