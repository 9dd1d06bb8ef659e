#include "core/base/signature.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <sys/stat.h>

#include <fstream>

#include "core/base/ids.hpp"
#include "core/base/testing/faulty_files.hpp"
#include "core/base/testing/temporary_folder.hpp"

namespace garita::base {
namespace {

constexpr const char* p384_order =
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973";

std::vector<uint8_t> hex(std::string_view text) { return *from_hex(text); }

std::string pem_of(const std::vector<uint8_t>& pkcs8) {
  return "-----BEGIN PRIVATE KEY-----\n" + to_base64(pkcs8) + "\n-----END PRIVATE KEY-----\n";
}

SigningKey ed25519_key(std::string_view secret) {
  return SigningKey::from_pem(pem_of(hex("302e020100300506032b657004220420" + std::string(secret)))).value();
}

// The other s that belongs to the same r: n − s.
std::vector<uint8_t> with_other_s(std::vector<uint8_t> signature) {
  BIGNUM* order = nullptr;
  BN_hex2bn(&order, p384_order);
  BIGNUM* s = BN_bin2bn(signature.data() + 48, 48, nullptr);
  BN_sub(s, order, s);
  BN_bn2binpad(s, signature.data() + 48, 48);
  BN_free(s), BN_free(order);
  return signature;
}

struct Rfc8032 {
  const char *secret, *public_key, *message, *signature;
};

// RFC 8032, 7.1, tests 1 to 3.
constexpr Rfc8032 rfc8032[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f"
     "0595bbe24"
     "655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2ea"
     "eb4302aee"
     "b00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e"
     "9716ed28d"
     "c027beceea1ec40a"},
};

TEST(Ed25519, vectors_of_the_rfc_hold) {
  for (const Rfc8032& row : rfc8032) {
    const SigningKey key = ed25519_key(row.secret);
    EXPECT_EQ(key.public_key(), *PublicKey::from_raw(SignatureAlgorithm::ed25519, hex(row.public_key)));
    EXPECT_EQ(to_hex(*key.sign(hex(row.message))), row.signature);
    EXPECT_TRUE(key.public_key().verify(hex(row.message), hex(row.signature)));
  }
}

TEST(Ed25519, s_plus_order_is_refused) {
  auto signature = hex(rfc8032[1].signature);
  const auto order =
      hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");  // little endian
  unsigned carry = 0;
  for (size_t i = 0; i < 32; ++i) {
    carry += signature[32 + i] + order[i];
    signature[32 + i] = static_cast<uint8_t>(carry);
    carry >>= 8;
  }
  const auto key = *PublicKey::from_raw(SignatureAlgorithm::ed25519, hex(rfc8032[1].public_key));
  EXPECT_FALSE(key.verify(hex(rfc8032[1].message), signature));
}

// RFC 6979, A.2.6, P-384 with SHA-384, message "sample": its s lies in the upper half.
class Rfc6979 : public ::testing::Test {
 protected:
  const PublicKey key_ = *PublicKey::from_raw(
      SignatureAlgorithm::ecdsa_p384,
      hex("04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13"
          "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd253326472"
          "0"));
  const std::vector<uint8_t> signature_ =
      hex("94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
          "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8");
};

TEST_F(Rfc6979, vector_verifies_with_its_lower_s_only) {
  EXPECT_TRUE(key_.verify("sample", with_other_s(signature_)));
  EXPECT_FALSE(key_.verify("sample", signature_));
}

TEST_F(Rfc6979, r_or_s_of_zero_or_beyond_the_order_is_refused) {
  const auto good = with_other_s(signature_);
  for (const size_t at : {0, 48}) {
    for (const uint8_t fill : {0x00, 0xFF}) {
      auto bad = good;
      std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(at), 48, fill);
      EXPECT_FALSE(key_.verify("sample", bad)) << at << " " << int{fill};
    }
  }
}

class BothAlgorithms : public ::testing::TestWithParam<SignatureAlgorithm> {
 protected:
  const SigningKey key_ = SigningKey::generate(GetParam()).value();
};

TEST_P(BothAlgorithms, signature_has_its_size_and_verifies) {
  for (int i = 0; i < 16; ++i) {  // half of all ECDSA signatures need their s brought down
    const auto signature = *key_.sign(std::to_string(i));
    EXPECT_EQ(signature.size(), signature_size_bytes(GetParam()));
    EXPECT_TRUE(key_.public_key().verify(std::to_string(i), signature));
  }
}

TEST_P(BothAlgorithms, any_flipped_bit_is_noticed) {
  const auto signature = *key_.sign("message");
  for (size_t i = 0; i < signature.size() * 8; ++i) {
    auto bad = signature;
    bad[i / 8] ^= static_cast<uint8_t>(1 << i % 8);
    ASSERT_FALSE(key_.public_key().verify("message", bad)) << "bit " << i;
  }
  EXPECT_FALSE(key_.public_key().verify("messagf", signature));
  EXPECT_FALSE(key_.public_key().verify("", signature));
}

TEST_P(BothAlgorithms, signature_of_another_length_is_refused) {
  auto signature = *key_.sign("message");
  signature.push_back(0);
  EXPECT_FALSE(key_.public_key().verify("message", signature));
  signature.resize(signature.size() - 2);
  EXPECT_FALSE(key_.public_key().verify("message", signature));
  EXPECT_FALSE(key_.public_key().verify("message", {}));
}

TEST_P(BothAlgorithms, another_key_does_not_verify) {
  const auto other = SigningKey::generate(GetParam()).value();
  EXPECT_FALSE(other.public_key().verify("message", *key_.sign("message")));
  EXPECT_NE(other.public_key().key_id(), key_.public_key().key_id());
}

TEST_P(BothAlgorithms, public_key_comes_back_from_der_with_the_same_id) {
  const PublicKey& key = key_.public_key();
  const auto copy = PublicKey::from_der(key.der());
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(*copy, key);
  EXPECT_EQ(copy->key_id(), sha256(key.der()));
  EXPECT_EQ(copy->algorithm(), GetParam());
  EXPECT_TRUE(copy->verify("message", *key_.sign("message")));
}

TEST_P(BothAlgorithms, damaged_der_is_refused_or_is_another_key) {
  const auto& der = key_.public_key().der();
  for (size_t size = 0; size < der.size(); ++size)
    EXPECT_FALSE(PublicKey::from_der(Bytes(der.data(), size)).ok());
  auto longer = der;
  longer.push_back(0);
  EXPECT_EQ(PublicKey::from_der(longer).error().id, "base.key_malformed");
  for (size_t i = 0; i < der.size(); ++i) {
    auto damaged = der;
    damaged[i] ^= 1;
    const auto key = PublicKey::from_der(damaged);
    EXPECT_FALSE(key.ok() && key->key_id() == key_.public_key().key_id()) << i;
  }
}

TEST_P(BothAlgorithms, key_comes_back_from_its_file) {
  const testing::TemporaryFolder folder;
  ASSERT_TRUE(key_.save(folder / "key.pem").ok());
  struct stat status {};
  ASSERT_EQ(::stat((folder / "key.pem").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto loaded = SigningKey::load(folder / "key.pem");
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(key_.public_key().verify("message", *loaded->sign("message")));
}

INSTANTIATE_TEST_SUITE_P(Signature, BothAlgorithms,
                         ::testing::Values(SignatureAlgorithm::ed25519, SignatureAlgorithm::ecdsa_p384),
                         [](const auto& instance) {
                           return instance.param == SignatureAlgorithm::ed25519 ? "ed25519" : "ecdsa_p384";
                         });

class KeyFile : public ::testing::Test {
 protected:
  void write(std::string_view content, mode_t mode = 0600) const {
    std::ofstream(path_) << content;
    ::chmod(path_.c_str(), mode);
  }
  const testing::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "key.pem";
};

TEST_F(KeyFile, file_that_others_can_read_is_refused) {
  ASSERT_TRUE(SigningKey::generate(SignatureAlgorithm::ed25519)->save(path_).ok());
  for (const mode_t mode : {0640, 0604, 0644}) {
    ::chmod(path_.c_str(), mode);
    const auto key = SigningKey::load(path_);
    ASSERT_FALSE(key.ok());
    EXPECT_EQ(key.error().id, "base.key_exposed");
    EXPECT_EQ(key.error().field("path"), path_.string());
  }
}

TEST_F(KeyFile, old_key_is_never_overwritten) {
  const auto key = SigningKey::generate(SignatureAlgorithm::ed25519);
  ASSERT_TRUE(key->save(path_).ok());
  EXPECT_EQ(SigningKey::generate(SignatureAlgorithm::ed25519)->save(path_).error().id, "base.file_exists");
  EXPECT_EQ(SigningKey::load(path_)->public_key(), key->public_key());
}

TEST_F(KeyFile, write_that_fails_leaves_no_file) {
  testing::FaultyFileSystem files;
  const auto key = SigningKey::generate(SignatureAlgorithm::ed25519);
  for (const auto call : {testing::FileCall::append, testing::FileCall::sync, testing::FileCall::rename}) {
    files.fail({.call = call, .partial_bytes = 20});
    EXPECT_EQ(key->save(path_, files).error().id, "base.disk_full");
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  }
}

TEST_F(KeyFile, rubbish_encrypted_and_foreign_keys_are_refused) {
  for (const char* content :
       {"", "rubbish", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMBwwDgYJKoZIhvcNAQUDMAAECgAAAAAAAAAAAAA=\n"
        "-----END ENCRYPTED PRIVATE KEY-----\n"}) {
    write(content);
    EXPECT_EQ(SigningKey::load(path_).error().id, "base.key_file") << content;
  }
}

TEST_F(KeyFile, file_that_is_not_there_is_named) {
  EXPECT_EQ(SigningKey::load(path_).error().id, "base.file_missing");
}

// X25519 agrees on secrets and signs nothing.
TEST(PublicKey, key_of_another_kind_is_refused) {
  const auto der = hex("302a300506032b656e032100" + std::string(62, '0') + "09");
  EXPECT_EQ(PublicKey::from_der(der).error().id, "base.key_algorithm");
}

// One key, two encodings: with the point compressed it would have a second id.
TEST_F(Rfc6979, compressed_point_is_refused) {
  const auto x = std::vector<uint8_t>(key_.der().begin() + 24, key_.der().begin() + 72);
  const auto der = hex("3046301006072a8648ce3d020106052b8104002203320002" + to_hex(x));
  EXPECT_EQ(PublicKey::from_der(der).error().id, "base.key_malformed");
}

TEST_F(Rfc6979, private_key_with_compressed_point_has_the_same_id) {
  const std::string secret =
      "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5";
  const auto x = std::vector<uint8_t>(key_.der().begin() + 24, key_.der().begin() + 72);
  const auto der = hex("30740201010430" + secret + "a00706052b81040022a13403320002" + to_hex(x));
  const auto key = SigningKey::from_pem("-----BEGIN EC PRIVATE KEY-----\n" + to_base64(der) +
                                        "\n-----END EC PRIVATE KEY-----\n");
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->public_key().key_id(), key_.key_id());
}

TEST(PublicKey, point_off_the_curve_and_raw_of_wrong_size_are_refused) {
  std::vector<uint8_t> point(97, 1);
  point[0] = 4;
  EXPECT_FALSE(PublicKey::from_raw(SignatureAlgorithm::ecdsa_p384, point).ok());
  EXPECT_FALSE(PublicKey::from_raw(SignatureAlgorithm::ed25519, point).ok());
  EXPECT_FALSE(PublicKey::from_raw(SignatureAlgorithm::ml_dsa_65_reserved, point).ok());
  EXPECT_FALSE(PublicKey::from_raw(static_cast<SignatureAlgorithm>(77), point).ok());
}

TEST(SigningKey, reserved_algorithm_is_not_made) {
  EXPECT_EQ(SigningKey::generate(SignatureAlgorithm::ml_dsa_65_reserved).error().id, "base.key_algorithm");
}

}  // namespace
}  // namespace garita::base
