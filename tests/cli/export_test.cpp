// garita export as people type it: formats, what is chosen, what is lost.
#include "tests/cli/program.hpp"

namespace garita::cli_test {
namespace {

using nlohmann::json;

TEST_F(Cli, export_to_every_format_takes_a_view_and_a_channel_and_lists_what_is_lost) {
  ASSERT_EQ(scan("--seed 3").exit_code, 0);
  for (const std::string format : {"npy", "png", "tiff", "dicom", "dicos"}) {
    const Outcome outcome = run("garita export " + package() + " --to " + format +
                                " --view side --channel high --out " + format + " --json");
    ASSERT_EQ(outcome.exit_code, 0) << format << ' ' << outcome.err;
    const json said = json::parse(outcome.out);
    EXPECT_EQ(said["files"].size(), 1u) << said;
    ASSERT_FALSE(said["lost"].empty()) << format;
    for (const json& lost : said["lost"])
      EXPECT_NE(outcome.err.find(lost["text"].get<std::string>()), std::string::npos) << lost;
  }
}

TEST_F(Cli, export_to_what_it_does_not_know_names_what_it_does) {
  const Outcome outcome = run("garita export x.garita --to gif --out y");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("npy, png, tiff, dicom, dicos, tdr"), std::string::npos) << outcome.err;
  EXPECT_EQ(run("garita export x.garita --to tiff --compression lzw --out y").exit_code, 2);
}

TEST_F(Cli, export_of_reports_without_detections_is_exit_1) {
  ASSERT_EQ(scan("--seed 3").exit_code, 0);
  EXPECT_EQ(run("garita export " + package() + " --to tdr --out x.dcs").exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(folder / "x.dcs"));
}

}  // namespace
}  // namespace garita::cli_test
