// The evidence of a run becomes a certificate, or one sentence says why not.
#include "conformance/runner/certify.hpp"

#include <gtest/gtest.h>

#include "core/base/clock.hpp"
#include "core/base/text.hpp"
#include "core/load/manifest.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

constexpr const char* waivers = R"([[waiver]]
driver = "org.garita.minimal-c"
from = "1.0.0"
to = "1.9.9"
requirement = "GAR-IMG-015"
reason = "an old detector"
approver = "A. Person"
expires = "2026-12-31"
[[waiver]]
driver = "org.garita.minimal-c"
from = "1.0.0"
to = "1.9.9"
requirement = "GAR-IMG-016"
reason = "never needed"
approver = "A. Person"
expires = "2026-12-31"
)";

class Certify : public ::testing::Test {
 protected:
  Certify() {
    bundle.manifest = *base::read_text_file(GARITA_DRIVER_DIR "/minimal_c/minimal_c.garita.json", 1u << 20);
    bundle.head = {
        {"suite", {{"version", "0.1.0"}, {"commit", "0123456789abcdef"}}},
        {"environment", {{"box", "B2"}, {"policy_sha256", base::to_text(base::sha256("policy"))}}}};
    bundle.events = {{{"event", "run_began"},
                      {"level", 2},
                      {"profiles", {"transmission"}},
                      {"filter", ""},
                      {"official", true},
                      {"truth", {{"kind", "twin"}}}},
                     {{"event", "run_ended"}, {"verdict", "PASS"}, {"level", 2}}};
    request.bundle = "evidence.tar.zst";
    request.devices = {"minimal=1.0,1.1"};
    request.issued_ns = *base::parse_utc("2026-06-01T00:00:00Z");
  }

  base::Result<trust::Certificate> make() {
    return make_certificate(bundle, base::sha256("bundle"), request);
  }
  std::string refusal() {
    const auto made = make();
    if (made) return "made";
    for (const auto language : {base::Language::en, base::Language::es}) {
      const std::string said = base::render(made.error(), language);
      EXPECT_EQ(said.find(made.error().id), said.npos) << said;
    }
    return made.error().id;
  }
  json& began() { return bundle.events.front(); }

  Bundle bundle;
  CertifyRequest request;
};

TEST_F(Certify, names_every_file_and_what_was_found) {
  const auto made = make();
  ASSERT_TRUE(made) << base::render(made.error(), base::Language::en);
  ASSERT_EQ(made->subjects.size(), 2u);
  EXPECT_EQ(made->subjects[0].name, "minimal_c.so");
  EXPECT_EQ(made->subjects[1].name, "minimal_c.garita.json");
  EXPECT_EQ(made->subjects[1].sha256, base::sha256(bundle.manifest));
  EXPECT_EQ(made->profile, "transmission");
  EXPECT_EQ(made->level, 2u);
  EXPECT_EQ(made->box, 2u);
  EXPECT_TRUE(made->official);
  EXPECT_EQ(made->suite, "0.1.0 0123456789ab");
  EXPECT_EQ(made->evidence, base::sha256("bundle"));
  EXPECT_TRUE(made->covers("minimal", "1.1"));
  EXPECT_FALSE(made->covers("minimal", "1.2"));
}

TEST_F(Certify, makes_a_statement_that_is_read_as_the_same) {
  const auto made = make();
  ASSERT_TRUE(made);
  const auto read = trust::parse_certificate(to_envelope(*made));
  ASSERT_TRUE(read) << base::render(read.error(), base::Language::en);
  EXPECT_EQ(to_envelope(*read).payload, to_envelope(*made).payload);
}

TEST_F(Certify, prints_the_waivers_that_were_needed_and_no_other) {
  bundle.waivers = waivers;
  const json rule = {{"event", "rule_ended"}, {"verdict", "WAIVED"}, {"requirements", {"GAR-IMG-015"}}};
  bundle.events.insert(bundle.events.begin() + 1, rule);
  const auto made = make();
  ASSERT_TRUE(made) << base::render(made.error(), base::Language::en);
  ASSERT_EQ(made->waivers.size(), 1u);
  EXPECT_EQ(made->waivers[0].requirement, "GAR-IMG-015");
  EXPECT_EQ(base::format_utc(made->waivers[0].expires_ns), "2027-01-01T00:00:00Z");
}

TEST_F(Certify, only_a_whole_run_that_passed) {
  bundle.events.back()["verdict"] = "FAIL";
  EXPECT_EQ(refusal(), "conform.certify_failed");
  bundle.events.back()["verdict"] = "PASS";
  began()["filter"] = "GAR-IMG-*";
  EXPECT_EQ(refusal(), "conform.certify_filtered");
}

TEST_F(Certify, a_run_that_was_not_repeated_says_so) {
  began()["official"] = false;
  EXPECT_FALSE(make()->official);
}

TEST_F(Certify, at_most_the_level_that_was_reached) {
  request.level = 3;
  EXPECT_EQ(refusal(), "conform.certify_level");
  request.level = 1;
  EXPECT_EQ(make()->level, 1u);
  request.level = 0;
  bundle.events.back()["level"] = 0;
  EXPECT_EQ(refusal(), "conform.certify_level");
}

TEST_F(Certify, an_object_of_a_real_device_needs_a_lab_that_saw_it) {
  bundle.events.back()["level"] = 3;
  began()["truth"]["kind"] = "twin and object";
  EXPECT_EQ(refusal(), "conform.certify_witness");
  request.recordings = {{base::sha256("recording"), base::sha256("object"), base::sha256("lab")}};
  EXPECT_EQ(make()->truth, trust::Truth::object);
  request.recordings.clear();
  request.simulated_device = true;
  EXPECT_TRUE(make()->simulated_device);
}

TEST_F(Certify, a_panel_without_pictures_needs_no_truth) {
  bundle.events.back()["level"] = 3;
  began()["truth"]["kind"] = "none";
  EXPECT_EQ(make()->truth, trust::Truth::none);
}

TEST_F(Certify, one_of_several_profiles_must_be_named) {
  began()["profiles"] = {"transmission", "dual_energy"};
  EXPECT_EQ(refusal(), "conform.certify_profile");
  request.profile = "cabinet";
  EXPECT_EQ(refusal(), "conform.certify_profile");
  request.profile = "dual_energy";
  EXPECT_EQ(refusal(), "made");
}

TEST_F(Certify, devices_are_named_with_their_firmware) {
  for (const char* given : {"minimal", "minimal=", "=1.0", "minimal=1.0,", "minimal=,1.0"}) {
    request.devices = {given};
    EXPECT_EQ(refusal(), "conform.certify_device") << given;
  }
  request.devices.clear();
  EXPECT_EQ(refusal(), "conform.certify_no_device");
}

TEST_F(Certify, evidence_without_box_or_policy_is_no_evidence) {
  bundle.head["environment"]["box"] = "B9";
  EXPECT_EQ(refusal(), "evidence.contradiction");
  bundle.head["environment"] = {{"box", "B2"}, {"policy_sha256", "x"}};
  EXPECT_EQ(refusal(), "evidence.contradiction");
}

}  // namespace
}  // namespace garita::conformance
