#include "core/trust/dsse.hpp"

#include <algorithm>

#include "core/base/ids.hpp"
#include "core/trust/json.hpp"

namespace garita::trust {
namespace {

std::string bytes_of(Fields& fields, const char* key) {
  const std::string text = fields.text(key, max_envelope_bytes);
  const auto bytes = base::from_base64(text);
  if (!bytes) fields.fail(key);
  return bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
}

bool has_signed(const std::string& message, const Envelope& envelope, const base::PublicKey& key) {
  return std::ranges::any_of(envelope.signatures,
                             [&](const Signature& one) { return key.verify(message, one.bytes); });
}

}  // namespace

base::Digest Envelope::id() const { return base::sha256(payload); }

base::Result<Envelope> parse_envelope(std::string_view json, std::string_view what) {
  GARITA_TRY_ASSIGN(root, parse_json(json, what, max_envelope_bytes));
  Fields fields(root, what);
  Envelope envelope;
  envelope.what = what;
  envelope.payload_type = fields.text("payloadType", 128);
  envelope.payload = bytes_of(fields, "payload");
  if (envelope.payload.size() > max_document_bytes) fields.fail("payload");
  for (const Json& item : fields.array("signatures", max_signatures)) {
    Fields one(item, what, "signatures.");
    Signature signature;
    const std::string bytes = bytes_of(one, "sig");
    signature.bytes.assign(bytes.begin(), bytes.end());
    if (signature.bytes.size() > 256) one.fail("sig");
    if (item.is_object() && item.contains("keyid") && item["keyid"] != "")
      signature.key_id = one.text("keyid", 128);
    fields.take(one.end());
    envelope.signatures.push_back(std::move(signature));
  }
  GARITA_TRY(fields.end());
  return envelope;
}

std::string to_json(const Envelope& envelope) {
  Json signatures = Json::array();
  for (const Signature& one : envelope.signatures)
    signatures.push_back({{"keyid", one.key_id}, {"sig", base::to_base64(one.bytes)}});
  return Json{{"payload", base::to_base64(envelope.payload)},
              {"payloadType", envelope.payload_type},
              {"signatures", std::move(signatures)}}
             .dump(1) +
         "\n";
}

std::string signed_bytes(const Envelope& envelope) {
  return "DSSEv1 " + std::to_string(envelope.payload_type.size()) + " " + envelope.payload_type + " " +
         std::to_string(envelope.payload.size()) + " " + envelope.payload;
}

base::Result<void> add_signature(Envelope& envelope, const base::SigningKey& key) {
  const std::string message = signed_bytes(envelope);
  const std::string key_id = base::to_text(key.public_key().key_id());
  const auto refusal = [&](const char* id) {
    return base::Error{base::Outcome::no, id, {{"what", envelope.what}, {"key", key_id.substr(0, 16)}}, 0};
  };
  if (has_signed(message, envelope, key.public_key())) return refusal("trust.signed_already");
  if (envelope.signatures.size() >= max_signatures) return refusal("trust.signatures_full");
  GARITA_TRY_ASSIGN(signature, key.sign(message));
  envelope.signatures.push_back({key_id, std::move(signature)});
  return {};
}

size_t count_signers(const Envelope& envelope, std::span<const base::PublicKey> keys) {
  const std::string message = signed_bytes(envelope);
  return static_cast<size_t>(std::ranges::count_if(
      keys, [&](const base::PublicKey& key) { return has_signed(message, envelope, key); }));
}

}  // namespace garita::trust
