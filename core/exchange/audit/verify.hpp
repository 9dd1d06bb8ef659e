// Is a site's log what it was? Lines, chain, segments, and the checkpoints that somebody kept.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/trust/root.hpp"

namespace garita::exchange {

inline constexpr size_t max_audit_faults = 100, max_checkpoints = 100'000;

struct AuditReport {
  uint32_t segments = 0;  // the live one too
  uint64_t entries = 0;
  uint64_t torn_bytes =
      0;  // of the live segment: a line that a crash cut; the next writer cuts it off and says so
  uint64_t checkpoints = 0;
  uint64_t proved_entries = 0;  // up to the last checkpoint that all witnesses cosigned
  // base.log_broken, exchange.audit_missing, _segment, _truncated, _changed; trust.* of a checkpoint.
  std::vector<base::Error> faults;
};

// Who must have cosigned: k of n of each of these roles of the root. Empty: nobody.
struct Witnesses {
  const trust::Root* root = nullptr;
  std::vector<std::string> roles;
};

// `kept`: checkpoints from elsewhere, that whoever can write to the folder cannot take away; those that lie
// in folder/checkpoints are looked at too.
AuditReport verify_audit(const std::filesystem::path& folder, std::span<const trust::Envelope> kept = {},
                         const Witnesses& witnesses = {});

// RFC 6962 leaf hashes of the first lines of a segment, at most so many.
base::Result<std::vector<base::Digest>> line_hashes(const std::filesystem::path& path, uint64_t most);

// One line of an export: the entry as it stands in the log, and the audit path from it to the root of its
// segment, for whoever has a checkpoint and is to see this entry alone.
//   {"segment": n, "index": i, "entries": k, "root": hex, "proof": [hex, …], "line": text}
using Exported = std::function<base::Result<void>(std::string_view json_line)>;
// Entries of that kind ("" for all; "exchange." for all that begin so). The log is verified first.
base::Result<uint64_t> export_audit(const std::filesystem::path& folder, std::string_view kind,
                                    const Exported& out);

}  // namespace garita::exchange
