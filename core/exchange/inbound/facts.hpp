// What a package that came from elsewhere says of itself and what is known about who signed it: all that an
// inbound policy may ask about.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/exchange/inbound/standing.hpp"
#include "core/package/reader.hpp"

namespace garita::exchange {

// nullopt: the package does not show it, or it is not known; no condition about it is met then.
struct Facts {
  std::optional<std::string> authority;    // whose pinned key signed; never by the file's own word
  std::optional<bool> certified;           // in the configuration that its certificate covers, by the record
  std::optional<std::string> certificate;  // its standing in the receiver's own store: "holds", "revoked", …
  std::set<std::string> signed_by;         // authorities that signed it, where it holds
  std::optional<unsigned> level;           // of a certificate that holds, from the receiver's own store
  std::optional<std::string> suite, truth;  // "none", "twin", "object"
  std::optional<unsigned> box;              // that was reached: 0 to 3
  std::set<std::string> fidelity;           // words, of all views; empty: not shown
  std::optional<std::string> vendor, model, driver, country;
  std::optional<int64_t> ended_utc_ns;  // when the scan ended
  std::optional<bool> complete;
  std::optional<std::string> freshness;  // "fresh", "not_judged", "replayed", "synthetic"
  std::optional<bool> replayed;          // provenance: from a recording, not from a device
};

// What a package itself says; all of it outside data. The boxed program that opens what comes in says this
// and no more.
struct Claims {
  base::Digest root{}, signer{};     // id of the key that signed
  bool whole = false;                // sealed, and every byte is what was signed
  std::optional<std::string> fault;  // text id of what is wrong: "package.hash_mismatch"
  uint64_t withheld = 0;             // fields and parts that it does not show
  std::optional<base::Digest> driver_sha256;
  std::optional<std::string> certificate_id, firmware;
  Facts shown;  // without authority, certificate, signed_by, level, suite, truth
};

// The receiver's own books.
struct Books {
  std::map<base::Digest, std::string> authorities;  // by key id of what signs packages
  std::optional<TrustBook> trust;                   // nullopt: nothing is known about certificates
};

// Of an opened package. Errors of Reader::read_record. `whole`, `fault` and `withheld` are left to who
// verifies.
base::Result<Claims> claims_of(package::Reader& package);

Facts facts_of(const Claims& claims, const Books& books, int64_t now_utc_ns);

}  // namespace garita::exchange
