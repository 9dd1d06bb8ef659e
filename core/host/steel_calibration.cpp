#include "core/host/steel_calibration.hpp"

#include <algorithm>

#include "core/base/digest.hpp"

namespace garita::host {
namespace {

constexpr std::string_view heading = "steel_mm,first_row,rows,first_column,columns";

base::Error refused(std::string id, std::vector<base::Field> fields) {
  return {base::Outcome::no, std::move(id), std::move(fields)};
}

base::Result<StoredCurve> curve_of(OpenPackage& package, const v1::View& view, const v1::Channel& channel,
                                   const package::PlaneInfo& plane, const std::vector<SteelPlace>& places) {
  std::vector<normalize::SteelStep> steps;
  for (const SteelPlace& place : places) {
    GARITA_TRY_ASSIGN(step, measured(package, view, channel, plane, place));
    steps.push_back(step);
  }
  GARITA_TRY_ASSIGN(curve, normalize::SteelCurve::fit(steps));
  return StoredCurve{view.name(), plane.spec.channel, base::to_text(package.reader.root()),
                     package.record.time().started().utc_ns(), std::move(curve)};
}

}  // namespace

base::Result<std::vector<SteelPlace>> parse_steel_table(std::string_view text) {
  std::vector<SteelPlace> places;
  GARITA_TRY(read_table(text, heading, [&](std::string_view line) {
    const auto place = place_of(line);
    if (!place || places.size() == normalize::max_steel_steps) return false;
    places.push_back(*place);
    return true;
  }));
  return places;
}

base::Result<std::vector<StoredCurve>> calibrate_steel(OpenPackage& package, const std::string& view,
                                                       const std::vector<SteelPlace>& places) {
  const auto& views = package.record.views();
  const auto found =
      std::find_if(views.begin(), views.end(), [&](const v1::View& each) { return each.name() == view; });
  if (found == views.end()) return refused("host.steel_no_view", {{"view", view}});
  std::vector<StoredCurve> curves;
  for (const v1::Channel& channel : found->channels()) {
    const package::PlaneInfo* plane = canonical_plane(package, *found, channel);
    if (!plane) continue;
    GARITA_TRY_ASSIGN(curve, curve_of(package, *found, channel, *plane, places));
    curves.push_back(std::move(curve));
  }
  if (curves.empty()) return refused("host.steel_not_transmission", {{"view", view}});
  return curves;
}

}  // namespace garita::host
