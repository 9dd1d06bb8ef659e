// site.toml: what is right becomes a plan, and every mistake is one sentence with its line.
#include <gtest/gtest.h>

#include <fstream>

#include "core/base/testing/temporary_folder.hpp"
#include "core/base/text.hpp"
#include "core/host/site/site_config.hpp"

namespace garita::host {
namespace {

constexpr char head[] = R"(schema = "garita.site/1"
[site]
name = "Mexicali II"
kind = "land"
country = "MX"
locode = "MXMXL"
aduana = "19"
)";

class SiteConfig : public ::testing::Test {
 protected:
  CheckedSite check(const std::string& text) {
    std::ofstream(folder / "site.toml") << text;
    auto checked = check_site(folder / "site.toml", {folder / "none", {GARITA_DRIVER_DIR}});
    EXPECT_TRUE(checked.ok());
    return checked ? std::move(*checked) : CheckedSite{};
  }

  // "line id" of each problem.
  std::vector<std::string> mistakes(const std::string& text) {
    std::vector<std::string> found;
    for (const ConfigProblem& problem : check(text).problems)
      found.push_back(std::to_string(problem.place.line) + ' ' + problem.error.id);
    return found;
  }

  static std::string portal(const std::string& lane, const std::string& address,
                            const std::string& more = "") {
    return "[lanes." + lane + ".devices.portal]\ndriver = \"portal\"\nsources = { scanner = \"" + address +
           "\" }\n" + more;
  }

  using Strings = std::vector<std::string>;
  base::testing::TemporaryFolder folder;
};

TEST_F(SiteConfig, that_is_right_becomes_a_plan_with_all_that_it_says) {
  const CheckedSite site =
      check(std::string(head) +
            "[policy]\nbox = \"B2\"\nkeep_incomplete = false\n[metrics]\nlisten = \"127.0.0.1:0\"\n"
            "[lanes.north]\ndirection = \"leaving\"\nsubject = \"cargo\"\n" +
            portal("north", "tcp://127.0.0.1:7001", "config = { silence_ms = 5000 }\n"));
  ASSERT_TRUE(site.good());
  EXPECT_EQ(site.plan.site.name(), "Mexicali II");
  EXPECT_EQ(site.plan.box, isolate::Box::B2);
  EXPECT_FALSE(site.plan.keep_incomplete);
  EXPECT_EQ(site.plan.metrics_host, "127.0.0.1");
  ASSERT_EQ(site.plan.devices(), 1u);
  const LanePlan& lane = site.plan.lanes[0];
  EXPECT_EQ(lane.direction, v1::Identity::DIRECTION_LEAVING);
  EXPECT_EQ(lane.subject, v1::Identity::SUBJECT_CARGO);
  EXPECT_EQ(lane.devices[0].configuration.at("silence_ms").integer, 5000);
  EXPECT_EQ(lane.devices[0].instance, "north.portal");
}

TEST_F(SiteConfig, with_a_misspelt_key_is_told_the_right_one_and_the_line) {
  const CheckedSite site =
      check(std::string(head) + "[polcy]\nbox = \"B2\"\n" + portal("a", "tcp://127.0.0.1:1"));
  ASSERT_EQ(site.problems.size(), 1u);
  EXPECT_EQ(render_problem("s.toml", site.problems[0], base::Language::en),
            "s.toml:8: There is no key 'polcy'; did you mean 'policy'?");
}

TEST_F(SiteConfig, that_is_no_toml_says_where) { EXPECT_EQ(mistakes("schema = \n")[0], "1 config.syntax"); }

TEST_F(SiteConfig, with_wrong_types_words_ranges_and_forms_is_told_each) {
  EXPECT_EQ(
      mistakes(
          "schema = 1\n[site]\nname = \"x\"\nlocode = \"Mexicali\"\nkind = \"moon\"\n[policy]\nbox = \"B9\"\n"
          "retention = { days = 0 }\n" +
          portal("a", "tcp://127.0.0.1:1")),
      (Strings{"1 config.wrong_type", "4 config.bad_format", "5 config.unknown_word", "7 config.unknown_word",
               "8 config.out_of_range"}));
}

TEST_F(SiteConfig, may_keep_what_the_detector_delivered_beside_the_image_or_alone) {
  const std::string portal_a = portal("a", "tcp://127.0.0.1:1");
  EXPECT_EQ(check(head + ("[policy]\nkeep = \"both\"\n" + portal_a)).plan.keep, v1::Provenance::KEEP_BOTH);
  EXPECT_EQ(check(head + ("[policy]\nkeep = \"raw\"\n" + portal_a)).plan.keep, v1::Provenance::KEEP_RAW);
}

TEST_F(SiteConfig, that_names_no_driver_or_one_that_is_not_there_is_told_so) {
  EXPECT_EQ(mistakes(std::string(head) +
                     "[lanes.a.devices.x]\nmodel = \"m\"\n[lanes.b.devices.y]\ndriver = \"nobody\"\n"),
            (Strings{"8 config.missing", "11 load.driver_not_found"}));
}

TEST_F(SiteConfig, is_held_against_the_streams_and_keys_of_the_manifest) {
  const std::string device = "[lanes.a.devices.x]\ndriver = \"portal\"\n";
  EXPECT_EQ(mistakes(head + device + "sources = { scaner = \"tcp://127.0.0.1:1\" }\n"),
            (Strings{"8 config.missing_stream", "10 host.unknown_stream"}));
  EXPECT_EQ(mistakes(head + device + "sources = { scanner = \"udp://127.0.0.1:1\" }\n"),
            (Strings{"10 config.wrong_kind"}));
  EXPECT_EQ(mistakes(head + device + "sources = { scanner = \"tcp://127.0.0.1\" }\n").size(), 1u);
  EXPECT_EQ(
      mistakes(head + portal("a", "tcp://127.0.0.1:1", "config = { silence = 5000 }\nmodel = \"SP-9\"\n")),
      (Strings{"11 host.unknown_key", "12 config.unknown_model"}));
  EXPECT_EQ(mistakes(head + portal("a", "tcp://127.0.0.1:1", "config = { silence_ms = \"soon\" }\n")),
            (Strings{"11 host.bad_value"}));
  EXPECT_EQ(mistakes(head + portal("a", "tcp://127.0.0.1:1", "config = { silence_ms = 1 }\n")),
            (Strings{"11 host.bad_value"}));
}

TEST_F(SiteConfig, with_two_devices_at_one_address_or_of_one_name_is_told_so) {
  EXPECT_EQ(mistakes(head + portal("a", "tcp://127.0.0.1:1", "instance = \"I\"\n") +
                     portal("b", "tcp://127.0.0.1:1", "instance = \"I\"\n")),
            (Strings{"14 config.doubled_address", "15 config.doubled_instance"}));
}

TEST_F(SiteConfig, that_would_show_its_metrics_to_the_world_is_refused) {
  for (const char* listen :
       {"0.0.0.0:9464", "192.0.2.1:9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "localhost:1"})
    EXPECT_EQ(mistakes(head + ("[metrics]\nlisten = \"" + std::string(listen) + "\"\n") +
                       portal("a", "tcp://127.0.0.1:1")),
              (Strings{"9 config.metrics_listen"}))
        << listen;
}

TEST_F(SiteConfig, without_lanes_or_with_an_empty_one_is_refused) {
  EXPECT_EQ(mistakes(head), (Strings{"0 config.no_lanes"}));
  EXPECT_EQ(mistakes(std::string(head) + "[lanes.a]\nsubject = \"bag\"\n"), (Strings{"8 config.no_devices"}));
}

TEST_F(SiteConfig, names_of_lanes_never_become_paths) {
  EXPECT_EQ(mistakes(std::string(head) + "[lanes.\"../x\".devices.p]\ndriver = \"portal\"\n")[0],
            "8 config.bad_name");
}

TEST_F(SiteConfig, another_fingerprint_comes_with_any_change_of_the_device_and_with_no_other) {
  const std::string two = portal("b", "tcp://127.0.0.1:2");
  const auto first = check(head + portal("a", "tcp://127.0.0.1:1") + two),
             same = check(head + ("\n" + portal("a", "tcp://127.0.0.1:1")) + two),
             changed = check(head + portal("a", "tcp://127.0.0.1:3") + two);
  EXPECT_EQ(first.plan.lanes[0].devices[0].fingerprint, same.plan.lanes[0].devices[0].fingerprint);
  EXPECT_NE(first.plan.lanes[0].devices[0].fingerprint, changed.plan.lanes[0].devices[0].fingerprint);
  EXPECT_EQ(first.plan.lanes[1].devices[0].fingerprint, changed.plan.lanes[1].devices[0].fingerprint);
}

}  // namespace
}  // namespace garita::host
