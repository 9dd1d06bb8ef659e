// What a device is told to say takes the place of what its seed has, and moves nothing else.
#include "tools/garita-sim/given.hpp"

#include <gtest/gtest.h>

#include "core/base/clock.hpp"
#include "tools/garita-sim/papers.hpp"
#include "tools/garita-sim/scenes.hpp"

namespace garita::sim {
namespace {

class GivenWords : public ::testing::Test {
 protected:
  ~GivenWords() override { given() = {}; }

  static void tell(const char* words) {
    const auto own = parse_given(words);
    ASSERT_TRUE(own) << words;
    given() = *own;
  }
  // The papers of a lorry, and what the lot is after them.
  static std::pair<Facts, uint32_t> papers() {
    Random random(7);
    const Facts facts = draw_papers(random, {});
    return {facts, random.below(1u << 30)};
  }
};

TEST_F(GivenWords, that_are_given_are_said_and_the_rest_is_as_it_was) {
  const auto [drawn, after_drawn] = papers();
  tell("plate=GARITA1,container=SIMU0000015");
  const auto [told, after_told] = papers();
  ASSERT_EQ(told.size(), drawn.size());
  for (size_t i = 0; i < told.size(); ++i) {
    const auto fact = static_cast<portal::Fact>(told[i].first);
    const bool given_one = fact == portal::Fact::plate || fact == portal::Fact::container;
    EXPECT_EQ(told[i].second == drawn[i].second, !given_one) << i;
  }
  EXPECT_EQ(after_told, after_drawn);
}

TEST_F(GivenWords, clock_is_ahead_by_as_much) {
  tell("ahead=86400");
  EXPECT_GT(now_utc_ns(), base::system_clock().utc_ns() + INT64_C(86'000'000'000'000));
  tell("ahead=-86400");
  EXPECT_LT(now_utc_ns(), base::system_clock().utc_ns());
}

TEST_F(GivenWords, again_is_the_first_passage_for_ever) {
  EXPECT_EQ(passage_or(5), 5u);
  tell("again=1,serial=X1");
  EXPECT_EQ(passage_or(5), 0u);
  EXPECT_EQ(serial_or("SP64-00001"), "X1");
}

TEST_F(GivenWords, that_nobody_knows_are_refused) {
  for (const char* words : {"plate", "plate=", "=x", "colour=red", "ahead=soon", "ahead=1e3", "again=2", ",", "plate=A,,",
                            "ahead=99999999999"})
    EXPECT_FALSE(parse_given(words)) << words;
}

TEST(Block, is_short_wherever_it_passes) {
  for (const double air_m : {0.02, 0.7}) {
    Placement placement;
    placement.air_m = air_m;
    EXPECT_LT(scene_by_name("block", 1, placement)->length_m, 0.17);
  }
}

}  // namespace
}  // namespace garita::sim
