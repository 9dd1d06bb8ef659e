#include "core/base/ids.hpp"

#include "core/base/digest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace garita::base {
namespace {

class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) {}
  Result<void> fill(std::span<uint8_t> out) override {
    std::copy_n(bytes_.begin(), out.size(), out.begin());
    return {};
  }

 private:
  std::vector<uint8_t> bytes_;
};

class NoRandom final : public Random {
 public:
  Result<void> fill(std::span<uint8_t>) override {
    return Error{Outcome::not_loaded, "base.random_failed", {}, 0};
  }
};

// RFC 9562, appendix A.6; the fraction that gives its rand_a of 0xCC3.
TEST(Uuid, version_7_has_the_layout_of_the_rfc) {
  const ManualClock clock(1'645'557'742'000'797'608);
  FixedRandom random({0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F});
  EXPECT_EQ(to_text(*uuid_v7(clock, random)), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(Uuid, variant_and_version_stand_whatever_the_random_bytes) {
  FixedRandom ones(std::vector<uint8_t>(8, 0xFF));
  EXPECT_EQ(to_text(*uuid_v7(ManualClock(0), ones)), "00000000-0000-7000-bfff-ffffffffffff");
}

TEST(Uuid, later_ids_sort_later) {
  ManualClock clock(1'700'000'000'000'000'000);
  Uuid last;
  for (int i = 0; i < 10'000; ++i) {
    const auto uuid = uuid_v7(clock);
    ASSERT_TRUE(uuid.ok());
    ASSERT_LT(last, *uuid);
    ASSERT_LT(to_text(last), to_text(*uuid));
    last = *uuid;
    clock.advance(250);
  }
}

TEST(Uuid, ids_of_one_moment_differ) {
  const ManualClock clock(1'700'000'000'000'000'000);
  std::set<Uuid> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(*uuid_v7(clock));
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Uuid, no_randomness_is_an_error_and_not_a_weak_id) {
  NoRandom random;
  EXPECT_EQ(uuid_v7(system_clock(), random).error().id, "base.random_failed");
}

TEST(Uuid, time_comes_back_in_milliseconds) {
  const ManualClock clock(1'700'000'000'123'456'789);
  EXPECT_EQ(utc_ns_of(*uuid_v7(clock)), 1'700'000'000'123'000'000);
}

TEST(Uuid, time_that_no_clock_has_does_not_overflow) {
  Uuid uuid;
  uuid.bytes.fill(0xFF);
  EXPECT_GT(utc_ns_of(uuid), 0);
}

TEST(Uuid, text_comes_back_in_either_case) {
  const std::string text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  std::string upper = text;
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  ASSERT_TRUE(parse_uuid(text));
  EXPECT_EQ(to_text(*parse_uuid(text)), text);
  EXPECT_EQ(parse_uuid(upper), parse_uuid(text));
}

TEST(Uuid, other_texts_are_refused) {
  for (const char* bad : {"", "017f22e279b07cc398c4dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
                          "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                          "017f22e2079b0-7cc3-98c4-dc0c0c07398f", "017f22e-279b0-7cc3-98c4-dc0c0c07398f"}) {
    EXPECT_FALSE(parse_uuid(bad)) << bad;
  }
}

TEST(Hex, bytes_come_back) {
  EXPECT_EQ(to_hex(std::vector<uint8_t>{0x00, 0x7F, 0xAB, 0xFF}), "007fabff");
  EXPECT_EQ(from_hex("007FabFf"), (std::vector<uint8_t>{0x00, 0x7F, 0xAB, 0xFF}));
  EXPECT_EQ(from_hex(""), std::vector<uint8_t>{});
}

TEST(Hex, odd_length_and_other_digits_are_refused) {
  for (const char* bad : {"0", "abc", "0g", "0x", " 0", "-1"}) EXPECT_FALSE(from_hex(bad)) << bad;
}

// RFC 4648, section 10.
TEST(Base64, vectors_of_the_rfc_hold_both_ways) {
  for (const auto& [plain, coded] : {std::pair{"", ""},
                                     {"f", "Zg=="},
                                     {"fo", "Zm8="},
                                     {"foo", "Zm9v"},
                                     {"foob", "Zm9vYg=="},
                                     {"fooba", "Zm9vYmE="},
                                     {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(to_base64(plain), coded);
    const auto bytes = from_base64(coded);
    ASSERT_TRUE(bytes) << coded;
    EXPECT_EQ(std::string(bytes->begin(), bytes->end()), plain);
  }
}

TEST(Base64, every_byte_comes_back) {
  std::vector<uint8_t> bytes(256);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
}

TEST(Base64, sloppy_texts_are_refused) {
  for (const char* bad : {"Zg", "Zg=", "Zg===", "====", "Z===", "Zh==", "Zm9=", "Zm 8=", "Zm8=\n",
                          "Zg==Zg==", "Zm-_", "=Zg="}) {
    EXPECT_FALSE(from_base64(bad)) << bad;
  }
}

TEST(SeededRandom, one_seed_gives_one_stream_however_it_is_cut) {
  SeededRandom whole(7), parts(7), other(8);
  std::vector<uint8_t> a(100), b(100), c(100);
  ASSERT_TRUE(whole.fill(a).ok() && other.fill(c).ok());
  for (size_t at = 0; at < 100; at += 20) ASSERT_TRUE(parts.fill(std::span(b).subspan(at, 20)).ok());
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  // SHA-256 of 07 00 … (seed) and 00 … (counter), as any other program computes it.
  std::vector<uint8_t> input(16);
  input[0] = 7;
  EXPECT_EQ(to_hex(std::span<const uint8_t>(a).first(32)), to_text(sha256(input)));
}

TEST(SystemRandom, fills_all_of_a_large_piece) {
  std::vector<uint8_t> bytes((1 << 20) + 64);
  ASSERT_TRUE(system_random().fill(bytes).ok());
  EXPECT_TRUE(std::any_of(bytes.end() - 64, bytes.end(), [](uint8_t b) { return b != 0; }));
}

}  // namespace
}  // namespace garita::base
