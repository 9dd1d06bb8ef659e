#include "core/exchange/audit/verify.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/hash_log.hpp"
#include "core/base/merkle.hpp"
#include "core/exchange/audit/audit_log.hpp"
#include "core/exchange/audit/checkpoint.hpp"
#include "core/trust/store.hpp"

namespace garita::exchange {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

// Whole lines of a segment, without their newlines; `take` says whether to go on.
base::Result<void> each_line(const fs::path& path, const std::function<bool(const std::string&)>& take) {
  GARITA_TRY_ASSIGN(file, base::real_file_system().open(path));
  std::vector<std::byte> buffer(1u << 16);
  std::string line;
  for (uint64_t at = 0;;) {
    GARITA_TRY_ASSIGN(got, file->read_some(at, buffer));
    if (got == 0) return {};
    at += got;
    for (size_t i = 0; i < got; ++i) {
      const char c = static_cast<char>(buffer[i]);
      if (c != '\n') {
        line += c;
        continue;
      }
      if (!take(line)) return {};
      line.clear();
    }
    if (line.size() > base::max_log_line_bytes)
      return base::Error{base::Outcome::no, "base.log_broken", {{"path", path.string()}, {"line", "?"}}, 0};
  }
}

// The first line of a segment after the first.
Json begun_line(const base::LogSummary& before, uint32_t number) {
  return {{"segment", number},
          {"entries", before.entries},
          {"head", base::to_text(before.head)},
          {"root", base::to_text(before.root)}};
}

bool begins_after(const fs::path& path, const base::LogSummary& before, uint32_t number) {
  bool right = false;
  const auto done = each_line(path, [&](const std::string& line) {
    const Json json = Json::parse(line, nullptr, false);
    right = json.is_object() && json.value("kind", "") == "segment.begun" && json.contains("payload") &&
            json["payload"] == begun_line(before, number);
    return false;
  });
  return done.ok() && right;
}

class Verifier {
 public:
  Verifier(const fs::path& folder, const Witnesses& witnesses) : folder_(folder), witnesses_(witnesses) {}

  AuditReport run(std::span<const trust::Envelope> kept) {
    segments();
    for (const trust::Envelope& envelope : kept) checkpoint(envelope);
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder_ / "checkpoints", none)) {
      if (entry.path().extension() != ".json" || report_.checkpoints >= max_checkpoints) continue;
      if (auto read = trust::read_envelope(entry.path()); read.ok())
        checkpoint(*read);
      else
        fault(read.error());
    }
    return std::move(report_);
  }

 private:
  void fault(const base::Error& error) {
    if (report_.faults.size() < max_audit_faults) report_.faults.push_back(error);
  }

  void segments() {
    const auto closed = closed_segments(folder_);
    if (!closed.ok()) return fault(closed.error());
    base::LogSummary before;
    for (uint32_t number = 1; number <= *closed + 1; ++number) {
      const fs::path path = number <= *closed ? closed_segment(folder_, number) : live_segment(folder_);
      const auto summary = base::verify_log(path);
      if (!summary.ok()) return fault(summary.error());
      const bool torn = summary->torn_bytes != 0 && number <= *closed;
      if (torn || (number > 1 && !begins_after(path, before, number)))
        fault({base::Outcome::no, "exchange.audit_segment", {{"path", path.string()}}, 0});
      report_.segments = number;
      report_.entries += summary->entries;
      report_.torn_bytes = summary->torn_bytes;
      before_.push_back(report_.entries - summary->entries);
      before = *summary;
    }
  }

  void checkpoint(const trust::Envelope& envelope) {
    ++report_.checkpoints;
    const auto checkpoint = parse_checkpoint(envelope);
    if (!checkpoint.ok()) return fault(checkpoint.error());
    if (auto held = check_against(folder_, *checkpoint); !held.ok()) return fault(held.error());
    for (const std::string& role : witnesses_.roles)
      if (auto signed_by = trust::check_role(envelope, *witnesses_.root, role); !signed_by.ok())
        return fault(signed_by.error());
    if (checkpoint->segment <= before_.size())
      report_.proved_entries =
          std::max(report_.proved_entries, before_[checkpoint->segment - 1] + checkpoint->entries);
  }

  const fs::path folder_;
  const Witnesses& witnesses_;
  AuditReport report_;
  std::vector<uint64_t> before_;  // entries of all earlier segments, by segment
};

bool is_of_kind(const std::string& line, std::string_view kind) {
  const Json json = Json::parse(line, nullptr, false);
  const std::string found = json.is_object() ? json.value("kind", "") : "";
  return kind.empty() || found == kind || (kind.ends_with('.') && found.starts_with(kind));
}

// The levels of the tree, leaves first; a last node without a neighbour goes up as it is, which is RFC 6962's
// tree. So all proofs of a segment cost no more than one root.
using Levels = std::vector<std::vector<base::Digest>>;

Levels levels_of(std::vector<base::Digest> leaves) {
  Levels levels{std::move(leaves)};
  while (levels.back().size() > 1) {
    const auto& below = levels.back();
    std::vector<base::Digest> above;
    for (size_t i = 0; i + 1 < below.size(); i += 2) above.push_back(base::node_hash(below[i], below[i + 1]));
    if (below.size() % 2 == 1) above.push_back(below.back());
    levels.push_back(std::move(above));
  }
  return levels;
}

Json proof_of(const Levels& levels, uint64_t index) {
  Json proof = Json::array();
  for (const auto& level : levels) {
    if (const uint64_t beside = index ^ 1; beside < level.size())
      proof.push_back(base::to_text(level[beside]));
    index >>= 1;
  }
  return proof;
}

base::Result<uint64_t> export_segment(const fs::path& path, uint32_t number, std::string_view kind,
                                      const Exported& out) {
  GARITA_TRY_ASSIGN(hashes, line_hashes(path, UINT64_MAX));
  const size_t entries = hashes.size();
  const std::string root = base::to_text(base::merkle_root(hashes));
  const Levels levels = levels_of(std::move(hashes));
  uint64_t index = 0, told = 0;
  base::Result<void> written;
  GARITA_TRY(each_line(path, [&](const std::string& line) {
    if (is_of_kind(line, kind)) {
      written = out(Json{
          {"segment", number},
          {"index", index},
          {"entries", entries},
          {"root", root},
          {"proof", proof_of(levels, index)},
          {"line",
           line}}.dump());
      ++told;
    }
    return ++index, written.ok();
  }));
  GARITA_TRY(std::move(written));
  return told;
}

}  // namespace

AuditReport verify_audit(const fs::path& folder, std::span<const trust::Envelope> kept,
                         const Witnesses& witnesses) {
  return Verifier(folder, witnesses).run(kept);
}

base::Result<std::vector<base::Digest>> line_hashes(const fs::path& path, uint64_t most) {
  std::vector<base::Digest> hashes;
  GARITA_TRY(each_line(path, [&](const std::string& line) {
    if (hashes.size() >= most) return false;
    hashes.push_back(base::leaf_hash(line));
    return true;
  }));
  return hashes;
}

base::Result<uint64_t> export_audit(const fs::path& folder, std::string_view kind, const Exported& out) {
  const AuditReport report = verify_audit(folder);
  if (!report.faults.empty()) return report.faults.front();
  uint64_t told = 0;
  for (uint32_t number = 1; number <= report.segments; ++number) {
    const fs::path path = number < report.segments ? closed_segment(folder, number) : live_segment(folder);
    GARITA_TRY_ASSIGN(some, export_segment(path, number, kind, out));
    told += some;
  }
  return told;
}

}  // namespace garita::exchange
