// examples/read_package.py, written from FORMAT.md alone, against our own reader.
#include <sys/wait.h>

#include <cstdlib>
#include <iostream>

#include "tests/package/fixture.hpp"

namespace garita::package::testing {
namespace {

class SecondReaderTest : public PackageTest {
 protected:
  void SetUp() override {
    if (std::system("python3 -c 1 2>/dev/null && zstd --version >/dev/null 2>&1") == 0) return;
    std::cerr << "\n*** python3 or zstd is missing: examples/read_package.py is NOT tested ***\n\n";
    GTEST_SKIP() << "python3 or zstd is missing";
  }

  struct Answer {
    int exit_code;
    std::string lines;
  };

  Answer read_package() {
    const auto path = folder_ / "a.garita", output = folder_ / "out", errors = folder_ / "errors";
    std::filesystem::remove(path);
    EXPECT_TRUE(base::write_file(path, bytes()).ok());
    const std::string script = std::string(GARITA_SOURCE_DIR) + "/examples/read_package.py";
    const int status = std::system(("python3 '" + script + "' '" + path.string() + "' > '" + output.string() +
                                    "' 2> '" + errors.string() + "'")
                                       .c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, *base::read_text_file(output, 1 << 20)};
  }

  std::string our_lines() {
    std::string lines;
    for (const PlaneReport& plane : verified().planes) {
      if (plane.sha256) lines += plane.name + " " + base::to_text(*plane.sha256) + "\n";
    }
    return lines;
  }

  const base::testing::TemporaryFolder folder_;
};

TEST_F(SecondReaderTest, both_readers_agree_on_every_plane) {
  write_sample();
  const auto answer = read_package();
  EXPECT_EQ(answer.exit_code, 0);
  EXPECT_EQ(answer.lines, our_lines());
  EXPECT_EQ(std::count(answer.lines.begin(), answer.lines.end(), '\n'), 3);
}

TEST_F(SecondReaderTest, both_readers_agree_on_large_planes_of_all_sample_types) {
  auto writer = *create();
  for (uint32_t type = GARITA_SAMPLE_U8; type <= GARITA_SAMPLE_F64; ++type) {
    const auto plane = writer.add_plane({.view = image::sample_type_name(type),
                                         .channel = "single",
                                         .sample_type = type,
                                         .columns = 530,
                                         .rows = 150,
                                         .slices = 3,
                                         .rows_rear_first = type % 2 == 0});
    ASSERT_TRUE(
        writer.append_rows(*plane, noise(uint64_t{530} * 450 * image::sample_size_bytes(type), type), 450)
            .ok());
  }
  const auto raw =
      writer.add_plane({.view = "side", .channel = "high", .role = RasterRole::raw, .columns = 530});
  ASSERT_TRUE(writer.append_rows(*raw, noise(530 * 700 * 2, 9), 700).ok());
  ASSERT_TRUE(writer.finish({}).ok());
  const auto answer = read_package();
  EXPECT_EQ(answer.exit_code, 0);
  EXPECT_EQ(answer.lines, our_lines());
}

TEST_F(SecondReaderTest, second_reader_notices_damage_anywhere) {
  write_sample();
  for (size_t at = 3; at < bytes().size(); at += bytes().size() / 23) {
    bytes()[at] ^= std::byte{4};
    EXPECT_EQ(read_package().exit_code, 1) << "byte " << at;
    bytes()[at] ^= std::byte{4};
  }
}

TEST_F(SecondReaderTest, second_reader_notices_a_tear) {
  write_sample();
  bytes().resize(bytes().size() / 2);
  EXPECT_EQ(read_package().exit_code, 4);
}

TEST_F(SecondReaderTest, second_reader_takes_a_redacted_copy) {
  write_sample();
  const RedactPolicy policy{
      .field = [](std::string_view path) { return path == "site.lane" ? Keep::nothing : Keep::name; },
      .plane = [](const PlaneInfo& plane) { return plane.part == 0 ? Keep::name : Keep::all; }};
  ASSERT_TRUE(redact(path_, "memory/copy.garita", policy, files_).ok());
  bytes() = files_.content("memory/copy.garita");
  const auto answer = read_package();
  EXPECT_EQ(answer.exit_code, 0);
  EXPECT_EQ(answer.lines, our_lines());
}

TEST_F(SecondReaderTest, second_reader_takes_all_but_the_signature_of_p384) {
  write_sample(base::SignatureAlgorithm::ecdsa_p384);
  EXPECT_EQ(read_package().exit_code, 0);
  EXPECT_NE(base::read_text_file(folder_ / "errors", 1000)->find("not checked"), std::string::npos);
}

}  // namespace
}  // namespace garita::package::testing
