#include "core/base/digest.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <thread>
#include <vector>

namespace garita::base {
namespace {

// FIPS 180-4 examples.
constexpr const char* abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Sha256, known_answers_hold) {
  EXPECT_EQ(to_text(sha256("")), nothing);
  EXPECT_EQ(to_text(sha256("abc")), abc);
  EXPECT_EQ(to_text(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_text(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, pieces_give_the_hash_of_the_whole) {
  const std::string text(1000, 'x');
  Sha256 hash;
  for (size_t at = 0; at < text.size(); at += 7) hash.update(std::string_view(text).substr(at, 7));
  EXPECT_EQ(hash.finish(), sha256(text));
}

TEST(Sha256, finish_starts_anew_and_reset_forgets) {
  Sha256 hash;
  EXPECT_EQ(to_text(hash.update("abc").finish()), abc);
  EXPECT_EQ(to_text(hash.finish()), nothing);
  hash.update("something");
  hash.reset();
  EXPECT_EQ(to_text(hash.update("abc").finish()), abc);
}

TEST(Sha256, threads_do_not_disturb_each_other) {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (int& count : wrong) {
    threads.emplace_back([&count] {
      for (int i = 0; i < 2000; ++i) count += to_text(sha256("abc")) != abc;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
}

TEST(Digest, text_comes_back_and_other_texts_are_refused) {
  EXPECT_EQ(parse_digest(abc), sha256("abc"));
  EXPECT_FALSE(parse_digest(""));
  EXPECT_FALSE(parse_digest(std::string(62, 'a')));
  EXPECT_FALSE(parse_digest(std::string(66, 'a')));
  EXPECT_FALSE(parse_digest(std::string(63, 'a') + "g"));
}

TEST(Bytes, literal_string_and_array_mean_the_same_bytes) {
  const uint8_t array[] = {'a', 'b', 'c'};
  const std::vector<std::byte> bytes = {std::byte{'a'}, std::byte{'b'}, std::byte{'c'}};
  EXPECT_EQ(Bytes("abc").size(), 3u);
  EXPECT_EQ(sha256(array), sha256(std::string("abc")));
  EXPECT_EQ(sha256(bytes), sha256("abc"));
}

}  // namespace
}  // namespace garita::base
