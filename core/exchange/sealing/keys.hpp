// Whom something is sealed for, and the keys that open it. EC P-256 or P-384 in X.509 certificates; nobody's
// chain is followed: a site pins the certificates of those it sends to, as it pins their signing keys.
//
// Rotation: an agency makes the next certificate before the last one ends; a sender seals for every pinned
// certificate that is valid at that hour, a receiver keeps its old keys for as long as something sealed for
// them may still come.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"

struct x509_st;
struct evp_pkey_st;

namespace garita::exchange {

inline constexpr size_t max_sealing_certificates = 8;  // of one recipient, at one hour
inline constexpr size_t max_certificate_bytes = 64u << 10;

// Immutable and cheap to copy; any thread.
class SealingCertificate {
 public:
  // One certificate in PEM. "exchange.certificate_malformed", "exchange.certificate_key" for a key that is
  // not EC P-256 or P-384 or may not agree on keys (keyUsage); {what}.
  static base::Result<SealingCertificate> from_pem(std::string_view pem, const std::string& what);
  static base::Result<SealingCertificate> load(const std::string& path);

  const base::Digest& id() const { return id_; }  // SHA-256 of its DER
  const std::string& what() const { return what_; }
  int64_t from_utc_ns() const { return from_ns_; }
  int64_t until_utc_ns() const { return until_ns_; }
  bool valid_at(int64_t utc_ns) const { return from_ns_ <= utc_ns && utc_ns < until_ns_; }
  x509_st* get() const { return certificate_.get(); }

 private:
  std::shared_ptr<x509_st> certificate_;
  std::string what_;
  base::Digest id_{};
  int64_t from_ns_ = 0, until_ns_ = 0;
};

// Those that hold at that hour: whom to seal for. "exchange.certificate_expired" {what} where none does.
base::Result<std::vector<SealingCertificate>> valid_certificates(const std::vector<SealingCertificate>& all,
                                                                 int64_t utc_ns);

// A private key with its certificate. The key lies in a PEM file that only its owner can read, or in a token:
// "pkcs11:token=…;object=…", through OpenSSL's PKCS#11 engine, whose module the environment names
// (PKCS11_MODULE_PATH). One thread at a time.
class OpeningKey {
 public:
  // "exchange.key_unusable" {what}, "base.key_exposed", "exchange.key_other" where the key is not the
  // certificate's.
  static base::Result<OpeningKey> load(const std::string& key, const SealingCertificate& certificate);

  const SealingCertificate& certificate() const { return certificate_; }
  evp_pkey_st* get() const { return key_.get(); }

 private:
  OpeningKey(std::shared_ptr<evp_pkey_st> key, SealingCertificate certificate)
      : key_(std::move(key)), certificate_(std::move(certificate)) {}

  std::shared_ptr<evp_pkey_st> key_;
  SealingCertificate certificate_;
};

}  // namespace garita::exchange
