// Radiation for the page: pieces of one panel joined, long series thinned so that no peak is lost.
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "core/host/page/model.hpp"

namespace garita::host {
namespace {

using nlohmann::json;

// A value that is no number is outside data too.
double finite(double value) { return std::isfinite(value) ? value : 0; }

// The greatest of each group of neighbours: an alarm is about peaks.
json thinned(const google::protobuf::RepeatedField<double>& values) {
  const size_t count = static_cast<size_t>(values.size()), group = (count + max_points - 1) / max_points;
  json own = json::array();
  for (size_t i = 0; i < count; i += group) {
    const auto end = values.begin() + static_cast<int>(std::min(i + group, count));
    own.push_back(finite(*std::max_element(values.begin() + static_cast<int>(i), end)));
  }
  return own;
}

size_t group_of(const v1::Reading& reading) {
  return std::max<size_t>(1, (static_cast<size_t>(reading.values_size()) + max_points - 1) / max_points);
}

json piece_of(const v1::Reading& reading, int64_t zero_ns) {
  const double start =
      reading.started().has_utc_ns() ? static_cast<double>(reading.started().utc_ns() - zero_ns) * 1e-9 : 0;
  const double step =
      static_cast<double>(reading.interval_ns()) * 1e-9 * static_cast<double>(group_of(reading));
  return {{"start", start}, {"step", step}, {"values", thinned(reading.values())}};
}

// Panel, kind, unit, device and background make a series.
using Key = std::tuple<int, std::string, int, uint32_t, bool>;

Key key_of(const v1::Reading& reading) {
  return {static_cast<int>(reading.kind()), reading.panel(), static_cast<int>(reading.unit()),
          reading.device_index(), reading.background()};
}

json series_of(const v1::Reading& reading) {
  json energies = json::array();
  for (const double term : reading.energy_kev()) energies.push_back(finite(term));
  return {{"kind", static_cast<int>(reading.kind())},
          {"panel", base::printable(reading.panel())},
          {"unit", static_cast<int>(reading.unit())},
          {"background", reading.background()},
          {"alarm", false},
          {"fault", false},
          {"group", group_of(reading)},
          {"energy", energies},
          {"pieces", json::array()}};
}

int64_t zero_of(const v1::Inspection& record) {
  if (record.time().started().has_utc_ns()) return record.time().started().utc_ns();
  for (const v1::Reading& reading : record.readings())
    if (reading.started().has_utc_ns()) return reading.started().utc_ns();
  return 0;
}

}  // namespace

json readings_of(const v1::Inspection& record) {
  json all = json::array();
  std::map<Key, size_t> at;
  std::map<Key, size_t> points;
  const int64_t zero_ns = zero_of(record);
  for (const v1::Reading& reading : record.readings()) {
    if (reading.values_size() == 0) continue;
    const bool spectrum = reading.kind() == v1::Reading::KIND_SPECTRUM;
    const Key key = key_of(reading);
    auto found = at.find(key);
    if (found == at.end() || spectrum) {
      if (all.size() == max_series) continue;
      found = at.insert_or_assign(key, all.size()).first;
      all.push_back(series_of(reading));
    }
    json& series = all[found->second];
    series["alarm"] = series["alarm"].get<bool>() || reading.alarm();
    series["fault"] = series["fault"].get<bool>() || reading.fault();
    json piece = piece_of(reading, zero_ns);
    points[key] += piece["values"].size();
    if (spectrum || points[key] <= 2 * max_points) series["pieces"].push_back(std::move(piece));
  }
  return all;
}

}  // namespace garita::host
