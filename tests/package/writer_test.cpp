#include <sys/resource.h>

#include <fstream>

#include "core/base/testing/faulty_files.hpp"
#include "tests/package/fixture.hpp"

namespace garita::package::testing {
namespace {

using base::testing::FaultyFileSystem;
using base::testing::FileCall;
using base::testing::TemporaryFolder;
using WriterTest = PackageTest;

TEST_F(WriterTest, spec_that_the_format_cannot_hold_is_refused_and_changes_nothing) {
  auto writer = *create();
  const PlaneSpec good{.view = "side", .channel = "high", .columns = 3};
  for (const auto& change : std::vector<std::function<void(PlaneSpec&)>>{
           [](PlaneSpec& spec) { spec.view = ""; }, [](PlaneSpec& spec) { spec.view = "Side"; },
           [](PlaneSpec& spec) { spec.channel = std::string(65, 'a'); },
           [](PlaneSpec& spec) { spec.columns = 0; }, [](PlaneSpec& spec) { spec.columns = 65537; },
           [](PlaneSpec& spec) { spec.sample_type = 9; }, [](PlaneSpec& spec) { spec.slices = 2; },
           [](PlaneSpec& spec) { spec.rows = 0; },
           [](PlaneSpec& spec) { spec.role = RasterRole::overview; }}) {
    PlaneSpec spec = good;
    change(spec);
    EXPECT_EQ(writer.add_plane(spec).error().id, "package.plane_refused");
  }
  EXPECT_TRUE(writer.add_plane(good).ok());
  EXPECT_EQ(writer.add_plane(good).error().id, "package.plane_refused");  // the name is taken
  EXPECT_TRUE(writer.finish({}).ok());
}

TEST_F(WriterTest, rows_beyond_what_was_announced_are_refused) {
  auto writer = *create();
  const auto plane = writer.add_plane({.view = "side", .channel = "high", .columns = 1, .rows = 3});
  const auto pixels = noise(8, 1);
  EXPECT_EQ(writer.append_rows(*plane, pixels, 4).error().id, "package.rows_refused");
  EXPECT_EQ(writer.append_rows(*plane, pixels, 3).error().id, "package.rows_refused");
  EXPECT_EQ(writer.append_rows(99, pixels, 4).error().id, "package.rows_refused");
  ASSERT_TRUE(writer.append_rows(*plane, base::Bytes(pixels.data(), 6), 3).ok());
  EXPECT_EQ(writer.append_rows(*plane, base::Bytes(pixels.data(), 2), 1).error().id, "package.rows_refused");
  EXPECT_TRUE(writer.finish({}).ok());
  EXPECT_FALSE(verified().fault);
}

TEST_F(WriterTest, finished_writer_takes_nothing_more) {
  auto writer = *create();
  ASSERT_TRUE(writer.finish({}).ok());
  EXPECT_EQ(writer.finish({}).error().id, "package.writer_stopped");
  EXPECT_EQ(writer.add_plane({.view = "side", .channel = "high", .columns = 3}).error().id,
            "package.writer_stopped");
}

TEST_F(WriterTest, field_too_long_is_refused_before_anything_of_the_record_is_written) {
  auto writer = *create();
  const std::vector<Leaf> record{{"a", "t1"}, {std::string(1025, 'x'), "t2"}};
  const uint64_t size_bytes = writer.size_bytes();
  EXPECT_EQ(writer.finish(record).error().id, "package.field_refused");
  EXPECT_EQ(writer.size_bytes(), size_bytes);
  EXPECT_TRUE(writer.finish({}).ok());
}

TEST_F(WriterTest, checkpoints_come_by_size_and_by_time) {
  WriterOptions options;
  options.checkpoint_bytes = 2000;
  auto writer = *create(options);
  const auto plane = writer.add_plane({.view = "side", .channel = "high", .columns = 3});
  const auto tile = noise(128 * 6, 1);
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(writer.append_rows(*plane, tile, 128).ok());
  clock_.advance(10'000'000'000);
  ASSERT_TRUE(writer.append_rows(*plane, tile, 128).ok());
  EXPECT_EQ(writer.finish({})->checkpoints, 3u);
  EXPECT_FALSE(verified().fault);
}

TEST_F(WriterTest, abandoned_writer_leaves_nothing) {
  const TemporaryFolder folder;
  { auto writer = *Writer::create(base::real_file_system(), folder / "a.garita", test_key()); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(WriterTest, abandoned_writer_leaves_a_torn_file_marked_by_its_name_where_policy_says_so) {
  const TemporaryFolder folder;
  WriterOptions options;
  options.keep_partial = true;
  {
    auto writer = *Writer::create(base::real_file_system(), folder / "a.garita", test_key(), clock_, options);
    const auto plane = writer.add_plane({.view = "side", .channel = "high", .columns = 3});
    ASSERT_TRUE(writer.append_rows(*plane, noise(128 * 6, 1), 128).ok());
    ASSERT_TRUE(writer.checkpoint().ok());
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "a.garita"));
  const auto report = verify(folder / "a.garita.partial");
  EXPECT_EQ(report.outcome(), base::Outcome::incomplete);
  EXPECT_EQ(report.proved_bytes, report.size_bytes);
}

TEST_F(WriterTest, finished_file_is_never_written_over) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a.garita") << "something";
  EXPECT_EQ(Writer::create(base::real_file_system(), folder / "a.garita", test_key()).error().id,
            "base.file_exists");
  EXPECT_EQ(*base::read_text_file(folder / "a.garita", 100), "something");
}

// All that a scan does to the disk, with one call gone wrong.
class FaultTest : public ::testing::TestWithParam<std::tuple<FileCall, bool>> {
 protected:
  base::Result<Sealed> scan(bool keep_partial = false) {
    WriterOptions options;
    options.checkpoint_bytes = 3000;
    options.predictive = true;
    options.keep_partial = keep_partial;
    GARITA_TRY_ASSIGN(writer, Writer::create(faulty_, path_, test_key(), base::system_clock(), options));
    GARITA_TRY_ASSIGN(plane, writer.add_plane({.view = "side", .channel = "high", .columns = 5}));
    GARITA_TRY_ASSIGN(photo, writer.add_attachment({}));
    for (uint64_t row = 0; row < scan_rows; row += 100) {
      GARITA_TRY(writer.append_rows(plane, shadow(100, 5), 100));
      GARITA_TRY(writer.append_attachment(photo, noise(400'000, 2)));
    }
    return writer.finish(std::vector<Leaf>{{"site.lane", "t7"}});
  }

  // How many rows of the plane a kept file proves; all of them are the scan's, which repeats itself. Only one
  // whose seal stands, since the fault came behind it, may call itself complete: nothing of the scan is
  // missing there.
  static uint64_t rows_proved(const std::filesystem::path& left, const std::vector<std::byte>& strip) {
    const auto report = verify(left);
    auto reader = Reader::open(left, {.allow_torn = true});
    const bool sealed = reader && reader->complete();
    if (!sealed) {
      EXPECT_EQ(report.outcome(), base::Outcome::incomplete) << left;
      EXPECT_FALSE(report.complete);
    }
    if (!reader || reader->planes().empty()) return 0;
    const PlaneInfo& plane = reader->planes()[0];
    if (sealed) {
      EXPECT_EQ(plane.rows, scan_rows);
    }
    std::vector<std::byte> out(plane.rows * 10);
    EXPECT_TRUE(reader->read_rows(plane, 0, plane.rows, out).ok());
    for (size_t i = 0; i < out.size(); ++i)
      if (out[i] != strip[i % strip.size()]) return ADD_FAILURE() << "byte " << i << " of " << left, 0;
    return plane.rows;
  }

  static constexpr uint64_t scan_rows = 500;
  const TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "a.garita";
  FaultyFileSystem faulty_;
};

TEST_P(FaultTest, whatever_call_fails_nothing_that_reads_as_whole_is_wrong) {
  const auto [call, partly] = GetParam();
  faulty_.fail({.call = call, .at = 1'000'000});
  ASSERT_TRUE(scan().ok());
  const uint64_t calls = faulty_.calls(call);
  std::filesystem::remove(path_);
  ASSERT_GT(calls, 0u);
  for (uint64_t at = 1; at <= calls; ++at) {
    faulty_.fail(
        {.call = call, .at = at, .code = partly ? EIO : ENOSPC, .partial_bytes = partly ? size_t{17} : 0});
    EXPECT_FALSE(scan().ok()) << at;
    faulty_.heal();
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      EXPECT_EQ(call, FileCall::sync_folder) << "call " << at << " left " << entry.path();
      EXPECT_FALSE(
          verify(entry.path()).fault);  // whole, only perhaps not yet under its name after a power cut
    }
    std::filesystem::remove(path_);
  }
}

// What policy keeps of a scan that failed is proved to its last checkpoint, and never passes for whole.
TEST_P(FaultTest, what_is_kept_of_a_failed_scan_is_marked_and_true) {
  const auto [call, partly] = GetParam();
  faulty_.fail({.call = call, .at = 1'000'000});
  ASSERT_TRUE(scan().ok());
  const uint64_t calls = faulty_.calls(call);
  const auto whole = shadow(100, 5);
  std::filesystem::remove(path_);
  uint64_t read_some = 0;
  for (uint64_t at = 1; at <= calls; ++at) {
    faulty_.fail(
        {.call = call, .at = at, .code = partly ? EIO : ENOSPC, .partial_bytes = partly ? size_t{17} : 0});
    EXPECT_FALSE(scan(true).ok()) << at;
    faulty_.heal();
    const std::filesystem::path left = path_.string() + ".partial";
    if (std::filesystem::exists(left)) read_some += rows_proved(left, whole);
    if (call != FileCall::sync_folder) {
      EXPECT_FALSE(std::filesystem::exists(path_)) << "call " << at;
    }
    std::filesystem::remove(path_);
    std::filesystem::remove(left);
  }
  EXPECT_EQ(read_some > 0, call != FileCall::create && call != FileCall::sync_folder);
}

INSTANTIATE_TEST_SUITE_P(
    calls, FaultTest,
    ::testing::Values(std::tuple(FileCall::create, false), std::tuple(FileCall::append, false),
                      std::tuple(FileCall::append, true), std::tuple(FileCall::sync, false),
                      std::tuple(FileCall::rename, false), std::tuple(FileCall::sync_folder, false)));

TEST_F(WriterTest, reading_that_fails_is_an_error_and_no_verdict) {
  write_sample();
  const TemporaryFolder folder;
  ASSERT_TRUE(base::write_file(folder / "a.garita", bytes()).ok());
  FaultyFileSystem faulty;
  faulty.fail({.call = FileCall::read, .at = 1'000'000});
  ASSERT_FALSE(verify(folder / "a.garita", {}, faulty).fault);
  const uint64_t calls = faulty.calls(FileCall::read);
  for (uint64_t at = 1; at <= calls; ++at) {
    faulty.fail({.call = FileCall::read, .at = at, .code = EIO});
    const auto report = verify(folder / "a.garita", {}, faulty);
    ASSERT_TRUE(report.fault) << at;
    EXPECT_EQ(report.fault->id, "base.file_failed") << at;
  }
}

// Peak memory of the process so far.
uint64_t peak_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

TEST_F(WriterTest, long_scan_is_written_and_read_in_little_memory) {
  const TemporaryFolder folder;
  const auto path = folder / "train.garita";
  constexpr uint64_t strip_rows = 200, strips = 500;
  const auto strip = noise(strip_rows * 1500 * 2, 1);
  [[maybe_unused]] const uint64_t before = peak_bytes();
  {
    auto writer = *Writer::create(base::real_file_system(), path, test_key());
    const auto plane = writer.add_plane({.view = "side", .channel = "high", .columns = 1500});
    for (uint64_t i = 0; i < strips; ++i) ASSERT_TRUE(writer.append_rows(*plane, strip, strip_rows).ok());
    ASSERT_TRUE(writer.finish({}).ok());
  }
  EXPECT_GE(std::filesystem::file_size(path), 300'000'000u);
  auto reader = *Reader::open(path);
  std::vector<std::byte> row(3000);
  ASSERT_TRUE(reader.read_rows(reader.planes()[0], 77'777, 1, row).ok());
  const uint64_t offset = 77'777 % strip_rows * 3000;
  EXPECT_TRUE(std::equal(row.begin(), row.end(), strip.begin() + static_cast<ptrdiff_t>(offset)));
#ifndef GARITA_SANITIZED  // which keeps what was freed
  EXPECT_LE(peak_bytes() - before, 64u << 20);
#endif
}

}  // namespace
}  // namespace garita::package::testing
