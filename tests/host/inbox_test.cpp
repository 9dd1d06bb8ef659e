// Files of an inbox through the whole host: each is exactly one package, part of one, or a refusal with its reason.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>

#include "core/package/verify.hpp"
#include "tests/host/run_fixture.hpp"

namespace garita::host {
namespace {

class InboxRun : public testing::Run {
 protected:
  struct Told final : ScanObserver {
    std::vector<Recorded> scans;
    std::map<std::string, std::string> refusals, others;
    void recorded(const Recorded& recorded) override { scans.push_back(recorded); }
    void refused(const std::string& file, const base::Error& why) override {
      refusals[file] = base::render(why, base::Language::en);
    }
    void passed_over(const std::string& file, const base::Error& why) override {
      others[file] = base::render(why, base::Language::en);
    }
  };

  void SetUp() override {
    ::setenv("GARITA_WORKER", GARITA_BIN_DIR "/garita-worker", 0);
    std::filesystem::create_directory(folder / "in");
  }
  void put(const std::string& name, const std::string& text) {
    std::ofstream(folder / "in" / (name + ".new")) << text;
    std::filesystem::rename(folder / "in" / (name + ".new"), folder / "in" / name);
  }
  void run_inbox(const std::string& out = "out") {
    auto manifest = load::read_manifest(GARITA_BINARY_DIR
                                        "/lib/garita/test-drivers/inbox_text/inbox_text.garita.json");
    ASSERT_TRUE(manifest) << base::render(manifest.error(), base::Language::en);
    options.manifest = *manifest;
    options.sources.clear();
    options.sources.emplace(
        "files", broker::Address::parse("dir:" + (folder / "in").string() + "?settle_ms=0").value());
    options.out = folder / out;
    options.state = folder / "state";
    options.until_empty = true;
    summary = {};
    told = {};
    const auto ran = run_scan(options, stop, told, summary);
    ASSERT_TRUE(ran) << base::render(ran.error(), base::Language::en);
    EXPECT_EQ(summary.files,
              summary.packages + summary.joined + summary.refused + summary.passed_over + summary.earlier);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "in"))
      found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }

  Told told;
};

TEST_F(InboxRun, a_file_becomes_a_package_with_its_own_bytes_and_digest_in_it) {
  put("a.scan", "GMIN key1 5 3\n");
  run_inbox();
  ASSERT_EQ(summary.packages, 1u);
  EXPECT_EQ(package::verify(packages().at(0)).outcome(), std::nullopt);
  const v1::Inspection& record = told.scans.at(0).record;
  ASSERT_EQ(record.provenance().streams_size(), 1);
  EXPECT_EQ(record.provenance().streams(0).object(), "a.scan");
  EXPECT_EQ(record.provenance().streams(0).name(), "files");
  ASSERT_EQ(record.attachments_size(), 1);
  EXPECT_EQ(record.attachments(0).sha256(), record.provenance().streams(0).received_sha256());
}

TEST_F(InboxRun, every_file_is_counted_once_and_the_folder_stays_as_it_was) {
  put("good.scan", "GMIN key1\n");
  put("same.scan", "GMIN key1\n");
  put("again.scan", "GMIN key1 4 2 \n");
  put("bad.scan", "BAD\n");
  put("torn.scan", "TORN key2\n");
  put("skip.scan", "SKIP\n");
  put("readme.txt", "hello\n");
  const auto before = names();
  run_inbox();
  EXPECT_EQ(summary.files, 7u);
  EXPECT_EQ(summary.packages, 1u);
  EXPECT_EQ(summary.joined, 2u);
  EXPECT_EQ(summary.refused, 2u);
  EXPECT_EQ(summary.passed_over, 2u);
  EXPECT_EQ(packages().size(), 1u);
  EXPECT_NE(told.refusals["bad.scan"].find("the file says 'BAD'"), std::string::npos) << told.refusals["bad.scan"];
  EXPECT_NE(told.refusals["torn.scan"].find("ends in the middle"), std::string::npos) << told.refusals["torn.scan"];
  EXPECT_EQ(names(), before);
}

TEST_F(InboxRun, a_refusal_names_its_file_once_also_where_the_driver_has_named_it) {
  put("bad.scan", "BAD\n");
  put("torn.scan", "TORN key2\n");
  run_inbox();
  EXPECT_EQ(told.refusals["bad.scan"], "The file bad.scan was refused: the file says 'BAD'");
  EXPECT_EQ(told.refusals["torn.scan"], "The file torn.scan was refused: it ends in the middle");
}

TEST_F(InboxRun, a_second_run_takes_only_what_is_new_and_one_into_a_new_folder_takes_all) {
  put("a.scan", "GMIN key1\n");
  put("b.scan", "BAD\n");
  run_inbox();
  put("c.scan", "GMIN key3\n");
  run_inbox();
  EXPECT_EQ(summary.earlier, 2u);
  EXPECT_EQ(summary.packages, 1u);
  run_inbox("elsewhere");
  EXPECT_EQ(summary.packages, 2u);
  EXPECT_EQ(summary.refused, 1u);
}

TEST_F(InboxRun, a_file_that_the_driver_dies_on_three_times_is_refused_and_the_others_are_stored) {
  put("a.scan", "GMIN key1\n");
  put("b.scan", "DIE\n");
  put("c.scan", "GMIN key3\n");
  run_inbox();
  EXPECT_EQ(summary.packages, 2u);
  EXPECT_EQ(summary.refused, 1u);
  EXPECT_NE(told.refusals["b.scan"].find("died on it 3 times"), std::string::npos) << told.refusals["b.scan"];
}

TEST_F(InboxRun, a_scan_whose_driver_died_before_it_said_done_is_one_package_that_names_its_file) {
  put("a.scan", "LAST key1 4 2\n");
  run_inbox();
  EXPECT_TRUE(told.refusals.empty());
  EXPECT_EQ(summary.files, 1u) << "once, however often it was handed out";
  EXPECT_EQ(summary.packages, 1u);
  ASSERT_EQ(packages().size(), 1u);
  EXPECT_EQ(open_package(packages()[0])->record.provenance().streams(0).object(), "a.scan");
  run_inbox();
  EXPECT_EQ(summary.earlier, 1u);
  EXPECT_EQ(packages().size(), 1u);
}

TEST_F(InboxRun, a_supplement_goes_into_its_scan_whichever_came_first) {
  put("1.scan", "SUP early key1\n");
  put("2.scan", "GMIN key1\n");
  put("3.scan", "SUP late key1\n");
  run_inbox();
  EXPECT_EQ(summary.packages, 1u);
  EXPECT_EQ(summary.joined, 2u);
  ASSERT_EQ(packages().size(), 1u);
  const auto package = open_package(packages()[0]);
  ASSERT_TRUE(package);
  EXPECT_EQ(package->record.detections_size(), 2);
  EXPECT_EQ(package->record.identity().supplement_keys_size(), 2);
  EXPECT_EQ(package->record.provenance().streams_size(), 3);
}

TEST_F(InboxRun, a_supplement_whose_scan_never_comes_stands_alone) {
  put("1.scan", "SUP lonely nobody\n");
  run_inbox();
  ASSERT_EQ(summary.packages, 1u);
  EXPECT_EQ(told.scans.at(0).record.identity().related_key(), "nobody");
  EXPECT_EQ(told.scans.at(0).record.detections_size(), 1);
}

TEST_F(InboxRun, a_scan_without_a_key_is_known_again_by_its_file) {
  put("a.scan", "GMIN -\n");
  run_inbox();
  const std::string key = told.scans.at(0).scan_key;
  options.out = folder / "other";
  run_inbox("other");
  EXPECT_EQ(told.scans.at(0).scan_key, key);
}

}  // namespace
}  // namespace garita::host
