// The commands as people type them: answers, exit codes, sentences, both languages.
#include "tests/cli/program.hpp"

namespace garita::cli_test {
namespace {

using nlohmann::json;

TEST_F(Cli, without_a_command_help_goes_to_stderr_and_exits_2) {
  const Outcome outcome = run("garita");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("garita scan"), std::string::npos);
}

TEST_F(Cli, an_unknown_command_is_named_in_both_languages) {
  EXPECT_EQ(run("garita scna").err, "garita: There is no command 'scna'; `garita help` lists them.\n");
  EXPECT_EQ(run("garita scna --lang es").err, "garita: No existe la orden 'scna'; `garita help` las enumera.\n");
}

TEST_F(Cli, a_missing_file_is_one_sentence_and_exit_3) {
  const Outcome outcome = run("garita show nowhere.garita");
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_NE(outcome.err.find("nowhere.garita"), std::string::npos);
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
}

TEST_F(Cli, what_is_no_package_is_refused_by_every_command_that_reads_one) {
  ASSERT_TRUE(base::write_file(folder / "x.garita", base::Bytes("not a package at all")));
  for (const char* command : {"show x.garita", "verify x.garita", "view x.garita --out y.png", "export x.garita --to npy --out y"})
    EXPECT_EQ(run(std::string("garita ") + command).exit_code, 3) << command;
}

TEST_F(Cli, drivers_lists_manifests_for_people_and_programs) {
  EXPECT_NE(run("garita drivers").out.find("portal"), std::string::npos);
  const json list = json::parse(run("garita drivers --json").out);
  ASSERT_FALSE(list.empty());
  EXPECT_TRUE(std::all_of(list.begin(), list.end(), [](const json& driver) { return driver["usable"] == true; }));
}

TEST_F(Cli, a_driver_that_is_not_installed_is_named) {
  const Outcome outcome = run("garita scan --driver acme --out out --state state");
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_NE(outcome.err.find("acme"), std::string::npos);
}

TEST_F(Cli, wrong_usage_of_scan_is_exit_2_and_names_the_option) {
  EXPECT_EQ(run("garita scan --driver portal --out out").exit_code, 2);
  EXPECT_NE(run("garita scan --driver portal --out out --source plug=tcp://a:1").err.find("scanner"), std::string::npos);
  EXPECT_EQ(run("garita scan --driver portal --out out --source scanner=tcp://a:1 --count none").exit_code, 2);
  EXPECT_EQ(run("garita scan --colour").exit_code, 2);
}

TEST_F(Cli, a_device_that_refuses_is_one_sentence_and_exit_3) {
  const Outcome outcome = run("garita scan --driver portal --source scanner=tcp://127.0.0.1:1 --out out --state state --count 1");
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_NE(outcome.err.find("127.0.0.1"), std::string::npos);
}

TEST_F(Cli, a_scan_becomes_a_package_that_shows_verifies_and_draws) {
  const Outcome scanned = scan("--seed 3");
  ASSERT_EQ(scanned.exit_code, 0) << scanned.err;
  const std::string file = package();

  EXPECT_NE(run("garita show " + file).out.find("Conveyance"), std::string::npos);
  EXPECT_NE(run("garita show --lang es " + file).out.find("Medio de transporte"), std::string::npos);
  const json record = json::parse(run("garita show --json " + file).out);
  EXPECT_EQ(record["identity"]["site"], "Mexicali");

  const Outcome verified = run("garita verify " + file);
  EXPECT_EQ(verified.exit_code, 0);
  EXPECT_EQ(verified.out.rfind("YES", 0), 0u) << verified.out;
  EXPECT_EQ(json::parse(run("garita verify --json " + file).out)["holds"], true);

  ASSERT_EQ(run("garita view " + file + " --out pictures").exit_code, 0);
  EXPECT_GT(std::filesystem::file_size(folder / "pictures/side.png"), 10'000u);

  const Outcome page = run("garita view " + file + " --html page.html --lang es --json");
  ASSERT_EQ(page.exit_code, 0) << page.err;
  EXPECT_EQ(json::parse(page.out)["page"], "page.html");
  EXPECT_GT(std::filesystem::file_size(folder / "page.html"), 100'000u);
  EXPECT_EQ(base::read_text_file(folder / "page.html", 1u << 30)->rfind("<!doctype html>\n<html lang=\"es\">", 0), 0u);

  const std::string side = "garita view " + file + " --out part.png --view side ";
  EXPECT_EQ(run(side + "--style pseudo --scale linear --window 5,80 --gamma 1.4 --inverse --bare --region 10,20,300x200").exit_code, 0);
  EXPECT_EQ(run(side + "--caption 'another word'").exit_code, 0);
  EXPECT_EQ(run(side + "--region 0,0,4000000x10").exit_code, 2);
}

TEST_F(Cli, wrong_usage_of_view_is_exit_2_and_names_what_was_given) {
  for (const char* wrong : {"--style red", "--scale square", "--window 60,2", "--window 2", "--window 2,60,70", "--gamma 0",
                            "--gamma nan", "--region 1,2,3", "--region 1,2,3x4x5", "--region 1.5,2,3x4"}) {
    const Outcome outcome = run(std::string("garita view x.garita --out y.png ") + wrong);
    EXPECT_EQ(outcome.exit_code, 2) << wrong;
    EXPECT_NE(outcome.err.find(std::string(wrong).substr(std::string(wrong).find(' ') + 1)), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(run("garita view x.garita").exit_code, 2);  // neither --out nor --html
}

TEST_F(Cli, scan_json_ends_with_the_counts) {
  const Outcome scanned = scan("--seed 4", 2);
  const size_t last = scanned.out.rfind('{');
  const json counts = json::parse(scanned.out.substr(last));
  EXPECT_EQ(counts["packages"], 2);
  for (const char* name : {"files", "joined", "refused", "passed_over"}) EXPECT_EQ(counts[name], 0) << name;
}

TEST_F(Cli, one_flipped_byte_makes_verify_say_no_and_a_cut_file_in_part) {
  ASSERT_EQ(scan("--seed 5").exit_code, 0);
  auto bytes = base::read_file(package(), 1u << 30);
  ASSERT_TRUE(bytes);
  auto flipped = *bytes;
  flipped[flipped.size() / 2] ^= std::byte{1};
  ASSERT_TRUE(base::write_file(folder / "flipped.garita", flipped));
  EXPECT_EQ(run("garita verify flipped.garita").exit_code, 1);
  EXPECT_EQ(run("garita verify --lang es flipped.garita").out.rfind("NO", 0), 0u);
  bytes->resize(bytes->size() - 100);
  ASSERT_TRUE(base::write_file(folder / "cut.garita", *bytes));
  EXPECT_EQ(run("garita verify cut.garita").exit_code, 4);
}

TEST_F(Cli, a_scanner_that_goes_away_leaves_an_incomplete_package_and_exit_4) {
  const Outcome outcome = run(
      "bash -c 'garita-sim portal --listen 127.0.0.1:0 --port-file port --seed 6 --lines-per-s 300 >sim.txt & sim=$!; "
      "for i in $(seq 200); do [ -s port ] && break; sleep 0.05; done; (sleep 1.5; kill -9 $sim) & "
      "garita scan --driver portal --source scanner=tcp://127.0.0.1:$(cat port) --out out --state state "
      "--patience-ms 200 --count 1 --json; code=$?; wait; exit $code'");
  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  ASSERT_NE(package(), "");
  const json record = json::parse(run("garita show --json " + package()).out);
  EXPECT_EQ(record["completeness"]["state"], "incomplete");
  EXPECT_EQ(run("garita verify " + package()).exit_code, 0);
}

}  // namespace
}  // namespace garita::cli_test
