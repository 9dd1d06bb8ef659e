#include "core/host/render.hpp"

#include <cstdio>

#include "core/base/clock.hpp"
#include "core/host/material_store.hpp"
#include "core/host/steel_store.hpp"
#include "core/host/view_planes.hpp"
#include "core/image/view.hpp"

namespace garita::host {
std::string caption_of(const v1::Inspection& record, const std::string& view) {
  std::string caption;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) caption += (caption.empty() ? "" : "  ") + part;
  };
  if (record.conveyance().containers_size() > 0) add(record.conveyance().containers(0).number());
  else if (record.conveyance().plates_size() > 0) add(record.conveyance().plates(0).number());
  else add(record.identity().scan_key());
  add(view);
  if (record.time().started().has_utc_ns()) add(base::format_utc(record.time().started().utc_ns(), 0));
  return caption;
}

namespace {

// "40" for 40 mm of steel, one digit behind the point where it is thin; a word where it is opaque.
base::Result<std::function<std::string(double)>> steel_label(const v1::View& view, const std::string& shown,
                                                             base::Language language) {
  for (const v1::Channel& channel : view.channels()) {
    const auto curve = steel_of(channel);
    const bool is_shown = shown == image::channel_name(static_cast<uint32_t>(channel.kind()));
    if (!curve || !is_shown) continue;
    return std::function<std::string(double)>([curve = *curve, language](double transmission) -> std::string {
      const auto mm = curve.steel_mm(transmission);
      if (!mm) return base::text(language, "picture.opaque");
      char text[32];
      std::snprintf(text, sizeof text, *mm > 0 && *mm < 9.95 ? "%.1f" : "%.0f", *mm);
      return text;
    });
  }
  return base::Error{base::Outcome::no, "host.no_steel", {{"view", view.name()}}};
}

using Look = std::function<picture::MaterialLook(float, float)>;

base::Result<Look> material_look(OpenPackage& package, const v1::View& view) {
  const auto stored = materials_of(package, view);
  if (!stored) return base::Error{base::Outcome::no, "host.no_material", {{"view", view.name()}}};
  return Look([curves = stored->curves](float high, float low) -> picture::MaterialLook {
    using Kind = picture::MaterialLook::Kind;
    const normalize::Told told = curves.tell_attenuation(high, low);
    const auto place = static_cast<float>(told.place);
    if (told.kind == normalize::Told::Kind::untold) return {Kind::untold, place};
    return {told.kind == normalize::Told::Kind::opaque ? Kind::opaque : Kind::told, place};
  });
}

picture::Window window_of(const RenderRequest& request, bool canonical) {
  picture::Window window = request.window;
  if (!canonical) {
    window.scale = picture::Window::Scale::linear;
    if (window.automatic) window.low = 0, window.high = 1;
    window.automatic = false;
  }
  return window;
}

// What tells materials apart looks at some 20 pixels around each: of a plane that is so coarse these are
// metres, and the colours would be those of the neighbours.
constexpr uint32_t too_coarse_for_materials = 16;

picture::Colours colours_of(const RenderRequest& request, bool two_energies) {
  using Style = RenderRequest::Style;
  if (request.steel && request.style != Style::pseudo) return picture::Colours::grey;
  if (request.style == Style::pseudo) return picture::Colours::pseudo;
  if (request.style == Style::dual) return picture::Colours::dual;
  return request.style == Style::automatic && two_energies ? picture::Colours::dual : picture::Colours::grey;
}

}  // namespace

base::Result<picture::PngImage> render_view(OpenPackage& package, int index, const RenderRequest& request) {
  const v1::View& view = package.record.views(index);
  GARITA_TRY_ASSIGN(planes, planes_of(package, index, Numbers::stretched));
  picture::Request picture;
  picture.colours = colours_of(
      request, planes.shown.low.has_value() && planes.reduction < too_coarse_for_materials);
  if (request.steel && !request.material) {
    GARITA_TRY_ASSIGN(label, steel_label(view, planes.channel, request.language));
    picture.steel_label = std::move(label);
  }
  if (request.material) {
    GARITA_TRY_ASSIGN(look, material_look(package, view));
    picture.material_look = std::move(look);
    picture.colours = picture::Colours::dual;
  }
  picture.window = window_of(request, planes.canonical);
  picture.region = request.region;
  picture.max_length = request.max_length;
  picture.furniture = request.furniture;
  picture.caption = request.caption ? *request.caption : caption_of(package.record, view.name());
  if (!request.caption && planes.reduction > 1) picture.caption += "  1:" + std::to_string(planes.reduction);
  picture.language = request.language == base::Language::es ? "es" : "en";
  return picture::render(planes.shown, picture);
}

}  // namespace garita::host
