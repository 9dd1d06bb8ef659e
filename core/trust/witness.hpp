// A lab's word on a recording: these bytes came from this device while this object passed through it, and we
// stood beside it. Without it a vendor could record what suits the driver.
//
//   {"schema": "garita.witness/1", "recording_sha256": hex, "object_sha256": hex of OBJECT.toml,
//    "model": text, "serial": text, "firmware": text, "place": text, "taken": time}
//
// in a DSSE envelope of type witness_type, signed by one key of the lab.
#pragma once

#include <string>

#include "core/trust/statement.hpp"

namespace garita::trust {

struct Witness {
  base::Digest recording{}, object{};
  std::string model, serial, firmware, place;
  int64_t taken_ns = 0;  // UTC
};

Envelope to_envelope(const Witness& witness);                   // unsigned
base::Result<Witness> parse_witness(const Envelope& envelope);  // content alone
// Signed by that key: "trust.lab_missing" {what, key}.
base::Result<Witness> verify_witness(const Envelope& envelope, const base::PublicKey& lab);

}  // namespace garita::trust
