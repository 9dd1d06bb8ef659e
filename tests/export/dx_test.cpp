#include "core/export/dicos/dx_file.hpp"

#include <cstdlib>

#include "core/base/text.hpp"
#include "core/export/tdr.hpp"
#include "tests/export/dx_fixture.hpp"

namespace garita::exporter {
namespace {

// What `program` says of a file, both ways; nullopt where it is not installed.
std::optional<std::string> said_by_program(const std::string& program, const std::filesystem::path& file,
                                           const std::filesystem::path& folder) {
  if (std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) != 0) return std::nullopt;
  const auto said = folder / "said.txt";
  const std::string words = program + " '" + file.string() + "' >/dev/null 2>'" + said.string() + "'";
  (void)!std::system(words.c_str());
  std::ifstream in(said);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// ---- Both

class Dx : public DxExport, public ::testing::WithParamInterface<Format> {
 protected:
  ExportReport exported(const std::string& out, const Selection& selection = {}) {
    auto report = export_to(GetParam(), out, selection);
    EXPECT_TRUE(report) << report.error().id << ' ' << report.error().field("tag") << ' '
                        << report.error().field("reason");
    return report ? *report : ExportReport{};
  }
};

TEST_P(Dx, image_has_the_planes_pixels) {
  const auto pixels = add(high(), 300, 2);
  const auto report = exported("out");
  ASSERT_EQ(report.files.size(), 1u);
  EXPECT_EQ(pixels_of(report.files[0]), pixels);
}

TEST_P(Dx, image_of_an_odd_number_of_bytes_has_them_all) {
  const auto pixels =
      add({.view = "side", .channel = "single", .sample_type = GARITA_SAMPLE_U8, .columns = 3}, 5, 1);
  const auto report = exported("out");
  ASSERT_EQ(report.files.size(), 1u);
  EXPECT_EQ(pixels_of(report.files[0]), pixels);
  EXPECT_EQ(bytes_of(report.files[0]).size() % 2, 0u);
}

TEST_P(Dx, image_of_a_long_plane_is_in_parts_of_one_series) {
  const auto pixels = add({.view = "side", .channel = "high", .columns = 2}, 70'000, 2);
  const auto report = exported("out");
  ASSERT_EQ(report.files.size(), 2u);
  auto first = pixels_of(report.files[0]), second = pixels_of(report.files[1]);
  EXPECT_EQ(first.size(), 65'408u * 4);
  first.insert(first.end(), second.begin(), second.end());
  EXPECT_EQ(first, pixels);
  auto one = said_by(report.files[0]), two = said_by(report.files[1]);
  EXPECT_EQ(one["org.nema.dicom.series_instance_uid"], two["org.nema.dicom.series_instance_uid"]);
  EXPECT_EQ(two["org.nema.dicom.instance_number"], "2");
}

TEST_P(Dx, image_says_device_pitch_and_energy) {
  add(high(), 3, 2);
  const auto path = exported("out").files.at(0);
  auto said = said_by(path);
  EXPECT_EQ(said["device.vendor"], "Maker");
  EXPECT_EQ(said["device.serial"], "0017");
  const std::string bytes = bytes_of(path);
  const garita::dicos::File file(std::as_bytes(std::span(bytes)));
  const View& view = file.content().views.at(0);
  EXPECT_EQ(view.pitch_along_um, 4000u);
  EXPECT_EQ(view.pitch_across_um, 5000u);
  EXPECT_EQ(view.channels.at(0).nominal_energy_kev, 6000u);
  EXPECT_EQ(file.content().time.utc_ns, 1772368496'500000000);
}

TEST_P(Dx, image_carries_the_scale_of_transmission) {
  add(high(), 3, 2);
  const std::string bytes = bytes_of(exported("out").files.at(0));
  const double slope = 1 / 57344.0, intercept = -1024 / 57344.0;
  for (const double value : {slope, intercept})
    EXPECT_NE(bytes.find(std::string(reinterpret_cast<const char*>(&value), 8)), std::string::npos) << value;
}

TEST_P(Dx, image_of_what_is_not_transmission_claims_no_scale) {
  inspection.mutable_views(0)->clear_transmission_scale();
  add(high(), 3, 2);
  EXPECT_EQ(bytes_of(exported("out").files.at(0)).find("TRANSMISSION"), std::string::npos);
}

TEST_P(Dx, what_is_no_flat_x_ray_image_is_listed) {
  add(high(), 3, 2);
  add_view("photo").set_quantity(v1::View::QUANTITY_VISIBLE);
  add_view("ct").set_shape(v1::View::SHAPE_VOLUME);
  add({.view = "photo", .channel = "red", .sample_type = GARITA_SAMPLE_U8, .columns = 2}, 2, 1);
  add({.view = "ct", .channel = "single", .columns = 2, .rows = 2, .slices = 2}, 4, 2);
  add({.view = "side", .channel = "low", .sample_type = GARITA_SAMPLE_F32, .columns = 2}, 2, 4);
  const auto report = exported("out");
  EXPECT_EQ(report.files.size(), 1u);
  EXPECT_TRUE(lists(report, "export.lost_photograph", "photo"));
  EXPECT_TRUE(lists(report, "export.lost_volume", "ct"));
  EXPECT_TRUE(lists(report, "export.lost_type", "low"));
}

TEST_P(Dx, fields_without_an_element_are_listed_and_no_others) {
  inspection.mutable_conveyance()->add_plates()->set_number("ABC123");
  inspection.mutable_documents();
  add(high(), 3, 2);
  const auto report = exported("out");
  EXPECT_TRUE(lists(report, "export.dx_left_out", "plates"));
  EXPECT_TRUE(lists(report, "export.dx_left_out", "documents"));
  EXPECT_FALSE(lists(report, "export.dx_left_out", "device"));
  EXPECT_FALSE(lists(report, "export.dx_left_out", "time"));
  for (const Lost& lost : report.lost)
    for (const auto language : {base::Language::en, base::Language::es})
      EXPECT_EQ(base::text(language, lost.id, lost.fields).find('{'), std::string::npos) << lost.id;
}

TEST_P(Dx, field_of_which_a_part_has_an_element_is_listed_by_the_rest) {
  inspection.mutable_time()->mutable_started()->set_uncertainty_ns(5);
  add(high(), 3, 2);
  inspection.mutable_views(0)->mutable_channels(0)->mutable_quality()->set_snr(40);
  const auto report = exported("out");
  EXPECT_TRUE(lists(report, "export.dx_left_out", "started.uncertainty_ns"));
  EXPECT_TRUE(lists(report, "export.dx_left_out", "channels.quality"));
  EXPECT_FALSE(lists(report, "export.dx_left_out", "channels.quality.snr"));
}

TEST_P(Dx, image_of_a_chosen_channel_keeps_its_uid) {
  add(high(), 3, 2);
  add({.view = "side", .channel = "low", .columns = 31}, 3, 2);
  const auto all = exported("all");
  const auto low = exported("low", {"side", "low"});
  ASSERT_EQ(all.files.size(), 2u);
  ASSERT_EQ(low.files.size(), 1u);
  EXPECT_EQ(bytes_of(low.files[0]), bytes_of(all.files[1]));
}

TEST_P(Dx, dump_of_dcmtk_has_nothing_to_warn_of) {
  add(high(), 3, 2);
  add_detection();
  for (const auto& file : exported("out").files) {
    const auto said = said_by_program("dcmdump", file, folder.path());
    if (!said) GTEST_SKIP() << "SKIPPED: dcmdump (dcmtk) is not installed";
    EXPECT_EQ(*said, "");
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, Dx, ::testing::Values(Format::dicom, Format::dicos),
                         [](const auto& form) { return form.param == Format::dicom ? "dicom" : "dicos"; });

// ---- DICOM

class Dicom : public DxExport, public ::testing::WithParamInterface<v1::View::Fidelity> {};

TEST_P(Dicom, image_has_no_error_for_dciodvfy) {
  inspection.mutable_views(0)->set_fidelity(GetParam());
  if (GetParam() != v1::View::FIDELITY_RAW_COUNTS) inspection.mutable_views(0)->clear_transmission_scale();
  add(high(), 300, 2);
  add({.view = "bare", .channel = "single", .sample_type = GARITA_SAMPLE_U8, .columns = 3}, 5, 1);
  const auto report = export_to(Format::dicom, "out");
  ASSERT_TRUE(report);
  ASSERT_EQ(report->files.size(), 2u);
  for (const auto& file : report->files) {
    const auto said = said_by_program("dciodvfy", file, folder.path());
    if (!said) GTEST_SKIP() << "SKIPPED: dciodvfy (dicom3tools) is not installed";
    EXPECT_EQ(said->find("Error"), std::string::npos) << *said;
    EXPECT_NE(said->find("DXImage"), std::string::npos) << *said;
  }
}

INSTANTIATE_TEST_SUITE_P(Fidelities, Dicom,
                         ::testing::Values(v1::View::FIDELITY_RAW_COUNTS, v1::View::FIDELITY_ATTENUATION,
                                           v1::View::FIDELITY_DISPLAY, v1::View::FIDELITY_RECONSTRUCTED));

TEST_F(DxExport, of_dicom_has_the_inspection_for_a_patient_and_no_plate) {
  inspection.mutable_conveyance()->add_plates()->set_number("ABC123");
  add(high(), 3, 2);
  const std::string bytes = bytes_of(export_to(Format::dicom, "out")->files.at(0));
  EXPECT_NE(bytes.find("0192f0c1-8a3e-7b44-9c0d-1a2b3c4d5e6f"), std::string::npos);
  EXPECT_EQ(bytes.find("ABC123"), std::string::npos);
  EXPECT_EQ(bytes.find("CSQU3054383"), std::string::npos);
}

// ---- DICOS

TEST_F(DxExport, of_dicos_report_refers_to_the_image_beside_it) {
  add(high(), 300, 2);
  add_detection();
  const auto report = export_to(Format::dicos, "out");
  ASSERT_TRUE(report);
  ASSERT_EQ(report->files.size(), 2u);
  EXPECT_EQ(report->files[1].filename(), "tdr.dcs");
  const std::string image = bytes_of(report->files[0]), tdr = bytes_of(report->files[1]);
  const garita::dicos::File shown(std::as_bytes(std::span(image))), said(std::as_bytes(std::span(tdr)));
  EXPECT_EQ(said.content().related_uid, shown.content().instance_uid);
  ASSERT_EQ(said.content().detections.size(), 1u);
  EXPECT_EQ(said.content().detections[0].first_row, 100u);
}

TEST_F(DxExport, of_dicos_report_on_a_chosen_channel_refers_to_that) {
  add(high(), 300, 2);
  add({.view = "side", .channel = "low", .columns = 31}, 300, 2);
  add_detection();
  const auto report = export_to(Format::dicos, "out", {"side", "low"});
  ASSERT_TRUE(report);
  ASSERT_EQ(report->files.size(), 2u);
  const std::string image = bytes_of(report->files[0]), tdr = bytes_of(report->files[1]);
  const garita::dicos::File shown(std::as_bytes(std::span(image))), said(std::as_bytes(std::span(tdr)));
  EXPECT_EQ(said.content().related_uid, shown.content().instance_uid);
}

TEST_F(DxExport, of_dicos_report_on_a_long_plane_refers_to_the_part) {
  add({.view = "side", .channel = "high", .columns = 20}, 70'000, 2);
  add_detection().set_first_row(66'000);
  const auto report = export_to(Format::dicos, "out");
  ASSERT_TRUE(report);
  ASSERT_EQ(report->files.size(), 3u);
  const std::string image = bytes_of(report->files[1]), tdr = bytes_of(report->files[2]);
  const garita::dicos::File shown(std::as_bytes(std::span(image))), said(std::as_bytes(std::span(tdr)));
  EXPECT_EQ(said.content().related_uid, shown.content().instance_uid);
  EXPECT_EQ(said.content().detections.at(0).first_row, 66'000u - 65'408u);
  EXPECT_TRUE(lists(*report, "export.dicos_parts", "side"));
}

TEST_F(DxExport, of_dicos_without_detections_has_images_alone) {
  add(high(), 3, 2);
  EXPECT_EQ(export_to(Format::dicos, "out")->files.size(), 1u);
  EXPECT_EQ(export_to(Format::tdr, "tdr").error().id, "export.no_detections");
}

TEST_F(DxExport, of_dicos_with_nothing_that_it_could_hold_says_so) {
  add({.view = "side", .channel = "high", .sample_type = GARITA_SAMPLE_F64, .columns = 2}, 2, 8);
  EXPECT_EQ(export_to(Format::dicos, "out").error().id, "export.nothing_for_dicos");
}

TEST_F(DxExport, of_reports_alone_leaves_the_images) {
  add(high(), 300, 2);
  add_detection();
  const auto report = export_to(Format::tdr, "x.dcs");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->files, std::vector{folder.path() / "x.dcs"});
}

TEST_F(DxExport, of_a_view_reports_its_detections_alone) {
  add_view("top");
  add(high(), 300, 2);
  add_detection();
  add_detection().set_view("top");
  const auto report = export_to(Format::tdr, "x.dcs", {"top", ""});
  ASSERT_TRUE(report);
  const std::string bytes = bytes_of(report->files.at(0));
  EXPECT_EQ(garita::dicos::File(std::as_bytes(std::span(bytes))).content().detections.size(), 1u);
}

}  // namespace
}  // namespace garita::exporter
