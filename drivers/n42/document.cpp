#include "drivers/n42/document.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "drivers/n42/text.hpp"
#include "garita/text.hpp"

namespace garita::n42 {
namespace {

constexpr size_t max_text_bytes = 1024;
constexpr size_t max_label_bytes = 128;
constexpr size_t max_panel_bytes = 64;
constexpr size_t max_items = 64;
constexpr size_t max_coefficients = 16;
constexpr size_t max_alarm_panels = 64;

// Characteristics of an item that the record has a field for, by their names without all but the letters.
enum class Fact { container, manifest, plate, vin, pedimento, passage };
constexpr std::array<std::pair<std::string_view, Fact>, 14> facts = {{{"containerid", Fact::container},
                                                                      {"containernumber", Fact::container},
                                                                      {"container", Fact::container},
                                                                      {"manifest", Fact::manifest},
                                                                      {"cargo", Fact::manifest},
                                                                      {"contents", Fact::manifest},
                                                                      {"licenseplate", Fact::plate},
                                                                      {"licenseplatenumber", Fact::plate},
                                                                      {"plate", Fact::plate},
                                                                      {"platenumber", Fact::plate},
                                                                      {"vin", Fact::vin},
                                                                      {"pedimento", Fact::pedimento},
                                                                      {"passagekey", Fact::passage},
                                                                      {"passageid", Fact::passage}}};

std::string letters_of(std::string_view text) {
  std::string letters;
  for (const char c : text.substr(0, 64))
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) letters += static_cast<char>(c | 0x20);
  return letters;
}

// Without the spaces and hyphens that people write into numbers.
std::string packed(std::string_view text) {
  std::string out = clean(text, max_label_bytes);
  std::erase_if(out, [](char c) { return c == ' ' || c == '-'; });
  return out;
}

// A share of one, or a percentage.
double confidence_of(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  const double value = number(text).value_or(-1);
  if (value >= 0 && value <= 1) return value;
  return value > 1 && value <= 100 ? value / 100 : std::nan("");
}

std::string first_text(const Element& parent, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (std::string text = child_text(parent, name); !text.empty()) return text;
  return {};
}

}  // namespace

std::string panel_name(std::string_view text) { return clean(text, max_panel_bytes); }

std::vector<double> coefficients(std::string_view text, double factor) {
  Numbers numbers(text);
  std::vector<double> out;
  for (double value; numbers.next(value) && out.size() < max_coefficients;) out.push_back(value * factor);
  while (!out.empty() && out.back() == 0) out.pop_back();
  const bool finite = std::all_of(out.begin(), out.end(), [](double v) { return std::isfinite(v); });
  return numbers.bad() || !finite || out.size() < 2 ? std::vector<double>() : out;
}

std::vector<double> line_through(std::string_view boundaries) {
  std::vector<double> edges;
  Numbers numbers(boundaries);
  for (double value; edges.size() <= GARITA_MAX_READING_VALUES && numbers.next(value);) edges.push_back(value);
  if (numbers.bad() || edges.size() < 3) return {};
  const double width = (edges.back() - edges.front()) / static_cast<double>(edges.size() - 1);
  if (!std::isfinite(width) || width <= 0) return {};
  for (size_t i = 0; i < edges.size(); ++i)
    if (std::abs(edges[i] - edges.front() - width * static_cast<double>(i)) > width / 100) return {};
  return {edges.front(), width};
}

void Builder::uuid(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  };
  text = trim(text);
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  if (!document_.uuid.empty() || text.size() < 8 || text.size() > 64) return;
  if (std::all_of(text.begin(), text.end(), allowed)) document_.uuid = text;
}

void Builder::set(std::string_view key, std::string_view text) {
  const std::string value = clean(text, max_label_bytes);
  const auto same = [&](const Attribute& attribute) { return attribute.key == key; };
  if (value.empty() || std::any_of(document_.attributes.begin(), document_.attributes.end(), same)) return;
  document_.attributes.push_back(attribute(key, value));
}

void Builder::list(std::string_view kind, const std::string& text) {
  const std::string value = clean(text, max_text_bytes);
  size_t& count = lists_.try_emplace(std::string(kind)).first->second;
  const std::string start = "org.garita.n42." + std::string(kind) + "[";
  const auto same = [&](const Attribute& attribute) {
    return attribute.bytes == value && attribute.key.starts_with(start);
  };
  if (value.empty() || count >= max_texts ||
      std::any_of(document_.attributes.begin(), document_.attributes.end(), same))
    return;
  document_.attributes.push_back(attribute(start + std::to_string(count++) + "]", value));
}

void Builder::speed(std::string_view value, std::string_view unit) {
  const auto parsed = number(value);
  const auto factor = metres_per_s(unit);
  if (!parsed || !factor) return list("speed", std::string(value) + " " + std::string(unit));
  speed_sum_ += *parsed * *factor;
  ++speeds_;
}

void Builder::item(std::string_view key_start, std::string_view key_end, size_t& count,
                   std::string_view value) {
  if (value.empty() || count >= max_items) return;
  document_.attributes.push_back(
      attribute(std::string(key_start) + "[" + std::to_string(count++) + "]" + std::string(key_end), value));
}

void Builder::characteristic(std::string_view name, std::string_view value, std::string_view unit) {
  const std::string letters = letters_of(name);
  const auto found =
      std::find_if(facts.begin(), facts.end(), [&](const auto& row) { return row.first == letters; });
  if (found == facts.end() || trim(value).empty()) {
    if (mentions(unit, "unit-less") || mentions(unit, "unitless")) unit = {};
    return list("characteristic", std::string(name) + " = " + std::string(value) + " " + std::string(unit));
  }
  switch (found->second) {
    case Fact::container:
      return item("conveyance.containers", ".number", containers_, packed(value));
    case Fact::manifest:
      return item("documents.manifest", ".description", lines_, clean(value, max_text_bytes));
    case Fact::plate:
      return item("conveyance.plates", ".number", plates_, packed(value));
    case Fact::pedimento:
      return item("documents.pedimentos", "", pedimentos_, packed(value));
    case Fact::vin:
      return set("conveyance.vin", packed(value));
    case Fact::passage:
      if (document_.passage_key.empty()) document_.passage_key = clean(value, max_label_bytes);
      return;
  }
}

void Builder::instrument_class(std::string_view text) {
  set("device.family", text);
  if (mentions(text, "portal")) set("identity.subject", "conveyance");
}

void Builder::spectrum(const Element& channel_data, std::string_view compression, const Moment& moment,
                       std::vector<double> energy_kev) {
  const std::string text = text_of(channel_data);
  const bool runs = mentions(compression, "zero");
  Numbers numbers(text);
  Spectrum spectrum{moment.panel,
                    moment.start,
                    moment.interval_ns,
                    moment.step_ns,
                    moment.live_ns,
                    moment.flags,
                    std::move(energy_kev),
                    0,
                    {}};
  if (!moment.panel_suffix.empty()) spectrum.panel = panel_name(moment.panel + " " + moment.panel_suffix);
  bool odd = false;
  double total = 0;
  for (double value; numbers.next(value);) {
    uint32_t width = 1;
    if (runs && value == 0) {  // "0 n" stands for n zeros
      double zeros = 0;
      odd = !numbers.next(zeros) || !(zeros >= 1 && zeros <= GARITA_MAX_READING_VALUES) ||
            zeros != std::floor(zeros) || odd;
      width = zeros >= 1 && zeros <= GARITA_MAX_READING_VALUES ? static_cast<uint32_t>(zeros) : 1;
    }
    if (spectrum.channels + width > GARITA_MAX_READING_VALUES) {
      odd = true;
      break;
    }
    if (value != 0) spectrum.counts.emplace_back(spectrum.channels, value);
    spectrum.channels += width;
    total += value;
  }
  if (spectrum.channels == 0) return;
  if (numbers.bad() || odd) spectrum.flags |= GARITA_READING_FAULT;
  if (!moment.neutron) return collector_.add(spectrum);
  collector_.add({GARITA_READING_NEUTRON, spectrum.panel, moment.start, moment.interval_ns, moment.live_ns,
                  GARITA_UNIT_COUNTS, spectrum.flags, total});
}

void Builder::counts(std::string_view text, const Moment& moment, const std::vector<std::string>& windows) {
  Numbers numbers(text);
  std::vector<double> values;
  for (double value; values.size() < max_items && numbers.next(value);) values.push_back(value);
  for (size_t i = 0; i < values.size(); ++i) {
    std::string panel = moment.panel;
    if (!moment.panel_suffix.empty()) panel += " " + moment.panel_suffix;
    if (values.size() > 1) panel += " " + (i < windows.size() ? windows[i] : std::to_string(i));
    collector_.add({moment.neutron ? GARITA_READING_NEUTRON : GARITA_READING_GAMMA, panel_name(panel),
                    moment.start, moment.interval_ns, moment.live_ns, GARITA_UNIT_COUNTS,
                    moment.flags | (numbers.bad() ? GARITA_READING_FAULT : 0), values[i]});
  }
}

void Builder::dose_rate(std::string_view text, std::string_view unit, const Moment& moment) {
  const auto value = number(text);
  const auto factor = microsievert_per_h(unit);
  if (!value || !factor) return list("dose_rate", std::string(text) + " " + std::string(unit));
  std::string panel = moment.panel;
  if (!moment.panel_suffix.empty()) panel += " " + moment.panel_suffix;
  collector_.add({GARITA_READING_DOSE_RATE, panel_name(panel), moment.start, moment.interval_ns,
                  moment.live_ns, GARITA_UNIT_MICROSIEVERT_PER_H, moment.flags, *value * *factor});
}

void Builder::detection(Detection detection) {
  detection.category = "radioactive";
  const auto same = [&](const Detection& other) {
    return other.label == detection.label && other.vendor_code == detection.vendor_code;
  };
  const auto found = std::find_if(document_.detections.begin(), document_.detections.end(), same);
  if (found != document_.detections.end()) {
    if (!(found->confidence >= detection.confidence)) found->confidence = detection.confidence;
  } else if (document_.detections.size() < max_detections) {
    document_.detections.push_back(std::move(detection));
  }
}

void Builder::nuclide_of(const Element& element) {
  const std::string name = clean(first_text(element, {"NuclideName", "Name"}), max_label_bytes);
  if (name.empty() || !truth(child_text(element, "NuclideIdentifiedIndicator")).value_or(true)) return;
  Detection found;
  found.label = nuclide(name);
  found.vendor_code =
      clean(first_text(element, {"NuclideCategoryDescription", "NuclideType"}), max_label_bytes);
  if (found.vendor_code.empty() && found.label != name) found.vendor_code = name;
  found.confidence = confidence_of(first_text(
      element, {"NuclideIDConfidenceValue", "NuclideIDConfidenceIndication", "NuclideIDConfidence"}));
  detection(std::move(found));
}

void Builder::alarm_of(const Element& element,
                       const std::map<std::string, std::string, std::less<>>& panels) {
  if (!truth(child_text(element, "RadAlarmActiveIndicator")).value_or(true)) return;
  const std::string category = clean(child_text(element, "RadAlarmCategoryCode"), max_label_bytes);
  Detection found;
  found.vendor_code = category.empty() ? "alarm" : category;
  found.label = clean(child_text(element, "RadAlarmDescription"), max_label_bytes);
  detection(std::move(found));
  Alarm alarm;
  alarm.gamma = !same_word(category, "Neutron");
  alarm.neutron =
      same_word(category, "Neutron") || (!same_word(category, "Gamma") && !same_word(category, "Isotope"));
  std::string_view names = attribute_of(element, "radDetectorInformationReferences");
  while (!names.empty() && alarm.panels.size() < max_alarm_panels) {
    const std::string_view name = names.substr(0, names.find_first_of(" \t\r\n"));
    const auto panel = panels.find(name);
    alarm.panels.push_back(panel == panels.end() ? panel_name(name) : panel->second);
    names = trim(names.substr(name.size()));
  }
  collector_.add(alarm);
}

void Builder::results(const Element& root, const std::map<std::string, std::string, std::less<>>& panels) {
  for (Element at = next_in(root, root); at; at = next_in(root, at)) {
    if (is(at, "Nuclide")) nuclide_of(at);
    if (is(at, "RadAlarm")) alarm_of(at, panels);
    if (is(at, "GammaAlarm") || is(at, "NeutronAlarm")) {
      if (!truth(text_of(at)).value_or(false)) continue;
      const bool neutron = is(at, "NeutronAlarm");
      Detection found;
      found.vendor_code = neutron ? "Neutron" : "Gamma";
      detection(std::move(found));
      collector_.add(Alarm{neutron, !neutron, {}});
    }
    if (is(at, "Remark")) list("remark", text_of(at));
    if (is(at, "ThreatDescription") || is(at, "AnalysisResultDescription")) list("result", text_of(at));
  }
}

Document Builder::finish() {
  document_.readings = collector_.finish();
  document_.time = collector_.first();
  document_.end = collector_.last();
  document_.attributes.push_back(attribute("beam.kind", "none"));
  if (speeds_ != 0)
    document_.attributes.push_back(
        attribute("conveyance.speed_mps", speed_sum_ / static_cast<double>(speeds_)));
  if (collector_.dropped() != 0)
    document_.attributes.push_back(attribute("org.garita.n42.dropped_readings", collector_.dropped()));
  return std::move(document_);
}

}  // namespace garita::n42
