// The one form of a sealed message that is opened. CMS leaves numbers in it that no key protects: OpenSSL
// does not look at the version numbers, and it takes as many bytes of the tag as the message has, so that one
// with a single byte would be forged by 256 guesses. Here each has the one value that RFC 5083, 5084 and 5652
// give it with a tag of 16 bytes; the elements around them, the agreement on the key and the form of the
// sender's point have one too, as seal() writes them. Whom it names as its recipient is compared byte by byte
// with the certificate of the key that opens it; other recipients of the same message are not looked at.
#pragma once

#include "core/base/bytes.hpp"

namespace garita::exchange {

// An AuthEnvelopedData (DER) of version 0 for recipients who agree on a key (version 3), with a nonce of 12
// bytes, a tag of 16, no other attributes, and nothing behind it. Any bytes, however hostile; any thread.
bool is_sealed_form(base::Bytes message);

}  // namespace garita::exchange
