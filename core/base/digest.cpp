#include "core/base/digest.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>

#include "core/base/ids.hpp"

namespace garita::base {

namespace {

// Looked up once: EVP_sha256() would search the providers anew at each start of a hash.
const EVP_MD* sha256_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  return method;
}

// Without SHA-256 nothing here means anything: an OpenSSL that cannot even do that is no place to go on from.
void must(bool done) {
  if (!done) std::abort();
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  must(context_ != nullptr && sha256_method() != nullptr);
  reset();
}

Sha256::~Sha256() = default;

Sha256& Sha256::update(Bytes bytes) {
  must(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  return *this;
}

Digest Sha256::finish() {
  Digest digest;
  must(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
  reset();
  return digest;
}

void Sha256::reset() { must(EVP_DigestInit_ex2(context_.get(), sha256_method(), nullptr) == 1); }

Digest sha256(Bytes bytes) {
  thread_local Sha256 hash;
  return hash.update(bytes).finish();
}

std::string to_text(const Digest& digest) { return to_hex(digest); }

std::optional<Digest> parse_digest(std::string_view text) {
  Digest digest{};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  const auto bytes = from_hex(text);
  if (!bytes) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

}  // namespace garita::base
