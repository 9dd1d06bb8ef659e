#include "drivers/dicos/report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "drivers/dicos/classes.hpp"

namespace garita::dicos {
namespace {

constexpr size_t max_polygon_values = 3 * 2048;
constexpr size_t max_places = 64;  // of one threat

std::string image_in(const Tags& reference) {
  const std::string uid = reference.text({0x0008, 0x1155});
  return class_of(reference.text({0x0008, 0x1150}), {}).kind == Kind::report ? std::string() : uid;
}

// DICOS's words; the vendor code keeps them as they came. Another word goes on as it is, in small letters.
std::string category_of(const std::string& word) {
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"EXPLOSIVE", "explosive"},          {"PI", "prohibited_item"},  {"PROHIBITED ITEM", "prohibited_item"},
      {"CONTRABAND", "other_contraband"}, {"ANOMALY", "anomaly"},
  };
  for (const auto& [own, record] : known)
    if (word == own) return std::string(record);
  std::string small = word;
  std::transform(small.begin(), small.end(), small.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return small;
}

struct Span {
  uint32_t first = 0, count = 0;
};

// The whole pixels that an extent covers. Nothing where it is no place in an image.
std::optional<Span> pixels(double base, double extent) {
  const double first = std::floor(base), end = std::ceil(base + extent);
  if (!(first >= 0 && end > first && end <= 4e9)) return std::nullopt;
  return Span{static_cast<uint32_t>(first), static_cast<uint32_t>(end - first)};
}

// x, y, z of the region are columns, rows and slices.
bool set_box(const std::vector<double>& base, const std::vector<double>& extents, Detection& out) {
  if (base.size() != 3 || extents.size() != 3) return false;
  const auto columns = pixels(base[0], extents[0]), rows = pixels(base[1], extents[1]),
             slices = pixels(base[2], std::max(extents[2], 1.0));
  if (!columns || !rows || !slices) return false;
  out.first_column = columns->first;
  out.columns = columns->count;
  out.first_row = rows->first;
  out.rows = rows->count;
  out.first_slice = slices->first;
  out.slices = slices->count;
  return true;
}

// DICOS's polygon is x y z …; two points are the corners of a box, which is no polygon.
void set_polygon(const std::vector<double>& points, Detection& out) {
  if (points.size() % 3 != 0 || points.size() < 6) return;
  std::vector<double> low(points.begin(), points.begin() + 3), high = low;
  for (size_t i = 0; i < points.size(); ++i) {
    low[i % 3] = std::min(low[i % 3], points[i]);
    high[i % 3] = std::max(high[i % 3], points[i]);
  }
  if (out.columns == 0) set_box(low, {high[0] - low[0], high[1] - low[1], high[2] - low[2]}, out);
  if (points.size() == 6 || !out.polygon.empty()) return;
  for (size_t i = 0; i < points.size(); i += 3) out.polygon.insert(out.polygon.end(), {points[i], points[i + 1]});
}

// What the standard's words are too wide for: the elements that Garita's exporter puts beside them (group 4011), so that a
// record comes back as it went. They count only under their creator's name.
void restore(const Tags& assessment, Detection& out) {
  constexpr uint16_t group = 0x4011;
  if (assessment.text({group, 0x0010}) != "GARITA DETECTION 1") return;
  out.category = assessment.text({group, 0x1001});
  out.vendor_code = assessment.text({group, 0x1002});
  out.label = assessment.text({group, 0x1003});
  const double confidence = assessment.number({group, 0x1004}).value_or(-1);
  if (confidence >= 0 && confidence <= 1) out.confidence = confidence;
  const std::vector<double> polygon = assessment.numbers({group, 0x1005}, max_polygon_values);
  if (polygon.size() % 2 == 0) out.polygon = polygon;
}

Detection assessed(const Tags& report, const Tags& threat) {
  const Tags assessment = threat.item({0x4010, 0x1038});
  Detection out;
  out.vendor_code = assessment.text({0x4010, 0x1012});
  out.category = category_of(out.vendor_code);
  out.label = assessment.text({0x4010, 0x1013});
  if (out.label.empty()) out.label = assessment.text({0x4010, 0x1015});
  const double probability = assessment.number({0x4010, 0x1016}).value_or(-1);
  if (probability >= 0 && probability <= 1) out.confidence = probability;
  if (report.text({0x4010, 0x1027}) == "OPERATOR") out.source = GARITA_FOUND_BY_OPERATOR;
  restore(assessment, out);
  return out;
}

}  // namespace

std::string referenced_image(const Tags& report) {
  const size_t threats = std::min<size_t>(report.items({0x4010, 0x1011}), max_places);
  for (size_t i = 0; i < threats; ++i) {
    const Tags place = report.item({0x4010, 0x1011}, static_cast<long>(i)).item({0x4010, 0x1037});
    if (std::string uid = image_in(place.item({0x0008, 0x114A})); !uid.empty()) return uid;
  }
  const Tags series = report.item({0x0008, 0x1115});
  for (const Tags& reference : {series.item({0x0008, 0x114A}), series.item({0x0008, 0x1199}),
                                report.item({0x0008, 0x114A}), report.item({0x0008, 0x1199}),
                                report.item({0x0008, 0x1110})})
    if (std::string uid = image_in(reference); !uid.empty()) return uid;
  return {};
}

std::vector<Detection> detections_of(const Tags& report, size_t limit) {
  std::vector<Detection> out;
  const size_t threats = report.items({0x4010, 0x1011});
  for (size_t i = 0; i < threats && out.size() < limit; ++i) {
    const Tags threat = report.item({0x4010, 0x1011}, static_cast<long>(i));
    const size_t places = std::clamp<size_t>(threat.items({0x4010, 0x1037}), 1, max_places);
    for (size_t k = 0; k < places && out.size() < limit; ++k) {
      const Tags place = threat.item({0x4010, 0x1037}, static_cast<long>(k));
      const Tags region = place.item({0x4010, 0x1001});
      Detection detection = assessed(report, threat);
      set_box(region.numbers({0x4010, 0x1004}, 3), region.numbers({0x4010, 0x1005}, 3), detection);
      set_polygon(place.numbers({0x4010, 0x101D}, max_polygon_values), detection);
      out.push_back(std::move(detection));
    }
  }
  const std::string decision = report.text({0x4010, 0x1031});
  if (out.empty() && decision == "ALARM") {
    Detection alarm;
    alarm.category = "anomaly";
    alarm.vendor_code = decision;
    out.push_back(std::move(alarm));
  }
  return out;
}

}  // namespace garita::dicos
