#include "core/trust/witness.hpp"

#include "core/base/clock.hpp"
#include "core/trust/json.hpp"
#include "core/trust/root.hpp"

namespace garita::trust {

Envelope to_envelope(const Witness& witness) {
  const Json json = {{"schema", "garita.witness/1"},
                     {"recording_sha256", base::to_text(witness.recording)},
                     {"object_sha256", base::to_text(witness.object)},
                     {"model", witness.model},
                     {"serial", witness.serial},
                     {"firmware", witness.firmware},
                     {"place", witness.place},
                     {"taken", base::format_utc(witness.taken_ns)}};
  return {std::string(witness_type), compact(json), {}, "witness"};
}

base::Result<Witness> parse_witness(const Envelope& envelope) {
  GARITA_TRY(check_kind(envelope, witness_type));
  GARITA_TRY_ASSIGN(json, parse_json(envelope.payload, envelope.what));
  Fields fields(json, envelope.what);
  Witness witness;
  fields.choice("schema", {"garita.witness/1"});
  witness.recording = fields.digest("recording_sha256");
  witness.object = fields.digest("object_sha256");
  witness.model = fields.text("model", 128);
  witness.serial = fields.text("serial", 128);
  witness.firmware = fields.text("firmware", 128);
  witness.place = fields.text("place", 256);
  witness.taken_ns = fields.time("taken");
  GARITA_TRY(fields.end());
  return witness;
}

base::Result<Witness> verify_witness(const Envelope& envelope, const base::PublicKey& lab) {
  GARITA_TRY_ASSIGN(witness, parse_witness(envelope));
  if (count_signers(envelope, {&lab, 1}) == 1) return witness;
  return base::Error{base::Outcome::no,
                     "trust.lab_missing",
                     {{"what", envelope.what}, {"key", base::to_text(lab.key_id()).substr(0, 16)}},
                     0};
}

}  // namespace garita::trust
