#include "core/host/material_store.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/digest.hpp"
#include "core/host/steel_store.hpp"
#include "garita/status.h"

namespace garita::host {
namespace {

constexpr std::string_view schema = "garita.material/1";
constexpr normalize::Material materials[] = {normalize::Material::organic, normalize::Material::light,
                                             normalize::Material::metal};

base::Error wrong_file(const std::filesystem::path& path) {
  return {base::Outcome::no, "host.material_file", {{"path", path.string()}}, GARITA_DATA_CORRUPT};
}

nlohmann::json to_json(const StoredMaterials& stored) {
  nlohmann::json json = {
      {"view", stored.view}, {"wedge", stored.wedge}, {"measured_utc_ns", stored.measured_utc_ns}};
  for (const normalize::Material material : materials) {
    nlohmann::json& points = json[std::string(normalize::name(material))] = nlohmann::json::array();
    for (const normalize::RatioPoint& point : stored.curves.points(material))
      points.push_back({point.attenuation, point.ratio, point.sigma});
  }
  return json;
}

// Throws what nlohmann throws; nullopt where the points are no curves.
std::optional<StoredMaterials> from_json(const nlohmann::json& json) {
  normalize::MaterialCurves::Points points;
  for (const normalize::Material material : materials) {
    const nlohmann::json& rows = json.at(std::string(normalize::name(material)));
    if (!rows.is_array() || rows.size() > normalize::max_ratio_points) return std::nullopt;
    for (const nlohmann::json& row : rows)
      points[static_cast<size_t>(material)].push_back(
          {row.at(0).get<double>(), row.at(1).get<double>(), row.at(2).get<double>()});
  }
  auto curves = normalize::MaterialCurves::from_points(std::move(points));
  if (!curves) return std::nullopt;
  return StoredMaterials{json.at("view").get<std::string>(), json.at("wedge").get<std::string>(),
                         json.at("measured_utc_ns").get<int64_t>(), std::move(*curves)};
}

bool is_of(const std::string& text, const std::string& driver, const std::string& place) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    return json.at("driver") == driver && json.at("place") == place;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

}  // namespace

std::optional<std::vector<StoredMaterials>> parse_materials(std::string_view text) {
  if (text.size() > max_materials_bytes) return std::nullopt;
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    const nlohmann::json& views = json.at("views");
    if (json.at("schema") != schema || !views.is_array() || views.size() > max_stored_materials)
      return std::nullopt;
    std::vector<StoredMaterials> out;
    for (const nlohmann::json& each : views) {
      auto stored = from_json(each);
      if (!stored) return std::nullopt;
      out.push_back(std::move(*stored));
    }
    return out;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

// The driver's id for people, the digest so that no name from outside chooses a path.
std::filesystem::path MaterialStore::path_of(const v1::Inspection& record, const std::string& place) const {
  std::string name;
  for (const char c : record.device().driver_id().substr(0, 64))
    name += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ? c : '_';
  const std::string known_by = record.device().driver_id() + '\n' + place;
  const std::string digest = base::to_text(base::sha256(std::as_bytes(std::span(known_by))));
  return folder_ / (name + "-" + digest.substr(0, 16) + ".json");
}

base::Result<std::string> MaterialStore::load(const v1::Inspection& record) const {
  const auto place = SteelStore::place_of(record);
  if (!place) return std::string();
  const std::filesystem::path path = path_of(record, *place);
  auto text = base::read_text_file(path, max_materials_bytes, files_);
  if (!text && text.error().id == "base.file_missing") return std::string();
  if (!text) return std::move(text).error();
  if (!parse_materials(*text) || !is_of(*text, record.device().driver_id(), *place)) return wrong_file(path);
  return text;
}

base::Result<void> MaterialStore::keep(const v1::Inspection& record, const StoredMaterials& stored) const {
  const auto place = SteelStore::place_of(record);
  if (!place) return base::Error{base::Outcome::no, "host.steel_no_device", {}};
  std::vector<StoredMaterials> all;
  // A file that cannot be read is what calibrating anew mends.
  if (const auto before = load(record); before && !before->empty()) all = *parse_materials(*before);
  std::erase_if(all, [&](const StoredMaterials& each) { return each.view == stored.view; });
  all.push_back(stored);
  if (all.size() > max_stored_materials)
    return base::Error{base::Outcome::no, "host.steel_too_many", {{"count", std::to_string(all.size())}}};
  nlohmann::json json = {{"schema", schema},
                         {"driver", record.device().driver_id()},
                         {"place", *place},
                         {"views", nlohmann::json::array()}};
  for (const StoredMaterials& each : all) json["views"].push_back(to_json(each));
  const std::string text = json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";

  GARITA_TRY(files_.create_folders(folder_, 0700));
  GARITA_TRY_ASSIGN(file, base::AtomicFile::create(path_of(record, *place), 0600, files_));
  GARITA_TRY(file.append(std::as_bytes(std::span(text))));
  return file.commit();
}

std::optional<StoredMaterials> materials_of(OpenPackage& package, const v1::View& view) {
  for (const package::AttachmentInfo& attachment : package.reader.attachments()) {
    const auto index = static_cast<int>(attachment.spec.index);
    const bool is_here = attachment.spec.media_type == materials_media_type && index >= 0 &&
                         index < package.record.attachments_size() &&
                         package.record.attachments(index).device_index() == view.device_index();
    if (!is_here) continue;
    const auto bytes = package.reader.read_attachment(attachment, max_materials_bytes);
    if (!bytes) continue;
    auto stored = parse_materials({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    if (!stored) continue;
    const auto found = std::find_if(stored->begin(), stored->end(),
                                    [&](const StoredMaterials& each) { return each.view == view.name(); });
    if (found != stored->end()) return std::move(*found);
  }
  return std::nullopt;
}

}  // namespace garita::host
