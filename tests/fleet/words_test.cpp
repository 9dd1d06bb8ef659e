// What was found, in every family's own code: simulator -> driver -> record -> DICOS TDR -> driver dicos ->
// record. Unchanged but for what the export lists.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "core/record/vocabulary.hpp"
#include "tests/cli/program.hpp"

namespace garita::fleet {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// The words of the brief; the vocabulary has more.
constexpr v1::Category wanted[] = {v1::CATEGORY_PRECURSOR_CHEMICAL,
                                   v1::CATEGORY_FENTANYL,
                                   v1::CATEGORY_METHAMPHETAMINE,
                                   v1::CATEGORY_CASH,
                                   v1::CATEGORY_FIREARM,
                                   v1::CATEGORY_AMMUNITION,
                                   v1::CATEGORY_EXPLOSIVE};

struct Way {
  std::string family, simulator, source;
  friend void PrintTo(const Way& way, std::ostream* out) { *out << way.family; }
};

std::string listening(const std::string& more) {
  return "garita-sim " + more + " --listen 127.0.0.1:0 --port-file port --count 1 --mark $MARKS";
}

const Way ways[] = {
    {"nuctech", listening("nuctech --scene object"), "portal=tcp://127.0.0.1:$(cat port)"},
    {"rapiscan", listening("rapiscan --scene object --columns 128"),
     "control=tcp://127.0.0.1:$(cat port) --source lines=udp://127.0.0.1:$(cat port)"},
    {"leidos",
     "{ garita-sim leidos --dir exports --count 1 --scene object --pitch-in 2 --part-ms 0 --mark $MARKS; "
     "echo 0 > port; }",
     "exports=dir:exports?settle_ms=100"},
    {"astrophysics", listening("astrophysics --model portal --scene object"),
     "scanner=tcp://127.0.0.1:$(cat port)"},
};

class Words : public ::testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    for (const record::VendorCode& each : record::vendor_codes())
      if (each.family == GetParam().family && std::ranges::find(wanted, each.category) != std::end(wanted))
        codes_[std::string(each.code)] = std::string(record::word_of(each.category));
    ASSERT_EQ(codes_.size(), std::size(wanted)) << GetParam().family;
  }

  cli_test::Outcome run(const std::string& words) { return cli_test::run(folder_, words); }

  // The one scan that the family's simulator makes, with all codes in it, as its package's path.
  std::string scan() {
    std::string marks;
    for (const auto& [code, word] : codes_) marks += (marks.empty() ? "" : ",") + code;
    const auto said =
        run("bash -c 'export MARKS=" + marks + "; " + GetParam().simulator +
            " >sim.txt 2>&1 & for i in $(seq 600); do [ -s port ] && break; sleep 0.05; done; garita scan "
            "--driver " +
            GetParam().family + " --source " + GetParam().source +
            " --out out --state state --count 1; code=$?; kill %1 2>/dev/null; wait; exit $code'");
    EXPECT_EQ(said.exit_code, 0) << said.err;
    return package_in("out");
  }

  // Its detections as a report, and what a host makes of that.
  std::string by_way_of_dicos(const std::string& package) {
    const auto told = run("garita export " + package + " --to tdr --out in/tdr.dcs --json");
    EXPECT_EQ(told.exit_code, 0) << told.err;
    const json report = json::parse(told.out);
    for (const json& each : report["lost"]) listed_.push_back(each["id"]);
    const auto said =
        run("garita scan --driver dicos --source exports=dir:in?settle_ms=100 --out back --state state "
            "--until-empty");
    EXPECT_EQ(said.exit_code, 0) << said.err;
    return package_in("back");
  }

  std::string package_in(const std::string& out) {
    for (const auto& entry : fs::directory_iterator(folder_ / out))
      if (entry.path().extension() == ".garita") return entry.path();
    ADD_FAILURE() << "there is no package in " << out;
    return "";
  }

  // Detections by their vendor's code; those that the machine found by itself left out.
  std::map<std::string, json> detections(const std::string& package) {
    std::map<std::string, json> found;
    const json record = json::parse(run("garita show --json " + package).out);
    for (const json& each : record["detections"])
      if (codes_.contains(each.value("vendor_code", ""))) found[each["vendor_code"]] = each;
    return found;
  }

  bool is_listed(const std::string& id) const { return std::ranges::find(listed_, id) != listed_.end(); }

  base::testing::TemporaryFolder folder_;
  std::map<std::string, std::string> codes_;  // of the family -> the record's word
  std::vector<std::string> listed_;
};

TEST_P(Words, of_the_brief_come_from_the_device_and_go_through_dicos_unchanged) {
  fs::create_directory(folder_ / "in");
  const std::string package = scan();
  const auto went = detections(package);
  ASSERT_EQ(went.size(), codes_.size());
  for (const auto& [code, word] : codes_) EXPECT_EQ(went.at(code)["category"], word) << code;
  const auto came = detections(by_way_of_dicos(package));
  ASSERT_EQ(came.size(), codes_.size());
  EXPECT_TRUE(is_listed("export.dicos_wider")) << "DICOS has one word for cash and fentanyl";
  for (auto [code, detection] : went) {
    if (detection.contains("view")) {  // the image is another object, and stays at home
      EXPECT_TRUE(is_listed("export.dicos_view"));
      detection.erase("view");
    }
    EXPECT_EQ(came.at(code), detection) << code;
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Words, ::testing::ValuesIn(ways),
                         [](const auto& way) { return way.param.family; });

}  // namespace
}  // namespace garita::fleet
