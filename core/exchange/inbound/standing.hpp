// What the receiver's own trust store says, today, about the driver that a package names: whether a
// certificate for that very binary holds here. The record's word about certificates is the sender's; this is
// not.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/trust/admit.hpp"

namespace garita::exchange {

struct Claims;

enum class Standing : uint8_t {
  holds,
  revoked,    // an authority took the certificate, or a file of it, back
  expired,    // it, the suite it rests on or a waiver in it; or it is not valid yet
  unsigned_,  // not signed by each authority that is asked for, or by fewer than two persons
  outside,    // it holds, but not for this model, firmware or box
  pilot,      // earned on a simulator or in an unofficial run, where that is not enough
  unknown,    // no certificate here names the driver
  unchecked   // the store cannot tell: no root, a status list missing or out of date, the clock behind
};
// As policies, records of decisions and reason codes ("certificate_" + word) have it: "unsigned".
std::string_view word_of(Standing standing);
bool is_standing(std::string_view word);

// The receiver's store and what it asks of every certificate.
struct TrustBook {
  trust::Policy policy;  // its roles, grace and pilot; no roles: every authority of the root
  trust::Documents documents;
};

struct Vouched {
  Standing standing = Standing::unknown;
  std::optional<trust::Certificate> content;  // of a certificate that holds
  std::set<std::string> signed_by;            // authorities of the root, each with its k of n
  std::optional<base::Error> why;             // trust.*: of one that does not hold
};

// Asked with the driver's digest; where that is withheld, with the id of the certificate. nullopt: the
// package shows neither. Of several certificates one that holds counts, else the one that the record names.
// A pure function.
std::optional<Vouched> vouched(const TrustBook& book, const Claims& claims, int64_t now_utc_ns);

}  // namespace garita::exchange
