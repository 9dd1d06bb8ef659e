// One CMS AuthEnvelopedData message, whole. Private to core/exchange/sealing.
#pragma once

#include <span>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/exchange/sealing/keys.hpp"

namespace garita::exchange {

// "exchange.seal_failed".
base::Result<std::vector<uint8_t>> encrypt_message(base::Bytes content,
                                                   std::span<const SealingCertificate> recipients);

// `out` is filled only if the tag is right; else it is as empty as before. Errors as unseal() has them,
// without {segment}.
base::Result<void> decrypt_message(base::Bytes message, std::span<const OpeningKey> keys,
                                   std::vector<uint8_t>& out);

}  // namespace garita::exchange
