// The tables of DICOS V03 (DX IOD, §8.2.1) against an image and the report beside it: each required element
// is there, in its VR, with a legal value.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cstring>
#include <regex>

#include "tests/export/dx_fixture.hpp"

namespace garita::exporter {
namespace {

struct Row {
  uint16_t group, element;
  const char* vr;
  const char* legal;  // a regular expression of all values as text; "": an empty sequence will do
};

constexpr const char *date = "[0-9]{8}", *time_of_day = "[0-9]{6}(\\.[0-9]{1,6})?", *uid = "[0-9.]{5,64}",
                     *some = ".+", *number = "-?[0-9.]+(e[-+][0-9]+)?", *whole = "[0-9]+";

// General Scan T15, General Series T16, Object of Inspection T13, Equipment T84, SOP Common.
constexpr Row common[] = {
    {0x0008, 0x0018, "UI", uid},
    {0x0008, 0x0020, "DA", date},
    {0x0008, 0x0030, "TM", time_of_day},
    {0x0008, 0x0070, "LO", some},
    {0x0008, 0x0080, "LO", some},
    {0x0008, 0x0081, "ST", some},
    {0x0008, 0x1010, "SH", some},
    {0x0008, 0x1090, "LO", some},
    {0x0010, 0x0020, "LO", some},
    {0x0010, 0x0021, "LO", some},
    {0x0010, 0x0022, "CS", "BARCODE|RFID|TEXT|MRP"},
    {0x0018, 0x1000, "LO", some},
    {0x0018, 0x1020, "LO", some},
    {0x0018, 0x1200, "DA", date},
    {0x0018, 0x1201, "TM", time_of_day},
    {0x0020, 0x000D, "UI", uid},
    {0x0020, 0x000E, "UI", uid},
    {0x0020, 0x0010, "SH", some},
    {0x4010, 0x103A, "CS", "V03"},
    {0x4010, 0x1042, "CS", "PERSON|BAGGAGE|CARGO|ANIMAL|BIO_SAMPLE|OTHER"},
    {0x4010, 0x1044, "CS", "SUCCESSFUL|INCOMPLETE|CUT|JAM|MERGED|SLIP|STITCHED|OVERSIZE|CALIBRATION"},
    {0x4010, 0x1048, "CS", "OPERATIONAL|NON_OPERATIONAL"},
};

// DX Image T35, Detector T36, Positioning T37, Generation T38, X-Ray Equipment T125.
constexpr Row dx[] = {
    {0x0008, 0x0008, "CS",
     "(ORIGINAL|DERIVED)\\\\(INTENSITY|LOW ENERGY|HIGH ENERGY|MULTI ENERGY|MU|DENSITY|Z_EFFECTIVE)"},
    {0x0008, 0x0016, "UI", "1\\.2\\.840\\.10008\\.5\\.1\\.4\\.1\\.1\\.501\\.2\\.[12]"},
    {0x0008, 0x0060, "CS", "XRAY"},
    {0x0008, 0x0068, "CS", "FOR (PROCESSING|PRESENTATION)"},
    {0x0018, 0x0060, "DS", number},
    {0x0018, 0x7004, "CS", "DIRECT|SCINTILLATOR|OTHER"},
    {0x0018, 0x8151, "DS", number},
    {0x0020, 0x0032, "DS", "[-0-9.]+(\\\\[-0-9.]+){2}"},
    {0x0020, 0x0037, "DS", "[-01]+(\\\\[-01]+){5}"},
    {0x0028, 0x0002, "US", "1"},
    {0x0028, 0x0004, "CS", "MONOCHROME[12]"},
    {0x0028, 0x0010, "US", whole},
    {0x0028, 0x0011, "US", whole},
    {0x0028, 0x0100, "US", "8|16"},
    {0x0028, 0x0103, "US", "0"},
    {0x0028, 0x1040, "CS", "LIN|LOG"},
    {0x0028, 0x1041, "SS", "-?1"},
    {0x0028, 0x1052, "DS", "0"},
    {0x0028, 0x1053, "DS", "1"},
    {0x0028, 0x1054, "LO", "US"},
    {0x0028, 0x2110, "CS", "00"},
    {0x0040, 0x0555, "SQ", ""},
    {0x0050, 0x0004, "CS", "YES|NO"},
    {0x2050, 0x0020, "CS", "IDENTITY|INVERSE"},
    {0x4010, 0x1062, "FL", number},
    {0x4300, 0x0902, "FL", number},
    {0x6100, 0x0024, "US", whole},
    {0x6100, 0x0026, "LO", some},
    {0x6100, 0x0028, "US", whole},
    {0x6100, 0x0030, "US", whole},
    {0x6100, 0x0031, "LO", some},
    {0x6100, 0x0032, "US", whole},
};

// TDR T65 … T72.
constexpr Row tdr[] = {
    {0x0008, 0x0016, "UI", "1\\.2\\.840\\.10008\\.5\\.1\\.4\\.1\\.1\\.501\\.3"},
    {0x0008, 0x0060, "CS", "TDR"},
    {0x4010, 0x1011, "SQ", some},
    {0x4010, 0x1024, "CS", "SUCCESS|ABORT"},
    {0x4010, 0x1027, "CS", "MACHINE|OPERATOR|GROUND TRUTH|AGGREGATE|MOD_AGGREGATE|UNDEFINED"},
    {0x4010, 0x1029, "LO", some},
    {0x4010, 0x102B, "DT", "[0-9]{14}(\\.[0-9]{1,6})?[-+][0-9]{4}"},
    {0x4010, 0x1031, "CS", "ALARM|CLEAR|UNKNOWN"},
    {0x4010, 0x1033, "US", whole},
    {0x4010, 0x1034, "US", whole},
};

class DicosTable : public DxExport {
 protected:
  // An image and a report, of all that a record can say for them.
  std::vector<std::filesystem::path> files() {
    add(high(), 300, 2);
    add_detection();
    const auto report = export_to(Format::dicos, "out");
    EXPECT_TRUE(report);
    return report ? report->files : std::vector<std::filesystem::path>();
  }

  static void expect(DcmDataset& data, std::span<const Row> rows) {
    for (const Row& row : rows) {
      char tag[16];
      std::snprintf(tag, sizeof tag, "(%04X,%04X)", row.group, row.element);
      DcmElement* element = nullptr;
      ASSERT_TRUE(data.findAndGetElement(DcmTagKey(row.group, row.element), element).good()) << tag;
      EXPECT_STREQ(DcmVR(element->getVR()).getValidVRName(), row.vr) << tag;
      if (std::strcmp(row.vr, "SQ") == 0) {
        EXPECT_EQ(static_cast<DcmSequenceOfItems*>(element)->card() > 0, *row.legal != 0) << tag;
        continue;
      }
      OFString value;
      EXPECT_TRUE(element->getOFStringArray(value).good()) << tag;
      EXPECT_TRUE(std::regex_match(value.c_str(), std::regex(row.legal))) << tag << " is '" << value << "'";
    }
  }
};

TEST_F(DicosTable, of_an_image_and_its_report_is_full) {
  const auto paths = files();
  ASSERT_EQ(paths.size(), 2u);
  for (const auto& path : paths) {
    DcmFileFormat file;
    ASSERT_TRUE(file.loadFile(path.c_str()).good());
    const bool is_image = path == paths[0];
    expect(*file.getDataset(), common);
    expect(*file.getDataset(), is_image ? std::span<const Row>(dx) : std::span<const Row>(tdr));
    OFString version;
    EXPECT_TRUE(file.getMetaInfo()->findAndGetOFString(DcmTagKey(0x0002, 0x0004), version).good());
    EXPECT_EQ(version, "V03");
  }
}

TEST_F(DicosTable, of_a_record_that_says_little_is_full) {
  inspection.clear_device();
  inspection.clear_site();
  inspection.clear_beam();
  inspection.clear_conveyance();
  inspection.mutable_views(0)->clear_geometry();
  v1::CalibrationUsed& used = *inspection.mutable_views(0)->mutable_channels(1)->mutable_calibration();
  used.mutable_air_measured()->set_utc_ns(1772360000'000000000);
  for (const auto& path : files()) {
    DcmFileFormat file;
    ASSERT_TRUE(file.loadFile(path.c_str()).good());
    expect(*file.getDataset(), common);
  }
}

TEST_F(DicosTable, and_dcmtk_reads_the_pixels_as_they_are) {
  const auto pixels = add(high(), 300, 2);
  for (const Format format : {Format::dicom, Format::dicos}) {
    DcmFileFormat file;
    const auto path = export_to(format, format == Format::dicom ? "dicom" : "dicos")->files.at(0);
    ASSERT_TRUE(file.loadFile(path.c_str()).good());
    const Uint16* words = nullptr;
    unsigned long count = 0;
    ASSERT_TRUE(file.getDataset()->findAndGetUint16Array(DCM_PixelData, words, &count).good());
    ASSERT_EQ(count * 2, pixels.size());
    EXPECT_EQ(std::memcmp(words, pixels.data(), pixels.size()), 0);
  }
}

}  // namespace
}  // namespace garita::exporter
