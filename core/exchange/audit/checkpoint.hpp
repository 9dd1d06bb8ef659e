// How much a site's log held at some hour, signed by the site and cosigned by the witnesses of both nations.
// A chain of hashes does not notice that its last lines are gone; who keeps a checkpoint does.
//
//   {"schema": "garita.audit-checkpoint/1", "site": text, "segment": n, "entries": of that segment, "head":
//   hex of its last
//    line, "root": hex of its Merkle root, "made": time}
//
// in a DSSE envelope. A witness signs only what goes on from what that witness signed before, having seen the
// lines between; so two histories of one site never both have its signature.
#pragma once

#include <filesystem>
#include <string>

#include "core/trust/dsse.hpp"

namespace garita::exchange {

inline constexpr std::string_view checkpoint_type = "application/vnd.garita.audit-checkpoint+json";

struct Checkpoint {
  std::string site;
  uint32_t segment = 1;
  uint64_t entries = 0;
  base::Digest head{}, root{};
  int64_t made_ns = 0;  // UTC
};

trust::Envelope to_envelope(const Checkpoint& checkpoint);                   // unsigned
base::Result<Checkpoint> parse_checkpoint(const trust::Envelope& envelope);  // content alone; trust.*

// Of the log as it stands, every line of its live segment checked. Errors: base.log_broken,
// exchange.audit_missing.
base::Result<Checkpoint> make_checkpoint(const std::filesystem::path& folder, const std::string& site,
                                         int64_t now_utc_ns);

// Does the log in `folder` still hold all that the checkpoint says? "exchange.audit_missing",
// "exchange.audit_truncated" {path, entries, found}, "exchange.audit_changed" {path, entries}.
base::Result<void> check_against(const std::filesystem::path& folder, const Checkpoint& checkpoint);

// A witness's signature: the log is whole, holds all of `seen` (null: the first), and holds `envelope`'s
// checkpoint. "exchange.audit_backwards" where `seen` is of another site or says more than the new one.
base::Result<void> cosign(trust::Envelope& envelope, const std::filesystem::path& folder,
                          const Checkpoint* seen, const base::SigningKey& witness);

}  // namespace garita::exchange
