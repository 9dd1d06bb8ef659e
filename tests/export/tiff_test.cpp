#include "core/export/tiff/tiff_file.hpp"

#include <sys/resource.h>
#include <tiffio.h>

#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>

#include "tests/export/fixture.hpp"

namespace garita::exporter {
namespace {

using nlohmann::json;

// A TIFF as another program reads it.
class Tiff {
 public:
  explicit Tiff(const std::filesystem::path& path) : file_(TIFFOpen(path.c_str(), "r"), TIFFClose) {
    EXPECT_NE(file_, nullptr) << path;
  }

  template <typename Value>
  Value field(uint32_t tag) const {
    Value value{};
    EXPECT_EQ(TIFFGetField(file_.get(), tag, &value), 1) << tag;
    return value;
  }
  std::string text(uint32_t tag) const { return field<char*>(tag); }
  bool has(uint32_t tag) const {
    void* value[2] = {};
    return TIFFGetField(file_.get(), tag, &value[0], &value[1]) == 1;
  }
  bool is_big() const { return TIFFIsBigTIFF(file_.get()) != 0; }
  bool next() { return TIFFReadDirectory(file_.get()) == 1; }
  uint16_t pages() const { return static_cast<uint16_t>(TIFFNumberOfDirectories(file_.get())); }

  std::vector<std::byte> samples() const {
    const auto row = static_cast<size_t>(TIFFScanlineSize(file_.get()));
    const auto rows = field<uint32_t>(TIFFTAG_IMAGELENGTH);
    std::vector<std::byte> out(row * rows);
    for (uint32_t i = 0; i < rows; ++i)
      EXPECT_EQ(TIFFReadScanline(file_.get(), out.data() + i * row, i, 0), 1) << i;
    return out;
  }

 private:
  std::unique_ptr<TIFF, void (*)(TIFF*)> file_;
};

class TiffExport : public Export {
 protected:
  v1::View& add_view() {
    v1::View& view = *inspection.add_views();
    view.set_name("side");
    view.set_shape(v1::View::SHAPE_SCAN);
    view.set_quantity(v1::View::QUANTITY_TRANSMISSION);
    view.set_fidelity(v1::View::FIDELITY_RAW_COUNTS);
    view.set_transmission_offset(1024);
    view.set_transmission_scale(57344);
    view.mutable_geometry()->set_pitch_across_um(5000);
    view.mutable_geometry()->set_pitch_along_um(4000);
    return view;
  }
  package::PlaneSpec high() const { return {.view = "side", .channel = "high", .columns = 31}; }
};

TEST_F(TiffExport, is_16_bit_pixel_for_pixel_over_several_strips) {
  const auto pixels = add(high(), 300, 2);
  const auto report = export_to(Format::tiff, "x.tif");
  ASSERT_TRUE(report) << report.error().id << ' ' << report.error().field("reason");
  ASSERT_EQ(report->files, std::vector{folder.path() / "x.tif"});
  const Tiff tiff(report->files[0]);
  EXPECT_EQ(tiff.samples(), pixels);
  EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_BITSPERSAMPLE), 16);
  EXPECT_EQ(tiff.field<uint32_t>(TIFFTAG_ROWSPERSTRIP), 128u);
  EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_COMPRESSION), COMPRESSION_ADOBE_DEFLATE);
  EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_PREDICTOR), PREDICTOR_HORIZONTAL);
  EXPECT_FALSE(tiff.is_big());
}

TEST_F(TiffExport, says_scale_pitch_time_and_how_it_lies) {
  add_view();
  inspection.mutable_time()->mutable_started()->set_utc_ns(1772368496'500000000);
  add(high(), 3, 2);
  const Tiff tiff(export_to(Format::tiff, "x.tiff")->files.at(0));
  EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_ORIENTATION), ORIENTATION_LEFTTOP);
  EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_RESOLUTIONUNIT), RESUNIT_CENTIMETER);
  EXPECT_FLOAT_EQ(tiff.field<float>(TIFFTAG_XRESOLUTION), 2.0F);  // 5 mm: two a centimetre
  EXPECT_FLOAT_EQ(tiff.field<float>(TIFFTAG_YRESOLUTION), 2.5F);
  EXPECT_EQ(tiff.text(TIFFTAG_DATETIME), "2026:03:01 12:34:56");
  EXPECT_EQ(tiff.text(TIFFTAG_PAGENAME), "side/high");
  EXPECT_TRUE(tiff.text(TIFFTAG_SOFTWARE).starts_with("Garita "));
  const json said = json::parse(tiff.text(TIFFTAG_IMAGEDESCRIPTION));
  EXPECT_EQ(said["transmission_offset"], 1024);
  EXPECT_EQ(said["transmission_scale"], 57344);
  EXPECT_EQ(said["quantity"], "transmission");
  EXPECT_EQ(said["fidelity"], "raw_counts");
  EXPECT_EQ(said["package"].get<std::string>().size(), 64u);
}

TEST_F(TiffExport, of_what_is_not_known_claims_nothing) {
  add(high(), 3, 2);
  const Tiff tiff(export_to(Format::tiff, "x.tiff")->files.at(0));
  EXPECT_FALSE(tiff.has(TIFFTAG_XRESOLUTION));
  EXPECT_FALSE(tiff.has(TIFFTAG_DATETIME));
  EXPECT_FALSE(json::parse(tiff.text(TIFFTAG_IMAGEDESCRIPTION)).contains("transmission_scale"));
}

TEST_F(TiffExport, has_a_page_a_slice) {
  const auto volume = add({.view = "ct", .channel = "single", .columns = 5, .rows = 4, .slices = 3}, 12, 2);
  Tiff tiff(export_to(Format::tiff, "ct.tif")->files.at(0));
  ASSERT_EQ(tiff.pages(), 3);
  for (size_t page = 0; page < 3; ++page) {
    const auto from = volume.begin() + static_cast<ptrdiff_t>(page * 40);
    EXPECT_EQ(tiff.samples(), std::vector(from, from + 40)) << page;
    EXPECT_EQ(tiff.text(TIFFTAG_PAGENAME), "ct/single/" + std::to_string(page));
    EXPECT_EQ(tiff.next(), page < 2);
  }
}

TEST_F(TiffExport, lists_what_stays_behind) {
  add(high(), 2, 2);
  EXPECT_EQ(ids(*export_to(Format::tiff, "out")), (std::vector<std::string>{"record", "proof"}));
}

uint64_t peak_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

TEST_F(TiffExport, of_a_long_scan_takes_little_memory) {
  const auto plane = writer->add_plane({.view = "side", .channel = "high", .columns = 1000});
  const std::vector<std::byte> strip(500 * 2000, std::byte{7});
  for (int i = 0; i < 120; ++i) ASSERT_TRUE(writer->append_rows(*plane, strip, 500));
  Selection selection;
  selection.packing = TiffPacking::none;
  [[maybe_unused]] const uint64_t before = peak_bytes();
  const auto report = export_to(Format::tiff, "x.tiff", selection);
  ASSERT_TRUE(report);
  EXPECT_GT(std::filesystem::file_size(report->files[0]), 120'000'000u);
#ifndef GARITA_SANITIZED  // which keeps what was freed
  EXPECT_LE(peak_bytes() - before, 48u << 20);
#endif
}

// ---- Every packing of every sample type

struct Case {
  const char* name;
  uint32_t type;
  size_t bytes;
  TiffPacking packing;
};
constexpr auto deflate = TiffPacking::deflate, zstd = TiffPacking::zstd, none = TiffPacking::none;

class TiffSamples : public TiffExport, public ::testing::WithParamInterface<Case> {};

TEST_P(TiffSamples, come_back_bit_for_bit) {
  const Case& with = GetParam();
  const auto pixels =
      add({.view = "v", .channel = "single", .sample_type = with.type, .columns = 17}, 200, with.bytes);
  Selection selection;
  selection.packing = with.packing;
  const auto report = export_to(Format::tiff, "x.tiff", selection);
  ASSERT_TRUE(report) << report.error().id << ' ' << report.error().field("reason");
  EXPECT_EQ(Tiff(report->files[0]).samples(), pixels);
}

INSTANTIATE_TEST_SUITE_P(
    All, TiffSamples,
    ::testing::Values(Case{"u8", GARITA_SAMPLE_U8, 1, deflate}, Case{"u8_zstd", GARITA_SAMPLE_U8, 1, zstd},
                      Case{"u16_zstd", GARITA_SAMPLE_U16, 2, zstd},
                      Case{"u16_none", GARITA_SAMPLE_U16, 2, none},
                      Case{"i16", GARITA_SAMPLE_I16, 2, deflate}, Case{"u32", GARITA_SAMPLE_U32, 4, deflate},
                      Case{"i32_zstd", GARITA_SAMPLE_I32, 4, zstd},
                      Case{"u64", GARITA_SAMPLE_U64, 8, deflate}, Case{"f32", GARITA_SAMPLE_F32, 4, deflate},
                      Case{"f32_zstd", GARITA_SAMPLE_F32, 4, zstd},
                      Case{"f64", GARITA_SAMPLE_F64, 8, deflate}),
    [](const auto& each) { return each.param.name; });

// ---- The writer itself

class TiffFile : public ::testing::Test {
 protected:
  std::filesystem::path path() const { return folder.path() / "x.tiff"; }
  tiff::Header header(uint64_t rows) const {
    tiff::Header header;
    header.columns = 1000;
    header.rows = header.rows_a_page = rows;
    header.packing = TiffPacking::none;
    return header;
  }
  static std::vector<std::byte> block(uint64_t rows) { return std::vector<std::byte>(rows * 2000); }

  base::testing::TemporaryFolder folder;
};

TEST_F(TiffFile, of_more_than_4_gb_is_a_big_one) {
  EXPECT_FALSE(header(2'000'000).is_big());
  EXPECT_TRUE(header(2'200'000).is_big());
}

TEST_F(TiffFile, that_is_big_says_so_in_its_first_bytes) {
  auto file = tiff::create(path(), header(3'000'000));
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->rows(block(128)));
  std::filesystem::path part;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) part = entry.path();
  const auto first = base::read_file(part, 1 << 20);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->at(2), std::byte{43});
}

TEST_F(TiffFile, that_is_not_finished_leaves_nothing) {
  {
    auto file = tiff::create(path(), header(500));
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->rows(block(200)));
    EXPECT_EQ((*file)->finish().error().id, "export.tiff_rows");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(TiffFile, takes_no_rows_beyond_its_header) {
  auto file = tiff::create(path(), header(2));
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->rows(block(3)).error().id, "export.tiff_rows");
}

TEST_F(TiffFile, that_does_not_fit_is_an_error_and_leaves_nothing) {
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{100'000, limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  {
    auto file = tiff::create(path(), header(500));
    EXPECT_TRUE(file);
    EXPECT_EQ((*file)->rows(block(500)).error().id, "base.file_failed");
  }
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace garita::exporter
