#include <chrono>
#include <cstdio>

#include "tools/garita-sim/leidos/files.hpp"

namespace garita::sim::leidos {
namespace {

constexpr const char* panels[] = {"A1", "A2", "B1", "B2"};
constexpr double background_cps = 420, neutron_cps = 2.2;

std::string iso_utc(int64_t utc_ns) {
  const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds(utc_ns / 1'000'000)};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
                int(time.minutes().count()), int(time.seconds().count()), int(time.subseconds().count()));
  return text;
}

std::string counts(const char* detector, double value) {
  return std::string("  <GrossCounts radDetectorInformationReference='") + detector +
         "'><LiveTimeDuration>PT1S</LiveTimeDuration><CountData>" + std::to_string(static_cast<long>(value)) +
         "</CountData></GrossCounts>\n";
}

std::string measurement(const Radiation& radiation, int64_t at_ns, bool occupied, double shine,
                        Random& random) {
  std::string text = std::string(" <RadMeasurement>\n  <MeasurementClassCode>") +
                     (occupied ? "Foreground" : "Background") + "</MeasurementClassCode><StartDateTime>" +
                     iso_utc(at_ns) + "</StartDateTime><RealTimeDuration>PT1S</RealTimeDuration>\n";
  for (const char* panel : panels)
    text += counts(panel, random.poisson(background_cps * (occupied ? 0.87 : 1) + shine));
  text += counts("N1", random.poisson(neutron_cps));
  if (occupied)
    text += "  <OccupancyIndicator>true</OccupancyIndicator><RadItemState><StateVector><SpeedValue>" +
            std::to_string(radiation.speed_mps) + "</SpeedValue></StateVector></RadItemState>\n";
  return text + " </RadMeasurement>\n";
}

}  // namespace

std::string n42_of(const Radiation& radiation, Random& random) {
  std::string text =
      "<?xml version='1.0' encoding='UTF-8'?>\n<RadInstrumentData "
      "xmlns='http://physics.nist.gov/N42/2011/N42'>\n"
      " <RadInstrumentInformation><RadInstrumentManufacturerName>Garita "
      "(simulated)</RadInstrumentManufacturerName>"
      "<RadInstrumentIdentifier>" +
      radiation.serial +
      "</RadInstrumentIdentifier><RadInstrumentModelName>SRP-4"
      "</RadInstrumentModelName><RadInstrumentClassCode>Portal "
      "Monitor</RadInstrumentClassCode></RadInstrumentInformation>\n";
  for (const char* panel : panels)
    text += std::string(" <RadDetectorInformation id='") + panel +
            "'><RadDetectorCategoryCode>Gamma</RadDetectorCategoryCode></RadDetectorInformation>\n";
  text +=
      " <RadDetectorInformation "
      "id='N1'><RadDetectorCategoryCode>Neutron</RadDetectorCategoryCode></RadDetectorInformation>\n"
      " <RadItemInformation id='item'><RadItemCharacteristics><Characteristic><CharacteristicName>PassageKey"
      "</CharacteristicName><CharacteristicValue>" +
      radiation.passage_key +
      "</CharacteristicValue><CharacteristicValueUnits>"
      "unit-less</CharacteristicValueUnits></Characteristic></RadItemCharacteristics></RadItemInformation>\n";
  constexpr int64_t second_ns = 1'000'000'000;
  text += measurement(radiation, radiation.start_utc_ns - 5 * second_ns, false, 0, random);
  for (uint32_t second = 0; second < radiation.seconds; ++second) {
    const bool middle = second == radiation.seconds / 2;
    text += measurement(radiation, radiation.start_utc_ns + second * second_ns, true,
                        radiation.alarm && middle ? 900 : 0, random);
  }
  if (radiation.alarm)
    text +=
        " <AnalysisResults><RadAlarm><RadAlarmCategoryCode>Gamma</RadAlarmCategoryCode></RadAlarm></"
        "AnalysisResults>\n";
  return text + "</RadInstrumentData>\n";
}

}  // namespace garita::sim::leidos
