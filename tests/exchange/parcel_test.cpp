// What is sealed within: parcels and answers, read as they were written and refused where they make no sense.
#include <gtest/gtest.h>

#include "core/exchange/messages/parcel.hpp"
#include "garita/wire/answer.pb.h"

namespace garita::exchange {
namespace {

TEST(Parcels, come_out_as_they_went_in) {
  const Parcel parcel{ParcelKind::overview, {7}, 42, {}};
  const std::string bytes = write_parcel_head(parcel) + "a package";
  const auto read = read_parcel(bytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->kind, ParcelKind::overview);
  EXPECT_EQ(read->inspection, parcel.inspection);
  EXPECT_EQ(read->made_utc_ns, 42);
  EXPECT_EQ(read->payload.text(), "a package");
}

TEST(Parcels, that_end_early_or_say_too_much_are_refused) {
  const std::string good = write_parcel_head({ParcelKind::answer, {7}, 42, {}});
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(read_parcel(good.substr(0, size)).ok()) << size;
  std::string huge = good;
  huge.replace(16, 4, "\xff\xff\xff\xff");
  EXPECT_FALSE(read_parcel(huge).ok());
  EXPECT_FALSE(read_parcel(good + std::string(max_answer_bytes + 1, 'x')).ok());
}

TEST(Answers, come_out_as_they_went_in) {
  const auto request = read_answer(write_answer(
      {{1}, Request{{2}, Wish::full_image, "MSKU1234565", "full_image_needed", "por favor, mañana"}}));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(std::get<Request>(request->what).identifier, "MSKU1234565");
  EXPECT_EQ(std::get<Request>(request->what).note, "por favor, mañana");
  const auto reply = read_answer(write_answer({{1}, Reply{{2}, true, "", ""}}));
  ASSERT_TRUE(reply.ok());
  EXPECT_TRUE(std::get<Reply>(reply->what).granted);
  const auto decision =
      read_answer(write_answer({{1}, OfficerDecision{DecisionVerdict::release, "nothing_found", ""}}));
  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(std::get<OfficerDecision>(decision->what).verdict, DecisionVerdict::release);
  const auto refusal = read_answer(write_answer({{1}, Refusal{true, "replay_suspected"}}));
  ASSERT_TRUE(refusal.ok());
  EXPECT_TRUE(std::get<Refusal>(refusal->what).quarantined);
}

TEST(Answers, with_a_reason_that_is_no_word_or_a_verdict_that_is_none_are_refused) {
  EXPECT_FALSE(read_answer(write_answer({{1}, Refusal{true, "../../x"}})).ok());
  EXPECT_FALSE(read_answer(write_answer({{1}, Refusal{true, std::string(max_reason_bytes + 1, 'a')}})).ok());
  EXPECT_FALSE(
      read_answer(write_answer({{1}, OfficerDecision{static_cast<DecisionVerdict>(9), "", ""}})).ok());
  EXPECT_FALSE(
      read_answer(write_answer({{1}, OfficerDecision{static_cast<DecisionVerdict>(0), "", ""}})).ok());
  wire::Answer empty;
  empty.set_inspection(std::string(32, 'i'));
  EXPECT_FALSE(read_answer(empty.SerializeAsString()).ok());
  EXPECT_FALSE(read_answer(std::string(max_answer_bytes + 1, '\0')).ok());
}

TEST(Answers, are_cut_to_their_limits_when_written) {
  const auto read =
      read_answer(write_answer({{1}, Reply{{2}, true, "", std::string(max_note_bytes, 'n') + "ñ"}}));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(std::get<Reply>(read->what).note.size(), max_note_bytes);
}

}  // namespace
}  // namespace garita::exchange
