// Agencies with keys and certificates, made in memory.
#pragma once

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <fstream>

#include "core/base/testing/temporary_folder.hpp"
#include "core/exchange/sealing/seal.hpp"

namespace garita::exchange::testing {

struct Party {
  std::string key_pem, certificate_pem;
};

inline std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  const long size_bytes = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<size_t>(size_bytes));
  BIO_free(bio);
  return text;
}

// Self-signed; valid from now + from_s to now + until_s. usage: of its keyUsage, "" for none.
inline Party make_party(const char* curve = "P-256", long from_s = -3600, long until_s = 3600,
                        const char* usage = "critical,keyAgreement") {
  static long serial = 1;
  EVP_PKEY* key = EVP_EC_gen(curve);
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate), until_s);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("agency"), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_set_pubkey(certificate, key);
  if (*usage != '\0') {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_key_usage, usage);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, key, EVP_sha256());
  Party party;
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  party.key_pem = text_of(bio);
  bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  party.certificate_pem = text_of(bio);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return party;
}

class SealingTest : public ::testing::Test {
 protected:
  static SealingCertificate certificate(const Party& party) {
    return *SealingCertificate::from_pem(party.certificate_pem, "agency.pem");
  }

  OpeningKey key(const Party& party) {
    const std::string path = (folder_.path() / ("key" + std::to_string(++keys_) + ".pem")).string();
    std::ofstream(path) << party.key_pem;
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return *OpeningKey::load(path, certificate(party));
  }

  base::testing::TemporaryFolder folder_;
  int keys_ = 0;
};

}  // namespace garita::exchange::testing
