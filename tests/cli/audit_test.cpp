// The site's log, as an auditor holds it against what witnesses signed: each damage is one sentence that
// names the place, and the exit code 1.
#include <algorithm>
#include <fstream>

#include "tests/cli/program.hpp"

namespace garita::cli_test {
namespace {

namespace fs = std::filesystem;

class AuditCli : public Cli {
 protected:
  void SetUp() override {
    ASSERT_EQ(scan("--seed 3").exit_code, 0);
    look(3);
  }
  void look(int times) {
    for (int i = 0; i < times; ++i)
      ASSERT_EQ(run("garita show " + package() + " --state state").exit_code, 0);
  }
  Outcome verify(const std::string& more = "") {
    return run("garita audit verify --folder state/audit " + more);
  }
  uint64_t entries() { return nlohmann::json::parse(verify("--json").out).value("entries", uint64_t{0}); }

  std::vector<std::string> lines() {
    std::ifstream log(folder / "state/audit/audit.log");
    std::vector<std::string> all;
    for (std::string line; std::getline(log, line);) all.push_back(line);
    return all;
  }
  void put(const std::vector<std::string>& lines) {
    std::ofstream log(folder / "state/audit/audit.log", std::ios::trunc);
    for (const std::string& line : lines) log << line << '\n';
  }
  // One sentence that says all these.
  static void expect_no(const Outcome& said, std::initializer_list<std::string> words) {
    EXPECT_EQ(said.exit_code, 1) << said.out << said.err;
    EXPECT_EQ(std::count(said.err.begin(), said.err.end(), '\n'), 1) << said.err;
    for (const std::string& word : words)
      EXPECT_NE(said.err.find(word), std::string::npos) << word << said.err;
  }
};

TEST_F(AuditCli, changed_entry_is_named) {
  EXPECT_EQ(verify().exit_code, 0);
  auto log = lines();
  log[1].replace(log[1].find("look.show"), 9, "look.shaw");
  put(log);
  expect_no(verify(), {"audit.log", "Line 2"});
}

TEST_F(AuditCli, missing_entry_is_named_by_its_place) {
  auto log = lines();
  log.erase(log.begin() + 1);
  put(log);
  expect_no(verify(), {"audit.log", "Line 2"});
}

// ---- What only a kept checkpoint notices

class Witnessed : public AuditCli {
 protected:
  void SetUp() override {
    AuditCli::SetUp();
    for (const std::string key : {"site", "mx", "us"})
      ASSERT_EQ(run("garita trust keygen " + key + ".pem").exit_code, 0);
    const Outcome made = run("garita trust root root.json --role mx=1:mx.pem.pub --role us=1:us.pem.pub");
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
  void checkpoint(const std::string& name) {
    const Outcome made =
        run("garita audit checkpoint --folder state/audit --site nogales --key site.pem --out " + name);
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
  Outcome cosign(const std::string& name, const std::string& who, const std::string& seen = "") {
    return run("garita audit cosign --folder state/audit --key " + who + ".pem --out " + name +
               (seen.empty() ? "" : " --seen " + seen));
  }
  Outcome held(const std::string& name, const std::string& more = "") {
    return verify("--checkpoint " + name + " --root root.json --witness mx --witness us " + more);
  }
};

TEST_F(Witnessed, checkpoint_counts_once_both_nations_cosigned_it) {
  checkpoint("first.json");
  ASSERT_EQ(cosign("first.json", "mx").exit_code, 0);
  expect_no(held("first.json"), {"us"});
  ASSERT_EQ(cosign("first.json", "us").exit_code, 0);
  const Outcome both = held("first.json", "--json");
  EXPECT_EQ(both.exit_code, 0) << both.err;
  EXPECT_EQ(nlohmann::json::parse(both.out)["proved_entries"], entries());
}

TEST_F(Witnessed, log_that_was_cut_is_told_with_what_is_missing) {
  const uint64_t whole = entries();
  checkpoint("first.json");
  ASSERT_EQ(cosign("first.json", "mx").exit_code, 0);
  ASSERT_EQ(cosign("first.json", "us").exit_code, 0);
  auto log = lines();
  log.pop_back();
  put(log);
  EXPECT_EQ(verify().exit_code, 0) << "the chain is right: it only ends earlier";
  expect_no(held("first.json"), {"audit.log", std::to_string(whole), std::to_string(whole - 1)});
}

// Somebody puts the folder back as it was, with the checkpoint of that hour in it.
TEST_F(Witnessed, folder_put_back_with_its_older_checkpoint_is_told_by_the_newer_one) {
  fs::create_directories(folder / "state/audit/checkpoints");
  checkpoint("state/audit/checkpoints/old.json");
  for (const char* who : {"mx", "us"})
    ASSERT_EQ(cosign("state/audit/checkpoints/old.json", who).exit_code, 0);
  fs::copy(folder / "state/audit", folder / "backup", fs::copy_options::recursive);
  look(1);
  checkpoint("new.json");
  for (const char* who : {"mx", "us"})
    ASSERT_EQ(cosign("new.json", who, "state/audit/checkpoints/old.json").exit_code, 0);
  EXPECT_EQ(held("new.json").exit_code, 0);

  fs::remove_all(folder / "state/audit");
  fs::copy(folder / "backup", folder / "state/audit", fs::copy_options::recursive);
  EXPECT_EQ(verify("--root root.json --witness mx --witness us").exit_code, 0) << "alone it says nothing";
  expect_no(held("new.json"), {"audit.log"});
  checkpoint("again.json");  // and no witness signs what goes back
  const Outcome refused = cosign("again.json", "mx", "new.json");
  expect_no(refused, {"not signed"});
}

}  // namespace
}  // namespace garita::cli_test
