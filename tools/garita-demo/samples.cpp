// A DICOS file as it is written here: 128 zero bytes | "DICM" | elements, explicit VR, little endian:
//
//   u16 group | u16 element | VR | u16 length | value                        most VRs
//   u16 group | u16 element | VR | u16 0 | u32 length | value                OB OW SQ; SQ: items FFFE,E000 u32 length
#include "tools/garita-demo/samples.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/file.hpp"

namespace garita::demo {
namespace {

constexpr uint16_t rows = 240, columns = 320;
constexpr const char* dx_class = "1.2.840.10008.5.1.4.1.1.501.2.2";
constexpr const char* tdr_class = "1.2.840.10008.5.1.4.1.1.501.3";
constexpr const char* image_uid = "2.25.1001";
constexpr const char* report_uid = "2.25.1002";

template <typename Number>
std::string little(Number value) {
  std::string bytes;
  for (size_t i = 0; i < sizeof value; ++i) bytes += static_cast<char>(static_cast<uint64_t>(value) >> 8 * i);
  return bytes;
}

std::string element(uint16_t group, uint16_t number, const std::string& vr, std::string value) {
  if (value.size() % 2 != 0) value += vr == "UI" ? '\0' : ' ';
  const std::string head = little(group) + little(number) + vr;
  if (vr == "OB" || vr == "OW" || vr == "SQ") return head + std::string(2, '\0') + little(static_cast<uint32_t>(value.size())) + value;
  return head + little(static_cast<uint16_t>(value.size())) + value;
}

std::string number(uint16_t group, uint16_t number, uint16_t value) { return element(group, number, "US", little(value)); }

std::string item_of(const std::string& elements) {
  return little(uint16_t{0xFFFE}) + little(uint16_t{0xE000}) + little(static_cast<uint32_t>(elements.size())) + elements;
}

std::string floats(const std::vector<float>& values) {
  std::string bytes;
  for (const float value : values) bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  return bytes;
}

std::string file_of(const char* sop_class, const char* uid, const std::string& rest) {
  const std::string meta = element(0x0002, 0x0001, "OB", std::string("\0\1", 2)) + element(0x0002, 0x0002, "UI", sop_class) +
                           element(0x0002, 0x0003, "UI", uid) + element(0x0002, 0x0010, "UI", "1.2.840.10008.1.2.1");
  return std::string(128, '\0') + "DICM" + element(0x0002, 0x0000, "UL", little(static_cast<uint32_t>(meta.size()))) + meta +
         element(0x0008, 0x0016, "UI", sop_class) + element(0x0008, 0x0018, "UI", uid) + element(0x0008, 0x0022, "DA", "20260301") +
         element(0x0008, 0x0032, "TM", "081500") + rest;
}

// A suitcase with rounded shadows in it, and a bar that should not be there.
std::string suitcase() {
  std::string pixels;
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < columns; ++x) {
      double thickness = x > 30 && x < 290 && y > 40 && y < 210 ? 0.35 : 0;
      for (const auto& [cx, cy, r] : {std::array{90, 120, 45}, std::array{200, 90, 30}, std::array{230, 160, 38}})
        if (const double d = std::hypot(x - cx, y - cy); d < r) thickness += 1.2 * std::sqrt(1 - d * d / (r * r));
      if (x >= 130 && x < 180 && y >= 150 && y < 162) thickness += 2.5;
      pixels += little(static_cast<uint16_t>(60000 * std::exp(-thickness)));
    }
  return pixels;
}

base::Result<void> write(const std::filesystem::path& path, const std::string& text) {
  return base::write_file(path, std::as_bytes(std::span(text)));
}

}  // namespace

base::Result<void> write_dicos_samples(const std::filesystem::path& folder) {
  const std::string equipment = element(0x0008, 0x0070, "LO", "Garita samples") + element(0x0008, 0x1090, "LO", "sample tunnel");
  const std::string image =
      element(0x0008, 0x0060, "CS", "XRAY") + equipment + element(0x0010, 0x0020, "LO", "0016123456") + number(0x0028, 0x0002, 1) +
      element(0x0028, 0x0004, "CS", "MONOCHROME2") + number(0x0028, 0x0010, rows) + number(0x0028, 0x0011, columns) +
      number(0x0028, 0x0100, 16) + number(0x0028, 0x0101, 16) + number(0x0028, 0x0102, 15) + number(0x0028, 0x0103, 0) +
      element(0x0028, 0x1041, "SS", little(uint16_t{1})) + element(0x4010, 0x103A, "CS", "V03") +
      element(0x4010, 0x1042, "CS", "BAGGAGE") + element(0x7FE0, 0x0010, "OW", suitcase());
  const std::string region = element(0x4010, 0x1004, "FL", floats({130, 150, 0})) + element(0x4010, 0x1005, "FL", floats({50, 12, 1}));
  const std::string reference = element(0x0008, 0x1150, "UI", dx_class) + element(0x0008, 0x1155, "UI", image_uid);
  const std::string place = element(0x0008, 0x114A, "SQ", item_of(reference)) + element(0x4010, 0x1001, "SQ", item_of(region));
  const std::string verdict = element(0x4010, 0x1012, "CS", "PI") + element(0x4010, 0x1015, "CS", "THREAT") +
                              element(0x4010, 0x1016, "FL", floats({0.9F}));
  const std::string threat = element(0x4010, 0x1037, "SQ", item_of(place)) + element(0x4010, 0x1038, "SQ", item_of(verdict));
  const std::string report = element(0x0008, 0x0060, "CS", "TDR") + equipment + element(0x4010, 0x1011, "SQ", item_of(threat)) +
                             element(0x4010, 0x1027, "CS", "MACHINE") + element(0x4010, 0x1031, "CS", "ALARM") +
                             element(0x4010, 0x103A, "CS", "V03");
  GARITA_TRY(write(folder / "suitcase.dcs", file_of(dx_class, image_uid, image)));
  return write(folder / "suitcase-report.dcs", file_of(tdr_class, report_uid, report));
}

base::Result<void> write_n42_samples(const std::filesystem::path& folder) {
  std::string text =
      "<?xml version='1.0'?>\n<RadInstrumentData xmlns='http://physics.nist.gov/N42/2011/N42' n42DocUUID='5d2ff9c0-0001'>\n"
      "<RadInstrumentInformation id='I'><RadInstrumentManufacturerName>Garita samples</RadInstrumentManufacturerName>"
      "<RadInstrumentModelName>sample portal</RadInstrumentModelName><RadInstrumentClassCode>Portal Monitor"
      "</RadInstrumentClassCode></RadInstrumentInformation>\n"
      "<RadDetectorInformation id='G1'><RadDetectorCategoryCode>Gamma</RadDetectorCategoryCode></RadDetectorInformation>\n"
      "<RadItemInformation id='L'><RadItemCharacteristics><Characteristic><CharacteristicName>ContainerID</CharacteristicName>"
      "<CharacteristicValue>CSQU3054383</CharacteristicValue></Characteristic></RadItemCharacteristics></RadItemInformation>\n";
  for (int second = 0; second < 20; ++second) {
    const bool occupied = second >= 5;
    const int counts = 400 + 7 * second % 13 + (occupied ? static_cast<int>(900 * std::exp(-std::pow((second - 12) / 3.0, 2))) : 0);
    text += "<RadMeasurement id='M" + std::to_string(second) + "'><MeasurementClassCode>" + (occupied ? "Foreground" : "Background") +
            "</MeasurementClassCode><StartDateTime>2026-03-01T08:20:" + (second < 10 ? "0" : "") + std::to_string(second) +
            "Z</StartDateTime><RealTimeDuration>PT1S</RealTimeDuration><GrossCounts radDetectorInformationReference='G1'>"
            "<LiveTimeDuration>PT1S</LiveTimeDuration><CountData>" + std::to_string(counts) + "</CountData></GrossCounts>"
            "<OccupancyIndicator>" + (occupied ? "true" : "false") + "</OccupancyIndicator></RadMeasurement>\n";
  }
  text += "<AnalysisResults><NuclideAnalysisResults><Nuclide><NuclideName>Cs-137</NuclideName><NuclideIDConfidenceValue>95"
          "</NuclideIDConfidenceValue></Nuclide></NuclideAnalysisResults></AnalysisResults>\n</RadInstrumentData>\n";
  return write(folder / "lorry.n42", text);
}

}  // namespace garita::demo
