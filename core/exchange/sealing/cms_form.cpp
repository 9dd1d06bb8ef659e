#include "core/exchange/sealing/cms_form.hpp"

#include <openssl/asn1.h>
#include <openssl/err.h>

namespace garita::exchange {
namespace {

constexpr int unread = 0x80, endless = 1;  // what ASN1_get_object returns
constexpr long nonce_bytes = 12, tag_bytes = 16;

// Elements of DER, one after the other.
class Der {
 public:
  Der() = default;
  explicit Der(base::Bytes bytes) : at_(bytes.bytes()), end_(at_ + bytes.size()) {}

  bool ended() const { return at_ == end_; }

  // The next one, which must be of this kind; `inside` is what it holds.
  bool take(int tag, Der& inside, int kind = V_ASN1_UNIVERSAL) {
    long size_bytes = 0;
    int its_tag = 0, its_kind = 0;
    const unsigned char* begin = at_;
    if (ended() ||
        (ASN1_get_object(&begin, &size_bytes, &its_tag, &its_kind, end_ - at_) & (unread | endless)) != 0)
      return false;
    if (its_tag != tag || its_kind != kind) return false;
    inside.at_ = begin;
    inside.end_ = at_ = begin + size_bytes;
    return true;
  }

  bool skip(int tag, int kind = V_ASN1_UNIVERSAL) {
    Der inside;
    return take(tag, inside, kind);
  }

  bool begins_with(unsigned char value) const { return !ended() && *at_ == value; }

  bool octets(long size_bytes) {
    Der inside;
    return take(V_ASN1_OCTET_STRING, inside) && inside.end_ - inside.at_ == size_bytes;
  }

  bool number(unsigned char value) {
    Der inside;
    return take(V_ASN1_INTEGER, inside) && inside.end_ - inside.at_ == 1 && *inside.at_ == value;
  }

 private:
  const unsigned char *at_ = nullptr, *end_ = nullptr;
};

// The sender's key of the hour: a point, all bits of which count.
bool is_originator(Der agreeing) {
  Der originator, key, point;
  return agreeing.number(3) && agreeing.take(0, originator, V_ASN1_CONTEXT_SPECIFIC) &&
         originator.take(1, key, V_ASN1_CONTEXT_SPECIFIC) && key.skip(V_ASN1_SEQUENCE) &&
         key.take(V_ASN1_BIT_STRING, point) && point.begins_with(0);
}

bool are_recipients(Der recipients) {
  do {
    Der agreeing;
    if (!recipients.take(1, agreeing, V_ASN1_CONTEXT_SPECIFIC) || !is_originator(agreeing)) return false;
  } while (!recipients.ended());
  return true;
}

bool is_content(Der content) {
  Der algorithm, parameters;
  return content.skip(V_ASN1_OBJECT) && content.take(V_ASN1_SEQUENCE, algorithm) &&
         algorithm.skip(V_ASN1_OBJECT) && algorithm.take(V_ASN1_SEQUENCE, parameters) && algorithm.ended() &&
         parameters.octets(nonce_bytes) && parameters.number(tag_bytes) && parameters.ended() &&
         content.skip(0, V_ASN1_CONTEXT_SPECIFIC) && content.ended();
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
