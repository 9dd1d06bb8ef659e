// A recorded session: every byte of every stream with its times, read back record by record.
//
// The file is what recorder.cpp draws. Here it is outside data: every size, number and time is checked before
// it is used, memory is bounded, and what a kill cut short ends where its last whole frame does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "garita/status.h"

struct ZSTD_DCtx_s;

namespace garita::broker {

inline constexpr uint32_t recording_version = 1;
inline constexpr size_t recording_header_bytes = 24;
inline constexpr size_t record_head_bytes = 24;
inline constexpr size_t max_record_bytes = 1u << 20;   // body of one record
inline constexpr size_t max_frame_bytes = 4u << 20;    // plain, of one frame
inline constexpr uint32_t max_recorded_streams = 64;
inline constexpr size_t max_recorded_name_bytes = 1024;
inline constexpr size_t max_recorded_address_bytes = 8192;
inline constexpr uint32_t max_recorded_files = 1025;   // of one object: itself and its siblings

enum class RecordKind : uint8_t {
  start = 1,        // of the recording: its first record
  stream = 2,       // declares the next stream number
  opened = 3,       // the stream stands
  from_device = 4,  // a chunk, or a datagram
  to_device = 5,
  dropped = 6,      // datagrams lost in the host
  ended = 7,        // the stream: END, DEVICE_LOST, …, or OK where the driver closed it
  object = 8,       // an inbox handed out an object; its files follow
  file = 9,
  piece = 10,       // of the file before
  finish = 11,      // of the recording: its last record
};

// How a recording ended, by its own last record.
enum class RecordingEnd : uint32_t {
  none = 0,       // it has no last record: its writer was killed
  whole = 1,
  overflow = 2,   // the disk was too slow: it ends there
};

// One record. Texts and bytes are valid until the next one is read.
struct Record {
  RecordKind kind = RecordKind::start;
  uint16_t stream = 0;
  uint64_t at_ns = 0;     // monotonic, never before the record's predecessor's
  int64_t at_utc_ns = 0;
  std::span<const std::byte> body;  // of chunks, datagrams and pieces: the bytes

  // By kind, taken out of the body:
  std::string_view name, address;           // stream; file: name
  uint32_t stream_kind = 0;                 // stream: GARITA_STREAM_*
  uint32_t max_datagram_bytes = 0;          // stream
  uint32_t files = 0;                       // object
  uint64_t count = 0;                       // dropped: datagrams; file: its size
  garita_status status = GARITA_OK;         // ended
  int64_t modified_utc_ns = 0;              // file
  base::Digest sha256{};                    // file
  RecordingEnd end = RecordingEnd::none;    // finish
};

// One thread.
class RecordingReader {
 public:
  // "broker.recording_other" {path}: it is none; "broker.recording_version"; base.file_*.
  static base::Result<RecordingReader> open(const std::filesystem::path& path);
  static base::Result<RecordingReader> open(std::unique_ptr<base::RandomAccessFile> file, std::string name);
  RecordingReader(RecordingReader&&) noexcept;
  RecordingReader& operator=(RecordingReader&&) noexcept;
  ~RecordingReader();

  // nullptr: the end. "broker.recording_damaged" {path, byte}: what follows means nothing; so it stays.
  base::Result<const Record*> next();

  // At the end: bytes of a last frame that is not whole were passed over.
  bool torn() const { return torn_; }
  uint64_t records() const { return records_; }
  const base::Digest& digest();  // of all plain bytes so far

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  RecordingReader(std::unique_ptr<base::RandomAccessFile> file, std::string name);
  base::Result<bool> read_frame();
  bool parse(std::span<const std::byte> head, std::span<const std::byte> body);
  bool parse_body();
  base::Error damaged();

  std::unique_ptr<base::RandomAccessFile> file_;
  std::string name_;
  std::unique_ptr<ZSTD_DCtx_s, Free> zstd_;
  std::vector<std::byte> input_, plain_;
  size_t input_at_ = 0, input_size_ = 0, plain_at_ = 0;
  uint64_t offset_ = 0;        // of the file behind the input
  uint64_t frame_at_ = 0;      // where the frame in hand begins
  Record record_;
  uint64_t records_ = 0;
  uint32_t streams_ = 0;
  uint32_t files_due_ = 0;     // of the object in hand
  uint64_t pieces_due_ = 0;    // bytes of the file in hand
  bool torn_ = false, over_ = false, broken_ = false, finished_ = false;
  base::Sha256 hash_;
  base::Digest digest_{};
  bool digested_ = false;
};

// What one pass over a whole recording tells.
struct RecordingSummary {
  struct Stream {
    std::string name, address;
    uint32_t kind = 0, max_datagram_bytes = 0;
  };
  std::vector<Stream> streams;  // by their numbers
  RecordingEnd end = RecordingEnd::none;
  uint64_t start_ns = 0, last_ns = 0;
  int64_t start_utc_ns = 0;
  uint64_t records = 0;
  base::Digest digest{};  // of all plain bytes: names the recording, however it was compressed
};

base::Result<RecordingSummary> summarize_recording(const std::filesystem::path& path);
base::Result<RecordingSummary> summarize(RecordingReader& reader);

}  // namespace garita::broker
