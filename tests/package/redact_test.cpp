#include "core/base/testing/faulty_files.hpp"
#include "tests/package/fixture.hpp"

namespace garita::package::testing {
namespace {

class RedactTest : public PackageTest {
 protected:
  void SetUp() override {
    write_sample();
    policy_.field = [](std::string_view) { return Keep::all; };
    policy_.plane = [](const PlaneInfo&) { return Keep::all; };
    policy_.calibration = [](const CalibrationInfo&) { return Keep::all; };
    policy_.attachment = [](const AttachmentInfo&) { return Keep::all; };
  }

  // The copy takes the place of the sample.
  void redact_sample() {
    const std::filesystem::path copy = "memory/copy.garita";
    const auto result = redact(path_, copy, policy_, files_);
    ASSERT_TRUE(result.ok()) << result.error().id << " " << result.error().field("place");
    bytes() = files_.content(copy);
    ASSERT_TRUE(files_.remove(copy).ok());
  }

  void expect_whole(uint64_t withheld) {
    const auto report = verified();
    ASSERT_FALSE(report.fault) << report.fault->id << " " << report.fault->field("place");
    EXPECT_EQ(report.root, sealed_.root);
    EXPECT_EQ(report.withheld.size(), withheld);
  }

  bool contains(base::Bytes needle) {
    return std::search(bytes().begin(), bytes().end(), needle.begin(), needle.end()) != bytes().end();
  }

  RedactPolicy policy_;
};

TEST_F(RedactTest, copy_that_keeps_all_has_the_same_root_and_pixels) {
  redact_sample();
  expect_whole(0);
  EXPECT_EQ(verified().planes[1].sha256, base::sha256(flipped(low_, 8)));
}

TEST_F(RedactTest, withheld_value_is_gone_and_its_name_is_told) {
  ASSERT_TRUE(contains("tA-123"));
  policy_.field = [](std::string_view path) {
    return path == "conveyance.plates[0].number" ? Keep::name : Keep::all;
  };
  redact_sample();
  expect_whole(1);
  EXPECT_EQ(verified().withheld[0].place, "record, field conveyance.plates[0].number");
  EXPECT_FALSE(contains("tA-123"));
  const auto fields = *opened()->read_record();
  EXPECT_TRUE(fields[0].value_withheld && !fields[0].name_withheld);
  EXPECT_EQ(fields[1].value, record_[1].value);
}

TEST_F(RedactTest, withheld_name_is_gone_too) {
  policy_.field = [](std::string_view path) { return path == "site.lane" ? Keep::nothing : Keep::all; };
  redact_sample();
  expect_whole(2);
  EXPECT_FALSE(contains("site.lane"));
  EXPECT_TRUE((*opened()->read_record())[1].name_withheld);
}

TEST_F(RedactTest, withheld_plane_is_named_but_not_shown) {
  policy_.plane = [](const PlaneInfo& plane) {
    return plane.spec.channel == "high" ? Keep::name : Keep::all;
  };
  redact_sample();
  expect_whole(1);
  const auto report = verified();
  EXPECT_EQ(report.withheld[0].place, "plane side/high");
  EXPECT_FALSE(report.planes[0].sha256);
  EXPECT_TRUE(report.planes[1].sha256);
  auto reader = *opened();
  EXPECT_EQ(reader.planes()[0].withheld, Withheld::body);
  std::vector<std::byte> row(2);
  EXPECT_EQ(reader.read_rows(reader.planes()[0], 0, 1, row).error().id, "package.withheld");
}

TEST_F(RedactTest, policy_that_says_nothing_keeps_nothing) {
  policy_ = {};
  redact_sample();
  const auto report = verified();
  ASSERT_FALSE(report.fault);
  EXPECT_EQ(report.root, sealed_.root);
  EXPECT_TRUE(report.planes.empty());
  EXPECT_EQ(opened()->parts_withheld(), 5u);
  for (const Leaf& leaf : record_) EXPECT_FALSE(contains(leaf.value) || contains(leaf.path));
  EXPECT_FALSE(contains("photograph") || contains("scene.jpg"));
}

TEST_F(RedactTest, copy_of_a_copy_withholds_what_either_withholds) {
  policy_.plane = [](const PlaneInfo& plane) {
    return plane.spec.channel == "high" ? Keep::name : Keep::all;
  };
  policy_.field = [](std::string_view path) { return path == "site.lane" ? Keep::name : Keep::all; };
  redact_sample();
  policy_.plane = [](const PlaneInfo& plane) {
    return plane.spec.channel == "low" ? Keep::nothing : Keep::all;
  };
  policy_.field = [](std::string_view) { return Keep::all; };
  redact_sample();
  expect_whole(3);
  EXPECT_EQ(opened()->planes().size(), 2u);
}

TEST_F(RedactTest, any_flipped_bit_of_a_copy_is_noticed) {
  policy_.plane = [](const PlaneInfo& plane) {
    return plane.spec.channel == "low" ? Keep::nothing : Keep::name;
  };
  policy_.field = [](std::string_view path) { return path == "site.lane" ? Keep::nothing : Keep::name; };
  redact_sample();
  for (size_t at = 0; at < bytes().size(); ++at) {
    bytes()[at] ^= static_cast<std::byte>(1u << (at % 8));
    const auto report = verified();
    ASSERT_TRUE(report.fault) << "byte " << at;
    EXPECT_FALSE(report.fault->field("place").empty());
    bytes()[at] ^= static_cast<std::byte>(1u << (at % 8));
  }
}

// It has no checkpoints: a copy that ends early proves nothing.
TEST_F(RedactTest, copy_cut_anywhere_is_torn_and_shows_nothing) {
  policy_.plane = [](const PlaneInfo& plane) {
    return plane.spec.channel == "low" ? Keep::nothing : Keep::all;
  };
  redact_sample();
  const auto good = bytes();
  for (size_t size = 0; size < good.size(); ++size) {
    bytes().resize(size);
    const auto report = verified();
    ASSERT_EQ(report.outcome(), base::Outcome::incomplete) << "cut at " << size;
    EXPECT_FALSE(report.complete);
    if (size % 64 == 0) {
      EXPECT_FALSE(opened().ok()) << "cut at " << size;
    }
    bytes() = good;
  }
}

TEST_F(RedactTest, whatever_call_fails_no_copy_is_left_that_reads_as_whole_and_is_not) {
  using base::testing::FileCall;
  const base::testing::TemporaryFolder folder;
  const auto in = folder / "in.garita", out = folder / "out.garita";
  ASSERT_TRUE(base::write_file(in, bytes()).ok());
  base::testing::FaultyFileSystem faulty;
  for (const FileCall call : {FileCall::create, FileCall::append, FileCall::read, FileCall::sync, FileCall::rename,
                              FileCall::sync_folder}) {
    faulty.fail({.call = call, .at = 1'000'000});
    ASSERT_TRUE(redact(in, out, policy_, faulty).ok());
    const uint64_t calls = faulty.calls(call);
    ASSERT_GT(calls, 0u);
    std::filesystem::remove(out);
    for (uint64_t at = 1; at <= calls; ++at) {
      faulty.fail({.call = call, .at = at, .code = EIO, .partial_bytes = call == FileCall::append ? at % 40 : 0});
      EXPECT_FALSE(redact(in, out, policy_, faulty).ok());
      EXPECT_FALSE(std::filesystem::exists(out.string() + ".partial")) << at;
      if (std::filesystem::exists(out)) {
        EXPECT_EQ(call, FileCall::sync_folder);
        EXPECT_FALSE(verify(out).fault);
      }
      std::filesystem::remove(out);
    }
  }
}

TEST_F(RedactTest, torn_package_is_not_redacted) {
  bytes().pop_back();
  EXPECT_EQ(redact(path_, "memory/copy.garita", policy_, files_).error().id, "package.torn");
}

TEST_F(RedactTest, damaged_package_leaves_no_copy) {
  const std::string_view text(reinterpret_cast<const char*>(bytes().data()), bytes().size());
  bytes()[text.find("DATA") + 90] ^= std::byte{1};
  EXPECT_EQ(redact(path_, "memory/copy.garita", policy_, files_).error().id, "package.hash_mismatch");
  EXPECT_FALSE(files_.open("memory/copy.garita").ok() || files_.open("memory/copy.garita.partial").ok());
}

}  // namespace
}  // namespace garita::package::testing
