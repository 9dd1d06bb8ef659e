// What a site scans is found, shown and verified at the other, as far as policy lets it go; answers come
// back.
#include "core/exchange/audit/at_rest.hpp"
#include "tests/exchange_site/two_sites.hpp"

namespace garita::joint_test {
namespace {

class Joint : public TwoSites {
 protected:
  void share(const std::string& way = "folder:../share") {
    fs::create_directories(folder / "share");
    set_up(way, way);
    scan();
    believe(signer_of(package));
    write_config("us", "mx", way, "");
  }
  void once(const std::string& site) {
    const Outcome ran = run("garita exchange run --once --resend-ms 300 " + site + "/exchange.toml");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    said += ran.out + ran.err;
  }
  void to_and_fro() {
    for (const char* site : {"mx", "us", "mx"}) once(site);
  }
  Outcome send(const std::string& purpose) {
    return run("garita exchange send mx/exchange.toml --to us --purpose " + purpose + " --package " +
               package.string());
  }
  nlohmann::json found_at_us(const std::string& by) { return json_of("garita find --state us/state " + by); }
  std::string said;
};

TEST_F(Joint, a_scan_is_found_shown_and_verified_there_but_for_what_policy_withholds) {
  share();
  ASSERT_EQ(send("risk").exit_code, 0);
  to_and_fro();
  EXPECT_EQ(found_at_us(std::string("--plate ") + plate)["found"].size(), 0u) << "the plate was withheld";
  const nlohmann::json found = found_at_us(std::string("--container ") + container);
  ASSERT_EQ(found["found"].size(), 1u) << said << found;
  const std::string there = found["found"][0]["package"];
  EXPECT_EQ(run("garita verify " + there).exit_code, 0);
  const std::string shown = run("garita show " + there).out;
  EXPECT_EQ(shown.find(plate), shown.npos) << shown;
  EXPECT_EQ(text("us/" + there).find(plate), std::string::npos);
  EXPECT_NE(run("garita show " + package.string()).out.find(plate), std::string::npos);  // positive control
}

TEST_F(Joint, record_and_overview_come_as_a_parcel_of_their_own_and_leave_nothing_behind) {
  share();
  const Outcome sent = send("risk");
  EXPECT_EQ(std::count(sent.out.begin(), sent.out.end(), '\n'), 2) << sent.out;
  EXPECT_EQ(send("risk").exit_code, 0);  // again: nothing new
  to_and_fro();
  const nlohmann::json status = json_of("garita exchange status mx/exchange.toml");
  EXPECT_EQ(status["out"][0]["waiting"], 0) << status << said;
  EXPECT_EQ(status["out"][0]["receipts"], 2) << status;
  size_t packages = 0;
  for (const auto& file : fs::directory_iterator(folder / "us/state/packages/from-mx"))
    packages += file.path().extension() == ".garita";
  EXPECT_EQ(packages, 1u);
}

TEST_F(Joint, nothing_goes_for_a_purpose_that_no_rule_names) {
  share();
  const Outcome sent = send("curiosity");
  EXPECT_EQ(sent.exit_code, 1) << sent.err;
  EXPECT_EQ(sent.out, "");
}

TEST_F(Joint, what_the_receiver_refuses_goes_back_as_a_reason_in_both_languages) {
  share();
  believe("", "quarantine");
  believe(signer_of(package), "quarantine");
  write_config("us", "mx", "folder:../share", "");
  ASSERT_EQ(send("glance").exit_code, 0);
  to_and_fro();
  const Outcome english = run("garita exchange answers mx/exchange.toml");
  const Outcome spanish = run("garita exchange answers mx/exchange.toml --lang es");
  EXPECT_NE(english.out.find("quarantined"), std::string::npos) << english.out << said;
  EXPECT_NE(spanish.out.find("cuarentena"), std::string::npos) << spanish.out;
  EXPECT_EQ(found_at_us("--limit 5")["found"].size(), 0u);
  EXPECT_FALSE(fs::is_empty(folder / "us/exchange/quarantine"));
}

TEST_F(Joint, a_signature_of_nobody_who_is_known_is_refused) {
  share();
  believe("");
  write_config("us", "mx", "folder:../share", "");
  ASSERT_EQ(send("glance").exit_code, 0);
  to_and_fro();
  EXPECT_NE(run("garita exchange answers mx/exchange.toml --json").out.find("authority_unknown"),
            std::string::npos)
      << said;
}

TEST_F(Joint, a_request_for_the_full_image_is_served_as_policy_says) {
  share();
  ASSERT_EQ(send("glance").exit_code, 0);
  to_and_fro();
  const std::string there = found_at_us("--limit 5")["found"][0]["package"];
  const auto before = fs::file_size(folder / there);
  const Outcome asked =
      run("garita exchange ask us/exchange.toml --to mx --wish full_image --reason "
          "full_image_needed --package " +
          there);
  EXPECT_EQ(asked.exit_code, 0) << asked.err;
  const auto granted = [&] {
    for (const char* site : {"us", "mx", "us"}) once(site);
    return run("garita exchange answers us/exchange.toml --json").out.find("\"granted\":true") !=
               std::string::npos &&
           fs::file_size(folder / there) > before;
  };
  EXPECT_TRUE(wait_for(granted)) << said;
}

TEST_F(Joint, a_request_to_look_waits_for_a_person_and_a_decision_comes_back) {
  share();
  ASSERT_EQ(run(std::string("garita exchange ask us/exchange.toml --to mx --wish look --identifier ") +
                container + " --reason container_of_interest")
                .exit_code,
            0);
  for (const char* site : {"us", "mx"}) once(site);
  const nlohmann::json status = json_of("garita exchange status mx/exchange.toml");
  EXPECT_EQ(status["requests"], 1) << said;
  const Outcome shown = run("garita exchange status mx/exchange.toml --lang es");
  EXPECT_NE(shown.out.find(container), std::string::npos) << shown.out;
  const nlohmann::json line =
      nlohmann::json::parse(run("garita exchange answers mx/exchange.toml --json").out);
  EXPECT_EQ(
      run("garita exchange reply mx/exchange.toml --to us --granted no --reason nothing_found --request " +
          line.value("id", ""))
          .exit_code,
      0);
  EXPECT_EQ(run("garita exchange decide mx/exchange.toml --to us --verdict release --reason nothing_found "
                "--package " +
                package.string())
                .exit_code,
            0);
  for (const char* site : {"mx", "us"}) once(site);
  const std::string heard = run("garita exchange answers us/exchange.toml").out;
  EXPECT_NE(heard.find("Nothing was found."), std::string::npos) << heard;
  EXPECT_EQ(json_of("garita exchange status mx/exchange.toml")["requests"], 0);
}

TEST_F(Joint, a_site_sends_what_it_scans_by_itself) {
  fs::create_directories(folder / "share");
  set_up("folder:../share", "folder:../share");
  std::string config = text("mx/exchange.toml");
  config.insert(config.find("key = "), "watch = \"state/packages\"\n");
  config.insert(config.find("requested ="), "send = [\"risk\"]\n");
  std::ofstream(folder / "mx/exchange.toml") << config;
  scan();
  believe(signer_of(package));
  write_config("us", "mx", "folder:../share", "");
  for (const char* site : {"mx", "us", "mx"}) once(site);
  EXPECT_EQ(found_at_us("--limit 5")["found"].size(), 1u) << said;
  once("mx");  // a restart sends nothing twice
  EXPECT_EQ(json_of("garita exchange status mx/exchange.toml")["out"][0]["last"], 2);
}

TEST_F(Joint, both_sites_run_by_tls_and_what_is_scanned_arrives) {
  const std::string port = std::to_string(free_port());
  const std::string listens = "tls-listen://127.0.0.1:" + port;
  set_up("tls://127.0.0.1:" + port, listens);
  scan();
  believe(signer_of(package));
  write_config("us", "mx", listens, "");
  ASSERT_EQ(send("risk").exit_code, 0);
  start("us"), start("mx");
  EXPECT_TRUE(wait_for([&] {
    return found_at_us("--limit 5").value("found", nlohmann::json::array()).size() == 1;
  })) << text("mx.log")
      << text("us.log");
  EXPECT_TRUE(wait_for(
      [&] { return json_of("garita exchange status mx/exchange.toml")["out"][0]["receipts"] == 2; }));
}

TEST_F(Joint, where_encryption_at_rest_is_required_a_plain_disk_takes_nothing) {
  using exchange::AtRest;
  set_up("folder:../share", "folder:../share", "", "at_rest = \"required\"\n");
  const AtRest here = exchange::at_rest_of(folder.path());
  const Outcome ran = run("garita exchange run --once us/exchange.toml");
  if (here == AtRest::volume || here == AtRest::folder) {
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
  } else {
    EXPECT_NE(ran.exit_code, 0);
    EXPECT_NE(ran.err.find("AT_REST.md"), std::string::npos) << ran.err;
    EXPECT_FALSE(fs::exists(folder / "us/exchange/inbox"));
  }
}

TEST_F(Joint, the_words_of_a_command_say_what_is_amiss) {
  fs::create_directories(folder / "share");
  set_up("folder:../share", "folder:../share");
  EXPECT_NE(run("garita exchange status us/exchange.toml").out.find("mx: nothing was sent there"),
            std::string::npos);
  std::string pins = text("us/exchange.toml");
  pins.insert(pins.find("pins = [\"") + 9, "0123\", \"");
  std::ofstream(folder / "us/pins.toml") << pins;
  const std::pair<const char*, const char*> amiss[] = {
      {"exchange status us/pins.toml", "peers.mx.pins takes SHA-256"},
      {"exchange reply us/exchange.toml --granted yes --request 1234", "'1234' of a peer is open"},
      {"exchange reply us/exchange.toml --granted yes", "needs --request"},
      {"exchange ask us/exchange.toml --to mx --wish look --identifier X --reason why",
       "'why' is no reason code; take one of container_of_interest"},
      {"exchange keys --out keys --site a/b", "'a/b' cannot be the name"},
      {"fleet keys --out keys --name hub", "needs --host"},
      {"fleet keys --out keys --name hub --host a/b", "a/b"}};
  for (const auto& [command, sentence] : amiss) {
    const Outcome ran = run(std::string("garita ") + command);
    EXPECT_EQ(ran.exit_code, 2) << command;
    EXPECT_NE(ran.err.find(sentence), std::string::npos) << command << ": " << ran.err;
  }
  fs::remove(folder / "mx/sharing.toml");
  EXPECT_NE(run("garita exchange run --once mx/exchange.toml").err.find("sharing.toml"), std::string::npos);
}

TEST_F(Joint, a_configuration_that_lacks_something_is_told_with_its_line) {
  fs::create_directories(folder / "share");
  set_up("folder:../share", "folder:../share");
  std::ofstream(folder / "bad.toml") << "schema = \"garita.exchange/1\"\nsite = \"mx\"\nfolder = 3\n";
  const Outcome bad = run("garita exchange status bad.toml");
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_NE(bad.err.find("bad.toml:3"), std::string::npos) << bad.err;
  EXPECT_EQ(run("garita exchange").exit_code, 2);
  EXPECT_EQ(run("garita exchange fly mx/exchange.toml").exit_code, 2);
}

}  // namespace
}  // namespace garita::joint_test
