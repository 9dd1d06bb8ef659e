// Roots, lists and certificates that were kept: a site of today believes what it believed then, hour by hour.
#include <sstream>

#include "core/base/clock.hpp"
#include "core/trust/store.hpp"
#include "core/trust/witness.hpp"
#include "tests/frozen/frozen.hpp"

namespace garita::frozen {
namespace {

class Trust : public Version {
 protected:
  std::vector<fs::path> documents() { return files_in(kept("trust/documents")); }

  // Installs one document as an agency would; "" or why not.
  std::string install(const fs::path& document) {
    auto store = trust::Store::open(folder / "state/trust");
    if (!store) return said(store.error());
    const auto envelope = trust::read_envelope(document);
    if (!envelope) return no_longer(document) + said(envelope.error());
    const bool first = document.filename().string().starts_with("1_");  // people compared its digest
    const auto pin = base::parse_digest(kept_text(kept("trust/pin.txt")).substr(0, 64));
    const auto taken = store->install(*envelope, first ? pin : std::nullopt);
    return taken ? "" : no_longer(document, "is taken") + said(taken.error());
  }
  std::string answer(int64_t utc_ns) { return answer_at(GetParam(), folder.path(), utc_ns); }

  // The hour at which the kept answers first say "admitted".
  int64_t good_hour() {
    std::istringstream answers(kept_text(kept("trust/answers.txt")));
    for (std::string utc, said; answers >> utc && std::getline(answers, said);)
      if (said == " admitted") return base::parse_utc(utc).value_or(0);
    return 0;
  }
};

TEST_P(Trust, state_folder_of_then_gives_the_answers_of_then_at_every_hour) {
  std::istringstream answers(kept_text(kept("trust/answers.txt")));
  size_t count = 0;
  for (std::string utc, then; answers >> utc >> std::ws && std::getline(answers, then); ++count) {
    const auto at = base::parse_utc(utc);
    ASSERT_TRUE(at) << utc;
    EXPECT_EQ(answer_at(GetParam(), kept("trust"), *at), then)
        << no_longer(kept("trust/state"), "answers as it did at " + utc);
  }
  EXPECT_GE(count, 7u);
}

TEST_P(Trust, documents_of_then_are_taken_one_after_the_other_until_one_takes_the_certificate_back) {
  const auto all = documents();
  ASSERT_GE(all.size(), 6u);
  for (size_t i = 0; i + 1 < all.size(); ++i) ASSERT_EQ(install(all[i]), "");
  EXPECT_EQ(answer(good_hour()), "admitted") << no_longer(kept("trust/documents"), "admits the kept driver");
  ASSERT_EQ(install(all.back()), "");
  EXPECT_EQ(answer(good_hour()), "trust.revoked");
}

TEST_P(Trust, word_of_a_lab_still_counts) {
  const auto envelope = trust::read_envelope(kept("evidence/witness.json"));
  ASSERT_TRUE(envelope) << no_longer(kept("evidence/witness.json")) << said(envelope.error());
  const auto witness = trust::verify_witness(*envelope, lab());
  ASSERT_TRUE(witness) << no_longer(kept("evidence/witness.json"), "verifies") << said(witness.error());
  EXPECT_EQ(witness->recording, base::sha256(kept_text(kept("recording/session.rec"))));
}

INSTANTIATE_TEST_SUITE_P(Of, Trust, ::testing::ValuesIn(versions()), name_of);

}  // namespace
}  // namespace garita::frozen
