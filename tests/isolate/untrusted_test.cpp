// What a worker says cannot be used before somebody looked at it: for the most part a matter of what does not compile.
#include "core/isolate/wire/untrusted.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/isolate/wire/bytes.hpp"

namespace garita::isolate {
namespace {

// Is there any way to use a T as it is?
template <typename T, typename V>
concept converts = std::is_convertible_v<T, V> || std::is_constructible_v<V, T> || std::is_assignable_v<V&, T>;
template <typename T>
concept calculates = requires(T a, T b) { a + b; } || requires(T a) { a + 1; } || requires(T a) { -a; };
template <typename T>
concept compares = requires(T a, T b) { a == b; } || requires(T a) { a < 1u; } || requires(T a) { a == 1u; };
template <typename T>
concept decides = requires(T a) { a ? 1 : 0; } || requires(T a) { !a; };
template <typename T>
concept indexes = requires(T a, std::vector<int> v) { v[a]; } || requires(T a, int* p) { p + a; };
template <typename T>
concept opens = requires(T a) { *a; } || requires(T a) { a.value(); } || requires(T a) { a.get(); } ||
                requires(T a) { a->size(); } || requires(T a) { a.value_; } || requires(T a) { a.begin(); };

template <typename T>
concept is_satisfied_by_silence = requires(T size) { size.checked([](uint32_t) {}); };
template <typename T>
concept is_verified_by_yes = requires(T text) { std::move(text).verified([](std::string&) { return true; }); };
template <typename T>
concept hands_out_plain_bytes = requires(T in) { in.rest(); } || requires(T in) { in.raw(1); };

static_assert(converts<uint32_t, size_t> && calculates<uint32_t> && compares<uint32_t> && decides<uint32_t> &&
                  indexes<uint32_t> && opens<std::optional<std::string>>,
              "else the questions ask nothing");
static_assert(!converts<Untrusted<uint32_t>, uint32_t> && !converts<Untrusted<uint32_t>, size_t> &&
              !converts<Untrusted<uint32_t>, bool> && !converts<Untrusted<uint32_t>, Untrusted<uint64_t>>);
static_assert(!converts<Untrusted<std::string>, std::string> && !converts<Untrusted<std::string>, std::string_view>);
static_assert(!calculates<Untrusted<uint32_t>> && !compares<Untrusted<uint32_t>> && !decides<Untrusted<uint32_t>> &&
              !indexes<Untrusted<uint32_t>> && !opens<Untrusted<uint32_t>>);
static_assert(!opens<Untrusted<std::string>> && !opens<Untrusted<std::vector<uint32_t>>> &&
              !compares<Untrusted<std::string>>);
// A check must answer yes or no; one that answers nothing is none.
static_assert(!is_satisfied_by_silence<Untrusted<uint32_t>> && !is_verified_by_yes<Untrusted<std::string>>);
// What the host's reader gives out is all of this kind.
static_assert(std::is_same_v<decltype(std::declval<OutsideReader>().get<uint64_t>()), Untrusted<uint64_t>>);
static_assert(std::is_same_v<decltype(std::declval<OutsideReader>().text(1)), Untrusted<std::string>>);
static_assert(hands_out_plain_bytes<Reader> && !hands_out_plain_bytes<OutsideReader>);

TEST(Untrusted, a_value_comes_out_by_a_check_that_it_passes) {
  const Untrusted<uint32_t> count(7);
  const auto below = [](uint32_t limit) { return [limit](uint32_t n) { return n < limit; }; };
  EXPECT_EQ(count.checked(below(8)), 7u);
  EXPECT_EQ(count.checked(below(7)), std::nullopt);
}

TEST(Untrusted, a_size_is_cut_to_its_limit) {
  EXPECT_EQ(Untrusted<uint32_t>(UINT32_MAX).clamped(4096), 4096u);
  EXPECT_EQ(Untrusted<uint32_t>(12).clamped(4096), 12u);
}

TEST(Untrusted, a_check_with_a_reason_hands_its_error_on_and_may_mend) {
  const auto no_path = [](std::string& name) -> base::Result<void> {
    if (name.find('/') != std::string::npos) return base::Error{base::Outcome::no, "test.path", {}};
    name += '!';
    return {};
  };
  EXPECT_EQ(Untrusted<std::string>("../x").verified(no_path).error().id, "test.path");
  EXPECT_EQ(*Untrusted<std::string>("x").verified(no_path), "x!");
}

class Outside : public ::testing::Test {
 protected:
  OutsideReader written(uint32_t number, std::string_view text) {
    Writer out(room_);
    out.put(number);
    out.text(text);
    return OutsideReader(std::span<const std::byte>(room_).first(out.size()));
  }
  std::vector<std::byte> room_ = std::vector<std::byte>(256);
  static bool whole(const std::string& text) { return !text.empty(); }
};

TEST_F(Outside, a_text_longer_than_its_limit_is_not_read) {
  OutsideReader in = written(1, "four");
  (void)in.get<uint32_t>();
  EXPECT_EQ(in.text(3).checked(whole), std::nullopt);
  EXPECT_FALSE(in.ok());
}

TEST_F(Outside, bytes_are_given_only_where_they_all_are) {
  OutsideReader in = written(4, "four");
  (void)in.get<uint32_t>();
  const auto all = in.bytes(4);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), 4u);
  OutsideReader short_one = written(9, "four");  // a size of 9, and 8 bytes behind it
  EXPECT_FALSE(short_one.bytes(100));
  EXPECT_FALSE(short_one.ok());
}

TEST_F(Outside, a_flag_that_is_neither_yes_nor_no_fails) {
  OutsideReader yes = written(1, "");
  EXPECT_TRUE(yes.flag() && yes.ok());
  OutsideReader other = written(2, "");
  EXPECT_FALSE(other.flag() || other.ok());
}

}  // namespace
}  // namespace garita::isolate
