// What an authority has taken back. Each role has a list of its own and needs nobody else for it.
//
//   {"schema": "garita.status/1", "role": "NAME", "number": 7, "issued": time, "expires": time,
//    "revoked": [{"sha256": hex of a certificate's payload or of a file, "reason": text}, …]}
//
// in a DSSE envelope of type status_type, signed by k of n of that role. A list lives max_status_life_ns at
// most: what is taken back must reach every site in that time, or the site stops.
#pragma once

#include <string>
#include <vector>

#include "core/trust/root.hpp"

namespace garita::trust {

inline constexpr size_t max_revoked = 4096;
inline constexpr int64_t max_status_life_ns = 100ll * 86400 * 1'000'000'000;

struct Revocation {
  base::Digest sha256{};
  std::string reason;
};

struct StatusList {
  std::string role;
  uint64_t number = 1;
  int64_t issued_ns = 0, expires_ns = 0;
  std::vector<Revocation> revoked;

  const Revocation* find(const base::Digest& sha256) const;  // nullptr: not revoked
};

Envelope to_envelope(const StatusList& list);                          // unsigned
base::Result<StatusList> parse_status_list(const Envelope& envelope);  // content alone
// Signed by the role that it names; nothing older than `lowest_number` ("trust.rolled_back").
base::Result<StatusList> verify_status_list(const Envelope& envelope, const Root& root,
                                            uint64_t lowest_number);

}  // namespace garita::trust
