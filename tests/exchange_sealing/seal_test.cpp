
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <random>

#include "tests/exchange_sealing/parties.hpp"

namespace garita::exchange::testing {
namespace {

using Bytes = std::vector<std::byte>;

Bytes noise(size_t size_bytes) {
  std::mt19937 random(5);
  Bytes bytes(size_bytes);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

class SealTest : public SealingTest {
 protected:
  Bytes sealed(base::Bytes content) { return *seal(content, recipients_); }
  base::Result<Bytes> opened(const Bytes& bytes) { return unseal(bytes, keys_of_); }

  const Party party_ = make_party();
  std::vector<SealingCertificate> recipients_{certificate(party_)};
  std::vector<OpeningKey> keys_of_{key(party_)};
};

TEST_F(SealTest, recipient_reads_what_was_sealed) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{1000}, segment_bytes, segment_bytes + 1})
    EXPECT_EQ(*opened(sealed(noise(size))), noise(size)) << size;
}

TEST_F(SealTest, p384_recipient_reads_it_too) {
  const Party party = make_party("P-384");
  recipients_ = {certificate(party)};
  keys_of_ = {key(party)};
  EXPECT_EQ(base::Bytes(*opened(sealed("secret"))).text(), "secret");
}

TEST_F(SealTest, nothing_of_the_content_is_in_the_sealed_bytes) {
  const std::string secret = "a plate, a VIN and a name";
  const Bytes bytes = sealed(secret);
  EXPECT_EQ(base::Bytes(bytes).text().find("plate"), std::string_view::npos);
  EXPECT_EQ(base::Bytes(*opened(bytes)).text(), secret);  // the control: it was in there
}

TEST_F(SealTest, same_content_is_never_sealed_alike) { EXPECT_NE(sealed("x"), sealed("x")); }

TEST_F(SealTest, other_key_opens_nothing) {
  keys_of_ = {key(make_party())};
  EXPECT_EQ(opened(sealed("secret")).error().id, "exchange.not_for_us");
  keys_of_.clear();
  EXPECT_EQ(opened(sealed("secret")).error().id, "exchange.not_for_us");
}

TEST_F(SealTest, any_flipped_byte_releases_no_plaintext) {
  const Bytes whole = sealed("secret");
  // 0x20: another case of a letter, an element that no longer says it holds others. 0x03, 0x05, 0x18: another
  // form of a point, scheme of agreement and kind of text.
  std::vector<int> flips = {0x01, 0x03, 0x05, 0x10, 0x18, 0x20, 0x80};
  if (std::getenv("GARITA_LONG") != nullptr) {
    flips.resize(255);
    std::iota(flips.begin(), flips.end(), 1);
  }
  for (const int flip : flips)
    for (size_t at = 0; at < whole.size(); ++at) {
      Bytes bytes = whole;
      bytes[at] ^= static_cast<std::byte>(flip);
      EXPECT_FALSE(opened(bytes).ok()) << at << " flip " << flip;
    }
}

// With a tag of one byte, one in 256 guesses would be taken. Lengths of the elements around it are mended.
TEST_F(SealTest, tag_that_was_shortened_is_refused) {
  Bytes bytes = sealed("secret");
  const auto shorten = [&bytes](size_t at, size_t by) {
    const size_t low = static_cast<size_t>(bytes[at]) << 8 | static_cast<size_t>(bytes[at + 1]);
    bytes[at] = static_cast<std::byte>((low - by) >> 8);
    bytes[at + 1] = static_cast<std::byte>(low - by);
  };
  ASSERT_EQ(bytes[bytes.size() - 17], std::byte{16});
  bytes[bytes.size() - 17] = std::byte{1};
  bytes.resize(bytes.size() - 15);
  const size_t length = static_cast<size_t>(bytes[16]) + (static_cast<size_t>(bytes[17]) << 8) - 15;
  bytes[16] = static_cast<std::byte>(length);
  bytes[17] = static_cast<std::byte>(length >> 8);
  for (const size_t at : {22u, 39u, 43u}) shorten(at, 15);  // the three elements that hold all else
  EXPECT_EQ(opened(bytes).error().id, "exchange.not_sealed");
}

TEST_F(SealTest, content_cut_at_any_length_releases_no_plaintext) {
  const Bytes whole = sealed("secret");
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(opened(Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size))).ok()) << size;
}

// The segments of a sealed file, without the magic.
std::vector<Bytes> segments(const Bytes& sealed) {
  std::vector<Bytes> out;
  for (size_t at = 16; at < sealed.size();) {
    uint32_t size = 0;
    std::memcpy(&size, sealed.data() + at, 4);
    out.emplace_back(sealed.begin() + static_cast<ptrdiff_t>(at),
                     sealed.begin() + static_cast<ptrdiff_t>(at + 4 + size));
    at += 4 + size;
  }
  return out;
}

Bytes joined(const Bytes& sealed, const std::vector<Bytes>& parts) {
  Bytes out(sealed.begin(), sealed.begin() + 16);
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

TEST_F(SealTest, segments_that_are_missing_moved_doubled_or_of_another_content_are_noticed) {
  const Bytes a = sealed(noise(2 * segment_bytes + 7)), b = sealed(noise(2 * segment_bytes + 7));
  const auto of_a = segments(a), of_b = segments(b);
  ASSERT_EQ(of_a.size(), 3u);
  EXPECT_TRUE(opened(joined(a, of_a)).ok());
  const std::vector<std::vector<Bytes>> wrong = {{of_a[0], of_a[1]},
                                                 {of_a[0], of_a[2]},
                                                 {of_a[1], of_a[0], of_a[2]},
                                                 {of_a[0], of_a[1], of_a[1], of_a[2]},
                                                 {of_a[2]},
                                                 {of_a[0], of_b[1], of_a[2]},
                                                 {of_a[0], of_a[1], of_a[2], of_a[2]}};
  for (const auto& parts : wrong) EXPECT_EQ(opened(joined(a, parts)).error().id, "exchange.seal_broken");
}

TEST_F(SealTest, plain_is_written_into_unnamed_memory_only) {
  auto plain = *Plain::in_memory();
  const Bytes content = noise(100), bytes = sealed(content);
  base::write_file(folder_.path() / "sealed", bytes).ok();
  const auto file = *base::real_file_system().open(folder_.path() / "sealed");
  auto done = unseal(*file, keys_of_, std::move(plain));
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->size_bytes(), content.size());
  EXPECT_EQ(*base::read_file(done->path(), 1000), content);
}

TEST_F(SealTest, plain_of_a_folder_has_no_name_there) {
  const auto empty = folder_.path() / "state";
  std::filesystem::create_directory(empty);
  auto plain = Plain::in_folder(empty);
  if (!plain.ok()) GTEST_SKIP() << "this file system has no O_TMPFILE";
  ASSERT_TRUE(plain->append("secret").ok());
  EXPECT_TRUE(std::filesystem::is_empty(empty));
}

TEST_F(SealTest, certificates_overlap_while_keys_rotate) {
  const Party next = make_party();
  recipients_.push_back(certificate(next));
  const Bytes bytes = sealed("secret");
  EXPECT_TRUE(opened(bytes).ok());
  keys_of_ = {key(next)};
  EXPECT_TRUE(opened(bytes).ok());
}

TEST_F(SealTest, only_certificates_of_the_hour_are_sealed_for) {
  const auto now = static_cast<int64_t>(std::time(nullptr)) * 1'000'000'000;
  const auto old = certificate(make_party("P-256", -7200, -3600)), current = recipients_[0],
             next = certificate(make_party("P-256", 3600, 7200));
  const auto valid = *valid_certificates({old, current, next}, now);
  ASSERT_EQ(valid.size(), 1u);
  EXPECT_EQ(valid[0].id(), current.id());
  EXPECT_EQ(valid_certificates({old}, now).error().id, "exchange.certificate_expired");
}

TEST_F(SealTest, certificates_of_other_keys_or_uses_are_refused) {
  for (const Party& party : {make_party("P-521"), make_party("P-256", -1, 100, "digitalSignature")})
    EXPECT_EQ(SealingCertificate::from_pem(party.certificate_pem, "x").error().id,
              "exchange.certificate_key");
  EXPECT_EQ(SealingCertificate::from_pem("nonsense", "x").error().id, "exchange.certificate_malformed");
}

TEST_F(SealTest, key_of_another_certificate_or_open_to_all_is_refused) {
  const std::string path = (folder_.path() / "loose.pem").string();
  std::ofstream(path) << make_party().key_pem;
  std::filesystem::permissions(path, std::filesystem::perms(0600));
  EXPECT_EQ(OpeningKey::load(path, recipients_[0]).error().id, "exchange.key_other");
  std::filesystem::permissions(path, std::filesystem::perms(0644));
  EXPECT_EQ(OpeningKey::load(path, recipients_[0]).error().id, "base.key_exposed");
}

}  // namespace
}  // namespace garita::exchange::testing
