// Evidence that was kept is whole and signed as it was; the kit of its own suite judges it again, and a later
// kit says whose suite it was.
#include "conformance/evidence/bundle.hpp"
#include "core/trust/store.hpp"
#include "tests/frozen/frozen.hpp"

namespace garita::frozen {
namespace {

class Evidence : public Version {
 protected:
  fs::path bundle() const { return kept("evidence/evidence.tar.zst"); }
};

TEST_P(Evidence, is_whole_and_signed_by_its_lab) {
  const auto read = conformance::read_bundle(bundle());
  ASSERT_TRUE(read) << no_longer(bundle()) << said(read.error());
  ASSERT_TRUE(read->signer) << no_longer(bundle(), "shows its signature");
  EXPECT_EQ(*read->signer, lab());
  EXPECT_EQ(read->events.back()["verdict"], "PASS");
  EXPECT_FALSE(read->pictures.empty());
}

TEST_P(Evidence, is_that_of_the_kept_certificate) {
  const auto envelope = trust::read_envelope(kept("trust/documents/4_certificate.json"));
  ASSERT_TRUE(envelope) << no_longer(kept("trust/documents/4_certificate.json")) << said(envelope.error());
  const auto certificate = trust::parse_certificate(*envelope);
  ASSERT_TRUE(certificate) << no_longer(kept("trust/documents/4_certificate.json"))
                           << said(certificate.error());
  EXPECT_EQ(certificate->evidence, base::sha256(kept_text(bundle())));
  EXPECT_EQ(certificate->subjects.at(0).sha256, base::sha256(kept_text(kept("driver/portal.so"))));
}

// A suite whose requirements have changed since cannot judge it; it must say so and not that it is false.
TEST_P(Evidence, is_judged_again_or_left_to_the_kit_of_its_suite) {
  const cli_test::Outcome answer =
      run("garita-conform verify " + bundle().string() + " --signer " + base::to_text(lab().key_id()));
  if (answer.exit_code == 4)
    EXPECT_NE(answer.err.find("suite"), std::string::npos) << no_longer(bundle(), "verifies") << answer.err;
  else
    EXPECT_EQ(answer.exit_code, 0) << no_longer(bundle(), "verifies") << answer.out << answer.err;
}

TEST_P(Evidence, becomes_a_page) {
  const cli_test::Outcome answer = run("garita-conform report " + bundle().string() + " --html page.html");
  ASSERT_EQ(answer.exit_code, 0) << no_longer(bundle(), "becomes a page") << answer.err;
  const std::string page = *base::read_text_file(folder / "page.html", 64u << 20);
  EXPECT_NE(page.find("org.garita.portal"), std::string::npos);
  EXPECT_NE(page.find("data:image/png"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Of, Evidence, ::testing::ValuesIn(versions()), name_of);

}  // namespace
}  // namespace garita::frozen
