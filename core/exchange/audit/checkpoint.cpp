#include "core/exchange/audit/checkpoint.hpp"

#include "core/base/clock.hpp"
#include "core/exchange/audit/audit_log.hpp"
#include "core/exchange/audit/verify.hpp"
#include "core/trust/json.hpp"
#include "core/trust/root.hpp"

namespace garita::exchange {
namespace {

base::Error error_of(const char* id, const std::filesystem::path& path, uint64_t entries, uint64_t found) {
  return {base::Outcome::no,
          id,
          {{"path", path.string()}, {"entries", std::to_string(entries)}, {"found", std::to_string(found)}},
          0};
}

}  // namespace

trust::Envelope to_envelope(const Checkpoint& checkpoint) {
  const trust::Json json = {{"schema", "garita.audit-checkpoint/1"},
                            {"site", checkpoint.site},
                            {"segment", checkpoint.segment},
                            {"entries", checkpoint.entries},
                            {"head", base::to_text(checkpoint.head)},
                            {"root", base::to_text(checkpoint.root)},
                            {"made", base::format_utc(checkpoint.made_ns)}};
  return {std::string(checkpoint_type), trust::compact(json), {}, "checkpoint"};
}

base::Result<Checkpoint> parse_checkpoint(const trust::Envelope& envelope) {
  GARITA_TRY(trust::check_kind(envelope, checkpoint_type));
  GARITA_TRY_ASSIGN(json, trust::parse_json(envelope.payload, envelope.what));
  trust::Fields fields(json, envelope.what);
  Checkpoint checkpoint;
  fields.choice("schema", {"garita.audit-checkpoint/1"});
  checkpoint.site = fields.text("site", 128);
  checkpoint.segment = static_cast<uint32_t>(fields.number("segment", 1, max_segments));
  checkpoint.entries = fields.number("entries", 0, uint64_t{1} << 40);
  checkpoint.head = fields.digest("head");
  checkpoint.root = fields.digest("root");
  checkpoint.made_ns = fields.time("made");
  GARITA_TRY(fields.end());
  return checkpoint;
}

base::Result<Checkpoint> make_checkpoint(const std::filesystem::path& folder, const std::string& site,
                                         int64_t now_utc_ns) {
  GARITA_TRY_ASSIGN(closed, closed_segments(folder));
  GARITA_TRY_ASSIGN(live, base::verify_log(live_segment(folder)));
  return Checkpoint{site,      closed + 1, live.entries,
                    live.head, live.root,  now_utc_ns / 1'000'000'000 * 1'000'000'000};
}

base::Result<void> check_against(const std::filesystem::path& folder, const Checkpoint& checkpoint) {
  GARITA_TRY_ASSIGN(closed, closed_segments(folder));
  const auto path =
      checkpoint.segment <= closed ? closed_segment(folder, checkpoint.segment) : live_segment(folder);
  if (checkpoint.segment > closed + 1)
    return error_of("exchange.audit_truncated", path, checkpoint.entries, 0);
  GARITA_TRY_ASSIGN(hashes, line_hashes(path, checkpoint.entries));
  if (hashes.size() < checkpoint.entries)
    return error_of("exchange.audit_truncated", path, checkpoint.entries, hashes.size());
  if (base::merkle_root(hashes) != checkpoint.root)
    return error_of("exchange.audit_changed", path, checkpoint.entries, hashes.size());
  return {};
}

base::Result<void> cosign(trust::Envelope& envelope, const std::filesystem::path& folder,
                          const Checkpoint* seen, const base::SigningKey& witness) {
  GARITA_TRY_ASSIGN(checkpoint, parse_checkpoint(envelope));
  if (seen != nullptr) {
    const bool onward = seen->site == checkpoint.site &&
                        (seen->segment < checkpoint.segment ||
                         (seen->segment == checkpoint.segment && seen->entries <= checkpoint.entries));
    if (!onward)
      return error_of("exchange.audit_backwards", envelope.what, seen->entries, checkpoint.entries);
    GARITA_TRY(check_against(folder, *seen));
  }
  const AuditReport report = verify_audit(folder);
  if (!report.faults.empty()) return report.faults.front();
  GARITA_TRY(check_against(folder, checkpoint));
  return trust::add_signature(envelope, witness);
}

}  // namespace garita::exchange
