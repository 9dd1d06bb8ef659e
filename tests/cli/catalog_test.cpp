// What was scanned is found, decided upon and kept or removed: by commands alone, from a real scan.
#include <fstream>

#include "tests/cli/program.hpp"

namespace garita::cli_test {
namespace {

using nlohmann::json;

class CatalogCli : public Cli {
 protected:
  void SetUp() override {
    ASSERT_EQ(scan("--seed 3").exit_code, 0);
    const json record = json::parse(run("garita show --json '" + package_path() + "'").out);
    container_ = record.at("conveyance").at("containers").at(0).at("number");
  }
  std::string package_path() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder / "out"))
      if (entry.path().extension() == ".garita") return entry.path();
    return "";
  }
  Outcome garita(const std::string& arguments) { return run("garita " + arguments + " --state state"); }
  size_t found(const std::string& conditions) {
    const Outcome outcome = garita("find --json " + conditions);
    const json found = json::parse(outcome.out, nullptr, false);
    return found.is_object() ? found["found"].size() : 0;
  }
  std::string decide(const std::string& verdict) {
    return "decide '" + package_path() + "' " + verdict + " --reason A1 --officer MX-17";
  }

  std::string container_;
};

TEST_F(CatalogCli, a_scan_is_found_by_what_was_on_it_and_where_it_was) {
  const std::string spelt =
      container_.substr(0, 4) + "' '" + container_.substr(4, 6) + "-" + container_.substr(10);
  const Outcome outcome = garita("find --container " + spelt);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find(package_path()), std::string::npos) << outcome.out;
  EXPECT_EQ(found("--site mexicali --lane 1"), 1u);
  EXPECT_EQ(found("--from 2020-01-01 --to 2099-01-01"), 1u);
}

TEST_F(CatalogCli, what_is_not_there_is_exit_1_and_a_wrong_question_exit_2) {
  EXPECT_EQ(garita("find --container XXXX0000000").exit_code, 1);
  EXPECT_NE(garita("find --plate NONE000 --lang es").out.find("No se encontró nada"), std::string::npos);
  for (const char* wrong :
       {"--category shoes", "--alarm loud", "--from may", "--plate A*", "--limit 0", "--decision maybe"})
    EXPECT_EQ(garita(std::string("find ") + wrong).exit_code, 2) << wrong;
  EXPECT_EQ(run("garita find --state nowhere").exit_code, 3);
}

TEST_F(CatalogCli, a_decision_stands_beside_the_package_and_is_found_shown_and_verified) {
  const Outcome decided = garita(decide("hold"));
  ASSERT_EQ(decided.exit_code, 0) << decided.err;
  EXPECT_EQ(found("--decision hold"), 1u);
  EXPECT_NE(run("garita show --lang es '" + package_path() + "'").out.find("retener"), std::string::npos);
  const json verified = json::parse(run("garita verify --json '" + package_path() + "'").out);
  EXPECT_EQ(verified["holds"], true);
  EXPECT_EQ(verified["addenda"]["entries"].size(), 1u);
  const auto log = base::read_text_file(folder / "state/audit/audit.log", 1u << 20);
  ASSERT_TRUE(log);
  EXPECT_NE(log->find("addendum.decision"), std::string::npos);
}

TEST_F(CatalogCli, a_decision_that_somebody_changed_makes_verify_say_no) {
  ASSERT_EQ(garita(decide("hold")).exit_code, 0);
  const std::string path = package_path() + ".addenda";
  std::string text = *base::read_text_file(path, 1u << 20);
  text.replace(text.find("MX-17"), 5, "MX-18");
  std::ofstream(path) << text;
  const Outcome verified = run("garita verify '" + package_path() + "'");
  EXPECT_EQ(verified.exit_code, 1);
  EXPECT_NE(verified.err.find(".addenda"), std::string::npos);
  EXPECT_EQ(garita(decide("release")).exit_code, 1);
}

TEST_F(CatalogCli, findings_and_corrections_are_found) {
  const std::string file = " '" + package_path() + "' ";
  ASSERT_EQ(garita("finding" + file + "cash --quantity '12.5 kg' --place 'spare wheel'").exit_code, 0);
  ASSERT_EQ(garita("correct" + file + "--field conveyance.plates[0].number --value ZZZ-99 --reason misread")
                .exit_code,
            0);
  EXPECT_EQ(found("--category cash"), 1u);
  EXPECT_EQ(found("--plate zzz99"), 1u);
  EXPECT_EQ(garita("finding" + file + "shoes").exit_code, 2);
  EXPECT_EQ(garita("correct" + file + "--field no.such --value 1 --reason x").exit_code, 2);
}

TEST_F(CatalogCli, a_deleted_catalog_is_rebuilt_with_its_decisions) {
  ASSERT_EQ(garita(decide("secondary")).exit_code, 0);
  for (const char* end : {"", "-wal", "-shm"})
    std::filesystem::remove((folder / "state/catalog.db").string() + end);
  EXPECT_EQ(garita("find").exit_code, 3);
  EXPECT_EQ(garita("catalog rebuild").exit_code, 0);
  EXPECT_EQ(found("--decision secondary"), 1u);
  EXPECT_EQ(garita("catalog check").exit_code, 0);
}

TEST_F(CatalogCli, a_scan_with_a_damaged_catalog_loses_nothing_and_mends_it) {
  std::ofstream(folder / "state/catalog.db") << "poem";
  std::filesystem::remove(folder / "port");
  const Outcome scanned = scan("--seed 4");
  EXPECT_EQ(scanned.exit_code, 0) << scanned.err;
  EXPECT_NE(scanned.err.find("catalog.db.damaged-1"), std::string::npos) << scanned.err;
  EXPECT_EQ(found(""), 2u);
}

TEST_F(CatalogCli, retention_says_first_and_then_removes_but_not_what_is_held) {
  std::ofstream(folder / "policy.toml") << "max_gb = 0.001\n";
  const std::string file = package_path();
  ASSERT_EQ(garita(decide("hold")).exit_code, 0);
  ASSERT_EQ(garita("catalog retain --policy policy.toml").exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(file));

  ASSERT_EQ(garita(decide("release")).exit_code, 0);
  const Outcome dry = garita("catalog retain --policy policy.toml --dry-run --json");
  EXPECT_EQ(json::parse(dry.out)["removals"].size(), 1u) << dry.err;
  EXPECT_TRUE(std::filesystem::exists(file));

  ASSERT_EQ(garita("catalog retain --policy policy.toml").exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_FALSE(std::filesystem::exists(file + ".addenda"));
  EXPECT_EQ(found(""), 0u);
  EXPECT_NE(base::read_text_file(folder / "state/audit/audit.log", 1u << 20)->find("retention.removing"),
            std::string::npos);
}

}  // namespace
}  // namespace garita::cli_test
