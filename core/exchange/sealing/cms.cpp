#include "core/exchange/sealing/cms.hpp"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

#include "core/exchange/sealing/cms_form.hpp"
#include "core/exchange/sealing/seal.hpp"

namespace garita::exchange {
namespace {

using Cms = std::unique_ptr<CMS_ContentInfo, decltype(&CMS_ContentInfo_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

base::Error error_of(const char* id) {
  ERR_clear_error();
  return {base::Outcome::no, id, {}, 0};
}

// The KDF's hash must be said: OpenSSL's own choice is SHA-1.
bool add_recipient(CMS_ContentInfo* cms, const SealingCertificate& recipient) {
  CMS_RecipientInfo* info = CMS_add1_recipient_cert(cms, recipient.get(), CMS_KEY_PARAM);
  EVP_PKEY_CTX* context = info == nullptr ? nullptr : CMS_RecipientInfo_get0_pkey_ctx(info);
  return context != nullptr && EVP_PKEY_CTX_ctrl_str(context, "ecdh_kdf_md", "sha256") > 0;
}

bool is_aead_envelope(CMS_ContentInfo* cms) {
  return OBJ_obj2nid(CMS_get0_type(cms)) == NID_id_smime_ct_authEnvelopedData &&
         OBJ_obj2nid(CMS_get0_eContentType(cms)) == NID_pkcs7_data;
}

std::vector<unsigned char> bytes_of(const X509_NAME* name) {
  unsigned char* der = nullptr;
  const int size_bytes = i2d_X509_NAME(name, &der);  // of a name that was read: as it was read
  std::vector<unsigned char> bytes(der, der + std::max(size_bytes, 0));
  OPENSSL_free(der);
  return bytes;
}

// OpenSSL compares names as a person does, whatever their case and kinds of text: here each byte counts.
bool is_for(CMS_RecipientEncryptedKey* wrapped, const OpeningKey& key) {
  X509_NAME* issuer = nullptr;
  X509* const certificate = key.certificate().get();
  return CMS_RecipientEncryptedKey_cert_cmp(wrapped, certificate) == 0 &&
         CMS_RecipientEncryptedKey_get0_id(wrapped, nullptr, nullptr, nullptr, &issuer, nullptr) == 1 &&
         issuer != nullptr && bytes_of(issuer) == bytes_of(X509_get_issuer_name(certificate));
}

// The key whose certificate one of the recipients names; nullptr: none.
const OpeningKey* key_for(CMS_ContentInfo* cms, std::span<const OpeningKey> keys) {
  STACK_OF(CMS_RecipientInfo)* infos = CMS_get0_RecipientInfos(cms);
  const int count = std::min(sk_CMS_RecipientInfo_num(infos), 2 * static_cast<int>(max_sealing_certificates));
  for (int i = 0; i < count; ++i) {
    CMS_RecipientInfo* info = sk_CMS_RecipientInfo_value(infos, i);
    if (CMS_RecipientInfo_type(info) != CMS_RECIPINFO_AGREE) continue;
    STACK_OF(CMS_RecipientEncryptedKey)* wrapped = CMS_RecipientInfo_kari_get0_reks(info);
    for (int k = 0; wrapped != nullptr && k < std::min(sk_CMS_RecipientEncryptedKey_num(wrapped), 8); ++k)
      for (const OpeningKey& key : keys)
        if (is_for(sk_CMS_RecipientEncryptedKey_value(wrapped, k), key)) return &key;
  }
  return nullptr;
}

}  // namespace

base::Result<std::vector<uint8_t>> encrypt_message(base::Bytes content,
                                                   std::span<const SealingCertificate> recipients) {
  if (recipients.empty() || recipients.size() > max_sealing_certificates)
    return error_of("exchange.seal_failed");
  const Cms cms(CMS_AuthEnvelopedData_create(EVP_aes_256_gcm()), CMS_ContentInfo_free);
  if (!cms || CMS_set_detached(cms.get(), 0) != 1) return error_of("exchange.seal_failed");
  for (const SealingCertificate& recipient : recipients)
    if (!add_recipient(cms.get(), recipient)) return error_of("exchange.seal_failed");
  const Bio in(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())), BIO_free);
  if (!in || CMS_final(cms.get(), in.get(), nullptr, CMS_BINARY) != 1)
    return error_of("exchange.seal_failed");
  unsigned char* der = nullptr;
  const int size_bytes = i2d_CMS_ContentInfo(cms.get(), &der);
  if (size_bytes <= 0) return error_of("exchange.seal_failed");
  std::vector<uint8_t> out(der, der + size_bytes);
  OPENSSL_free(der);
  return out;
}

base::Result<void> decrypt_message(base::Bytes message, std::span<const OpeningKey> keys,
                                   std::vector<uint8_t>& out) {
  if (!is_sealed_form(message)) return error_of("exchange.not_sealed");
  const unsigned char* at = message.bytes();
  const Cms cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(message.size())), CMS_ContentInfo_free);
  if (!cms || at != message.bytes() + message.size() || !is_aead_envelope(cms.get()))
    return error_of("exchange.not_sealed");
  const OpeningKey* key = key_for(cms.get(), keys);
  if (key == nullptr) return error_of("exchange.not_for_us");
  // OpenSSL writes as it decrypts and looks at the tag at the end: into memory that nobody sees before.
  const Bio plain(BIO_new(BIO_s_mem()), BIO_free);
  const bool right = plain && CMS_decrypt_set1_pkey(cms.get(), key->get(), key->certificate().get()) == 1 &&
                     CMS_decrypt(cms.get(), nullptr, nullptr, nullptr, plain.get(), CMS_BINARY) == 1;
  char* bytes = nullptr;
  const long size_bytes = plain ? BIO_get_mem_data(plain.get(), &bytes) : 0;
  if (right) out.assign(bytes, bytes + size_bytes);
  if (size_bytes > 0) OPENSSL_cleanse(bytes, static_cast<size_t>(size_bytes));
  if (!right) return error_of("exchange.seal_broken");
  return {};
}

}  // namespace garita::exchange
