#include "core/broker/ledger.hpp"

#include <openssl/evp.h>

#include <cstdlib>

// base::Sha256 ends a hash when it is asked; here the hash of an open stream is asked after every scan and
// goes on.
namespace garita::broker {
namespace {

// SHA-256 over memory fails only where memory is gone; a wrong hash in a record would be worse than the end.
void must(bool done) {
  if (!done) std::abort();
}

}  // namespace

void Ledger::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Ledger::Ledger() : running_(EVP_MD_CTX_new()) {
  must(running_ && EVP_DigestInit_ex(running_.get(), EVP_sha256(), nullptr));
}

void Ledger::add(std::span<const std::byte> bytes) {
  const std::lock_guard lock(mutex_);
  must(EVP_DigestUpdate(running_.get(), bytes.data(), bytes.size()));
  bytes_ += bytes.size();
}

Ledger::Sum Ledger::sum() const {
  const std::unique_ptr<evp_md_ctx_st, Free> copy(EVP_MD_CTX_new());
  Sum sum;
  const std::lock_guard lock(mutex_);
  must(copy && EVP_MD_CTX_copy_ex(copy.get(), running_.get()) &&
       EVP_DigestFinal_ex(copy.get(), sum.sha256.data(), nullptr));
  sum.bytes = bytes_;
  return sum;
}

}  // namespace garita::broker
