// Reports for a vendor: what is in them, that nothing of a driver gets out of its quotes, and how many are kept.
#include "core/host/crash_reports.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "core/base/file.hpp"
#include "core/base/testing/temporary_folder.hpp"
#include "core/base/text.hpp"

namespace garita::host {
namespace {

namespace fs = std::filesystem;

class Reports : public ::testing::Test {
 protected:
  Reports() {
    manifest_.name = "acme-x1";
    manifest_.vendor = "ACME";
    manifest_.version = "2.1";
    manifest_.driver.path = "acme.so";
    manifest_.driver.sha256[0] = 0xAB;
    crash_.error = {base::Outcome::incomplete, "isolate.crashed", {{"driver", "acme-x1"}, {"event", "next"}, {"signal", "SIGSEGV"}}, 203};
    crash_.box = isolate::Box::B2;
    crash_.struck = isolate::Struck{11, 1, 0x10, {{"acme.so", 0x1234}, {"libc.so.6", 0x77}, {"", 0xdead}}};
    crash_.files = {{"acme.so", "00ff"}};
    crash_.ended_ns = 5'000'000'000;
    crash_.calls = {{3, 0, false, false, 0, 0}, {101, 1, true, true, 4'000'000'000, 7'000}};
    crash_.streams = {{"scanner", 300, 2, {std::byte{0x41}, std::byte{0x1B}}, {std::byte{'o'}, std::byte{'k'}}}};
    crash_.used = {12'000'000, 64u << 20};
  }

  fs::path written() {
    reports_.crashed(crash_);
    return reports_.told({}).field("report");
  }
  std::string text_of(fs::path path) const { return base::read_text_file(path.replace_extension(".txt"), 1u << 20).value(); }
  nlohmann::json json_of(const fs::path& path) const { return nlohmann::json::parse(base::read_text_file(path, 1u << 20).value()); }
  size_t files() const {
    const fs::directory_iterator all(state_ / "crashes");
    return static_cast<size_t>(std::distance(begin(all), end(all)));
  }

  base::testing::TemporaryFolder state_;
  load::Manifest manifest_;
  base::ManualClock clock_{1'790'000'000'123'000'000};
  CrashReports reports_{fs::path(state_ / ""), manifest_, clock_};
  isolate::Crash crash_;
};

TEST_F(Reports, name_frames_by_file_and_offset_and_the_binary_by_its_ids) {
  const fs::path path = written();
  EXPECT_EQ(path.filename().string().substr(0, 6), "crash-");
  EXPECT_NE(path.filename().string().find("-acme-x1-ab000000.json"), std::string::npos) << path;
  const nlohmann::json json = json_of(path);
  EXPECT_EQ(json["schema"], "garita.crash/1");
  EXPECT_EQ(json["signal"], "SIGSEGV");
  EXPECT_EQ(json["fault_address"], "0x10");
  EXPECT_EQ(json["frames"], nlohmann::json({"acme.so+0x1234", "libc.so.6+0x77", "0xdead"}));
  EXPECT_EQ(json["driver"]["build_id"], "00ff");
  EXPECT_EQ(json["box"], "B2");
  EXPECT_EQ(json["calls"][1]["call"], "stream_read");
  EXPECT_EQ(json["calls"][1]["status"], "TIMEOUT");
  EXPECT_EQ(json["calls"][1]["before_end_ms"], 1000);
  EXPECT_FALSE(json["calls"][0].contains("status")) << "it is under way";
  EXPECT_EQ(json["streams"][0]["received"], "411b");
  EXPECT_EQ(json["worker"]["cpu_ms"], 12);
}

TEST_F(Reports, can_be_read_in_english_and_spanish) {
  const std::string text = text_of(written());
  for (const auto language : {base::Language::en, base::Language::es})
    EXPECT_NE(text.find(base::render(crash_.error, language)), std::string::npos);
  EXPECT_NE(text.find("acme.so+0x1234"), std::string::npos);
  EXPECT_NE(text.find("41 1b"), std::string::npos);
  EXPECT_EQ(text.find('{'), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1B'), std::string::npos) << "an escape of the driver's own";
}

TEST_F(Reports, are_for_the_site_alone) {
  struct stat status {};
  ASSERT_EQ(::stat(written().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(Reports, the_last_sixteen_are_kept) {
  std::vector<fs::path> all;
  for (int i = 0; i < 40; ++i, clock_.advance(1'000'000'000)) all.push_back(written());
  EXPECT_EQ(files(), 2 * max_crash_reports);
  EXPECT_FALSE(fs::exists(all.front()));
  EXPECT_TRUE(fs::exists(all.back()));
  EXPECT_EQ(reports_.written().size(), max_crash_reports);
}

TEST_F(Reports, of_one_moment_have_names_of_their_own) {
  EXPECT_NE(written(), written());
  EXPECT_EQ(files(), 4u);
}

TEST_F(Reports, a_drivers_name_leads_to_no_other_folder) {
  manifest_.name = "../../etc/\x1B[2J\xFF";
  const fs::path path = written();
  EXPECT_EQ(path.parent_path(), fs::path(state_ / "crashes"));
  EXPECT_TRUE(fs::exists(path));
  EXPECT_EQ(text_of(path).find('\x1B'), std::string::npos);
}

TEST_F(Reports, what_a_driver_says_cannot_break_their_form) {
  manifest_.vendor = "\"}, \"x\": \xC3\x28";
  crash_.error.fields.push_back({"what", "</script>\x02"});
  crash_.streams[0].name = "a\"\nb";
  EXPECT_TRUE(json_of(written()).is_object());
}

TEST_F(Reports, are_told_once) {
  reports_.crashed(crash_);
  EXPECT_NE(reports_.told({}).field("report"), "");
  EXPECT_EQ(reports_.told({}).field("report"), "");
}

TEST_F(Reports, without_a_place_to_write_the_sentence_stands_alone) {
  CrashReports nowhere("/proc/nowhere", manifest_, clock_);
  nowhere.crashed(crash_);
  EXPECT_EQ(nowhere.told(crash_.error).field("report"), "");
}

TEST_F(Reports, workers_are_added_up) {
  reports_.ended({5, 100});
  reports_.ended({7, 50});
  EXPECT_EQ(reports_.used().cpu_ns, 12u);
  EXPECT_EQ(reports_.used().peak_bytes, 100u);
}

}  // namespace
}  // namespace garita::host
