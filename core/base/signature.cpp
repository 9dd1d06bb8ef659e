#include "core/base/signature.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

namespace garita::base {

namespace {

constexpr uint64_t max_pem_bytes = 16384;
constexpr size_t max_der_bytes = 4096;
constexpr size_t p384_bytes = 48;

template <auto free_function>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using BigNumber = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using Key = std::shared_ptr<EVP_PKEY>;

Key own(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

// OpenSSL queues its own complaints for each thread; nobody reads them, and another call must not stumble
// over them.
Error key_error(const char* id) {
  ERR_clear_error();
  return Error{Outcome::not_loaded, id, {}, 0};
}

// Half of the group's order n, rounded down: the greatest s that a signature may have.
const BIGNUM* half_order() {
  static const BigNumber half = [] {
    BIGNUM* order = nullptr;
    BN_hex2bn(
        &order,
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973");
    BN_rshift1(order, order);
    return BigNumber(order);
  }();
  return half.get();
}

BigNumber negated(const BIGNUM* s) {
  BigNumber order(BN_dup(half_order())), result(BN_new());
  BN_lshift1(order.get(), order.get());
  BN_add_word(order.get(), 1);  // the order is a prime, so odd
  BN_sub(result.get(), order.get(), s);
  return result;
}

// r ‖ s to the DER that OpenSSL takes; empty for an s of the upper half.
std::vector<uint8_t> der_of_raw(Bytes raw) {
  BigNumber r(BN_bin2bn(raw.bytes(), p384_bytes, nullptr)),
      s(BN_bin2bn(raw.bytes() + p384_bytes, p384_bytes, nullptr));
  EcdsaSignature signature(ECDSA_SIG_new());
  if (!r || !s || !signature || BN_cmp(s.get(), half_order()) > 0) return {};
  if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  (void)r.release(), (void)s.release();
  uint8_t* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  std::vector<uint8_t> out(der, der + std::max(size, 0));
  OPENSSL_free(der);
  return out;
}

// The other way, with s brought to the lower half; empty where the DER is none.
std::vector<uint8_t> raw_of_der(const std::vector<uint8_t>& der) {
  const uint8_t* at = der.data();
  const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!signature) return {};
  BigNumber s(BN_dup(ECDSA_SIG_get0_s(signature.get())));
  if (s && BN_cmp(s.get(), half_order()) > 0) s = negated(s.get());
  std::vector<uint8_t> raw(2 * p384_bytes);
  const bool done = s && BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), p384_bytes) >= 0 &&
                    BN_bn2binpad(s.get(), raw.data() + p384_bytes, p384_bytes) >= 0;
  return done ? raw : std::vector<uint8_t>{};
}

const char* digest_name(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::ecdsa_p384 ? "SHA2-384" : nullptr;  // Ed25519 hashes inside
}

std::optional<SignatureAlgorithm> algorithm_of(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519")) return SignatureAlgorithm::ed25519;
  char group[32] = {};
  if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) == 1 &&
      std::string_view(group) == "secp384r1") {
    return SignatureAlgorithm::ecdsa_p384;
  }
  return std::nullopt;
}

std::vector<uint8_t> public_der(const EVP_PKEY* key) {
  uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  std::vector<uint8_t> out(der, der + std::max(size, 0));
  OPENSSL_free(der);
  return out;
}

// The SubjectPublicKeyInfo up to the key's own bytes.
constexpr std::array<uint8_t, 12> ed25519_prefix = {0x30, 0x2A, 0x30, 0x05, 0x06, 0x03,
                                                    0x2B, 0x65, 0x70, 0x03, 0x21, 0x00};
constexpr std::array<uint8_t, 23> p384_prefix = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2A, 0x86,
                                                 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x05, 0x2B,
                                                 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00};

}  // namespace

std::string_view name_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ed25519:
      return "Ed25519";
    case SignatureAlgorithm::ecdsa_p384:
      return "ECDSA-P384";
    case SignatureAlgorithm::ml_dsa_65_reserved:
      return "ML-DSA-65";
  }
  return "?";
}

size_t signature_size_bytes(SignatureAlgorithm algorithm) {
  if (algorithm == SignatureAlgorithm::ed25519) return 64;
  return algorithm == SignatureAlgorithm::ecdsa_p384 ? 2 * p384_bytes : 0;
}

Result<PublicKey> PublicKey::from_key(Key key) {
  const auto algorithm = algorithm_of(key.get());
  if (!algorithm) return key_error("base.key_algorithm");
  // OpenSSL writes a point as it read it; the one canonical form has it uncompressed on a named curve.
  if (*algorithm == SignatureAlgorithm::ecdsa_p384 &&
      (EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                      "uncompressed") != 1 ||
       EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_ENCODING, "named_curve") != 1)) {
    return key_error("base.key_malformed");
  }
  PublicKey out;
  out.algorithm_ = *algorithm;
  out.der_ = public_der(key.get());
  out.key_id_ = sha256(out.der_);
  out.key_ = std::move(key);
  return out;
}

Result<PublicKey> PublicKey::from_der(Bytes spki) {
  if (spki.size() > max_der_bytes) return key_error("base.key_malformed");
  const uint8_t* at = spki.bytes();
  Key key = own(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  if (!key || at != spki.bytes() + spki.size()) return key_error("base.key_malformed");
  GARITA_TRY_ASSIGN(out, from_key(std::move(key)));
  if (!std::ranges::equal(out.der_, std::span(spki.bytes(), spki.size())))
    return key_error("base.key_malformed");
  return out;
}

Result<PublicKey> PublicKey::from_raw(SignatureAlgorithm algorithm, Bytes raw) {
  std::vector<uint8_t> der;
  if (algorithm == SignatureAlgorithm::ed25519 && raw.size() == 32) {
    der.assign(ed25519_prefix.begin(), ed25519_prefix.end());
  } else if (algorithm == SignatureAlgorithm::ecdsa_p384 && raw.size() == 97) {
    der.assign(p384_prefix.begin(), p384_prefix.end());
  } else {
    return key_error("base.key_malformed");
  }
  der.insert(der.end(), raw.bytes(), raw.bytes() + raw.size());
  return from_der(der);
}

bool PublicKey::verify(Bytes message, Bytes signature) const {
  if (!key_ || signature.size() != signature_size_bytes(algorithm_)) return false;
  std::vector<uint8_t> wire(signature.bytes(), signature.bytes() + signature.size());
  if (algorithm_ == SignatureAlgorithm::ecdsa_p384) wire = der_of_raw(signature);
  const Context context(EVP_MD_CTX_new());
  const bool right =
      !wire.empty() && context &&
      EVP_DigestVerifyInit_ex(context.get(), nullptr, digest_name(algorithm_), nullptr, nullptr, key_.get(),
                              nullptr) == 1 &&
      EVP_DigestVerify(context.get(), wire.data(), wire.size(), message.bytes(), message.size()) == 1;
  if (!right) ERR_clear_error();
  return right;
}

Result<SigningKey> SigningKey::from_key(Key key) {
  GARITA_TRY_ASSIGN(public_key, PublicKey::from_key(key));
  return SigningKey(std::move(key), std::move(public_key));
}

Result<SigningKey> SigningKey::generate(SignatureAlgorithm algorithm) {
  EVP_PKEY* key = nullptr;
  if (algorithm == SignatureAlgorithm::ed25519) key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (algorithm == SignatureAlgorithm::ecdsa_p384) key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384");
  if (!key) return key_error(signature_size_bytes(algorithm) ? "base.random_failed" : "base.key_algorithm");
  return from_key(own(key));
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  if (pem.size() > max_pem_bytes) return key_error("base.key_malformed");
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // A callback that has no pass phrase: else OpenSSL would ask for one on the terminal.
  const auto no_pass_phrase = [](char*, int, int, void*) { return -1; };
  Key key = own(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
  if (!key) return key_error("base.key_malformed");
  return from_key(std::move(key));
}

Result<SigningKey> SigningKey::load(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(pem, read_text_file(path, max_pem_bytes));
  struct stat status {};
  const bool exposed = ::stat(path.c_str(), &status) != 0 || (status.st_mode & 077) != 0;
  auto key = exposed ? Result<SigningKey>(key_error("base.key_exposed")) : from_pem(pem);
  OPENSSL_cleanse(pem.data(), pem.size());
  if (key.ok()) return key;
  Error error = std::move(key).error();
  error.id = exposed ? error.id : "base.key_file";
  error.fields.push_back({"path", path.string()});
  return error;
}

Result<void> SigningKey::save(const std::filesystem::path& path, FileSystem& files) const {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return key_error("base.key_malformed");
  }
  char* pem = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &pem);
  // Under its name only when it is whole: half a key would stand in the way at the next start.
  const auto write = [&]() -> Result<void> {
    GARITA_TRY_ASSIGN(file, AtomicFile::create(path, 0600, files));
    GARITA_TRY(file.append(Bytes(pem, static_cast<size_t>(size))));
    return file.commit_new();
  };
  const auto written = write();
  OPENSSL_cleanse(pem, static_cast<size_t>(size));
  return written;
}

Result<std::vector<uint8_t>> SigningKey::sign(Bytes message) const {
  const Context context(EVP_MD_CTX_new());
  size_t size = 0;
  std::vector<uint8_t> signature;
  bool done = context && EVP_DigestSignInit_ex(context.get(), nullptr, digest_name(algorithm()), nullptr,
                                               nullptr, key_.get(), nullptr) == 1;
  done = done && EVP_DigestSign(context.get(), nullptr, &size, message.bytes(), message.size()) == 1;
  if (done) signature.resize(size);
  done = done && EVP_DigestSign(context.get(), signature.data(), &size, message.bytes(), message.size()) == 1;
  signature.resize(done ? size : 0);
  if (done && algorithm() == SignatureAlgorithm::ecdsa_p384) signature = raw_of_der(signature);
  if (signature.size() != signature_size_bytes(algorithm())) return key_error("base.sign_failed");
  return signature;
}

}  // namespace garita::base
