// What a package that came from elsewhere says of itself and what is known about who signed it: all that an
// inbound policy may ask about.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/package/reader.hpp"
#include "core/trust/statement.hpp"

namespace garita::exchange {

// nullopt: the package does not show it, or it is not known; no condition about it is met then.
struct Facts {
  std::optional<std::string> authority;     // whose pinned key signed; never by the file's own word
  std::optional<bool> certified;            // in the configuration that its certificate covers, by the record
  std::optional<unsigned> level;            // of the certificate, from the receiver's own store
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
  std::optional<std::string> certificate_id;
  Facts shown;  // without authority, level, suite, truth
};

// The receiver's own books.
struct Books {
  std::map<base::Digest, std::string> authorities;  // by key id of what signs packages
  // A certificate that holds today, by its id (64 hex digits); nullptr: none such. Valid until the next call.
  std::function<const trust::Certificate*(std::string_view id)> certificate;
};

// Of an opened package. Errors of Reader::read_record. `whole`, `fault` and `withheld` are left to who
// verifies.
base::Result<Claims> claims_of(package::Reader& package);

Facts facts_of(const Claims& claims, const Books& books);

}  // namespace garita::exchange
