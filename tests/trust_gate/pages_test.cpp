// The pages for agencies, from an empty folder: every command that they show is run, in their order, as it
// is printed; a driver goes from its tests to a certificate, into the fleet and out of it.
#include <cstdlib>

#include "core/host/site/site_config.hpp"
#include "tests/trust_gate/gate_fixture.hpp"

namespace garita::trust_test {
namespace {

using Blocks = std::vector<std::string>;

class TrustPage : public Gate {
 protected:
  TrustPage() {
    fs::remove_all(folder / "package");  // the page makes its own
    ::setenv("GARITA", GARITA_BINARY_DIR, 1);
  }
  ~TrustPage() override { ::unsetenv("GARITA"); }

  // What stands between ```kind and ```.
  static Blocks blocks(const std::string& page, const std::string& kind) {
    const std::string text = *base::read_text_file(GARITA_SOURCE_DIR "/core/trust/" + page, 1u << 20);
    const std::string begin = "```" + kind + "\n", end = "\n```";
    Blocks found;
    for (size_t at = 0; (at = text.find(begin, at)) != text.npos;) {
      at += begin.size();
      const size_t to = text.find(end, at);
      found.push_back(text.substr(at, to - at + 1));
      at = to;
    }
    return found;
  }
  // Without what is said in quotes: that is in the page's own language.
  static Blocks commands(const std::string& page) {
    Blocks own = blocks(page, "sh");
    for (std::string& block : own)
      for (size_t from = 0; (from = block.find(" \"", from)) != block.npos; ++from)
        if (const size_t to = block.find('"', from + 2); to != block.npos) block.erase(from, to + 1 - from);
    return own;
  }
  void run_block(const std::string& block) {
    write("block.sh", block);
    const Outcome ran = run("bash -eu -o pipefail block.sh");
    ASSERT_EQ(ran.exit_code, 0) << block << ran.out << ran.err;
  }
  Outcome scan_again() {
    return run(
        "garita scan --driver package/minimal_c.garita.json --policy site.toml --out again --state state "
        "--count 1");
  }
};

TEST_F(TrustPage, shows_commands_that_work_in_their_order) {
  const Blocks shown = blocks("TRUST.md", "sh"), site_file = blocks("TRUST.md", "toml");
  ASSERT_GE(shown.size(), 8u);
  ASSERT_EQ(site_file.size(), 1u);
  write("site.toml", site_file[0]);
  bool taken_back = false;
  for (const std::string& block : shown) {
    ASSERT_NO_FATAL_FAILURE(run_block(block));
    if (block.find("--reason") == block.npos) continue;
    taken_back = true;
    const Outcome refused = scan_again();
    EXPECT_EQ(refused.exit_code, 3) << refused.out;
    EXPECT_NE(refused.err.find("It sends what it should not."), std::string::npos) << refused.err;
  }
  EXPECT_TRUE(taken_back);
  // The scan that it made before carries the certificate.
  EXPECT_EQ(record().provenance().trust(), v1::Provenance::TRUST_CERTIFIED);
  EXPECT_EQ(record().device().certification(), v1::Device::CERTIFICATION_CERTIFIED);
}

TEST_F(TrustPage, in_spanish_shows_the_same_commands) {
  EXPECT_EQ(commands("TRUST.es.md"), commands("TRUST.md"));
}

TEST_F(TrustPage, shows_a_site_file_that_means_the_same_in_both_languages) {
  std::vector<host::SitePlan> plans;
  for (const char* page : {"TRUST.md", "TRUST.es.md"}) {
    write("site.toml", blocks(page, "toml").at(0));
    const auto plan = host::read_policy(folder / "site.toml");
    ASSERT_TRUE(plan) << page << base::render(plan.error(), base::Language::en);
    plans.push_back(*plan);
  }
  const trust::Policy &en = plans[0].trust, &es = plans[1].trust;
  EXPECT_FALSE(en.open);
  EXPECT_EQ(std::tie(en.open, en.roles, en.level, en.profiles, en.box, en.pilot, en.status_grace_ns),
            std::tie(es.open, es.roles, es.level, es.profiles, es.box, es.pilot, es.status_grace_ns));
}

}  // namespace
}  // namespace garita::trust_test
