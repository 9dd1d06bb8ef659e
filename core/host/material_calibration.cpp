#include "core/host/material_calibration.hpp"

#include <algorithm>

#include "core/base/digest.hpp"

namespace garita::host {
namespace {

constexpr std::string_view heading = "material,thickness_mm,first_row,rows,first_column,columns";
constexpr size_t max_places = normalize::material_count * normalize::max_ratio_points;

base::Error refused(std::string id, std::vector<base::Field> fields) {
  return {base::Outcome::no, std::move(id), std::move(fields)};
}

std::optional<MaterialPlace> material_place(std::string_view line) {
  const size_t comma = line.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto material = normalize::material_of(line.substr(0, comma));
  const auto place = place_of(line.substr(comma + 1));
  if (!material || !place) return std::nullopt;
  return MaterialPlace{*material, *place};
}

// One energy of a view, as places are measured in it.
struct Energy {
  const v1::Channel* channel = nullptr;
  const package::PlaneInfo* plane = nullptr;
};

Energy energy_of(const OpenPackage& package, const v1::View& view, v1::Channel::Kind kind) {
  for (const v1::Channel& channel : view.channels())
    if (channel.kind() == kind)
      if (const package::PlaneInfo* plane = canonical_plane(package, view, channel)) return {&channel, plane};
  return {};
}

}  // namespace

base::Result<std::vector<MaterialPlace>> parse_material_table(std::string_view text) {
  std::vector<MaterialPlace> places;
  auto read = read_table(text, heading, [&](std::string_view line) {
    const auto place = material_place(line);
    if (!place || places.size() == max_places) return false;
    places.push_back(*place);
    return true;
  });
  if (!read && read.error().id == "host.steel_table")
    return refused("host.material_table", {{"line", std::string(read.error().field("line"))}});
  if (!read) return std::move(read).error();
  return places;
}

base::Result<StoredMaterials> calibrate_materials(OpenPackage& package, const std::string& name,
                                                  const std::vector<MaterialPlace>& places) {
  const auto& views = package.record.views();
  const auto view =
      std::find_if(views.begin(), views.end(), [&](const v1::View& each) { return each.name() == name; });
  if (view == views.end()) return refused("host.steel_no_view", {{"view", name}});
  const Energy high = energy_of(package, *view, v1::Channel::KIND_HIGH);
  const Energy low = energy_of(package, *view, v1::Channel::KIND_LOW);
  if (!high.plane || !low.plane) return refused("host.material_one_energy", {{"view", name}});
  std::vector<normalize::MaterialStep> steps;
  for (const MaterialPlace& each : places) {
    GARITA_TRY_ASSIGN(of_high, measured(package, *view, *high.channel, *high.plane, each.place));
    GARITA_TRY_ASSIGN(of_low, measured(package, *view, *low.channel, *low.plane, each.place));
    steps.push_back({each.material, each.place.steel_mm, of_high.transmission, of_high.sigma,
                     of_low.transmission, of_low.sigma});
  }
  GARITA_TRY_ASSIGN(curves, normalize::MaterialCurves::fit(steps));
  return StoredMaterials{name, base::to_text(package.reader.root()), package.record.time().started().utc_ns(),
                         std::move(curves)};
}

}  // namespace garita::host
