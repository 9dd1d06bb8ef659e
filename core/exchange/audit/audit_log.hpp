// The log of decisions of a site: what was admitted, refused, published, received, looked at, exported.
//
//   audit/audit.log            the segment that grows: a line a decision, each vouching for those before
//   (base/hash_log) audit/audit-00000001.log   segments that are closed audit/checkpoints/*.json   signed and
//   cosigned statements of how much there was (checkpoint.hpp)
//
// A segment after the first begins with a line of kind "segment.begun":
//   {"segment": n, "entries": of the one before, "head": its last line's hash, "root": its Merkle root (RFC
//   6962)}
// so that the chain goes on and an old segment can be archived elsewhere, but not changed or left out.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/base/hash_log.hpp"
#include "core/base/result.hpp"

namespace garita::exchange {

inline constexpr uint64_t max_segment_entries = 1u << 16;
inline constexpr uint32_t max_segments = 99'999'999;

std::filesystem::path live_segment(const std::filesystem::path& folder);
std::filesystem::path closed_segment(const std::filesystem::path& folder, uint32_t number);
// How many are closed: 1, 2, 3 … without a gap. "exchange.audit_missing" {path} names the first that is not
// there.
base::Result<uint32_t> closed_segments(const std::filesystem::path& folder);

struct AuditLine {
  std::string kind, payload;  // payload: one JSON object
};

// Other programs of the site write here too, a line at a turn (audit/audit.lock). One thread at a time.
class AuditLog {
 public:
  // Makes the folder (0700) where missing; finishes a change of segments that was cut.
  static base::Result<AuditLog> open(const std::filesystem::path& folder,
                                     const base::Clock& clock = base::system_clock(),
                                     uint64_t segment_entries = max_segment_entries);

  // Returns once the lines are on the disk; begins a segment where the last is full. A torn tail is cut off
  // and said in a line of its own. `written` counts them, whatever happens then. Errors: base.log_*,
  // base.file_*.
  base::Result<void> append(std::span<const AuditLine> lines, size_t& written);
  base::Result<void> append(std::string_view kind, std::string_view payload);

  const std::filesystem::path& folder() const { return folder_; }

 private:
  AuditLog(std::filesystem::path folder, const base::Clock& clock, uint64_t segment_entries)
      : folder_(std::move(folder)), clock_(&clock), segment_entries_(segment_entries) {}
  base::Result<base::FileLock> take_turn() const;
  base::Result<void> finish_change() const;
  base::Result<void> begin_segment(const base::HashLog& full);

  std::filesystem::path folder_;
  const base::Clock* clock_;
  uint64_t segment_entries_;
};

}  // namespace garita::exchange
