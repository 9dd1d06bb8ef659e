// Truth by twin and by object, on a driver whose protocol the kit does not know.
#include "conformance/evidence/bundle.hpp"
#include "conformance/twin/likeness.hpp"
#include "tests/conformance/kit_fixture.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

class Acme : public Kit {
 protected:
  static constexpr const char* folder_of_tests = GARITA_SOURCE_DIR "/tests/conformance/acme_x1/";

  static std::string manifest(const std::string& name) {
    return GARITA_BINARY_DIR "/lib/garita/test-drivers/" + name + "/" + name + ".garita.json";
  }
  void twin(const std::string& name) {
    std::ofstream(folder / "twin.toml")
        << "manifest = \"" << manifest(name)
        << "\"\nstream = \"scanner\"\ncolumns = 128\nrows = 160\nchannels = [\"single\"]\n"
           "tolerance = 0.0001\n";
  }
  void object() {
    for (const char* name : {"object.toml", "recording.toml"})
      std::filesystem::copy_file(std::string(folder_of_tests) + name, folder / name);
    ASSERT_EQ(std::system((GARITA_BIN_DIR "/acme-x1-record-object '" + (folder / "recording.toml").string() +
                           "' '" + (folder / "object.bin").string() + "'")
                              .c_str()),
              0);
  }
  Answer run(const std::string& driver, const std::string& options) {
    return kit("run --json --driver " + manifest(driver) +
               " --source scanner=file:" GARITA_SOURCE_DIR "/sdk/template/common/tests/session.bin " +
               options);
  }
  static json truth(const Answer& answer, const std::string& requirement) {
    for (const auto& [rule, ended] : verdicts(answer))
      if (ended["requirements"][0] == requirement) return ended;
    return {};
  }
  static std::string seen(const json& ended) {
    return ended.is_object() && !ended["findings"].empty()
               ? ended["findings"][0]["seen"]["id"].get<std::string>()
               : "";
  }
};

TEST_F(Acme, reaches_level_1_with_a_recording_alone_and_2_with_a_twin) {
  twin("acme-x1-twin");
  const Answer alone = run("acme-x1", "");
  EXPECT_EQ(alone.exit_code, 0) << alone.out << alone.err;
  EXPECT_EQ(alone.lines().back()["level"], 1);
  const Answer with_twin = run("acme-x1", "--twin twin.toml");
  EXPECT_EQ(with_twin.exit_code, 0) << with_twin.out << with_twin.err;
  EXPECT_EQ(with_twin.lines().back()["level"], 2);
  EXPECT_EQ(truth(with_twin, "GAR-TRU-001")["verdict"], "PASS");
}

TEST_F(Acme, reaches_level_3_with_an_object) {
  object();
  const Answer answer = run("acme-x1", "--object recording.toml");
  EXPECT_EQ(answer.lines().back()["level"], 3) << answer.out << answer.err;
  EXPECT_EQ(truth(answer, "GAR-TRU-002")["verdict"], "PASS");
}

TEST_F(Acme, twin_is_at_most_80_lines) {
  size_t lines = 0;
  for (const char* name : {"encode.hpp", "twin.cpp"}) {
    std::ifstream file(std::string(folder_of_tests) + name);
    for (std::string line; std::getline(file, line);) ++lines;
  }
  EXPECT_LE(lines, 80u);
}

TEST_F(Acme, mirrored_is_found_by_the_twin_and_says_so_with_pictures) {
  twin("acme-x1-twin");
  const Answer answer = run("acme-x1-mirrored",
                            "--twin twin.toml --filter 'GAR-TRU-*' --evidence run.tar.zst --junit cases.xml");
  const json ended = truth(answer, "GAR-TRU-001");
  EXPECT_EQ(ended["verdict"], "FAIL") << answer.out << answer.err;
  EXPECT_EQ(seen(ended), "conform.saw_truth_columns_mirrored");
  const auto bundle = read_bundle(folder / "run.tar.zst");
  ASSERT_TRUE(bundle);
  size_t pictures = 0;
  for (const auto& [name, bytes] : bundle->pictures) pictures += name.find("-truth.png") != std::string::npos;
  EXPECT_EQ(pictures, 1u);
  const auto xml = base::read_text_file(folder / "cases.xml", 1u << 24);
  EXPECT_NE(xml->find("[[ATTACHMENT|"), std::string::npos);
  EXPECT_EQ(kit("verify run.tar.zst").exit_code, 0);
}

TEST_F(Acme, mirrored_together_with_its_twin_is_found_by_the_object_alone) {
  twin("acme-x1-twin-mirrored");
  object();
  const Answer answer =
      run("acme-x1-mirrored", "--twin twin.toml --object recording.toml --filter 'GAR-TRU-*'");
  EXPECT_EQ(truth(answer, "GAR-TRU-001")["verdict"], "PASS") << answer.out << answer.err;
  EXPECT_EQ(truth(answer, "GAR-TRU-002")["verdict"], "FAIL");
  EXPECT_EQ(seen(truth(answer, "GAR-TRU-002")), "conform.saw_object_columns_mirrored");
  EXPECT_EQ(answer.exit_code, 1);
}

TEST_F(Acme, a_twin_that_is_not_as_it_should_be_is_wrong_usage) {
  std::ofstream(folder / "twin.toml") << "manifest = \"x\"\nstream = \"scanner\"\ncolumns = 0\n";
  const Answer answer = run("acme-x1", "--twin twin.toml");
  EXPECT_EQ(answer.exit_code, 2);
  EXPECT_NE(answer.err.find("rows"), std::string::npos) << answer.err;
}

TEST_F(Acme, gets_a_twin_to_begin_with_that_compiles) {
  ASSERT_EQ(kit("twin --driver " + manifest("acme-x1") + " --out twin").exit_code, 0);
  EXPECT_EQ(kit("twin --driver " + manifest("acme-x1") + " --out twin").exit_code, 2);
  std::ifstream file(folder / "twin/twin.cpp");
  size_t lines = 0;
  for (std::string line; std::getline(file, line); ++lines)
    EXPECT_EQ(line.find('@'), std::string::npos) << line;
  EXPECT_LE(lines, 80u);
  EXPECT_TRUE(std::filesystem::exists(folder / "twin/acme-x1-twin.garita.json.in"));
  const std::string compile = "c++ -std=c++20 -fsyntax-only -Wall -Wextra -Werror -I" GARITA_SOURCE_DIR
                              "/sdk/include -I" GARITA_SOURCE_DIR "/sdk/cpp '" +
                              (folder / "twin/twin.cpp").string() + "'";
  EXPECT_EQ(std::system(compile.c_str()), 0);
}

// One plane of a scene, changed in some way.
class Likeness : public ::testing::Test {
 protected:
  template <typename From>
  TruePlane changed(From from) const {
    TruePlane own = truth_;
    for (uint32_t r = 0; r < own.rows; ++r)
      for (uint32_t c = 0; c < own.columns; ++c) own.t[r * own.columns + c] = from(r, c);
    return own;
  }
  std::string how(const TruePlane& seen) const {
    const auto unlike = compare({truth_}, {seen}, 0.001);
    return unlike ? unlike->how : "";
  }
  const TruePlane truth_ = plane_of(make_scene(90, 70, {false}, 5), 0);
};

TEST_F(Likeness, of_the_scene_itself_is_whole) {
  EXPECT_EQ(how(truth_), "");
  EXPECT_EQ(how(changed([&](uint32_t r, uint32_t c) { return truth_.at(r, c) + 0.0005f; })), "");
}

TEST_F(Likeness, names_what_was_done_to_it) {
  EXPECT_EQ(how(changed([&](uint32_t r, uint32_t c) { return truth_.at(r, 69 - c); })), "columns_mirrored");
  EXPECT_EQ(how(changed([&](uint32_t r, uint32_t c) { return truth_.at(89 - r, c); })), "rows_mirrored");
  EXPECT_EQ(how(changed([&](uint32_t r, uint32_t c) { return truth_.at(89 - r, 69 - c); })), "turned");
  EXPECT_EQ(how(changed([&](uint32_t r, uint32_t c) { return 1 - truth_.at(r, c); })), "inverted");
  EXPECT_EQ(how(changed([&](uint32_t r, uint32_t c) { return truth_.at(std::min(89u, r + 1), c); })),
            "shifted");
  EXPECT_EQ(how(changed([&](uint32_t r, uint32_t c) { return truth_.at(r, c) * truth_.at(r, c); })),
            "values");
}

TEST_F(Likeness, sees_one_pixel_that_is_off) {
  TruePlane seen = truth_;
  seen.t[17 * 70 + 4] += 0.01f;
  const auto unlike = compare({truth_}, {seen}, 0.001);
  ASSERT_TRUE(unlike);
  EXPECT_EQ(unlike->row, 17u);
  EXPECT_EQ(unlike->column, 4u);
}

TEST_F(Likeness, sees_channels_that_are_exchanged_and_planes_that_are_missing) {
  const Scene scene = make_scene(90, 70, {false, true}, 5);
  const TruePlane high = plane_of(scene, 0), low = plane_of(scene, 1);
  EXPECT_FALSE(compare({high, low}, {high, low}, 0.001));
  EXPECT_EQ(compare({high, low}, {low, high}, 0.001)->how, "channels_swapped");
  EXPECT_EQ(compare({high, low}, {high}, 0.001)->how, "size");
}

TEST(Scenes, of_another_seed_are_others_and_of_the_same_are_the_same) {
  EXPECT_EQ(scene_bytes(make_scene(64, 64, {false}, 1)), scene_bytes(make_scene(64, 64, {false}, 1)));
  EXPECT_NE(scene_bytes(make_scene(64, 64, {false}, 1)), scene_bytes(make_scene(64, 64, {false}, 2)));
}

}  // namespace
}  // namespace garita::conformance
