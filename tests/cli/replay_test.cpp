// A recorded session of the simulator, replayed: the same packages, byte by byte, whatever is read at once.
#include <fstream>
#include <map>

#include "tests/cli/program.hpp"

namespace garita::cli_test {
namespace {

class ReplayedCli : public Cli {
 protected:
  static std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  // The files of a folder by name.
  std::map<std::string, std::string> packages(const std::string& name) const {
    std::map<std::string, std::string> found;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder / name, none))
      found[entry.path().filename()] = bytes_of(entry.path());
    return found;
  }

  Outcome record(int count) {
    const std::string n = std::to_string(count);
    return run("bash -c 'garita-sim portal --listen 127.0.0.1:0 --port-file port --seed 7 --lines-per-s 20000 --count " + n +
               " >sim.txt 2>&1 & for i in $(seq 200); do [ -s port ] && break; sleep 0.05; done; "
               "garita scan --driver portal --source scanner=tcp://127.0.0.1:$(cat port) --out out --state state "
               "--record session.rec --count " + n + "; code=$?; kill %1 2>/dev/null; wait; exit $code'");
  }

  Outcome replay(const std::string& out, const std::string& options = "--replay session.rec --deterministic") {
    return run("garita scan --driver portal --out " + out + " --state state " + options);
  }
};

TEST_F(ReplayedCli, session_replayed_twice_gives_identical_packages_and_in_other_chunks_too) {
  ASSERT_EQ(record(2).exit_code, 0);
  for (const char* out : {"one", "two"}) {
    const Outcome replayed = replay(out);
    ASSERT_EQ(replayed.exit_code, 0) << replayed.err << replayed.out;
  }
  const Outcome other = replay("three", "--source 'scanner=replay:session.rec?chunk_bytes=777' --deterministic");
  ASSERT_EQ(other.exit_code, 0) << other.err;
  ASSERT_EQ(packages("one").size(), 2u);
  EXPECT_TRUE(packages("one") == packages("two"));
  EXPECT_TRUE(packages("one") == packages("three"));
  EXPECT_EQ(run("garita verify one/" + packages("one").begin()->first).exit_code, 0);
}

TEST_F(ReplayedCli, replay_gives_the_pixels_of_the_session) {
  ASSERT_EQ(record(1).exit_code, 0);
  ASSERT_EQ(replay("again", "--replay session.rec").exit_code, 0);
  const std::string then = run("garita verify --planes " + package()).out;
  ASSERT_FALSE(then.empty());
  EXPECT_EQ(run("garita verify --planes again/" + packages("again").begin()->first).out, then);
}

TEST_F(ReplayedCli, without_deterministic_each_replay_is_an_inspection_of_its_own) {
  ASSERT_EQ(record(1).exit_code, 0);
  ASSERT_EQ(replay("one", "--replay session.rec").exit_code, 0);
  ASSERT_EQ(replay("two", "--replay session.rec").exit_code, 0);
  EXPECT_FALSE(packages("one") == packages("two"));
}

TEST_F(ReplayedCli, cut_recording_is_replayed_as_far_as_it_goes) {
  ASSERT_EQ(record(1).exit_code, 0);
  const std::string bytes = bytes_of(folder / "session.rec");
  std::ofstream(folder / "cut.rec", std::ios::binary) << bytes.substr(0, bytes.size() * 2 / 3);
  const Outcome replayed = replay("cut", "--replay cut.rec");
  EXPECT_EQ(replayed.exit_code, 4) << replayed.err;
  EXPECT_NE(replayed.err.find("cut.rec has no end mark"), std::string::npos) << replayed.err;
}

TEST_F(ReplayedCli, damaged_recording_is_refused_in_one_sentence) {
  ASSERT_EQ(record(1).exit_code, 0);
  std::string bytes = bytes_of(folder / "session.rec");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(folder / "bad.rec", std::ios::binary) << bytes;
  const Outcome replayed = replay("bad", "--replay bad.rec");
  EXPECT_EQ(replayed.exit_code, 3);
  EXPECT_EQ(std::count(replayed.err.begin(), replayed.err.end(), '\n'), 1) << replayed.err;
  EXPECT_TRUE(packages("bad").empty());
}

TEST_F(ReplayedCli, options_of_a_replay_are_refused_without_one) {
  EXPECT_EQ(replay("x", "--source scanner=tcp://127.0.0.1:9 --deterministic").exit_code, 2);
  EXPECT_EQ(replay("x", "--source scanner=tcp://127.0.0.1:9 --replay session.rec").exit_code, 2);
  EXPECT_EQ(replay("x", "--source scanner=tcp://127.0.0.1:9 --replay-speed real").exit_code, 2);
}

}  // namespace
}  // namespace garita::cli_test
