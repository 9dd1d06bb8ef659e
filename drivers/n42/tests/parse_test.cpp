// Files written by hand, each with one thing in it; then the same damaged; then real ones where they are at
// hand.
#include "drivers/n42/parse.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>

#include "drivers/n42/collect.hpp"
#include "drivers/n42/xml.hpp"

namespace garita::n42 {
namespace {

Parsed read(std::string text) { return parse(std::as_writable_bytes(std::span(text))); }

std::string in_2012(const std::string& inner) {
  return "<RadInstrumentData xmlns='http://physics.nist.gov/N42/2011/N42' n42DocUUID='0a91ca36-f473'>" +
         inner + "</RadInstrumentData>";
}
std::string in_2006(const std::string& inner) {
  return "<N42InstrumentData><Measurement UUID='fc0fe9d6-cf29'>" + inner +
         "</Measurement></N42InstrumentData>";
}
std::string moment_2012(const std::string& inner, const std::string& second = "00",
                        const std::string& code = "Foreground") {
  return "<RadMeasurement><MeasurementClassCode>" + code +
         "</MeasurementClassCode><StartDateTime>2010-01-27T13:02:" + second +
         "Z</StartDateTime><RealTimeDuration>PT1S</RealTimeDuration>" + inner + "</RadMeasurement>";
}
std::string counts(const std::string& list, const std::string& detector = "Aa1") {
  return "<GrossCounts radDetectorInformationReference='" + detector +
         "'><LiveTimeDuration>PT0.9S</LiveTimeDuration>" + "<CountData>" + list +
         "</CountData></GrossCounts>";
}
std::string spectrum(const std::string& channels, const std::string& compression = "None") {
  return "<Spectrum radDetectorInformationReference='Aa1' "
         "energyCalibrationReference='E'><LiveTimeDuration>PT0.5S"
         "</LiveTimeDuration><ChannelData compressionCode='" +
         compression + "'>" + channels + "</ChannelData></Spectrum>";
}

// The only document of a file that must be good.
Document one(const std::string& text) {
  Parsed parsed = read(text);
  EXPECT_EQ(parsed.problem, "");
  EXPECT_EQ(parsed.documents.size(), 1u);
  return parsed.documents.empty() ? Document() : parsed.documents[0];
}
const Attribute* find(const Document& document, const std::string& key) {
  for (const Attribute& attribute : document.attributes)
    if (attribute.key == key) return &attribute;
  return nullptr;
}
std::string text(const Document& document, const std::string& key) {
  const Attribute* found = find(document, key);
  return found ? found->bytes : "";
}
using Values = std::vector<double>;

TEST(N42, counts_that_follow_each_other_become_one_series) {
  const Document file = one(
      in_2012(moment_2012(counts("5")) + moment_2012(counts("6"), "01") + moment_2012(counts("7"), "02")));
  ASSERT_EQ(file.readings.size(), 1u);
  EXPECT_EQ(file.readings[0].panel, "Aa1");
  EXPECT_EQ(file.readings[0].values, (Values{5, 6, 7}));
  EXPECT_EQ(file.readings[0].interval_ns, 1000000000u);
  EXPECT_EQ(file.readings[0].live_ns, 900000000u);
  EXPECT_EQ(file.readings[0].time.utc_ns, 1264597320000000000);
}

TEST(N42, a_gap_ends_a_series) {
  const Document file = one(in_2012(moment_2012(counts("5")) + moment_2012(counts("6"), "09")));
  EXPECT_EQ(file.readings.size(), 2u);
}

TEST(N42, background_and_occupancy_are_flags_and_do_not_mix) {
  const std::string occupied = counts("6") + "<OccupancyIndicator>true</OccupancyIndicator>";
  const Document file =
      one(in_2012(moment_2012(counts("5"), "00", "Background") + moment_2012(occupied, "01")));
  ASSERT_EQ(file.readings.size(), 2u);
  EXPECT_EQ(file.readings[0].flags, GARITA_READING_BACKGROUND);
  EXPECT_EQ(file.readings[1].flags, GARITA_READING_OCCUPIED);
  EXPECT_EQ(file.time.utc_ns, 1264597321000000000) << "the background is not the scan's start";
}

TEST(N42, energy_windows_are_panels_of_their_own) {
  const std::string windows =
      "<EnergyWindows id='W'><WindowStartEnergyValues>0 100</WindowStartEnergyValues>"
      "<WindowEndEnergyValues>100 3000</WindowEndEnergyValues></EnergyWindows>";
  const std::string both =
      "<GrossCounts radDetectorInformationReference='A' energyWindowsReference='W'><CountData>1 2"
      "</CountData></GrossCounts>";
  const Document file = one(in_2012(moment_2012(both) + windows));
  ASSERT_EQ(file.readings.size(), 2u);
  EXPECT_EQ(file.readings[1].panel, "A 100-3000 keV");
}

TEST(N42, a_spectrum_has_its_channels_and_energies) {
  const Document file = one(
      in_2012("<EnergyCalibration id='E'><CoefficientValues>1 0.5 0</CoefficientValues></EnergyCalibration>" +
              moment_2012(spectrum("1,2, 3;4"))));
  ASSERT_EQ(file.readings.size(), 1u);
  EXPECT_EQ(file.readings[0].kind, GARITA_READING_SPECTRUM);
  EXPECT_EQ(file.readings[0].values, (Values{1, 2, 3, 4}));
  EXPECT_EQ(file.readings[0].energy_kev, (Values{1, 0.5}));
  EXPECT_EQ(file.readings[0].flags, 0u);
}

TEST(N42, spectra_of_a_detector_are_summed_and_their_gross_counts_kept) {
  const Document file = one(in_2012(moment_2012(spectrum("1 2")) + moment_2012(spectrum("10 20"), "01")));
  ASSERT_EQ(file.readings.size(), 2u);
  EXPECT_EQ(file.readings[0].values, (Values{11, 22}));
  EXPECT_EQ(file.readings[0].live_ns, 1000000000u);
  EXPECT_EQ(file.readings[1].kind, GARITA_READING_GAMMA);
  EXPECT_EQ(file.readings[1].values, (Values{3, 30}));
}

TEST(N42, counted_zeroes_are_expanded) {
  EXPECT_EQ(one(in_2012(moment_2012(spectrum("0 2 7 0 1", "CountedZeroes")))).readings[0].values,
            (Values{0, 0, 7, 0}));
}

TEST(N42, counted_zeroes_beyond_the_limit_or_without_a_count_are_flagged) {
  for (const char* list : {"5 0", "5 0 -3", "5 0 1.5", "5 0 65536 1", "5 0 1e300"}) {
    const Document file = one(in_2012(moment_2012(spectrum(list, "CountedZeroes"))));
    ASSERT_EQ(file.readings.size(), 1u) << list;
    EXPECT_EQ(file.readings[0].flags, GARITA_READING_FAULT) << list;
    EXPECT_LE(file.readings[0].values.size(), GARITA_MAX_READING_VALUES);
  }
}

TEST(N42, bad_numbers_count_as_nothing_and_are_flagged) {
  const Document file = one(in_2012(moment_2012(spectrum("1 x nan 4"))));
  EXPECT_EQ(file.readings[0].values, (Values{1, 0, 0, 4}));
  EXPECT_EQ(file.readings[0].flags, GARITA_READING_FAULT);
}

TEST(N42, neutron_detectors_and_names_come_from_the_detector_information) {
  const std::string detector =
      "<RadDetectorInformation id='Aa1'><RadDetectorName>tube</RadDetectorName>"
      "<RadDetectorCategoryCode>Neutron</RadDetectorCategoryCode></RadDetectorInformation>";
  const Document file = one(in_2012(detector + moment_2012(counts("3"))));
  EXPECT_EQ(file.readings[0].kind, GARITA_READING_NEUTRON);
  EXPECT_EQ(file.readings[0].panel, "tube");
}

TEST(N42, dose_rates_are_microsieverts_per_hour) {
  const Document file = one(in_2012(moment_2012("<DoseRate><DoseRateValue>0.12</DoseRateValue></DoseRate>")));
  EXPECT_EQ(file.readings[0].kind, GARITA_READING_DOSE_RATE);
  const Document old = one(
      in_2006("<CountDoseData DetectorType='Gamma'><DoseRate Units='nSv/h'>80</DoseRate></CountDoseData>"));
  EXPECT_DOUBLE_EQ(old.readings[0].values.at(0), 0.08);
}

TEST(N42, an_alarm_is_a_detection_and_flags_its_detectors) {
  const Document file = one(
      in_2012(moment_2012(counts("5") + counts("1", "Ba1")) +
              "<AnalysisResults><RadAlarm radDetectorInformationReferences='Aa1'><RadAlarmCategoryCode>Gamma"
              "</RadAlarmCategoryCode></RadAlarm></AnalysisResults>"));
  ASSERT_EQ(file.readings.size(), 2u);
  EXPECT_EQ(file.readings[0].flags, GARITA_READING_ALARM);
  EXPECT_EQ(file.readings[1].flags, 0u);
  ASSERT_EQ(file.detections.size(), 1u);
  EXPECT_EQ(file.detections[0].category, "radioactive");
}

TEST(N42, nuclides_are_detections_with_their_confidence) {
  const auto nuclide = [](const std::string& name, const std::string& more) {
    return "<Nuclide><NuclideName>" + name + "</NuclideName>" + more + "</Nuclide>";
  };
  const Document file = one(in_2012(
      "<AnalysisResults>" + nuclide("137Cs", "<NuclideIDConfidenceValue>91</NuclideIDConfidenceValue>") +
      nuclide("K-40", "<NuclideIdentifiedIndicator>false</NuclideIdentifiedIndicator>") +
      nuclide("tc99M", "") + "</AnalysisResults>"));
  ASSERT_EQ(file.detections.size(), 2u);
  EXPECT_EQ(file.detections[0].label, "Cs-137");
  EXPECT_DOUBLE_EQ(file.detections[0].confidence, 0.91);
  EXPECT_EQ(file.detections[1].label, "Tc-99m");
}

TEST(N42, instrument_container_manifest_and_speed_are_attributes) {
  const std::string fact = "<Characteristic><CharacteristicName>";
  const Document file = one(in_2012(
      "<RadInstrumentInformation><RadInstrumentManufacturerName>R "
      "Us</RadInstrumentManufacturerName><RadInstrumentClassCode>"
      "Portal Monitor</RadInstrumentClassCode></RadInstrumentInformation><RadItemInformation>" +
      fact +
      "ContainerID</CharacteristicName><CharacteristicValue>YMLU "
      "303093-3</CharacteristicValue></Characteristic>" +
      fact +
      "Manifest</CharacteristicName><CharacteristicValue>Scrap</CharacteristicValue></Characteristic></"
      "RadItemInformation>" +
      moment_2012(counts("1") +
                  "<RadItemState><StateVector><SpeedValue>3,2</SpeedValue></StateVector></RadItemState>")));
  EXPECT_EQ(text(file, "device.vendor"), "R Us");
  EXPECT_EQ(text(file, "identity.subject"), "conveyance");
  EXPECT_EQ(text(file, "conveyance.containers[0].number"), "YMLU3030933");
  EXPECT_EQ(text(file, "documents.manifest[0].description"), "Scrap");
  ASSERT_NE(find(file, "conveyance.speed_mps"), nullptr);
  EXPECT_DOUBLE_EQ(find(file, "conveyance.speed_mps")->real, 3.2);
  EXPECT_EQ(file.uuid, "0a91ca36-f473");
}

TEST(N42, channel_boundaries_are_a_calibration_where_they_lie_on_a_line) {
  const auto energy_of = [](const std::string& boundaries) {
    return one(in_2012("<EnergyCalibration id='E'><EnergyBoundaryValues>" + boundaries + "</EnergyBoundaryValues>" +
                       "</EnergyCalibration>" + moment_2012(spectrum("1 2 3 4"))))
        .readings.at(0)
        .energy_kev;
  };
  EXPECT_EQ(energy_of("10 13 16 19 22"), (Values{10, 3}));
  for (const char* other : {"10 13 17 19 22", "22 19 16 13 10", "10 13 x 19 22", "5 5 5 5 5", "", "3 1e999 7"})
    EXPECT_TRUE(energy_of(other).empty()) << other;
}

TEST(N42, the_passage_key_is_taken_from_the_item) {
  const std::string item =
      "<RadItemInformation><RadItemCharacteristics><Characteristic><CharacteristicName>PassageKey"
      "</CharacteristicName><CharacteristicValue> P-7 </CharacteristicValue></Characteristic>"
      "</RadItemCharacteristics></RadItemInformation>";
  EXPECT_EQ(one(in_2012(item + moment_2012(counts("5")))).passage_key, "P-7");
  EXPECT_EQ(one(in_2012(moment_2012(counts("5")))).passage_key, "");
}

TEST(N42, the_2006_standard_inherits_inwards) {
  const Document file = one(in_2006(
      "<DetectorData><StartTime>2010-01-24T00:08:24Z</StartTime><SampleRealTime>PT0.25S</"
      "SampleRealTime><Occupied>1</Occupied>"
      "<Speed Units='mph'>10</Speed><DetectorMeasurement><SpectrumMeasurement><Spectrum "
      "Detector='A1'><Calibration Type='Energy' "
      "EnergyUnits='MeV'><Equation><Coefficients>0 0.003</Coefficients></Equation></Calibration><ChannelData "
      "Compression='CountedZeroes'>0 1 "
      "4</ChannelData></Spectrum></SpectrumMeasurement></DetectorMeasurement></DetectorData>"));
  ASSERT_EQ(file.readings.size(), 1u);
  EXPECT_EQ(file.readings[0].panel, "A1");
  EXPECT_EQ(file.readings[0].flags, GARITA_READING_OCCUPIED);
  EXPECT_EQ(file.readings[0].interval_ns, 250000000u);
  EXPECT_EQ(file.readings[0].energy_kev, (Values{0, 3}));
  EXPECT_DOUBLE_EQ(find(file, "conveyance.speed_mps")->real, 4.4704);
}

TEST(N42, prefixes_and_lower_case_do_not_matter) {
  const Document file =
      one("<n42:radinstrumentdata><n42:RADMEASUREMENT><n42:grosscounts><x:countdata>4</x:countdata>"
          "</n42:grosscounts></n42:RADMEASUREMENT></n42:radinstrumentdata>");
  EXPECT_EQ(file.readings.at(0).values, Values{4});
}

TEST(N42, several_roots_are_several_documents) {
  const std::string root = in_2012(moment_2012(counts("5")));
  EXPECT_EQ(read(root + "<?xml version='1.0'?>" + root).documents.size(), 2u);
  EXPECT_EQ(read("<Event><a>" + root + "</a></Event>").documents.size(), 1u);
}

TEST(N42, utf16_and_latin1_are_read) {
  const std::string ascii =
      in_2012("<RadItemInformation><RadItemDescription>\xB5 box</RadItemDescription></RadItemInformation>" +
              moment_2012(counts("5")));
  EXPECT_EQ(text(one(ascii), "org.garita.n42.item[0]"), "\xC2\xB5 box");
  std::string wide = "\xFF\xFE";
  for (const char c : ascii) wide += {c, '\0'};
  EXPECT_EQ(text(one(wide), "org.garita.n42.item[0]"), "\xC2\xB5 box");
}

TEST(N42, a_file_without_measurement_is_refused_with_a_sentence) {
  EXPECT_EQ(read(in_2012("<RadMeasurement><Remark>Bogus</Remark></RadMeasurement>")).problem,
            "is N42 without a measurement: no spectrum, count, dose rate or result stands in it");
  EXPECT_EQ(read("<html/>").status, GARITA_DATA_UNSUPPORTED);
  EXPECT_EQ(read("").problem, "is empty");
}

TEST(N42, a_doctype_is_refused_and_no_entity_is_expanded) {
  const std::string bomb = "<!DOCTYPE a [<!ENTITY b 'ccc'>]>" + in_2012(moment_2012(counts("5")));
  EXPECT_NE(read(bomb).problem.find("DOCTYPE"), std::string::npos);
}

TEST(N42, depth_elements_and_size_have_limits) {
  std::string deep;
  for (int i = 0; i <= max_depth; ++i) deep += "<a>";
  for (int i = 0; i <= max_depth; ++i) deep += "</a>";
  EXPECT_NE(read(deep).problem.find("deeper"), std::string::npos);
  EXPECT_NE(read(std::string(2 * max_elements + 1, '<')).problem.find("elements"), std::string::npos);
  EXPECT_NE(read(std::string(max_file_bytes + 1, ' ')).problem.find("MiB"), std::string::npos);
}

TEST(N42, values_beyond_the_limit_are_dropped_and_counted) {
  std::string spectra;
  for (int i = 0; i < 70; ++i)  // each another width, so that none joins another's sum
    spectra += moment_2012(spectrum("7 0 " + std::to_string(65000 + i), "CountedZeroes"));
  const Document file = one(in_2012(spectra));
  size_t values = 0;
  for (const Reading& reading : file.readings) values += reading.values.size();
  EXPECT_LE(values, max_values);
  EXPECT_NE(find(file, "org.garita.n42.dropped_readings"), nullptr);
}

// A whole file with everything in it, for damage.
std::string everything() {
  return in_2012(
      "<EnergyCalibration id='E'><CoefficientValues>1 0.5 0</CoefficientValues></EnergyCalibration>" +
      moment_2012(spectrum("1 0 9 4", "CountedZeroes") + counts("5 6 7")) +
      "<AnalysisResults><Nuclide><NuclideName>Cs-137</NuclideName></Nuclide><RadAlarm/></AnalysisResults>");
}

TEST(N42, a_file_cut_anywhere_gives_one_sentence) {
  const std::string whole = everything();
  for (size_t size = 0; size < whole.size(); ++size) {
    const Parsed parsed = read(whole.substr(0, size));
    EXPECT_TRUE(parsed.documents.empty()) << size;
    EXPECT_NE(parsed.problem, "") << size;
  }
}

TEST(N42, flipped_bits_give_events_or_a_sentence) {
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  for (int round = 0; round < 3000; ++round) {
    std::string text = everything();
    for (int flips = 0; flips < 3; ++flips)
      text[random() % text.size()] ^= static_cast<char>(1u << random() % 8);
    const Parsed parsed = read(text);
    EXPECT_NE(parsed.documents.empty(), parsed.problem.empty());
    for (const Document& document : parsed.documents)
      for (const Reading& reading : document.readings)
        EXPECT_LE(reading.values.size(), GARITA_MAX_READING_VALUES);
  }
}

// tests/real_files.txt: a line a file, "name readings detections spectra"; no readings: refused.
TEST(N42, the_real_files_give_what_the_table_says) {
  const char* given = std::getenv("GARITA_TEST_DATA");
  const std::string folder = (given ? std::string(given) : GARITA_SOURCE_DIR "/../shared/data") + "/n42/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "NOT RUN: no real files; set GARITA_TEST_DATA";
  std::ifstream table(GARITA_SOURCE_DIR "/drivers/n42/tests/real_files.txt");
  ASSERT_TRUE(table.good());
  size_t readings = 0, detections = 0, spectra = 0;
  for (std::string name; table >> name >> readings >> detections >> spectra;) {
    std::ifstream in(folder + name, std::ios::binary);
    const Parsed parsed = read(std::string(std::istreambuf_iterator<char>(in), {}));
    const Document file = parsed.documents.empty() ? Document() : parsed.documents[0];
    EXPECT_EQ(file.readings.size(), readings) << name << " " << parsed.problem;
    EXPECT_EQ(file.detections.size(), detections) << name;
    const auto is_spectrum = [](const Reading& reading) { return reading.kind == GARITA_READING_SPECTRUM; };
    EXPECT_EQ(static_cast<size_t>(std::count_if(file.readings.begin(), file.readings.end(), is_spectrum)),
              spectra)
        << name;
  }
}

}  // namespace
}  // namespace garita::n42
