#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/broker/recording.hpp"
#include "core/broker/recording_form.hpp"
#include "garita/host.h"

namespace garita::broker {
namespace {

constexpr size_t input_bytes = 256u << 10;
constexpr int max_window_log = 23;                 // 8 MiB: what a frame may make the reader hold
constexpr uint64_t latest_ns = uint64_t{1} << 62;  // deadlines behind it still fit

base::Error refused(std::string id, const std::string& path) {
  return {base::Outcome::not_loaded, std::move(id), {{"path", path}}, GARITA_NOT_CONFIGURED};
}

// A cursor over a record's body; what is not there reads as zero and is remembered.
class BodyReader {
 public:
  explicit BodyReader(std::span<const std::byte> bytes) : left_(bytes) {}

  template <typename Number>
  Number get() {
    Number value{};
    const auto bytes = take(sizeof value);
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::span<const std::byte> take(size_t size) {
    if (size > left_.size()) {
      ok_ = false;
      return {};
    }
    const auto taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }
  std::string_view text(size_t size) {
    const auto bytes = take(size);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  size_t left() const { return left_.size(); }
  bool done() const { return ok_ && left_.empty(); }

 private:
  std::span<const std::byte> left_;
  bool ok_ = true;
};

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '/';
  });
}

}  // namespace

void RecordingReader::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

RecordingReader::RecordingReader(std::unique_ptr<base::RandomAccessFile> file, std::string name)
    : file_(std::move(file)), name_(std::move(name)), zstd_(ZSTD_createDCtx()), input_(input_bytes) {
  if (zstd_) ZSTD_DCtx_setParameter(zstd_.get(), ZSTD_d_windowLogMax, max_window_log);
}
RecordingReader::RecordingReader(RecordingReader&&) noexcept = default;
RecordingReader& RecordingReader::operator=(RecordingReader&&) noexcept = default;
RecordingReader::~RecordingReader() = default;

base::Result<RecordingReader> RecordingReader::open(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(file, base::real_file_system().open(path));
  return open(std::move(file), path.string());
}

base::Result<RecordingReader> RecordingReader::open(std::unique_ptr<base::RandomAccessFile> file,
                                                    std::string name) {
  std::array<std::byte, recording_header_bytes> header;
  GARITA_TRY_ASSIGN(size, file->read_some(0, header));
  const RecordingHeader wanted = recording_header();
  RecordingHeader found;
  std::memcpy(&found, header.data(), sizeof found);
  if (size < header.size() || found.skip_magic != wanted.skip_magic ||
      found.skip_bytes != wanted.skip_bytes || found.magic != wanted.magic)
    return refused("broker.recording_other", name);
  if (found.version != recording_version) {
    base::Error error = refused("broker.recording_version", name);
    error.fields.push_back({"version", std::to_string(found.version)});
    return error;
  }
  RecordingReader reader(std::move(file), std::move(name));
  if (!reader.zstd_) return refused("broker.recording_memory", reader.name_);
  reader.offset_ = reader.frame_at_ = recording_header_bytes;
  return reader;
}

base::Error RecordingReader::damaged() {
  broken_ = true;
  plain_.clear();
  plain_at_ = 0;
  base::Error error = refused("broker.recording_damaged", name_);
  error.fields.push_back({"byte", std::to_string(frame_at_)});
  return error;
}

// The next whole frame into plain_; false at the end. Nothing of a frame is looked at before its check sum
// held.
base::Result<bool> RecordingReader::read_frame() {
  plain_.clear();
  plain_at_ = 0;
  ZSTD_DCtx_reset(zstd_.get(), ZSTD_reset_session_only);
  bool begun = false;
  for (;;) {
    if (input_at_ == input_size_) {
      const auto size = file_->read_some(offset_, input_);
      if (!size) return size.error();
      if (*size == 0) {
        torn_ = begun;
        plain_.clear();
        return false;
      }
      offset_ += *size;
      input_at_ = 0;
      input_size_ = *size;
    }
    const size_t had = plain_.size();
    plain_.resize(std::min(had + input_bytes, max_frame_bytes + 1));
    ZSTD_inBuffer in{input_.data(), input_size_, input_at_};
    ZSTD_outBuffer out{plain_.data(), plain_.size(), had};
    const size_t left = ZSTD_decompressStream(zstd_.get(), &out, &in);
    input_at_ = in.pos;
    plain_.resize(out.pos);
    begun = true;
    if (ZSTD_isError(left) || plain_.size() > max_frame_bytes) return damaged();
    if (left != 0) continue;
    frame_at_ = offset_ - (input_size_ - input_at_);
    hash_.update(plain_);
    return true;
  }
}

base::Result<const Record*> RecordingReader::next() {
  if (broken_) return damaged();
  while (plain_at_ == plain_.size()) {
    if (over_) return static_cast<const Record*>(nullptr);
    GARITA_TRY_ASSIGN(more, read_frame());
    over_ = !more;
  }
  const auto left = std::span<const std::byte>(plain_).subspan(plain_at_);
  if (left.size() < record_head_bytes) return damaged();
  uint32_t size = 0;
  std::memcpy(&size, left.data() + 4, sizeof size);
  if (size > max_record_bytes || size > left.size() - record_head_bytes) return damaged();
  if (!parse(left.first(record_head_bytes), left.subspan(record_head_bytes, size))) return damaged();
  plain_at_ += record_head_bytes + size;
  ++records_;
  return static_cast<const Record*>(&record_);
}

bool RecordingReader::parse(std::span<const std::byte> head, std::span<const std::byte> body) {
  const uint64_t before_ns = record_.at_ns;
  record_ = {};
  record_.kind = static_cast<RecordKind>(head[0]);
  std::memcpy(&record_.stream, head.data() + 2, 2);
  std::memcpy(&record_.at_ns, head.data() + 8, 8);
  std::memcpy(&record_.at_utc_ns, head.data() + 16, 8);
  if (record_.at_ns > latest_ns) return false;
  if (record_.at_utc_ns > static_cast<int64_t>(latest_ns) ||
      record_.at_utc_ns < -static_cast<int64_t>(latest_ns))
    return false;
  record_.at_ns = std::max(record_.at_ns, before_ns);  // two threads told of them
  record_.body = body;
  if ((record_.kind == RecordKind::start) != (records_ == 0) || finished_) return false;
  const bool of_stream = record_.kind != RecordKind::start && record_.kind != RecordKind::finish;
  if (of_stream && record_.stream >= streams_ + (record_.kind == RecordKind::stream ? 1 : 0)) return false;
  const bool of_object = record_.kind == RecordKind::file || record_.kind == RecordKind::piece;
  if (!of_object && (files_due_ != 0 || pieces_due_ != 0)) return false;
  return parse_body();
}

bool RecordingReader::parse_body() {
  BodyReader body(record_.body);
  switch (record_.kind) {
    case RecordKind::start:
    case RecordKind::opened:
      return true;  // later versions may say more
    case RecordKind::stream: {
      record_.stream_kind = body.get<uint32_t>();
      record_.max_datagram_bytes = body.get<uint32_t>();
      const auto name_size = body.get<uint16_t>(), address_size = body.get<uint16_t>();
      if (name_size > max_recorded_name_bytes || address_size > max_recorded_address_bytes) return false;
      record_.name = body.text(name_size);
      record_.address = body.text(address_size);
      const bool known =
          record_.stream_kind >= GARITA_STREAM_BYTES && record_.stream_kind <= GARITA_STREAM_OBJECTS;
      if (!body.done() || !known || record_.name.empty() || record_.stream != streams_) return false;
      return ++streams_ <= max_recorded_streams;
    }
    case RecordKind::from_device:
    case RecordKind::to_device:
      return !record_.body.empty();
    case RecordKind::dropped:
      record_.count = body.get<uint64_t>();
      return body.done();
    case RecordKind::ended:
      record_.status = body.get<uint32_t>();
      return body.done();
    case RecordKind::object:
      record_.files = files_due_ = body.get<uint32_t>();
      return body.done() && record_.files >= 1 && record_.files <= max_recorded_files;
    case RecordKind::file: {
      record_.count = body.get<uint64_t>();
      record_.modified_utc_ns = body.get<int64_t>();
      const auto digest = body.take(record_.sha256.size());
      if (!digest.empty()) std::memcpy(record_.sha256.data(), digest.data(), digest.size());
      const auto name_size = body.get<uint16_t>();
      record_.name = body.text(name_size);
      if (!body.done() || files_due_ == 0 || pieces_due_ != 0 || name_size > max_recorded_name_bytes)
        return false;
      --files_due_;
      pieces_due_ = record_.count;
      return is_plain_name(record_.name);
    }
    case RecordKind::piece:
      if (record_.body.empty() || record_.body.size() > pieces_due_) return false;
      pieces_due_ -= record_.body.size();
      return true;
    case RecordKind::finish: {
      const auto end = body.get<uint32_t>();
      record_.end = static_cast<RecordingEnd>(end);
      finished_ = true;
      return body.done() && end >= 1 && end <= static_cast<uint32_t>(RecordingEnd::overflow);
    }
  }
  return false;
}

const base::Digest& RecordingReader::digest() {
  if (!digested_) digest_ = hash_.finish();
  digested_ = true;
  return digest_;
}

base::Result<RecordingSummary> summarize(RecordingReader& reader) {
  RecordingSummary summary;
  for (;;) {
    GARITA_TRY_ASSIGN(record, reader.next());
    if (!record) break;
    summary.last_ns = record->at_ns;
    if (record->kind == RecordKind::start) {
      summary.start_ns = record->at_ns;
      summary.start_utc_ns = record->at_utc_ns;
    } else if (record->kind == RecordKind::stream) {
      summary.streams.push_back({std::string(record->name), std::string(record->address), record->stream_kind,
                                 record->max_datagram_bytes});
    } else if (record->kind == RecordKind::finish) {
      summary.end = record->end;
    }
  }
  summary.records = reader.records();
  summary.digest = reader.digest();
  return summary;
}

base::Result<RecordingSummary> summarize_recording(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(reader, RecordingReader::open(path));
  return summarize(reader);
}

}  // namespace garita::broker
