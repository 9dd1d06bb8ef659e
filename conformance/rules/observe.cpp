#include "conformance/rules/observe.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "conformance/rules/plane_pictures.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

constexpr uint32_t most_views = 4;

json views_of(const ViewedScan& scan, const std::string& stem, const std::filesystem::path& folder) {
  json views = json::array();
  for (const auto& [place, plane] : scan.delivered) {
    if (place.second != 0 || place.first >= most_views) continue;  // the first channel of each view
    const std::string name = stem + '-' + std::to_string(place.first), delivered = name + "-delivered.png",
                      normalized = name + "-normalized.png";
    const auto canonical = scan.canonical.find(place);
    const bool has_normalized =
        canonical != scan.canonical.end() && write_picture(canonical->second, folder / normalized);
    views.push_back({{"name", scan.begin.views[place.first].name},
                     {"rows", plane.rows},
                     {"columns", plane.columns},
                     {"delivered", write_picture(plane, folder / delivered) ? delivered : ""},
                     {"normalized", has_normalized ? normalized : ""}});
  }
  return views;
}

}  // namespace

bool observe(const load::Manifest& manifest, const std::vector<Input>& inputs,
             const std::filesystem::path& folder) {
  json all = json::array();
  for (const Input& input : inputs) {
    const Viewing seen = view(manifest, input);
    json scans = json::array();
    for (const ViewedScan& scan : seen.scans) {
      const std::string stem = std::to_string(all.size()) + '-' + std::to_string(scans.size());
      scans.push_back(
          {{"key", scan.begin.key}, {"outcome", scan.outcome}, {"views", views_of(scan, stem, folder)}});
    }
    all.push_back({{"title", input.title},
                   {"fault", seen.fault.id},
                   {"latency", seen.latency},
                   {"memory", seen.memory},
                   {"scans", scans}});
  }
  std::ofstream file(folder / "observed.json", std::ios::binary | std::ios::trunc);
  file << json{{"inputs", all}}.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
  return file.flush().good();
}

}  // namespace garita::conformance
