// Planes of which a package keeps the hashes alone: whoever can make them again reads them as ever, and
// nobody is shown anything else.
#include "tests/package/fixture.hpp"

namespace garita::package::testing {
namespace {

// Twice the raw samples: a definition that is easy to see through.
class Doubler final : public Deriver {
 public:
  base::Result<void> derive(Reader& reader, const PlaneInfo& plane, uint64_t slice, uint64_t first_row,
                            uint32_t rows, std::span<std::byte> out) override {
    ++calls;
    for (const PlaneInfo& raw : reader.planes()) {
      if (raw.spec.role != RasterRole::raw || raw.spec.view != plane.spec.view) continue;
      const uint64_t before = slice * raw.rows_a_slice;
      const uint64_t of_slice = std::min(raw.rows_a_slice, raw.rows - before);
      const bool turned = raw.spec.rows_rear_first;
      GARITA_TRY(
          reader.read_rows(raw, before + (turned ? of_slice - first_row - rows : first_row), rows, out));
      std::vector<std::byte> pixels(out.begin(), out.end());
      if (turned) pixels = flipped(pixels, out.size() / rows);
      for (std::byte& byte : pixels) byte <<= 1;
      if (wrong && first_row == 128) pixels[7] ^= std::byte{4};
      std::copy(pixels.begin(), pixels.end(), out.begin());
      return {};
    }
    return base::Error{base::Outcome::no, "package.not_derivable", {}};
  }
  int calls = 0;
  bool wrong = false;
};

class ByHashTest : public PackageTest {
 protected:
  static constexpr uint32_t columns = 1;

  // A plane and what it is made of; of two slices or of rows unknown beforehand.
  void write(bool rear_first = false, bool volume = false) {
    WriterOptions options;
    options.planes_by_hash = true;
    auto writer = *create(options);
    PlaneSpec spec{.view = "side",
                   .channel = "high",
                   .columns = columns,
                   .rows_rear_first = rear_first,
                   .by_hash = true};
    if (volume) spec.rows = 150, spec.slices = 2;
    const auto plane = writer.add_plane(spec);
    spec.role = RasterRole::raw, spec.by_hash = false;
    const auto raw = writer.add_plane(spec);
    ASSERT_TRUE(plane.ok() && raw.ok());
    raw_ = noise(rows * columns * 2, 5);
    pixels_ = raw_;
    for (std::byte& byte : pixels_) byte <<= 1;
    for (uint64_t at = 0; at < rows; at += 100) {
      const size_t from = at * columns * 2, size = 100 * columns * 2;
      ASSERT_TRUE(writer.append_rows(*plane, base::Bytes(pixels_.data() + from, size), 100).ok());
      ASSERT_TRUE(writer.append_rows(*raw, base::Bytes(raw_.data() + from, size), 100).ok());
    }
    ASSERT_TRUE(writer.checkpoint().ok());
    sealed_ = *writer.finish(record_);
  }

  Reader with_deriver() {
    auto reader = *opened();
    reader.set_deriver(doubler_);
    return reader;
  }
  VerifyReport verified_by_making() {
    VerifyOptions options;
    options.prepare = [this](Reader& reader) { return reader.set_deriver(doubler_), base::Result<void>(); };
    return verify(path_, options, files_);
  }

  static constexpr uint64_t rows = 300;
  std::shared_ptr<Doubler> doubler_ = std::make_shared<Doubler>();
  std::vector<std::byte> raw_, pixels_;
};

TEST_F(ByHashTest, plane_is_read_as_if_its_pixels_were_there) {
  write();
  auto reader = with_deriver();
  EXPECT_TRUE(reader.planes()[0].spec.by_hash);
  EXPECT_EQ(all_rows(reader, reader.planes()[0]), pixels_);
  EXPECT_EQ(doubler_->calls, 3);
}

TEST_F(ByHashTest, some_rows_ask_for_their_own_tile_alone) {
  write();
  auto reader = with_deriver();
  std::vector<std::byte> row(columns * 2);
  ASSERT_TRUE(reader.read_rows(reader.planes()[0], 200, 1, row).ok());
  EXPECT_TRUE(std::equal(row.begin(), row.end(), pixels_.begin() + 200 * columns * 2));
  EXPECT_EQ(doubler_->calls, 1);
}

TEST_F(ByHashTest, rear_first_and_slices_stay_in_their_order) {
  write(true);
  auto turned = with_deriver();
  EXPECT_EQ(all_rows(turned, turned.planes()[0]), flipped(pixels_, columns * 2));
  files_.clear();
  write(false, true);
  auto volume = with_deriver();
  EXPECT_EQ(volume.planes()[0].slices, 2u);
  EXPECT_EQ(all_rows(volume, volume.planes()[0]), pixels_);
}

TEST_F(ByHashTest, what_is_made_otherwise_is_refused_and_its_place_named) {
  write();
  doubler_->wrong = true;
  auto reader = with_deriver();
  std::vector<std::byte> tile(128 * columns * 2);
  EXPECT_TRUE(reader.read_rows(reader.planes()[0], 0, 128, tile).ok());
  const auto wrong = reader.read_rows(reader.planes()[0], 128, 128, tile);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().id, "package.derived_differs");
  EXPECT_EQ(wrong.error().field("place"), "plane side/high, tile 1");
  const auto report = verified_by_making();
  ASSERT_TRUE(report.fault);
  EXPECT_EQ(report.fault->id, "package.derived_differs");
  EXPECT_EQ(report.outcome(), base::Outcome::no);
}

TEST_F(ByHashTest, nobody_is_shown_a_plane_that_nobody_made) {
  write();
  auto reader = *opened();
  std::vector<std::byte> row(columns * 2);
  EXPECT_EQ(reader.read_rows(reader.planes()[0], 0, 1, row).error().id, "package.not_derivable");
  const auto report = verified();
  EXPECT_FALSE(report.fault) << "all that is there holds";
  EXPECT_FALSE(report.planes[0].sha256);
  EXPECT_TRUE(report.planes[1].sha256);
}

TEST_F(ByHashTest, hash_of_what_was_made_is_that_of_the_pixels) {
  write();
  const auto report = verified_by_making();
  EXPECT_FALSE(report.fault);
  EXPECT_EQ(report.planes[0].sha256, base::sha256(pixels_));
  const auto claim = std::find_if(report.claims.begin(), report.claims.end(),
                                  [](const Claim& each) { return each.name == "plane"; });
  EXPECT_EQ(claim->proof, Proof::recomputed);
}

TEST_F(ByHashTest, copy_that_withholds_the_raw_rows_withholds_the_plane) {
  write();
  const RedactPolicy policy{
      .field = [](std::string_view) { return Keep::all; },
      .plane = [](const PlaneInfo& plane) { return plane.spec.by_hash ? Keep::all : Keep::name; }};
  ASSERT_TRUE(redact(path_, "memory/copy.garita", policy, files_).ok());
  bytes() = files_.content("memory/copy.garita");
  const auto report = verified_by_making();
  EXPECT_FALSE(report.fault);
  EXPECT_FALSE(report.planes[0].sha256);
  auto reader = with_deriver();
  std::vector<std::byte> row(columns * 2);
  EXPECT_EQ(reader.read_rows(reader.planes()[0], 0, 1, row).error().id, "package.withheld");
}

TEST_F(ByHashTest, any_flipped_bit_is_noticed_and_every_cut_is_torn) {
  write();
  const auto good = bytes();
  for (size_t at = 0; at < good.size(); ++at) {
    bytes()[at] ^= static_cast<std::byte>(1u << (at % 8));
    ASSERT_TRUE(verified_by_making().fault) << "byte " << at;
    bytes() = good;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    bytes().resize(size);
    ASSERT_EQ(verified_by_making().outcome(), base::Outcome::incomplete) << "cut at " << size;
    bytes() = good;
  }
}

TEST_F(ByHashTest, file_says_that_it_may_hold_such_planes_and_others_refuse_them) {
  write();
  EXPECT_EQ(std::to_integer<int>(bytes()[10]), 1) << "minor version";
  files_.clear();
  auto writer = *create();
  PlaneSpec spec{.view = "side", .channel = "high", .columns = columns, .by_hash = true};
  EXPECT_EQ(writer.add_plane(spec).error().id, "package.plane_refused");
  spec.role = RasterRole::raw;
  WriterOptions options;
  options.planes_by_hash = true;
  files_.clear();
  EXPECT_EQ(create(options)->add_plane(spec).error().id, "package.plane_refused") << "raw rows are kept";
}

}  // namespace
}  // namespace garita::package::testing
