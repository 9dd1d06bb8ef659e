// Capabilities both ways: what is declared is seen, what is seen is declared.
#include <algorithm>
#include <set>

#include "conformance/rules/rule.hpp"
#include "garita/ext/stored.h"

namespace garita::conformance {
namespace {

class Capabilities : public Rule {
 protected:
  std::set<std::string> seen();
};

using Words = std::set<std::string>;

void add_view(Words& words, const image::View& view) {
  static constexpr const char* const shapes[] = {"", "shape.scan", "shape.frame", "shape.volume"};
  static constexpr const char* const fidelities[] = {"",
                                                     "fidelity.raw",
                                                     "fidelity.transmission",
                                                     "fidelity.attenuation",
                                                     "fidelity.reconstructed",
                                                     "fidelity.display"};
  if (view.shape < std::size(shapes)) words.insert(shapes[view.shape]);
  if (view.fidelity < std::size(fidelities)) words.insert(fidelities[view.fidelity]);
  const auto has = [&](uint32_t kind) {
    return std::any_of(view.channels.begin(), view.channels.end(),
                       [&](const auto& channel) { return channel.kind == kind; });
  };
  const bool high = has(GARITA_CHANNEL_HIGH), low = has(GARITA_CHANNEL_LOW);
  if (high && low) words.insert("channels.dual");
  if (high && !low) words.insert("channels.high");
  if (low && !high) words.insert("channels.low");
  if (has(GARITA_CHANNEL_SINGLE)) words.insert("channels.single");
  if (has(GARITA_CHANNEL_RED) || has(GARITA_CHANNEL_GREEN) || has(GARITA_CHANNEL_BLUE))
    words.insert("channels.colour");
}

void add_strip(Words& words, const image::Strip& strip) {
  const auto known = [](int64_t utc_ns) { return utc_ns != GARITA_UTC_UNKNOWN; };
  if (!strip.line_index.empty()) words.insert("row.index");
  if (std::any_of(strip.time_utc_ns.begin(), strip.time_utc_ns.end(), known)) words.insert("row.time");
  if (!strip.position_um.empty()) words.insert("row.position");
  if (!strip.dose_q16.empty()) words.insert("row.dose");
}

void add_reading(Words& words, const image::Reading& reading) {
  static constexpr const char* const kinds[] = {"", "reading.gamma", "reading.neutron", "reading.spectrum",
                                                "reading.dose_rate"};
  if (reading.kind < std::size(kinds)) words.insert(kinds[reading.kind]);
}

void add_scan(Words& words, const SeenScan& scan) {
  static constexpr const char* const roles[] = {"", "attachment.scene", "attachment.plate",
                                                "attachment.original", "attachment.report"};
  for (const image::View& view : scan.begin.views) add_view(words, view);
  if (scan.begin.views.size() > 1) words.insert("views.multi");
  if (scan.begin.relation == GARITA_RELATION_SUPPLEMENT) words.insert("scan.supplement");
  for (const image::Strip& strip : scan.strips) add_strip(words, strip);
  for (const image::Reading& reading : scan.readings) add_reading(words, reading);
  for (const image::Detection& detection : scan.detections)
    words.insert(detection.source == GARITA_FOUND_BY_OPERATOR ? "detection.operator" : "detection.machine");
  for (const image::Attachment& attachment : scan.attachments)
    if (attachment.role < std::size(roles)) words.insert(roles[attachment.role]);
}

Words Capabilities::seen() {
  Words words;
  for (const Course& course : whole()) {
    for (const SeenScan& scan : course.scans) add_scan(words, scan);
    for (const image::Reading& reading : course.background) add_reading(words, reading);
    if (course.stored_supported) words.insert("stored");
  }
  words.erase("");
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

LOOK(Capabilities, declared_ones_are_seen, "GAR-CPB-001") {
  const Words words = seen();
  if (ended()) return;
  std::vector<std::string> missing;
  for (const std::string& word : manifest().capabilities) {
    const Capability* capability = Catalogue::built_in().capability(word);
    if (capability && !capability->untested && !words.contains(word)) missing.push_back(word);
  }
  if (!missing.empty()) finding(inputs().front(), "conform.saw_missing", {{"words", joined(missing)}});
}

LOOK(Capabilities, nothing_undeclared_is_seen, "GAR-CPB-002") {
  const Words words = seen();
  if (ended()) return;
  std::vector<std::string> extra;
  for (const std::string& word : words) {
    const Capability* capability = Catalogue::built_in().capability(word);
    if (!declares(word) && !(capability && capability->plain)) extra.push_back(word);
  }
  if (!extra.empty()) finding(inputs().front(), "conform.saw_undeclared", {{"words", joined(extra)}});
}

}  // namespace
}  // namespace garita::conformance
