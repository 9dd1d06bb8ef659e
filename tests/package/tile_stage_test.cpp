// Tiles that are coded beside the caller: the same file, whoever coded them.
#include "core/package/tile_stage.hpp"

#include "core/base/testing/faulty_files.hpp"
#include "tests/package/fixture.hpp"

namespace garita::package::testing {
namespace {

class TileStageTest : public PackageTest {
 protected:
  // Two planes whose rows come in turns, one with overviews; attachments between them; a checkpoint every 300
  // KB.
  base::Result<Sealed> write(base::FileSystem& files, unsigned threads) {
    base::SeededRandom random(11);
    WriterOptions options;
    options.coding_threads = threads;
    options.predictive = true;
    options.checkpoint_bytes = 300'000;
    options.random = &random;
    GARITA_TRY_ASSIGN(writer, Writer::create(files, path_, test_key(), clock_, options));
    GARITA_TRY_ASSIGN(high, writer.add_plane({.view = "side", .channel = "high", .columns = 700}));
    GARITA_TRY_ASSIGN(
        low, writer.add_plane(
                 {.view = "side", .channel = "low", .sample_type = GARITA_SAMPLE_F32, .columns = 90}));
    GARITA_TRY_ASSIGN(photo, writer.add_attachment({.media_type = "image/jpeg", .name = "scene.jpg"}));
    for (uint32_t round = 0; round < 9; ++round) {
      const uint64_t rows = 60 + 29 * round;
      GARITA_TRY(writer.append_rows(high, noise(rows * 700 * 2, round), rows));
      GARITA_TRY(writer.append_rows(low, noise(rows * 90 * 4, 100 + round), rows));
      if (round % 4 == 3) GARITA_TRY(writer.append_attachment(photo, noise(700'000, 200 + round)));
    }
    return writer.finish(record_);
  }

  std::vector<std::byte> file_by(unsigned threads) {
    files_.clear();
    EXPECT_TRUE(write(files_, threads).ok());
    EXPECT_FALSE(verified().fault);
    return bytes();
  }
};

TEST_F(TileStageTest, a_file_is_the_same_by_any_number_of_threads) {
  const std::vector<std::byte> alone = file_by(0);
  for (const unsigned threads : {1U, 2U, 5U}) EXPECT_TRUE(file_by(threads) == alone) << threads;
}

TEST_F(TileStageTest, a_disk_that_fails_while_tiles_wait_leaves_no_file) {
  const base::testing::TemporaryFolder folder;
  for (const unsigned threads : {1U, 3U})
    for (const uint64_t at : {2U, 3U, 5U, 8U, 12U, 20U}) {
      base::testing::FaultyFileSystem faulty;
      faulty.fail({.call = base::testing::FileCall::append, .at = at, .code = ENOSPC});
      const auto path = folder / "a.garita";
      auto writer = Writer::create(faulty, path, test_key(), clock_, {.coding_threads = threads});
      ASSERT_TRUE(writer.ok());
      const auto plane = writer->add_plane({.view = "side", .channel = "high", .columns = 300});
      for (uint32_t i = 0; plane.ok() && i < 40; ++i)
        if (!writer->append_rows(*plane, noise(128 * 300 * 2, i), 128)) break;
      EXPECT_FALSE(writer->finish({}).ok()) << at;
      { const Writer gone = std::move(*writer); }
      EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << at;
    }
}

TEST_F(TileStageTest, a_writer_dropped_while_tiles_wait_ends_at_once) {
  for (int i = 0; i < 20; ++i) {
    files_.clear();
    auto writer = create({.coding_threads = 2});
    ASSERT_TRUE(writer.ok());
    const auto plane = writer->add_plane({.view = "side", .channel = "high", .columns = 64});
    ASSERT_TRUE(writer->append_rows(*plane, noise(128 * 64 * 2 * 6, 1), 128 * 6).ok());
  }
}

TEST_F(TileStageTest, a_checkpoint_covers_every_row_given_before_it) {
  auto writer = create({.keep_partial = true, .coding_threads = 1});
  ASSERT_TRUE(writer.ok());
  const auto plane = writer->add_plane({.view = "side", .channel = "high", .columns = 64});
  ASSERT_TRUE(writer->append_rows(*plane, noise(128 * 64 * 2 * 5, 1), 128 * 5).ok());
  ASSERT_TRUE(writer->checkpoint().ok());
  bytes() = files_.content(writer->partial_path());
  auto reader = opened(true);
  ASSERT_TRUE(reader.ok());
  ASSERT_EQ(reader->planes().size(), 1u);
  EXPECT_EQ(reader->planes()[0].rows, 128u * 5);
}

}  // namespace
}  // namespace garita::package::testing
