// An append-only log in which every line vouches for all lines before it: decisions, breaches, exchange.
//
// A chain alone does not notice that the last lines are missing; publish head() or root() to notice that.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/merkle.hpp"
#include "core/base/result.hpp"

namespace garita::base {

inline constexpr size_t max_log_line_bytes = 1 << 20;

struct LogEntry {
  uint64_t sequence = 0;  // from 1, without gaps
  int64_t utc_ns = 0;
  std::string kind;     // "decision.admitted": who reads the log filters by it
  std::string payload;  // one JSON object
  Digest previous{};    // hash of the line before; zeros for the first
  Digest hash{};
};

// What a whole log proves.
struct LogSummary {
  uint64_t entries = 0;
  Digest head{};            // hash of the last line; zeros where there is none
  Digest root{};            // Merkle root over leaf_hash(line without its newline)
  uint64_t torn_bytes = 0;  // bytes after the last newline: a line cut by a crash, not part of the log
};

// Every line checked: form, sequence, chain, hash. "base.log_broken" names the first bad line (from 1).
Result<LogSummary> verify_log(const std::filesystem::path& path, FileSystem& files = real_file_system());

// The one writer of a log. One thread at a time.
class HashLog {
 public:
  // Makes the file (0600) where missing, locks it ("base.file_locked"), checks all of it, cuts a torn tail
  // off and then writes a line of kind "log.tail_cut" that says how many bytes were cut and their hash.
  static Result<HashLog> open(const std::filesystem::path& path, const Clock& clock = system_clock(),
                              FileSystem& files = real_file_system());

  // Returns once the line is on the disk. `payload`: a JSON object ("{}" for nothing), else
  // "base.log_payload". After an error the log is as before, or, where even that cannot be had, takes nothing
  // more ("base.log_stopped").
  Result<LogEntry> append(std::string_view kind, std::string_view payload);

  uint64_t size() const { return sequence_; }
  const Digest& head() const { return head_; }
  Digest root() const { return tree_.root(); }
  uint64_t torn_bytes() const { return torn_bytes_; }  // what open() cut off

 private:
  HashLog(std::filesystem::path path, const Clock& clock, FileLock lock, std::unique_ptr<WritableFile> file)
      : path_(std::move(path)), clock_(&clock), lock_(std::move(lock)), file_(std::move(file)) {}
  Result<void> adopt_existing(FileSystem& files);

  std::filesystem::path path_;
  const Clock* clock_;
  FileLock lock_;
  std::unique_ptr<WritableFile> file_;
  uint64_t sequence_ = 0;
  Digest head_{};
  MerkleTree tree_;
  uint64_t torn_bytes_ = 0;
  bool stopped_ = false;
};

}  // namespace garita::base
