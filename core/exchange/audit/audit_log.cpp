#include "core/exchange/audit/audit_log.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <thread>

namespace garita::exchange {
namespace {

constexpr int lock_tries = 500;  // of 10 ms: another program of the site writes a line
constexpr std::string_view next_name = "audit.next", lock_name = "audit.lock";

// "audit-00000012.log" -> 12; 0: another file.
uint32_t number_of(const std::string& name) {
  if (name.size() != 18 || !name.starts_with("audit-") || !name.ends_with(".log")) return 0;
  uint32_t number = 0;
  for (const char c : name.substr(6, 8)) {
    if (c < '0' || c > '9') return 0;
    number = number * 10 + static_cast<uint32_t>(c - '0');
  }
  return number;
}

}  // namespace

std::filesystem::path live_segment(const std::filesystem::path& folder) { return folder / "audit.log"; }

std::filesystem::path closed_segment(const std::filesystem::path& folder, uint32_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, 8 - std::min<size_t>(8, digits.size()), '0');
  return folder / ("audit-" + digits + ".log");
}

base::Result<uint32_t> closed_segments(const std::filesystem::path& folder) {
  std::set<uint32_t> numbers;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (const uint32_t number = number_of(entry.path().filename().string()); number != 0)
      numbers.insert(number);
  uint32_t expected = 0;
  for (const uint32_t number : numbers)
    if (number != ++expected)
      return base::Error{base::Outcome::no,
                         "exchange.audit_missing",
                         {{"path", closed_segment(folder, expected).string()}},
                         0};
  return expected;
}

base::Result<AuditLog> AuditLog::open(const std::filesystem::path& folder, const base::Clock& clock,
                                      uint64_t segment_entries) {
  GARITA_TRY(base::real_file_system().create_folders(folder, 0700));
  AuditLog log(folder, clock, segment_entries);
  GARITA_TRY_ASSIGN(turn, log.take_turn());
  GARITA_TRY(log.finish_change());
  return log;
}

base::Result<base::FileLock> AuditLog::take_turn() const {
  for (int i = 0;; ++i) {
    auto lock = base::lock_file(folder_ / lock_name);
    if (lock.ok() || lock.error().id != "base.file_locked" || i >= lock_tries) return lock;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

// Cut between the two renames of begin_segment(): the new segment has its first line already.
base::Result<void> AuditLog::finish_change() const {
  base::FileSystem& files = base::real_file_system();
  if (!std::filesystem::exists(folder_ / next_name)) return {};
  if (!std::filesystem::exists(live_segment(folder_)))
    GARITA_TRY(files.rename_new(folder_ / next_name, live_segment(folder_)));
  else
    GARITA_TRY(files.remove(folder_ / next_name));
  return files.sync_folder(folder_);
}

base::Result<void> AuditLog::append(std::span<const AuditLine> lines, size_t& written) {
  GARITA_TRY_ASSIGN(turn, take_turn());
  GARITA_TRY(finish_change());
  while (!lines.empty()) {
    GARITA_TRY_ASSIGN(log, base::HashLog::open(live_segment(folder_), *clock_));
    for (; !lines.empty() && log.size() < segment_entries_; lines = lines.subspan(1), ++written)
      GARITA_TRY(log.append(lines.front().kind, lines.front().payload));
    if (!lines.empty()) GARITA_TRY(begin_segment(log));
  }
  return {};
}

base::Result<void> AuditLog::append(std::string_view kind, std::string_view payload) {
  const AuditLine line{std::string(kind), std::string(payload)};
  size_t written = 0;
  return append(std::span(&line, 1), written);
}

// This writer has its turn all the while: nobody else writes to the full segment, or sees that there is none.
base::Result<void> AuditLog::begin_segment(const base::HashLog& full) {
  base::FileSystem& files = base::real_file_system();
  GARITA_TRY_ASSIGN(closed, closed_segments(folder_));
  {
    GARITA_TRY_ASSIGN(next, base::HashLog::open(folder_ / next_name, *clock_));
    const nlohmann::json begun = {{"segment", closed + 2},
                                  {"entries", full.size()},
                                  {"head", base::to_text(full.head())},
                                  {"root", base::to_text(full.root())}};
    if (next.size() == 0) GARITA_TRY(next.append("segment.begun", begun.dump()));
  }
  GARITA_TRY(files.rename_new(live_segment(folder_), closed_segment(folder_, closed + 1)));
  GARITA_TRY(files.rename_new(folder_ / next_name, live_segment(folder_)));
  return files.sync_folder(folder_);
}

}  // namespace garita::exchange
