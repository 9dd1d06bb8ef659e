// Bytes of a file to values: each coding, each sample type, what is refused, and damage of every kind.
#include "drivers/dicos/decode.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <random>

#include "core/base/digest.hpp"
#include "drivers/dicos/layout.hpp"
#include "drivers/dicos/tests/samples.hpp"
#include "garita/error.hpp"

namespace garita::dicos {
namespace {

using samples::Sample;

std::span<const std::byte> bytes(const std::string& file) { return std::as_bytes(std::span(file)); }

// All samples of the file's view, slice by slice, a few rows at a time.
std::string all_pixels(File& file) {
  const View& view = file.content().views.at(0);
  const uint64_t row_bytes = uint64_t{view.columns} * sample_size_bytes(view.sample_type);
  std::string out;
  for (uint32_t slice = 0; slice < view.slices; ++slice)
    for (uint64_t row = 0; row < view.rows; row += 4) {
      const uint64_t rows = std::min<uint64_t>(4, view.rows - row);
      std::vector<std::byte> block(rows * row_bytes);
      file.read_rows(slice, row, rows, block);
      out.append(reinterpret_cast<const char*>(block.data()), block.size());
    }
  return out;
}

// What stops the reading; nothing where all of it can be read.
std::optional<Stop> stop_of(const std::string& whole) {
  try {
    File file(bytes(whole));
    if (!file.content().views.empty()) all_pixels(file);
    return std::nullopt;
  } catch (const Stop& stop) {
    return stop;
  }
}

template <typename Value>
std::string as_bytes(const std::vector<Value>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)};
}

View view_of(const Sample& sample) {
  const std::string whole = samples::image(sample);
  return File(bytes(whole)).content().views.at(0);
}

std::string text_of(const Content& content, std::string_view key) {
  for (const Attribute& attribute : content.attributes)
    if (attribute.key == key) return attribute.bytes;
  return {};
}

class EachCoding : public testing::TestWithParam<E_TransferSyntax> {};

TEST_P(EachCoding, gives_the_samples_that_went_in) {
  for (const bool is_signed : {false, true}) {
    const Sample sample{.coding = GetParam(), .frames = 3, .is_signed = is_signed};
    const std::string whole = samples::image(sample);
    const auto stop = stop_of(whole);
    ASSERT_FALSE(stop) << stop->message;
    File file(bytes(whole));
    EXPECT_EQ(all_pixels(file), as_bytes(samples::pixels(sample)));
    EXPECT_EQ(file.content().views[0].sample_type, is_signed ? GARITA_SAMPLE_I16 : GARITA_SAMPLE_U16);
    EXPECT_EQ(file.content().views[0].shape, GARITA_SHAPE_VOLUME);
  }
}

TEST_P(EachCoding, cut_at_any_byte_is_one_sentence) {
  const std::string whole = samples::image({.coding = GetParam(), .frames = 2});
  for (size_t size = 0; size + 2 < whole.size(); ++size) {
    const auto stop = stop_of(whole.substr(0, size));
    ASSERT_TRUE(stop) << "cut at " << size << " of " << whole.size();
    ASSERT_TRUE(is_data(stop->status) && !stop->message.empty()) << size << ": " << stop->message;
  }
}

TEST_P(EachCoding, with_flipped_bits_is_read_or_refused) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string whole = samples::image({.coding = GetParam(), .frames = 2});
  for (int trial = 0; trial < 300; ++trial) {
    std::string flipped = whole;
    for (int flip = 0; flip < 3; ++flip) flipped[128 + random() % (whole.size() - 128)] ^= static_cast<char>(1 << random() % 8);
    const auto stop = stop_of(flipped);
    ASSERT_TRUE(!stop || is_data(stop->status)) << stop->message;
  }
}

INSTANTIATE_TEST_SUITE_P(codings, EachCoding,
                         testing::Values(EXS_LittleEndianExplicit, EXS_LittleEndianImplicit, EXS_BigEndianExplicit,
                                         EXS_DeflatedLittleEndianExplicit, EXS_RLELossless, EXS_JPEGProcess14SV1,
                                         EXS_JPEGLSLossless));

TEST(Decode, wide_samples_of_dicos_keep_every_bit) {
  const std::vector<float> floats = {-0.0F, 1e-42F, 3.25F, 1e38F, -7, 8};
  const std::vector<uint64_t> longs = {0, UINT64_MAX, 1, 2, 3, 1ULL << 53 | 1};
  const std::vector<uint32_t> words = {0, UINT32_MAX, 1, 2, 3, 4};
  const auto check = [](auto values, uint16_t element, DcmEVR vr, uint32_t type) {
    const std::string whole = samples::image({.sop_class = samples::dicos_dx_class, .rows = 3, .columns = 2,
                                              .change = samples::wide(element, DcmVR(vr), values)});
    File file(bytes(whole));
    EXPECT_EQ(file.content().views[0].sample_type, type);
    EXPECT_EQ(all_pixels(file), as_bytes(values));
  };
  check(floats, 0x0013, EVR_OF, GARITA_SAMPLE_F32);
  check(longs, 0x0012, EVR_OB, GARITA_SAMPLE_U64);
  check(words, 0x0011, EVR_OB, GARITA_SAMPLE_U32);
}

TEST(Decode, ct_is_reconstructed_in_its_unit) {
  const View view = view_of({.change = [](DcmDataset& out) {
    samples::need(out.putAndInsertString({0x0028, 0x1052}, "-1024"));
    samples::need(out.putAndInsertString({0x0028, 0x1053}, "2"));
  }});
  EXPECT_EQ(view.fidelity, GARITA_FIDELITY_RECONSTRUCTED);
  EXPECT_EQ(view.unit, GARITA_UNIT_HU);
  EXPECT_EQ(view.slope, 2);
  EXPECT_EQ(view.intercept, -1024);
}

TEST(Decode, dx_is_never_dressed_up_as_transmission) {
  const auto dx = [](int sign) {
    return view_of({.sop_class = samples::dicos_dx_class, .change = [=](DcmDataset& out) {
      samples::need(out.putAndInsertString({0x0008, 0x0008}, "ORIGINAL\\HIGH ENERGY"));
      samples::need(out.putAndInsertString({0x0028, 0x1040}, "LIN"));
      samples::need(out.putAndInsertSint16({0x0028, 0x1041}, static_cast<Sint16>(sign)));
    }});
  };
  EXPECT_EQ(dx(1).fidelity, GARITA_FIDELITY_DISPLAY);
  EXPECT_EQ(dx(1).unit, GARITA_UNIT_NONE);
  EXPECT_EQ(dx(1).polarity, GARITA_POLARITY_BRIGHT_MORE);
  EXPECT_EQ(dx(-1).polarity, GARITA_POLARITY_BRIGHT_LESS);
  EXPECT_EQ(dx(1).channels[0].kind, GARITA_CHANNEL_HIGH);
}

TEST(Decode, metadata_and_time_are_the_files_own) {
  const std::string whole = samples::image({.change = [](DcmDataset& out) {
    samples::need(out.putAndInsertString({0x0008, 0x0201}, "-0730"));
    samples::need(out.putAndInsertString({0x0018, 0x0060}, "160"));
  }});
  const Content content = File(bytes(whole)).content();
  EXPECT_EQ(content.instance_uid, samples::image_uid);  // which DICOM would not allow
  EXPECT_EQ(text_of(content, "device.vendor"), "Maker");
  EXPECT_EQ(content.time.utc_ns, (1709208000LL + 27000) * 1'000'000'000 + 500'000'000);
  EXPECT_EQ(content.time.offset_s, -27000);
}

TEST(Decode, report_says_what_and_where) {
  const std::string whole = samples::report();
  const Content content = File(bytes(whole)).content();
  ASSERT_EQ(content.detections.size(), 1u);
  const Detection& found = content.detections[0];
  EXPECT_TRUE(content.report);
  EXPECT_EQ(content.related_uid, samples::image_uid);
  EXPECT_EQ(found.category, "prohibited_item");
  EXPECT_EQ(found.vendor_code, "PI");
  EXPECT_EQ(found.confidence, 0.5);
  EXPECT_EQ(found.first_column, 1u);
  EXPECT_EQ(found.columns, 2u);
  EXPECT_EQ(found.first_row, 2u);
  EXPECT_EQ(found.rows, 3u);
}

TEST(Decode, cut_report_is_one_sentence) {
  const std::string whole = samples::report();
  for (size_t size = 0; size + 2 < whole.size(); ++size) {
    const auto stop = stop_of(whole.substr(0, size));
    ASSERT_TRUE(!stop || is_data(stop->status)) << size;
  }
}

void expect_refused(const std::string& whole, const char* word) {
  const auto stop = stop_of(whole);
  ASSERT_TRUE(stop) << word;
  EXPECT_TRUE(is_data(stop->status));
  EXPECT_NE(stop->message.find(word), std::string::npos) << stop->message;
}

TEST(Decode, what_is_not_read_is_refused_by_name) {
  expect_refused(samples::image({.sop_class = "1.2.840.10008.5.1.4.1.1.4"}), "MR");
  expect_refused(samples::image({.sop_class = "1.2.840.10008.5.1.4.1.1.501.4"}), "AIT2D");
  expect_refused("no image at all, but long enough to be looked at", "not a DICOM file");
  expect_refused(samples::image({.change = [](DcmDataset& out) {
                   samples::need(out.putAndInsertString({0x0028, 0x0004}, "PALETTE COLOR"));
                 }}),
                 "PALETTE COLOR");
  std::string jpeg2000 = samples::image({.coding = EXS_JPEGProcess14SV1});
  const size_t syntax = jpeg2000.find("1.2.840.10008.1.2.4.70");
  jpeg2000.replace(syntax, 22, "1.2.840.10008.1.2.4.90");
  expect_refused(jpeg2000, "JPEG2000");
}

TEST(Decode, more_pixels_than_bytes_are_refused_before_memory_is_taken) {
  expect_refused(samples::image({.change = [](DcmDataset& out) {
                   samples::need(out.putAndInsertUint16({0x0028, 0x0010}, 65535));
                   samples::need(out.putAndInsertUint16({0x0028, 0x0011}, 65535));
                   samples::need(out.putAndInsertString({0x0028, 0x0008}, "65536"));
                 }}),
                 "need");
}

TEST(Decode, file_without_preamble_or_header_is_read) {
  const std::string whole = samples::image({});
  const Layout layout = find_data_set(bytes(whole));
  EXPECT_FALSE(stop_of(whole.substr(128)));
  EXPECT_FALSE(stop_of(whole.substr(132)));
  EXPECT_FALSE(stop_of(whole.substr(layout.data_set_offset)));
  EXPECT_FALSE(stop_of(" " + whole.substr(layout.data_set_offset)));
}

TEST(Decode, bottomless_nesting_is_refused) {
  std::string whole(128, '\0');
  whole += "DICM";
  for (int i = 0; i < 100'000; ++i)
    whole += std::string("\x08\0\x10\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff", 20);
  expect_refused(whole, "nested");
}

TEST(Decode, deflated_bomb_is_refused) {
  const std::vector<std::byte> nothing(16);
  EXPECT_THROW(inflated(nothing), Stop);
}

// ---- real files, where they are at hand ----

std::optional<std::string> real_file(const std::string& name) {
  const char* given = std::getenv("GARITA_TEST_DATA");
  const std::string path = (given ? std::string(given) : std::string(GARITA_SOURCE_DIR "/../shared/data")) + "/" + name;
  std::ifstream in(path, std::ios::binary);
  if (in) return std::string(std::istreambuf_iterator<char>(in), {});
  std::cout << "SKIPPED LOUDLY: " << name << " is not there; set GARITA_TEST_DATA\n";
  return std::nullopt;
}

TEST(RealFiles, one_ct_in_four_codings_has_one_plane) {
  for (const char* coding : {"LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1", "RLELosslessTransferSyntax_1.2.840.10008.1.2.5",
                             "JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70", "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80"}) {
    const auto whole = real_file(std::string("dicom/cs3d_CTImage.dcm_") + coding + ".dcm");
    if (!whole) GTEST_SKIP();
    File file(bytes(*whole));
    const std::string plane = all_pixels(file);
    EXPECT_EQ(base::to_text(base::sha256(plane)).substr(0, 16), "1bee432808f49770") << coding;
  }
}

TEST(RealFiles, floats_of_dicos_are_the_files_own_bytes) {
  const auto whole = real_file("dicos/V02A_Data__V02A_NewDataTypes__DX__DX_float.dcs");
  if (!whole) GTEST_SKIP();
  File file(bytes(*whole));
  EXPECT_EQ(all_pixels(file), whole->substr(whole->size() - 80000));
}

TEST(RealFiles, each_is_read_or_refused_with_its_sentence) {
  const std::pair<const char*, const char*> table[] = {
      {"dicos/V02A_Data__DX__DX_01_ExplicitLittlEndian.dcs", ""}, {"dicos/V03_Data__CT__CTUserAPI.dcs", ""},
      {"dicos/V03_Data__DXwithTDR__dx.dcs", ""},                  {"dicos/V03_Data__DXwithTDR__tdr.dcs", ""},
      {"dicos/V03_Data__Orientation__DX__DX.dcs", ""},            {"dicos/V03_Data__AIT2DwithTDR__ait2d.dcs", "AIT2D"},
      {"dicom/pydicom_J2K_pixelrep_mismatch.dcm", "JPEG2000"},    {"dicom/pydicomdata_RG1_J2KI.dcm", "JPEG2000"},
      {"dicom/pydicomdata_RG3_J2KR.dcm", "JPEG2000"},             {"dicom/pydicom_MR_truncated.dcm", "MR"},
      {"dicom/pydicom_badVR.dcm", "RTDose"},                      {"dicom/pydicom_meta_missing_tsyntax.dcm", "SOP class"},
      {"dicom/pydicom_no_meta.dcm", ""},                          {"dicom/pydicomdata_693_UNCI.dcm", ""},
      {"dicom/wg04_RG3_UNC.dcm", ""}};
  for (const auto& [name, word] : table) {
    const auto whole = real_file(name);
    if (!whole) GTEST_SKIP();
    const auto stop = stop_of(*whole);
    std::cout << name << ": " << (stop ? stop->message : "read") << '\n';
    if (*word == '\0')
      EXPECT_FALSE(stop) << name;
    else if (stop)
      EXPECT_NE(stop->message.find(word), std::string::npos) << name << ": " << stop->message;
    else
      ADD_FAILURE() << name << " was read";
  }
}

}  // namespace
}  // namespace garita::dicos
