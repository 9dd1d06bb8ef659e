// Files of real scanners through the whole: program, worker, driver, package. A table says what becomes of each file.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include "core/base/digest.hpp"
#include "tests/cli/program.hpp"
#include "tests/host/programs.hpp"

namespace garita::host {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// "package", "joined", "passed_over", or a part of the sentence that refuses it.
using Table = std::map<std::string, std::string>;

const Table dicos = {
    {"V02A_Data__DX__DX_01_ExplicitLittlEndian.dcs", "package"},
    {"V02A_Data__V02A_NewDataTypes__DX__DX_float.dcs", "package"},
    {"V03_Data__AIT2DwithTDR__ait2d.dcs", "it is DICOS AIT2D"},
    {"V03_Data__CT__CTUserAPI.dcs", "package"},
    {"V03_Data__DXwithTDR__dx.dcs", "package"},
    {"V03_Data__DXwithTDR__tdr.dcs", "joined"},
    {"V03_Data__Orientation__DX__DX.dcs", "package"},
    {"V03_Data__Orientation__DX__DX.txt", "passed_over"},
    {"V03_Data__Orientation__DX__DX__Listing.txt", "passed_over"},
};
const Table dicom = {
    {"cs3d_CTImage.dcm_JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80.dcm", "package"},
    {"cs3d_CTImage.dcm_JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70.dcm", "package"},
    {"cs3d_CTImage.dcm_LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm", "package"},
    {"cs3d_CTImage.dcm_RLELosslessTransferSyntax_1.2.840.10008.1.2.5.dcm", "package"},
    {"pydicom_J2K_pixelrep_mismatch.dcm", "its transfer syntax is JPEG2000"},
    {"pydicom_MR_truncated.dcm", "it is MRImageStorage"},
    {"pydicom_badVR.dcm", "it is RTDoseStorage"},
    {"pydicom_meta_missing_tsyntax.dcm", "does not say what it is"},
    {"pydicom_no_meta.dcm", "package"},
    {"pydicomdata_693_UNCI.dcm", "package"},
    {"pydicomdata_RG1_J2KI.dcm", "its transfer syntax is JPEG2000"},
    {"pydicomdata_RG3_J2KR.dcm", "its transfer syntax is JPEG2000"},
    {"wg04_RG3_UNC.dcm", "package"},
};
const Table n42 = {
    {"botts_Annex_D.n42", "package"},
    {"botts_Annex_D_alarmed.n42", "package"},
    {"botts_Annex_E.n42", "package"},
    {"radiacode_data_am241.n42", "package"},
    {"radiacode_data_invalid.n42", "N42 without a measurement"},
    {"specutils_passthrough_portal.n42", "package"},
};

class RealFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* given = std::getenv("GARITA_TEST_DATA");
    data_ = given ? fs::path(given) : fs::path(GARITA_SOURCE_DIR).parent_path() / "shared/data";
    if (fs::exists(data_ / "dicos")) return;
    std::cout << "SKIPPED LOUDLY: no real files at " << data_ << "; set GARITA_TEST_DATA to the folder that holds dicos, dicom and n42\n";
    GTEST_SKIP() << "no real files";
  }

  cli_test::Outcome garita(const std::string& words) { return cli_test::run(folder_, "garita " + words); }

  // Scans a folder of real files; then what became of each stands in fates_ and the records in records_.
  void scan(const std::string& driver, const std::string& name) {
    const auto before = state_of(data_ / name);
    said_ = garita("scan --driver " + driver + " --source 'exports=dir:" + (data_ / name).string() +
                   "' --out out --state state --until-empty --json");
    EXPECT_EQ(state_of(data_ / name), before) << "the folder was changed";
    std::istringstream lines(said_.out);
    for (std::string line; std::getline(lines, line);) {
      const json event = json::parse(line);
      if (event.contains("files")) summary_ = event;
      const std::string kind = event.value("event", "");
      if (kind == "refused") fates_[event["file"]] = event["reason"];
      if (kind == "passed_over") fates_[event["file"]] = kind;
      if (event.value("fate", "") == "stored") stored(event["package"]);
    }
  }

  // The first file of a package leads it, the others joined.
  void stored(const fs::path& package) {
    EXPECT_EQ(garita("verify '" + package.string() + "'").exit_code, 0) << package;
    const json record = json::parse(garita("show --json '" + package.string() + "'").out);
    const json streams = record["provenance"]["streams"];
    for (size_t i = 0; i < streams.size(); ++i) fates_[streams[i]["object"]] = i == 0 ? "package" : "joined";
    packages_[streams[0]["object"]] = package;
    records_[streams[0]["object"]] = record;
  }

  void expect(const Table& table) {
    std::map<std::string, int> count;
    for (const auto& [file, fate] : table) {
      const bool refused = fate != "package" && fate != "joined" && fate != "passed_over";
      ++count[refused ? "refused" : fate];
      ASSERT_TRUE(fates_.contains(file)) << file << " is unaccounted for";
      const std::string& said = fates_[file];
      const bool right = refused ? said.find(fate) != said.npos && said.find(file) != said.npos : said == fate;
      EXPECT_TRUE(right) << file << ": " << said << "; expected " << fate;
    }
    EXPECT_EQ(fates_.size(), table.size());
    EXPECT_EQ(summary_["files"], table.size());
    EXPECT_EQ(summary_["packages"], count["package"]);
    EXPECT_EQ(summary_["joined"], count["joined"]);
    EXPECT_EQ(summary_["refused"], count["refused"]);
    EXPECT_EQ(summary_["passed_over"], count["passed_over"]);
    EXPECT_EQ(said_.exit_code, count["refused"] > 0 ? 4 : 0) << said_.err;
  }

  std::string plane_hash(const std::string& file) {
    const std::string line = garita("verify --planes '" + packages_[file].string() + "'").out;
    return line.substr(line.find(' ') + 1, 64);
  }

  static std::set<std::string> state_of(const fs::path& folder) {
    std::set<std::string> state;
    for (const auto& entry : fs::directory_iterator(folder))
      state.insert(entry.path().filename().string() + ' ' + std::to_string(entry.last_write_time().time_since_epoch().count()) +
                   ' ' + base::to_text(base::sha256(testing::text_of(entry.path()))));
    return state;
  }

  base::testing::TemporaryFolder folder_;
  fs::path data_;
  cli_test::Outcome said_;
  json summary_;
  std::map<std::string, std::string> fates_;
  std::map<std::string, fs::path> packages_;
  std::map<std::string, json> records_;
};

TEST_F(RealFiles, each_dicos_file_becomes_what_the_table_says) {
  scan("dicos", "dicos");
  expect(dicos);
}

TEST_F(RealFiles, each_dicom_file_becomes_what_the_table_says_and_one_image_in_four_codings_has_one_plane) {
  scan("dicos", "dicom");
  expect(dicom);
  for (const auto& [file, fate] : dicom)
    EXPECT_TRUE(!file.starts_with("cs3d_") || plane_hash(file).starts_with("1bee432808f49770")) << file;
}

TEST_F(RealFiles, each_n42_file_becomes_what_the_table_says) {
  scan("n42", "n42");
  expect(n42);
}

TEST_F(RealFiles, a_report_and_its_image_are_one_inspection_with_the_place_of_what_was_found) {
  scan("dicos", "dicos");
  const json record = records_["V03_Data__DXwithTDR__dx.dcs"];
  ASSERT_EQ(record["detections"].size(), 1u);
  const json found = record["detections"][0];
  EXPECT_EQ(found["category"], "prohibited_item");
  EXPECT_EQ(found["view"], "xray");
  EXPECT_EQ(found["first_row"], 91);
  EXPECT_EQ(found["rows"], 22);
  EXPECT_EQ(found["first_column"], 24);
  EXPECT_EQ(found["columns"], 16);
  EXPECT_EQ(record["identity"]["supplement_keys"].size(), 1u);
}

TEST_F(RealFiles, floats_come_out_as_they_lie_in_the_file) {
  scan("dicos", "dicos");
  const std::string name = "V02A_Data__V02A_NewDataTypes__DX__DX_float.dcs";
  ASSERT_EQ(garita("export '" + packages_[name].string() + "' --to npy --out planes").exit_code, 0);
  const std::string plane = testing::text_of(folder_ / "planes/xray_single.npy"), file = testing::text_of(data_ / "dicos" / name);
  constexpr size_t size = 100 * 200 * sizeof(float);
  ASSERT_GT(plane.size(), size);
  EXPECT_NE(plane.find("'<f4'"), std::string::npos);
  EXPECT_NE(file.find(plane.substr(plane.size() - size)), std::string::npos);
}

TEST_F(RealFiles, nuclides_of_a_portal_are_nuclides_of_the_record) {
  scan("n42", "n42");
  std::set<std::string> nuclides;
  for (const json& found : records_["botts_Annex_E.n42"]["detections"]) nuclides.insert(found.value("nuclide", ""));
  EXPECT_TRUE(nuclides.contains("Co-57") && nuclides.contains("Cs-137"));
}

}  // namespace
}  // namespace garita::host
