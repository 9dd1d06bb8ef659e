// garita verify --rederive and --replay: a driver that edits one pixel is found by running an honest one
// again, and by nothing else.
#include <fstream>

#include "tests/cli/program.hpp"

namespace garita::cli_test {
namespace {

class Proofs : public Cli {
 protected:
  void SetUp() override { std::ofstream(folder / "both.toml") << site("both"); }

  static std::string site(const std::string& keep) {
    return "schema = \"garita.site/1\"\n[site]\nname = \"Test\"\n[policy]\nbox = \"B1\"\nkeep = \"" + keep +
           "\"\n";
  }

  // Those that lie are not installed.
  static std::string place_of(const std::string& driver) {
    return driver == "portal" ? driver : GARITA_FLEET_DRIVERS "/" + driver + "/" + driver + ".garita.json";
  }

  // A recorded session of one scan, by `driver`; its package goes into out/.
  void record(const std::string& driver, const std::string& options = "--policy both.toml") {
    const Outcome ran =
        run("bash -c 'garita-sim portal --listen 127.0.0.1:0 --port-file port --seed 7 --lines-per-s 20000 "
            "--count 1 >sim.txt 2>&1 & "
            "for i in $(seq 200); do [ -s port ] && break; sleep 0.05; done; garita scan --driver " +
            place_of(driver) +
            " --source scanner=tcp://127.0.0.1:$(cat port) --out out --state state "
            "--record session.rec --count 1 " +
            options + "; code=$?; kill %1 2>/dev/null; wait; exit $code'");
    ASSERT_EQ(ran.exit_code, 0) << ran.err << ran.out;
  }

  Outcome verify(const std::string& options) { return run("garita verify " + package() + " " + options); }
  Outcome replay(const std::string& driver) {
    return verify("--replay " + place_of(driver) + " --recording session.rec");
  }
};

TEST_F(Proofs, honest_package_is_made_again_from_raw_data_and_from_the_recording) {
  ASSERT_NO_FATAL_FAILURE(record("portal"));
  const Outcome derived = verify("--rederive");
  EXPECT_EQ(derived.exit_code, 0) << derived.err;
  EXPECT_NE(derived.out.find("side/high same"), std::string::npos) << derived.out;
  const Outcome replayed = replay("portal");
  EXPECT_EQ(replayed.exit_code, 0) << replayed.err << replayed.out;
  EXPECT_NE(replayed.out.find("same binary"), std::string::npos) << replayed.out;
}

TEST_F(Proofs, edited_pixel_passes_rederive_and_fails_replay_with_the_honest_driver) {
  ASSERT_NO_FATAL_FAILURE(record("portal_edit"));
  EXPECT_EQ(verify("").exit_code, 0);
  EXPECT_EQ(verify("--rederive").exit_code, 0) << "raw and canonical tell the same lie";
  const Outcome honest = replay("portal");
  EXPECT_EQ(honest.exit_code, 1) << honest.out;
  EXPECT_NE(honest.err.find("says other side/high"), std::string::npos) << honest.err;
  EXPECT_NE(honest.out.find("other binary"), std::string::npos) << honest.out;
  EXPECT_EQ(replay("portal_edit").exit_code, 0) << "which lies the same each time";
}

TEST_F(Proofs, package_without_raw_data_says_so) {
  ASSERT_NO_FATAL_FAILURE(record("portal", ""));
  const Outcome derived = verify("--rederive");
  EXPECT_EQ(derived.exit_code, 4) << derived.out;
  EXPECT_NE(derived.err.find("keeps no raw data"), std::string::npos) << derived.err;
}

TEST_F(Proofs, recording_of_another_session_speaks_for_nothing) {
  ASSERT_NO_FATAL_FAILURE(record("portal"));
  const std::string first = package();
  ASSERT_EQ(run("bash -c 'garita-sim portal --listen 127.0.0.1:0 --port-file port2 --seed 8 --lines-per-s "
                "20000 >sim2.txt 2>&1 & "
                "for i in $(seq 200); do [ -s port2 ] && break; sleep 0.05; done; garita scan --driver "
                "portal --source "
                "scanner=tcp://127.0.0.1:$(cat port2) --out other --state state --record other.rec --count "
                "1; code=$?; "
                "kill %1; wait; exit $code'")
                .exit_code,
            0);
  const Outcome replayed = run("garita verify " + first + " --replay portal --recording other.rec");
  EXPECT_EQ(replayed.exit_code, 1) << replayed.out;
  EXPECT_NE(replayed.err.find("does not hold the bytes"), std::string::npos) << replayed.err;
}

// A driver that takes the recording and never comes to its end.
TEST_F(Proofs, replay_that_takes_longer_than_its_limit_is_ended_and_says_so) {
  ASSERT_NO_FATAL_FAILURE(record("portal"));
  const Outcome ended = verify("--replay " + place_of("portal_stall") + " --recording session.rec --time-limit 2");
  EXPECT_EQ(ended.exit_code, 4) << ended.out;
  EXPECT_NE(ended.err.find("2 seconds"), std::string::npos) << ended.err;
  EXPECT_EQ(ended.out.find("side/high same"), std::string::npos) << ended.out;
}

TEST_F(Proofs, options_of_a_replay_need_each_other) {
  ASSERT_NO_FATAL_FAILURE(record("portal", ""));
  EXPECT_EQ(verify("--recording session.rec").exit_code, 2);
  EXPECT_EQ(verify("--replay portal").exit_code, 2);
  EXPECT_EQ(verify("--replay portal --recording missing.rec").exit_code, 3);
}

}  // namespace
}  // namespace garita::cli_test
