// DSSE 1.0, the envelope around every document that is trusted: the exact bytes are signed, with their type.
//
//   {"payload": base64, "payloadType": text, "signatures": [{"keyid": hex, "sig": base64}, …]}
//   signed:  "DSSEv1" SP size SP payloadType SP size SP payload      (sizes in decimal)
//
// A keyid is a hint for people. Nothing here believes it: keys are tried.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/base/signature.hpp"

namespace garita::trust {

inline constexpr size_t max_envelope_bytes = 2u << 20;
inline constexpr size_t max_signatures = 16;
inline constexpr std::string_view statement_type = "application/vnd.in-toto+json";
inline constexpr std::string_view root_type = "application/vnd.garita.root+json";
inline constexpr std::string_view status_type = "application/vnd.garita.status+json";
inline constexpr std::string_view witness_type = "application/vnd.garita.witness+json";

struct Signature {
  std::string key_id;
  std::vector<uint8_t> bytes;
};

struct Envelope {
  std::string payload_type;
  std::string payload;
  std::vector<Signature> signatures;
  std::string what;  // names it in errors: a path

  base::Digest id() const;  // SHA-256 of the payload: a certificate's name in status lists and records
};

// "trust.too_large", "trust.json_malformed", "trust.json_duplicate", "trust.field".
base::Result<Envelope> parse_envelope(std::string_view json, std::string_view what);
std::string to_json(const Envelope& envelope);
std::string signed_bytes(const Envelope& envelope);

// "trust.signed_already" where that very key has signed; "trust.signatures_full".
base::Result<void> add_signature(Envelope& envelope, const base::SigningKey& key);

// How many of `keys` have signed. A key counts once, however often its signature stands there and under
// whatever ids. `keys` are distinct.
size_t count_signers(const Envelope& envelope, std::span<const base::PublicKey> keys);

}  // namespace garita::trust
