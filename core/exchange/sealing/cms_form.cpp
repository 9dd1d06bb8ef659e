#include "core/exchange/sealing/cms_form.hpp"

#include <openssl/asn1.h>
#include <openssl/err.h>

#include <algorithm>
#include <span>

namespace garita::exchange {
namespace {

constexpr int unread = 0x80, endless = 1;  // what ASN1_get_object returns
constexpr long nonce_bytes = 12, tag_bytes = 16, wrapped_key_bytes = 40;

// dhSinglePass-stdDH-sha256kdf with id-aes256-wrap. Other schemes come to the same key where the curve's
// cofactor is one.
constexpr unsigned char agreement[] = {0x06, 0x06, 0x2b, 0x81, 0x04, 0x01, 0x0b, 0x01, 0x30, 0x0b, 0x06,
                                       0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2d};

// Elements of DER, one after the other.
class Der {
 public:
  Der() = default;
  explicit Der(base::Bytes bytes) : at_(bytes.bytes()), end_(at_ + bytes.size()) {}

  bool ended() const { return at_ == end_; }

  // The next one, which must be of this kind; `inside` is what it holds.
  bool take(int tag, Der& inside, int kind = V_ASN1_UNIVERSAL) {
    return take_any(tag, inside, kind,
                    kind != V_ASN1_UNIVERSAL || tag == V_ASN1_SEQUENCE || tag == V_ASN1_SET);
  }

  bool skip(int tag, int kind = V_ASN1_UNIVERSAL) {
    Der inside;
    return take(tag, inside, kind);
  }

  // [tag] IMPLICIT OCTET STRING
  bool skip_bytes(int tag) {
    Der inside;
    return take_any(tag, inside, V_ASN1_CONTEXT_SPECIFIC, false);
  }

  bool begins_with(unsigned char first, unsigned char second) const {
    return end_ - at_ > 2 && at_[0] == first && at_[1] == second;
  }
  bool is(std::span<const unsigned char> bytes) const {
    return std::equal(at_, end_, bytes.begin(), bytes.end());
  }

  bool octets(long size_bytes) {
    Der inside;
    return take(V_ASN1_OCTET_STRING, inside) && inside.end_ - inside.at_ == size_bytes;
  }

  bool number(unsigned char value) {
    Der inside;
    return take(V_ASN1_INTEGER, inside) && inside.end_ - inside.at_ == 1 && *inside.at_ == value;
  }

 private:
  bool take_any(int tag, Der& inside, int kind, bool holds_others) {
    long size_bytes = 0;
    int its_tag = 0, its_kind = 0;
    const unsigned char* begin = at_;
    if (ended()) return false;
    const int found = ASN1_get_object(&begin, &size_bytes, &its_tag, &its_kind, end_ - at_);
    if ((found & (unread | endless)) != 0 || its_tag != tag || its_kind != kind) return false;
    if ((found & V_ASN1_CONSTRUCTED) != (holds_others ? V_ASN1_CONSTRUCTED : 0)) return false;
    inside.at_ = begin;
    inside.end_ = at_ = begin + size_bytes;
    return true;
  }

  const unsigned char *at_ = nullptr, *end_ = nullptr;
};

// The sender's key of the hour: a point in its one plain form, all bits of which count.
bool is_originator(Der& agreeing) {
  Der originator, key, point;
  return agreeing.number(3) && agreeing.take(0, originator, V_ASN1_CONTEXT_SPECIFIC) &&
         originator.take(1, key, V_ASN1_CONTEXT_SPECIFIC) && originator.ended() &&
         key.skip(V_ASN1_SEQUENCE) && key.take(V_ASN1_BIT_STRING, point) && key.ended() &&
         point.begins_with(0, 4);
}

// Whom it is for is compared where the keys are (cms.cpp).
bool is_wrapped_key(Der& agreeing) {
  Der algorithm, keys, key, recipient;
  return agreeing.take(V_ASN1_SEQUENCE, algorithm) && algorithm.is(agreement) &&
         agreeing.take(V_ASN1_SEQUENCE, keys) && agreeing.ended() && keys.take(V_ASN1_SEQUENCE, key) &&
         keys.ended() && key.take(V_ASN1_SEQUENCE, recipient) && key.octets(wrapped_key_bytes) &&
         key.ended() && recipient.skip(V_ASN1_SEQUENCE) && recipient.skip(V_ASN1_INTEGER) &&
         recipient.ended();
}

bool are_recipients(Der recipients) {
  do {
    Der agreeing;
    if (!recipients.take(1, agreeing, V_ASN1_CONTEXT_SPECIFIC) || !is_originator(agreeing) ||
        !is_wrapped_key(agreeing))
      return false;
  } while (!recipients.ended());
  return true;
}

bool is_content(Der content) {
  Der algorithm, parameters;
  return content.skip(V_ASN1_OBJECT) && content.take(V_ASN1_SEQUENCE, algorithm) &&
         algorithm.skip(V_ASN1_OBJECT) && algorithm.take(V_ASN1_SEQUENCE, parameters) && algorithm.ended() &&
         parameters.octets(nonce_bytes) && parameters.number(tag_bytes) && parameters.ended() &&
         content.skip_bytes(0) && content.ended();
}

}  // namespace

bool is_sealed_form(base::Bytes message) {
  Der whole(message), info, wrapped, envelope, recipients, content;
  const bool right = whole.take(V_ASN1_SEQUENCE, info) && whole.ended() && info.skip(V_ASN1_OBJECT) &&
                     info.take(0, wrapped, V_ASN1_CONTEXT_SPECIFIC) && info.ended() &&
                     wrapped.take(V_ASN1_SEQUENCE, envelope) && wrapped.ended() && envelope.number(0) &&
                     envelope.take(V_ASN1_SET, recipients) && are_recipients(recipients) &&
                     envelope.take(V_ASN1_SEQUENCE, content) && is_content(content) &&
                     envelope.octets(tag_bytes) && envelope.ended();
  ERR_clear_error();
  return right;
}

}  // namespace garita::exchange
