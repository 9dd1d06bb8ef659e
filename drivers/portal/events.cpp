#include "drivers/portal/events.hpp"

#include <array>
#include <map>
#include <string>

#include "garita/calibration.hpp"

namespace garita::portal {
namespace {

// In the order of Fact, from 1; # is the how-manieth such fact it is, counted from 0.
constexpr std::array<std::string_view, 11> fact_paths = {"conveyance.plates[#].number",
                                                         "conveyance.plates[#].country",
                                                         "conveyance.plates[#].state",
                                                         "conveyance.containers[#].number",
                                                         "documents.pedimentos[#]",
                                                         "documents.cbp_entries[#]",
                                                         "documents.scac",
                                                         "documents.ace_trip",
                                                         "documents.shipment_control_numbers[#]",
                                                         "documents.manifest[#].hs_code",
                                                         "documents.manifest[#].description"};

constexpr uint64_t calibration_id(uint32_t portal_id, uint32_t channel) {
  return uint64_t{portal_id} * max_channels + channel;
}

std::string numbered(std::string_view path, size_t number) {
  std::string text(path);
  if (const size_t at = text.find('#'); at != std::string::npos) text.replace(at, 1, std::to_string(number));
  return text;
}

}  // namespace

std::vector<Attribute> device_attributes(const Hello& hello) {
  return {attribute("device.vendor", hello.vendor),
          attribute("device.family", "portal"),
          attribute("device.model", hello.model),
          attribute("device.serial", hello.serial),
          attribute("device.firmware", hello.firmware),
          attribute("identity.subject", "conveyance"),
          attribute("beam.kind", "linac")};
}

std::vector<Attribute> scan_attributes(const ScanBegin& scan) {
  std::vector<Attribute> attributes;
  std::map<uint8_t, size_t> seen;
  for (const auto& [tag, value] : scan.facts)
    if (tag >= 1 && tag <= fact_paths.size() && !value.empty())
      attributes.push_back(attribute(numbered(fact_paths[tag - 1], seen[tag]++), value));
  for (size_t i = 0; i < scan.energy_kev.size(); ++i)
    attributes.push_back(
        attribute(numbered("beam.energies_kev[#]", i), static_cast<double>(scan.energy_kev[i])));
  return attributes;
}

View view_of(const ScanBegin& scan) {
  View view;
  view.columns = scan.columns;
  view.column_zero = scan.column_zero;
  view.row_zero = scan.row_zero;
  view.source_side = scan.source_side;
  view.pitch_across_um = scan.pitch_across_um;
  view.pitch_along_um = scan.pitch_along_um;
  view.channels.clear();
  for (uint32_t channel = 0; channel < scan.energy_kev.size(); ++channel) {
    const uint32_t kind = scan.energy_kev.size() == 1 ? GARITA_CHANNEL_SINGLE
                          : channel == 0              ? GARITA_CHANNEL_HIGH
                                                      : GARITA_CHANNEL_LOW;
    view.channels.push_back(
        {kind, scan.energy_kev[channel], calibration_id(scan.calibration_id, channel), 0});
  }
  return view;
}

std::vector<garita::Calibration> calibrations_of(const Calibration& measured, const Time& time) {
  std::vector<garita::Calibration> events;
  for (uint32_t channel = 0; channel < measured.dark.size(); ++channel) {
    const uint64_t id = calibration_id(measured.id, channel);
    events.push_back(calibration(GARITA_CALIBRATION_DARK, id, measured.dark[channel], measured.averaged));
    events.push_back(calibration(GARITA_CALIBRATION_AIR, id, measured.air[channel], measured.averaged));
    for (garita::Calibration* event : {&events.back(), &events.back() - 1}) {
      event->channel = channel;
      event->time = time;
    }
  }
  return events;
}

}  // namespace garita::portal
