// OpenSSL 3.0 reaches tokens through engines, which it has marked as old; its successor (a provider) is not
// in Debian 12.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/exchange/sealing/keys.hpp"

#include <openssl/ec.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <ctime>

#include "core/base/file.hpp"

namespace garita::exchange {
namespace {

constexpr uint64_t max_key_bytes = 16u << 10;
constexpr int64_t second_ns = 1'000'000'000;

base::Error error_of(const char* id, const std::string& what) {
  ERR_clear_error();
  return {base::Outcome::no, id, {{"what", what}}, 0};
}

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
Bio bio_of(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
}

bool is_taken_curve(EVP_PKEY* key) {
  char name[64] = {};
  size_t size = 0;
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return false;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1) return false;
  const std::string_view curve(name, size);
  return curve == "prime256v1" || curve == "P-256" || curve == "secp384r1" || curve == "P-384";
}

int64_t utc_ns_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  constexpr int64_t most = INT64_MAX / second_ns;
  return std::min<int64_t>(timegm(&parts), most) * second_ns;
}

EVP_PKEY* from_token(const std::string& uri) {
  ENGINE_load_dynamic();
  ENGINE* engine = ENGINE_by_id("pkcs11");
  if (engine == nullptr || ENGINE_init(engine) != 1) {
    ENGINE_free(engine);
    return nullptr;
  }
  EVP_PKEY* key = ENGINE_load_private_key(engine, uri.c_str(), nullptr, nullptr);
  ENGINE_finish(engine);
  ENGINE_free(engine);
  return key;
}

base::Result<EVP_PKEY*> from_file(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
    return base::Error{base::Outcome::usage, "base.key_exposed", {{"path", path}}, 0};
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, max_key_bytes));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio_of(text).get(), nullptr, nullptr, nullptr);
  OPENSSL_cleanse(text.data(), text.size());
  return key;
}

}  // namespace

base::Result<SealingCertificate> SealingCertificate::from_pem(std::string_view pem, const std::string& what) {
  if (pem.size() > max_certificate_bytes) return error_of("exchange.certificate_malformed", what);
  const std::shared_ptr<X509> read(PEM_read_bio_X509(bio_of(pem).get(), nullptr, nullptr, nullptr),
                                   X509_free);
  unsigned char* der = nullptr;
  const int size_bytes = read == nullptr ? 0 : i2d_X509(read.get(), &der);
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> holder(
      der, [](unsigned char* p) { OPENSSL_free(p); });
  if (size_bytes <= 0) return error_of("exchange.certificate_malformed", what);
  if (!is_taken_curve(X509_get0_pubkey(read.get())) ||
      (X509_get_key_usage(read.get()) & KU_KEY_AGREEMENT) == 0)
    return error_of("exchange.certificate_key", what);
  SealingCertificate out;
  out.certificate_ = read;
  out.what_ = what;
  out.id_ = base::sha256(base::Bytes(der, static_cast<size_t>(size_bytes)));
  out.from_ns_ = utc_ns_of(X509_get0_notBefore(read.get()));
  out.until_ns_ = utc_ns_of(X509_get0_notAfter(read.get()));
  return out;
}

base::Result<SealingCertificate> SealingCertificate::load(const std::string& path) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, max_certificate_bytes));
  return from_pem(text, path);
}

base::Result<std::vector<SealingCertificate>> valid_certificates(const std::vector<SealingCertificate>& all,
                                                                 int64_t utc_ns) {
  std::vector<SealingCertificate> valid;
  for (const SealingCertificate& one : all)
    if (one.valid_at(utc_ns) && valid.size() < max_sealing_certificates) valid.push_back(one);
  if (!valid.empty()) return valid;
  return error_of("exchange.certificate_expired", all.empty() ? "" : all.back().what());
}

base::Result<OpeningKey> OpeningKey::load(const std::string& key, const SealingCertificate& certificate) {
  const bool token = key.starts_with("pkcs11:");
  // A URI may carry a PIN: it is never told.
  const std::string what = token ? certificate.what() : key;
  EVP_PKEY* read = nullptr;
  if (token) {
    read = from_token(key);
  } else {
    GARITA_TRY_ASSIGN(loaded, from_file(key));
    read = loaded;
  }
  std::shared_ptr<EVP_PKEY> owner(read, EVP_PKEY_free);
  if (!is_taken_curve(read)) return error_of("exchange.key_unusable", what);
  if (EVP_PKEY_eq(read, X509_get0_pubkey(certificate.get())) != 1)
    return error_of("exchange.key_other", what);
  return OpeningKey(std::move(owner), certificate);
}

}  // namespace garita::exchange
