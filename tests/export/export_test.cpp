#include "core/export/export.hpp"

#include <cstring>
#include <map>

#include "core/base/testing/faulty_files.hpp"
#include "core/base/text.hpp"
#include "core/picture/png.hpp"
#include "tests/export/fixture.hpp"

namespace garita::exporter {
namespace {

TEST_F(Export, to_npy_writes_one_file_a_plane_pixel_for_pixel) {
  const auto high = add({.view = "side", .channel = "high", .columns = 31}, 300, 2);
  const auto low = add({.view = "side", .channel = "low", .columns = 31}, 300, 2);
  const auto report = export_to(Format::npy, "out");
  ASSERT_TRUE(report);
  ASSERT_EQ(report->files,
            (std::vector{folder.path() / "out/side_high.npy", folder.path() / "out/side_low.npy"}));
  EXPECT_EQ(npy_samples(report->files[0]), high);
  EXPECT_EQ(npy_samples(report->files[1]), low);
  EXPECT_EQ(NpyReader::open(report->files[0])->header().shape, (std::vector<uint64_t>{300, 31}));
}

TEST_F(Export, to_npy_keeps_sample_type_and_slices) {
  const auto volume = add({.view = "ct",
                           .channel = "single",
                           .sample_type = GARITA_SAMPLE_F32,
                           .columns = 5,
                           .rows = 4,
                           .slices = 3},
                          12, 4);
  const auto report = export_to(Format::npy, "ct.npy");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->files, std::vector{folder.path() / "ct.npy"});
  const auto reader = NpyReader::open(report->files[0]);
  EXPECT_EQ(reader->header().sample_type, GARITA_SAMPLE_F32);
  EXPECT_EQ(reader->header().shape, (std::vector<uint64_t>{3, 4, 5}));
  EXPECT_EQ(npy_samples(report->files[0]), volume);
}

TEST_F(Export, of_a_rear_first_plane_is_in_canonical_order) {
  const auto pixels =
      add({.view = "side", .channel = "high", .columns = 3, .rows = 10, .rows_rear_first = true}, 10, 2);
  const auto report = export_to(Format::npy, "x.npy");
  ASSERT_TRUE(report);
  const auto samples = npy_samples(report->files[0]);
  EXPECT_TRUE(std::equal(samples.begin(), samples.begin() + 6, pixels.end() - 6));
}

TEST_F(Export, to_png_is_16_bit_pixel_for_pixel_with_the_scale_beside) {
  auto* view = inspection.add_views();
  view->set_name("side");
  view->set_fidelity(v1::View::FIDELITY_RAW_COUNTS);
  view->set_transmission_offset(1024);
  view->set_transmission_scale(57344);
  view->mutable_geometry()->set_pitch_across_um(5000);
  view->mutable_geometry()->set_pitch_along_um(4000);
  const auto high = add({.view = "side", .channel = "high", .columns = 31}, 300, 2);
  const auto report = export_to(Format::png, "x.png");
  ASSERT_TRUE(report);
  const auto image = picture::read_png(report->files.at(0));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->header.width, 31u);
  EXPECT_EQ(image->header.height, 300u);
  EXPECT_EQ(image->header.kind, picture::PngKind::grey16);
  EXPECT_EQ(std::memcmp(image->samples.data(), high.data(), high.size()), 0);
  EXPECT_NEAR(image->header.metres_per_pixel_x, 0.005, 1e-9);
  EXPECT_NEAR(image->header.metres_per_pixel_y, 0.004, 1e-9);
  std::map<std::string, std::string> texts(image->header.texts.begin(), image->header.texts.end());
  EXPECT_EQ(texts["garita.view"], "side");
  EXPECT_EQ(texts["garita.fidelity"], "raw_counts");
  EXPECT_EQ(texts["garita.transmission_offset"], "1024");
  EXPECT_EQ(texts["garita.transmission_scale"], "57344");
  EXPECT_EQ(texts["garita.package"].size(), 64u);
}

TEST_F(Export, to_png_of_what_is_not_transmission_claims_no_scale) {
  inspection.add_views()->set_name("photo");
  add({.view = "photo", .channel = "red", .sample_type = GARITA_SAMPLE_U8, .columns = 8}, 8, 1);
  const auto report = export_to(Format::png, "x.png");
  ASSERT_TRUE(report);
  const auto image = picture::read_png(report->files.at(0));
  EXPECT_EQ(image->header.kind, picture::PngKind::grey8);
  for (const auto& [key, text] : image->header.texts) EXPECT_EQ(key.find("scale"), std::string::npos);
}

TEST_F(Export, to_png_writes_a_file_a_slice) {
  const auto volume = add({.view = "ct", .channel = "single", .columns = 5, .rows = 4, .slices = 3}, 12, 2);
  const auto report = export_to(Format::png, "out");
  ASSERT_TRUE(report);
  ASSERT_EQ(report->files.size(), 3u);
  EXPECT_EQ(report->files[2].filename(), "ct_single_0002.png");
  EXPECT_EQ(std::memcmp(picture::read_png(report->files[2])->samples.data(), volume.data() + 2 * 4 * 5 * 2,
                        4 * 5 * 2),
            0);
}

TEST_F(Export, lists_what_the_target_cannot_hold) {
  add({.view = "ct", .channel = "single", .sample_type = GARITA_SAMPLE_F32, .columns = 2}, 2, 4);
  add({.view = "side", .channel = "high", .columns = 2}, 2, 2);
  add({.view = "side", .channel = "high", .role = package::RasterRole::raw, .columns = 2}, 2, 2);
  const auto attachment = writer->add_attachment({.media_type = "image/jpeg", .name = "scene"});
  ASSERT_TRUE(attachment);
  ASSERT_TRUE(writer->append_attachment(*attachment, "jpeg"));
  const auto report = export_to(Format::png, "out");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->files.size(), 1u);
  EXPECT_EQ(ids(*report), (std::vector<std::string>{"type", "record", "proof", "raw", "attachments"}));
  for (const Lost& lost : report->lost)
    for (const auto language : {base::Language::en, base::Language::es})
      EXPECT_EQ(base::text(language, lost.id, lost.fields).find('{'), std::string::npos) << lost.id;
}

TEST_F(Export, of_a_selection_takes_that_plane_alone) {
  add({.view = "side", .channel = "high", .columns = 2}, 2, 2);
  const auto low = add({.view = "side", .channel = "low", .columns = 2}, 3, 2);
  const auto report = export_to(Format::npy, "low.npy", {"side", "low"});
  ASSERT_TRUE(report);
  EXPECT_EQ(npy_samples(report->files.at(0)), low);
}

TEST_F(Export, of_several_planes_into_one_file_is_wrong_usage) {
  add({.view = "side", .channel = "high", .columns = 2}, 2, 2);
  add({.view = "side", .channel = "low", .columns = 2}, 2, 2);
  const auto report = export_to(Format::npy, "x.npy");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().id, "export.many_files");
  EXPECT_EQ(report.error().outcome, base::Outcome::usage);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "x.npy"));
}

TEST_F(Export, of_a_plane_that_is_not_there_says_so) {
  add({.view = "side", .channel = "high", .columns = 2}, 2, 2);
  EXPECT_EQ(export_to(Format::npy, "out", {"top", ""}).error().id, "export.no_plane");
}

TEST_F(Export, planes_whose_names_meet_get_files_of_their_own) {
  const auto first = add({.view = "a_b", .channel = "c", .columns = 2}, 2, 2);
  const auto second = add({.view = "a", .channel = "b_c", .columns = 2}, 4, 2);
  const auto report = export_to(Format::npy, "out");
  ASSERT_TRUE(report);
  ASSERT_EQ(report->files.size(), 2u);
  EXPECT_EQ(npy_samples(report->files[0]), first);
  EXPECT_EQ(npy_samples(report->files[1]), second);
}

class ExportOnFullDisk : public Export, public ::testing::WithParamInterface<Format> {};

TEST_P(ExportOnFullDisk, at_any_call_leaves_nothing_that_looks_whole) {
  inspection.mutable_time()->mutable_received()->set_utc_ns(1772368499'000000000);
  add({.view = "side", .channel = "high", .columns = 500}, 300, 2);
  using base::testing::FileCall;
  for (const FileCall call : {FileCall::create, FileCall::append, FileCall::sync, FileCall::rename}) {
    uint64_t at = 1;
    for (bool failed = true; failed; ++at) {
      base::testing::FaultyFileSystem files;
      files.fail({.call = call, .at = at, .partial_bytes = 7});
      failed = !export_to(GetParam(), "out", {}, files);
      EXPECT_EQ(std::filesystem::is_empty(folder.path() / "out"), failed) << at;
    }
    EXPECT_GE(at, 3u);  // it failed at least once, and then did not
    std::filesystem::remove_all(folder.path() / "out");
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, ExportOnFullDisk,
                         ::testing::Values(Format::npy, Format::png, Format::dicom, Format::dicos));

TEST(ExportFormats, are_found_by_their_words) {
  EXPECT_EQ(format_of("npy"), Format::npy);
  EXPECT_EQ(format_of("png"), Format::png);
  EXPECT_EQ(format_of("tiff"), Format::tiff);
  EXPECT_EQ(format_of("dicos"), Format::dicos);
  EXPECT_EQ(format_of("jpeg"), std::nullopt);
  EXPECT_EQ(known_formats(), "npy, png, tiff, dicom, dicos, tdr");
}

}  // namespace
}  // namespace garita::exporter
