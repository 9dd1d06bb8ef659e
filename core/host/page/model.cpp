#include "core/host/page/model.hpp"

#include <algorithm>

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/text/catalogue.hpp"
#include "core/host/page/plane_rows.hpp"
#include "core/host/plane_masks.hpp"
#include "core/host/scan_freshness.hpp"
#include "core/host/steel_store.hpp"
#include "core/image/view.hpp"
#include "core/record/describe.hpp"

namespace garita::host {
namespace {

using base::Language;
using nlohmann::json;

constexpr std::string_view section = "page.";

json texts_of(bool spanish) {
  json texts = json::object();
  for (const base::CatalogueRow& row : base::catalogue())
    if (row.id.starts_with(section))
      texts[std::string(row.id.substr(section.size()))] = spanish ? row.es : row.en;
  return texts;
}

std::string own(const std::string& outside) { return base::printable(outside); }

json title_of(const v1::Inspection& record) {
  json title;
  const v1::Conveyance& conveyance = record.conveyance();
  if (conveyance.containers_size() > 0)
    title["what"] = own(conveyance.containers(0).number());
  else if (conveyance.plates_size() > 0)
    title["what"] = own(conveyance.plates(0).number());
  else
    title["what"] = own(record.identity().scan_key());
  title["site"] = own(record.identity().site());
  title["lane"] = own(record.identity().lane());
  title["device"] = own(record.device().vendor() + ' ' + record.device().model());
  if (record.time().started().has_utc_ns())
    title["utc"] = base::format_utc(record.time().started().utc_ns(), 0);
  title["incomplete"] = record.completeness().state() == v1::Completeness::STATE_INCOMPLETE;
  title["suspect"] = suspicion_of(record).has_value();
  return title;
}

json rows_of(const v1::Inspection& record, Language language) {
  json rows = json::array();
  for (const record::Row& row : record::describe(record, language)) {
    json own = {row.group, row.label, row.value};
    if (row.suspect) own.push_back(row.reason);
    rows.push_back(std::move(own));
  }
  return rows;
}

// The curve of the channel that is shown: [transmission, mm] with transmission falling.
json steel_points(const v1::View& view, const std::string& channel) {
  json points = json::array();
  for (const v1::Channel& each : view.channels()) {
    if (image::channel_name(static_cast<uint32_t>(each.kind())) != channel) continue;
    if (const auto curve = steel_of(each))
      for (const normalize::SteelPoint& point : curve->points())
        points.push_back({point.transmission, point.steel_mm});
  }
  return points;
}

// Boxes of detections in the page's rows: from the front on.
json boxes_of(const v1::Inspection& record, const v1::View& view, const picture::Plane& plane,
              uint32_t level) {
  json boxes = json::array();
  const double scale = 1.0 / (1u << 2 * level);
  for (const v1::Detection& each : record.detections()) {
    if (each.view() != view.name() || each.rows() == 0 || each.columns() == 0 || boxes.size() == max_boxes)
      continue;
    if (each.first_row() >= plane.rows || each.first_column() >= plane.columns) continue;
    const uint64_t rows = std::min<uint64_t>(each.rows(), plane.rows - each.first_row());
    const uint64_t first =
        view.geometry().rows_rear_first() ? plane.rows - each.first_row() - rows : each.first_row();
    const uint32_t columns = std::min(each.columns(), plane.columns - each.first_column());
    boxes.push_back({{"row", static_cast<double>(first) * scale},
                     {"rows", static_cast<double>(rows) * scale},
                     {"column", each.first_column() * scale},
                     {"columns", columns * scale},
                     {"label", own(each.label())},
                     {"category", static_cast<int>(each.category())}});
  }
  return boxes;
}

// [first, count] of marked numbers, scaled to the page's rows; at most 1000 runs.
template <typename Number>
json runs_of(const std::vector<Number>& marked, uint32_t level) {
  json runs = json::array();
  const uint64_t box = uint64_t{1} << 2 * level;
  for (size_t i = 0; i < marked.size() && runs.size() < 1000;) {
    size_t end = i + 1;
    while (end < marked.size() && marked[end] == marked[end - 1] + 1) ++end;
    const uint64_t first = marked[i] / box;
    runs.push_back({first, marked[end - 1] / box - first + 1});
    i = end;
  }
  return runs;
}

json view_of(const v1::Inspection& record, const PageView& own_view) {
  const v1::View& view = record.views(own_view.index);
  const ViewPlanes& planes = own_view.planes;
  const LevelSize size = size_at(planes.shown.plane, own_view.level);
  const LevelSize overview = size_at(planes.shown.plane, own_view.overview);
  const double box = 1u << 2 * own_view.level;
  json own_json = {
      {"name", own(view.name())},
      {"quantity", static_cast<int>(view.quantity())},
      {"shape", static_cast<int>(view.shape())},
      {"slices", view.slices()},
      {"unit", static_cast<int>(view.unit())},
      {"rows", size.rows},
      {"columns", size.columns},
      {"averaged", box * planes.reduction},
      {"level", own_view.overview > own_view.level ? own_view.overview - own_view.level : 0},
      {"overview", {overview.rows, overview.columns}},
      {"pitch", {planes.shown.geometry.pitch_along_m * box, planes.shown.geometry.pitch_across_m * box}},
      {"canonical", planes.canonical},
      {"slope", planes.slope},
      {"intercept", planes.intercept},
      {"channel", planes.channel},
      {"low", planes.shown.low.has_value()},
      {"energies", {planes.shown.high_energy_kev, planes.shown.low_energy_kev}},
      {"steel", planes.canonical ? steel_points(view, planes.channel) : json::array()},
      {"dead", runs_of(planes.shown.masks.dead_columns, own_view.level)},
      {"lost", runs_of(planes.shown.masks.lost_rows, own_view.level)},
      {"boxes", boxes_of(record, view, planes.shown.plane, own_view.level)}};
  return own_json;
}

json photos_of(const OpenPackage& package, const PageContent& content) {
  json photos = json::array();
  for (const PagePhoto& photo : content.photos) {
    const package::AttachmentInfo& info = package.reader.attachments()[photo.attachment];
    photos.push_back({{"type", photo.media_type}, {"name", own(info.spec.name)}, {"role", info.spec.role}});
  }
  return photos;
}

json notes_of(const PageContent& content, Language language) {
  json notes = json::array();
  for (const base::Error& note : content.notes) notes.push_back(base::render(note, language));
  return notes;
}

}  // namespace

json model_of(const OpenPackage& package, const PageContent& content, Language language) {
  const v1::Inspection& record = package.record;
  json model = {{"language", language == Language::es ? "es" : "en"},
                {"texts", {{"en", texts_of(false)}, {"es", texts_of(true)}}},
                {"title", title_of(record)},
                {"record", {{"en", rows_of(record, Language::en)}, {"es", rows_of(record, Language::es)}}},
                {"notes", {{"en", notes_of(content, Language::en)}, {"es", notes_of(content, Language::es)}}},
                {"readings", readings_of(record)},
                {"photos", photos_of(package, content)},
                {"tile", {tile_rows_of_page, tile_columns_of_page}},
                {"views", json::array()}};
  for (const PageView& view : content.views) model["views"].push_back(view_of(record, view));
  model["seal"] = {{"root", base::to_text(package.reader.root())},
                   {"key", base::to_text(package.reader.signer().key_id)},
                   {"whole", package.reader.complete()}};
  return model;
}

}  // namespace garita::host
