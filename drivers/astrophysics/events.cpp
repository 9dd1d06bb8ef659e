#include "drivers/astrophysics/events.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

namespace garita::astrophysics {
namespace {

std::string name_of(const Identity& identity, uint32_t view) {
  const auto word = [&](uint32_t i) {
    const uint8_t side = identity.views[i].source_side;
    return std::string(side == GARITA_SOURCE_TOP ? "top" : side == GARITA_SOURCE_BOTTOM ? "below" : "side");
  };
  return word(view) + (view > 0 && word(view) == word(0) ? "-2" : "");
}

View picture_of(const Identity& identity, uint32_t i) {
  const ViewForm& form = identity.views[i];
  const bool transmission = form.scale == Scale::transmission;
  View view;
  view.name = name_of(identity, i);
  view.bits_used = 12;
  view.fidelity = transmission ? GARITA_FIDELITY_TRANSMISSION : GARITA_FIDELITY_ATTENUATION;
  view.unit = transmission ? GARITA_UNIT_TRANSMISSION : GARITA_UNIT_ATTENUATION;
  view.slope = form.slope;
  view.intercept = form.intercept;
  view.columns = form.columns;
  view.column_zero = form.column_zero;
  view.row_zero = GARITA_ROW_ZERO_FRONT;
  view.source_side = form.source_side;
  view.source_angle_mdeg = form.angle_deg10 * 100;
  view.pitch_across_um = form.pitch_across_um;
  view.pitch_along_um = form.pitch_along_um;
  if (form.energies() == 1)
    view.channels = {{GARITA_CHANNEL_SINGLE, form.high_kv}};
  else
    view.channels = {{GARITA_CHANNEL_HIGH, form.high_kv}, {GARITA_CHANNEL_LOW, form.low_kv}};
  return view;
}

View operator_of(View view) {
  view.name += "_operator";
  view.sample_type = GARITA_SAMPLE_U8;
  view.bits_used = 8;
  view.fidelity = GARITA_FIDELITY_DISPLAY;
  view.polarity = GARITA_POLARITY_BRIGHT_MORE;
  view.unit = GARITA_UNIT_NONE;
  view.slope = 1;
  view.intercept = 0;
  view.channels = {Channel{}};
  return view;
}

struct Paper {
  std::string_view word, path;
};
constexpr Paper papers[] = {{"TAG", "conveyance.air.bag_tags[#]"},
                            {"AWB", "conveyance.air.awb"},
                            {"FLT", "conveyance.air.flight"},
                            {"ULD", "conveyance.air.uld"},
                            {"PLT", "conveyance.plates[#].number"}};

// "TAG=0123456789;FLT=AM637": a word that is not ours, or comes twice where one is enough, is passed over.
void add_paper(std::string_view entry, std::vector<Attribute>& out) {
  const size_t equals = entry.find('=');
  if (equals == std::string_view::npos || equals + 1 == entry.size()) return;
  for (const auto& [word, path] : papers) {
    if (entry.substr(0, equals) != word) continue;
    std::string key(path);
    if (const size_t at = key.find('#'); at != std::string::npos) {
      const std::string_view stem = path.substr(0, at);
      key.replace(at, 1, std::to_string(std::count_if(out.begin(), out.end(), [&](const Attribute& there) {
                    return std::string_view(there.key).starts_with(stem);
                  })));
    }
    out.push_back(attribute(key, entry.substr(equals + 1)));
  }
}

}  // namespace

std::vector<View> views_of(const Identity& identity) {
  std::vector<View> views;
  for (uint32_t i = 0; i < identity.views.size(); ++i) views.push_back(picture_of(identity, i));
  for (uint32_t i = 0; i < identity.views.size(); ++i)
    if (identity.views[i].operator_channel) views.push_back(operator_of(views[i]));
  return views;
}

std::optional<uint32_t> display_of(const Identity& identity, uint32_t view) {
  if (!identity.views[view].operator_channel) return std::nullopt;
  const auto end = identity.views.begin() + view;
  return static_cast<uint32_t>(
      identity.views.size() +
      static_cast<size_t>(std::count_if(identity.views.begin(), end,
                                        [](const ViewForm& form) { return form.operator_channel; })));
}

std::vector<Attribute> device_attributes(const Identity& identity) {
  std::vector<Attribute> attributes = {attribute("device.vendor", "Garita"),
                                       attribute("device.family", "astrophysics"),
                                       attribute("device.model", identity.model),
                                       attribute("device.serial", identity.serial),
                                       attribute("device.firmware", identity.firmware),
                                       attribute("beam.kind", "tube")};
  const ViewForm& form = identity.views.front();
  attributes.push_back(attribute("beam.energies_kev[0]", static_cast<double>(form.high_kv)));
  if (form.low_kv != 0)
    attributes.push_back(attribute("beam.energies_kev[1]", static_cast<double>(form.low_kv)));
  return attributes;
}

std::vector<Attribute> bag_attributes(const Bag& bag) {
  constexpr std::string_view subjects[] = {"bag", "conveyance", "cargo"};
  std::vector<Attribute> attributes = {
      attribute("identity.subject", subjects[static_cast<size_t>(bag.subject) - 1])};
  std::string_view left = bag.papers;
  while (!left.empty()) {
    const size_t end = std::min(left.find(';'), left.size());
    add_paper(left.substr(0, end), attributes);
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return attributes;
}

std::optional<Detection> detection_of(const Found& found, const ViewForm& form, const BeltLines& lines) {
  Detection detection;
  uint64_t last_row = 0;
  uint32_t last_column = 0;
  detection.view = found.view;
  detection.first_row = UINT64_MAX;
  detection.first_column = UINT32_MAX;
  for (const Point& point : found.points) {
    const std::optional<uint64_t> row = lines.row_of(point.line);
    if (!row || point.column >= form.columns) return std::nullopt;
    detection.first_row = std::min(detection.first_row, *row);
    detection.first_column = std::min<uint32_t>(detection.first_column, point.column);
    last_row = std::max(last_row, *row);
    last_column = std::max<uint32_t>(last_column, point.column);
    detection.polygon.push_back(point.column);
    detection.polygon.push_back(static_cast<double>(*row));
  }
  detection.rows = last_row - detection.first_row + 1;
  detection.columns = last_column - detection.first_column + 1;
  char code[8];
  std::snprintf(code, sizeof code, "0x%02X", found.code);
  detection.vendor_code = code;  // what it means, the host's one table of words says
  detection.label = found.label;
  detection.confidence = found.confidence_percent / 100.0;
  return detection;
}

}  // namespace garita::astrophysics
