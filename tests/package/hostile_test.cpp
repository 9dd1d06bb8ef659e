// Packages that are rightly signed and lie: a signature says who made a file, not that it makes sense.
#include "core/codec/codec.hpp"
#include "core/package/chunk_writer.hpp"
#include "tests/package/fixture.hpp"

namespace garita::package::testing {
namespace {

const std::array<uint8_t, 16> salt{1, 2, 3};

class HostileTest : public PackageTest {
 protected:
  void SetUp() override {
    file_.reset();  // removes what it had begun, under the same name
    file_.emplace(*ChunkWriter::create(files_, path_, {}));
  }

  void head(const Head& head) { ASSERT_TRUE(file_->head(head, salt, encode(head)).ok()); }
  void head_value(base::Bytes value) { ASSERT_TRUE(file_->head(OtherHead{}, salt, value).ok()); }
  void leaf(base::Bytes value, uint32_t part = 0) {
    const uint64_t ordinal = file_->contents().parts[part].leaves.size();
    ASSERT_TRUE(file_->leaf(part, leaf_path(part, ordinal), salt, value).ok());
  }
  void tail(const Tail& tail, uint32_t part = 0) {
    const Head& head = *file_->contents().parts[part].head;
    ASSERT_TRUE(file_->tail(part, tail, salt, encode(head, tail)).ok());
  }
  // Rightly signed, indexed and ended.
  void seal() {
    const Statement statement{StatementKind::seal,      test_key().algorithm(),       0, 0,
                              file_->contents().root(), test_key().public_key().der()};
    auto body = encode(statement);
    const auto signature = *test_key().sign(body);
    for (const uint8_t byte : signature) body.push_back(static_cast<std::byte>(byte));
    ASSERT_TRUE(file_->statement(ChunkType::seal, 0, body).ok());
    ASSERT_TRUE(file_->end().ok());
    ASSERT_TRUE(file_->commit().ok());
  }

  // Of `rows` rows of one u8 column.
  std::vector<std::byte> tile(uint32_t rows, uint32_t coded_rows) {
    std::vector<std::byte> value;
    encode(TileHead{1, rows}, value);
    EXPECT_TRUE((*codec::make_encoder(codec::Id::zstd_planes))
                    ->encode(noise(coded_rows, 1), {coded_rows, 1, 1}, value)
                    .ok());
    return value;
  }
  static RasterHead raster() {
    return {.plane = {.view = "side", .channel = "high", .sample_type = GARITA_SAMPLE_U8, .columns = 1}};
  }
  void expect_refused_at(const std::string& place) {
    const auto report = verified();
    ASSERT_TRUE(report.fault);
    EXPECT_EQ(report.fault->id, "package.malformed");
    EXPECT_EQ(report.fault->field("place"), place);
    EXPECT_EQ(report.outcome(), base::Outcome::no);
  }
  // Opens it if it can, and reads all of it.
  bool reader_shows_pixels() {
    auto reader = opened();
    if (!reader || reader->planes().empty()) return false;
    const PlaneInfo& plane = reader->planes()[0];
    if (plane.rows > 1'000'000) return false;
    std::vector<std::byte> out(plane.rows * plane.spec.columns *
                               image::sample_size_bytes(plane.spec.sample_type));
    return reader->read_rows(plane, 0, plane.rows, out).ok();
  }

  std::optional<ChunkWriter> file_;
};

TEST_F(HostileTest, honest_package_made_in_this_way_is_taken) {
  head(raster());
  leaf(tile(5, 5));
  tail({.leaves = 1, .rows = 5});
  seal();
  EXPECT_FALSE(verified().fault);
  EXPECT_TRUE(reader_shows_pixels());
}

TEST_F(HostileTest, tile_whose_code_is_of_another_size_is_refused) {
  head(raster());
  leaf(tile(5, 6));
  tail({.leaves = 1, .rows = 5});
  seal();
  expect_refused_at("plane side/high, tile 0");
  EXPECT_FALSE(reader_shows_pixels());
}

TEST_F(HostileTest, tile_with_more_rows_than_its_place_is_refused) {
  auto head_of_two = raster();
  head_of_two.plane.rows = 2;
  head(head_of_two);
  leaf(tile(5, 5));
  tail({.leaves = 1, .rows = 2});
  seal();
  expect_refused_at("plane side/high, tile 0");
  EXPECT_FALSE(reader_shows_pixels());
}

TEST_F(HostileTest, short_tile_in_the_middle_is_refused) {
  head(raster());
  leaf(tile(5, 5));
  leaf(tile(5, 5));
  tail({.leaves = 2, .rows = 133});
  seal();
  expect_refused_at("plane side/high, tile 1");
  EXPECT_FALSE(reader_shows_pixels());
}

TEST_F(HostileTest, tail_that_counts_other_rows_is_refused) {
  head(raster());
  leaf(tile(5, 5));
  tail({.leaves = 1, .rows = 6});
  seal();
  expect_refused_at("plane side/high, end");
  EXPECT_FALSE(reader_shows_pixels());
}

TEST_F(HostileTest, tail_that_counts_an_absurd_number_of_rows_allocates_nothing) {
  head(raster());
  leaf(tile(5, 5));
  tail({.leaves = 1, .rows = UINT64_MAX});
  seal();
  expect_refused_at("plane side/high, end");
  EXPECT_FALSE(opened().ok());
}

TEST_F(HostileTest, unknown_codec_is_refused_at_its_tile) {
  head(raster());
  auto value = tile(5, 5);
  value[0] = std::byte{9};
  leaf(value);
  tail({.leaves = 1, .rows = 5});
  seal();
  expect_refused_at("plane side/high, tile 0");
  EXPECT_FALSE(reader_shows_pixels());
}

TEST_F(HostileTest, head_with_an_absurd_geometry_is_refused) {
  for (const auto& change : std::vector<std::function<void(RasterHead&)>>{
           [](RasterHead& head) { head.plane.columns = 1u << 31; },
           [](RasterHead& head) { head.plane.columns = 0; },
           [](RasterHead& head) { head.plane.sample_type = 77; },
           [](RasterHead& head) { head.plane.slices = 7; },
           [](RasterHead& head) { head.plane.view = "../side"; }, [](RasterHead& head) { head.source = 3; },
           [](RasterHead& head) { head.plane.rows = uint64_t{1} << 60; }}) {
    files_.clear();
    SetUp();
    RasterHead bad = raster();
    change(bad);
    head(bad);
    tail({});
    seal();
    expect_refused_at("part 0, head");
    EXPECT_FALSE(opened().ok());
  }
}

TEST_F(HostileTest, attachment_with_the_hash_of_another_is_refused) {
  head(AttachmentSpec{});
  leaf("some bytes");
  tail({.leaves = 1, .size_bytes = 10, .sha256 = base::sha256("other bytes")});
  seal();
  EXPECT_EQ(verified().fault->field("place"), "attachment 0, end");
  auto reader = *opened();
  EXPECT_EQ(reader.read_attachment(reader.attachments()[0], 100).error().id, "package.hash_mismatch");
}

TEST_F(HostileTest, two_records_are_refused) {
  for (uint32_t part : {0u, 1u}) {
    head(RecordHead{std::string(record_schema)});
    tail({}, part);
  }
  seal();
  expect_refused_at("part 1, head");
  EXPECT_FALSE(opened().ok());
}

TEST_F(HostileTest, record_value_without_its_name_is_refused) {
  head(RecordHead{std::string(record_schema)});
  ASSERT_TRUE(file_->hide_leaf(0, {}).ok());
  ASSERT_TRUE(file_->leaf(0, "secret", salt, "t1").ok());
  tail({.leaves = 2});
  seal();
  expect_refused_at("record, field 0");
}

TEST_F(HostileTest, part_of_a_kind_from_the_future_is_checked_and_passed_over) {
  head(OtherHead{77});
  leaf("whatever");
  tail({.leaves = 1});
  seal();
  EXPECT_FALSE(verified().fault);
  EXPECT_TRUE(opened()->planes().empty());
}

TEST_F(HostileTest, part_that_never_ends_is_refused) {
  head(raster());
  leaf(tile(5, 5));
  seal();
  expect_refused_at("seal");
  EXPECT_FALSE(opened().ok());
}

TEST_F(HostileTest, empty_head_is_refused) {
  head_value({});
  seal();
  EXPECT_TRUE(verified().fault);
  EXPECT_FALSE(opened().ok());
}

}  // namespace
}  // namespace garita::package::testing
