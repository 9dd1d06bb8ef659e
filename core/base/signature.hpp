// Signatures: Ed25519 (RFC 8032) and ECDSA P-384 with SHA-384 (FIPS 186-4), through OpenSSL.
//
// A signature is a fixed number of raw bytes: Ed25519 R ‖ S, 64 bytes; ECDSA r ‖ s, 48 bytes each, big
// endian. Exactly one signature text per signing act verifies: Ed25519 demands S < L, and of the two values s
// and n − s that ECDSA would take, only the lower one (s <= n/2) is written and accepted. A token that signs
// with the upper one is brought to the lower one by whoever wraps it. A message is signed whole; nobody
// hashes beforehand.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/result.hpp"

struct evp_pkey_st;

namespace garita::base {

// The numbers stand in files.
enum class SignatureAlgorithm : uint16_t {
  ed25519 = 1,
  ecdsa_p384 = 2,
  ml_dsa_65_reserved = 3,  // no key and no signature of it is made or accepted yet
};

std::string_view name_of(SignatureAlgorithm algorithm);     // "Ed25519", "ECDSA-P384", "ML-DSA-65", "?"
size_t signature_size_bytes(SignatureAlgorithm algorithm);  // 64, 96; 0 for what is not built

// Immutable and cheap to copy; any thread.
class PublicKey {
 public:
  // The SubjectPublicKeyInfo in DER. Only the one canonical encoding of a key is taken, so that a key has one
  // key_id. "base.key_malformed", "base.key_algorithm".
  static Result<PublicKey> from_der(Bytes spki);
  // Ed25519: 32 bytes; P-384: the uncompressed point, 97 bytes from 0x04.
  static Result<PublicKey> from_raw(SignatureAlgorithm algorithm, Bytes raw);

  SignatureAlgorithm algorithm() const { return algorithm_; }
  const std::vector<uint8_t>& der() const { return der_; }  // 44 bytes Ed25519, 120 bytes P-384
  const Digest& key_id() const { return key_id_; }          // SHA-256 of der()

  // false for anything but a right signature of its one right form.
  bool verify(Bytes message, Bytes signature) const;

  bool operator==(const PublicKey& other) const { return der_ == other.der_; }

 private:
  friend class SigningKey;
  static Result<PublicKey> from_key(std::shared_ptr<evp_pkey_st> key);

  SignatureAlgorithm algorithm_{};
  std::vector<uint8_t> der_;
  Digest key_id_{};
  std::shared_ptr<evp_pkey_st> key_;
};

// A private key in memory. Any thread.
class SigningKey {
 public:
  static Result<SigningKey> generate(SignatureAlgorithm algorithm);
  // PKCS#8 in PEM, not encrypted.
  static Result<SigningKey> from_pem(std::string_view pem);
  // Refuses a file that anyone but its owner can read ("base.key_exposed").
  static Result<SigningKey> load(const std::filesystem::path& path);

  // Writes PKCS#8 PEM to a new file, mode 0600, synced; never over an old one ("base.file_exists").
  Result<void> save(const std::filesystem::path& path, FileSystem& files = real_file_system()) const;

  SignatureAlgorithm algorithm() const { return public_key_.algorithm(); }
  const PublicKey& public_key() const { return public_key_; }
  Result<std::vector<uint8_t>> sign(Bytes message) const;

 private:
  SigningKey(std::shared_ptr<evp_pkey_st> key, PublicKey public_key)
      : key_(std::move(key)), public_key_(std::move(public_key)) {}
  static Result<SigningKey> from_key(std::shared_ptr<evp_pkey_st> key);

  std::shared_ptr<evp_pkey_st> key_;
  PublicKey public_key_;
};

}  // namespace garita::base
