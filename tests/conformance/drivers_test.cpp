// Every driver that is shipped passes, on the input that its conform.toml describes.
#include "tests/conformance/kit_fixture.hpp"

namespace garita::conformance {
namespace {

struct Shipped {
  const char* name;
  const char* folder;
};

void PrintTo(const Shipped& driver, std::ostream* out) { *out << driver.name; }

class ShippedDriver : public Kit, public ::testing::WithParamInterface<Shipped> {};

INSTANTIATE_TEST_SUITE_P(Drivers, ShippedDriver,
                         ::testing::Values(Shipped{"portal", "drivers/portal"},
                                           Shipped{"n42", "drivers/n42"},
                                           Shipped{"dicos", "drivers/dicos"},
                                           Shipped{"vm250", "drivers/vm250"},
                                           Shipped{"rapiscan", "drivers/rapiscan"},
                                           Shipped{"leidos", "drivers/leidos"},
                                           Shipped{"nuctech", "drivers/nuctech"},
                                           Shipped{"astrophysics", "drivers/astrophysics"},
                                           Shipped{"minimal_c", "examples/minimal_c"},
                                           Shipped{"minimal_cpp", "examples/minimal_cpp"}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_P(ShippedDriver, passes_every_rule) {
  const Shipped& shipped = GetParam();
  const Answer answer = kit("run --json --driver " + driver(shipped.name) +
                            " --input " GARITA_SOURCE_DIR "/" + shipped.folder + "/conform.toml");
  EXPECT_EQ(answer.exit_code, 0) << answer.err;
  size_t passed = 0;
  for (const auto& [rule, ended] : verdicts(answer)) {
    const std::string verdict = ended["verdict"];
    EXPECT_TRUE(verdict == "PASS" || verdict == "SKIPPED") << rule << ' ' << ended;
    if (verdict == "PASS") ++passed;
    EXPECT_EQ(ended["blocked_by"], "") << rule << ' ' << ended;
  }
  EXPECT_GT(passed, 100u);
}

// One command, as a vendor types it: a recorded session and nothing else.
TEST_F(Kit, a_recorded_session_is_input_enough) {
  const Answer answer =
      kit("run --smoke --driver " + driver("minimal_cpp") +
          " --source scanner=file:" GARITA_SOURCE_DIR "/examples/minimal_c/tests/two_scans.gmin");
  EXPECT_EQ(answer.exit_code, 0) << answer.out << answer.err;
  EXPECT_TRUE(answer.last_line().starts_with("PASS minimal_cpp 1.0.0: ")) << answer.out;
}

TEST_F(Kit, a_live_source_is_recorded_once_and_played_to_every_rule) {
  std::ofstream(folder / "plan.toml")
      << "[[input]]\nsimulator = [\"garita-sim\", \"portal\", \"--listen\", \"127.0.0.1:0\", \"--port-file\","
         " \"{port_file}\", \"--seed\", \"{seed}\"]\nsource = [\"scanner=tcp://127.0.0.1:{port}\"]\n";
  const Answer answer =
      kit("run --seed 9 --filter Repetition.* --driver " + driver("portal") + " --input plan.toml");
  EXPECT_EQ(answer.exit_code, 0) << answer.out << answer.err;
}

}  // namespace
}  // namespace garita::conformance
