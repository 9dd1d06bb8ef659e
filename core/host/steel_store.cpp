#include "core/host/steel_store.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/digest.hpp"
#include "core/image/view.hpp"
#include "core/normalize/canonical.hpp"
#include "garita/status.h"

namespace garita::host {
namespace {

constexpr uint64_t max_file_bytes = 4u << 20;
constexpr std::string_view schema = "garita.steel/1";

base::Error wrong_file(const std::filesystem::path& path) {
  return {base::Outcome::no, "host.steel_file", {{"path", path.string()}}, GARITA_DATA_CORRUPT};
}

nlohmann::json to_json(const StoredCurve& stored) {
  nlohmann::json points = nlohmann::json::array();
  for (const normalize::SteelPoint& point : stored.curve.points())
    points.push_back({point.transmission, point.steel_mm, point.sigma_mm});
  return {{"view", stored.view},
          {"channel", stored.channel},
          {"wedge", stored.wedge},
          {"measured_utc_ns", stored.measured_utc_ns},
          {"points", points}};
}

// Throws what nlohmann throws; nullopt where the points are no curve.
std::optional<StoredCurve> from_json(const nlohmann::json& json) {
  const nlohmann::json& rows = json.at("points");
  if (!rows.is_array() || rows.size() > normalize::max_steel_points) return std::nullopt;
  std::vector<normalize::SteelPoint> points;
  for (const nlohmann::json& row : rows)
    points.push_back({row.at(0).get<double>(), row.at(1).get<double>(), row.at(2).get<double>()});
  auto curve = normalize::SteelCurve::from_points(std::move(points));
  if (!curve) return std::nullopt;
  return StoredCurve{json.at("view").get<std::string>(), json.at("channel").get<std::string>(),
                     json.at("wedge").get<std::string>(), json.at("measured_utc_ns").get<int64_t>(),
                     std::move(*curve)};
}

base::Result<std::vector<StoredCurve>> parse(const std::string& text, const std::string& driver,
                                             const std::string& place, const std::filesystem::path& path) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    const nlohmann::json& curves = json.at("curves");
    const bool is_ours =
        json.at("schema") == schema && json.at("driver") == driver && json.at("place") == place;
    if (!is_ours || !curves.is_array() || curves.size() > max_stored_curves) return wrong_file(path);
    std::vector<StoredCurve> out;
    for (const nlohmann::json& each : curves) {
      auto stored = from_json(each);
      if (!stored) return wrong_file(path);
      out.push_back(std::move(*stored));
    }
    return out;
  } catch (const nlohmann::json::exception&) {
    return wrong_file(path);
  }
}

bool is_same_plane(const StoredCurve& a, const StoredCurve& b) {
  return a.view == b.view && a.channel == b.channel;
}

std::string channel_name(const v1::Channel& channel) {
  return image::channel_name(channel.kind() == v1::Channel::KIND_VENDOR
                                 ? channel.vendor_code()
                                 : static_cast<uint32_t>(channel.kind()));
}

}  // namespace

std::optional<std::string> SteelStore::place_of(const v1::Inspection& record) {
  if (record.device().driver_id().empty()) return std::nullopt;
  if (!record.device().serial().empty()) return "serial/" + record.device().serial();
  if (!record.identity().lane().empty())
    return "lane/" + record.identity().site() + "/" + record.identity().lane();
  return std::nullopt;
}

// The driver's id for people, the digest so that no name from outside chooses a path.
std::filesystem::path SteelStore::path_of(const v1::Inspection& record, const std::string& place) const {
  std::string name;
  for (const char c : record.device().driver_id().substr(0, 64))
    name += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ? c : '_';
  const std::string known_by = record.device().driver_id() + '\n' + place;
  const std::string digest = base::to_text(base::sha256(std::as_bytes(std::span(known_by))));
  return folder_ / (name + "-" + digest.substr(0, 16) + ".json");
}

base::Result<std::vector<StoredCurve>> SteelStore::load(const v1::Inspection& record) const {
  const auto place = place_of(record);
  if (!place) return std::vector<StoredCurve>();
  const std::filesystem::path path = path_of(record, *place);
  auto text = base::read_text_file(path, max_file_bytes, files_);
  if (!text && text.error().id == "base.file_missing") return std::vector<StoredCurve>();
  if (!text) return std::move(text).error();
  return parse(*text, record.device().driver_id(), *place, path);
}

base::Result<void> SteelStore::keep(const v1::Inspection& record, const StoredCurve& curve) const {
  const auto place = place_of(record);
  if (!place) return base::Error{base::Outcome::no, "host.steel_no_device", {}};
  std::vector<StoredCurve> all;
  // A file that cannot be read is what calibrating anew mends.
  if (auto before = load(record)) all = std::move(before).value();
  std::erase_if(all, [&](const StoredCurve& each) { return is_same_plane(each, curve); });
  all.push_back(curve);
  if (all.size() > max_stored_curves)
    return base::Error{base::Outcome::no, "host.steel_too_many", {{"count", std::to_string(all.size())}}};
  nlohmann::json json = {{"schema", schema},
                         {"driver", record.device().driver_id()},
                         {"place", *place},
                         {"curves", nlohmann::json::array()}};
  for (const StoredCurve& each : all) json["curves"].push_back(to_json(each));
  const std::string text = json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";

  GARITA_TRY(files_.create_folders(folder_, 0700));
  GARITA_TRY_ASSIGN(file, base::AtomicFile::create(path_of(record, *place), 0600, files_));
  GARITA_TRY(file.append(std::as_bytes(std::span(text))));
  return file.commit();
}

void set_steel(const std::vector<StoredCurve>& curves, v1::Inspection& record) {
  for (v1::View& view : *record.mutable_views()) {
    if (view.transmission_scale() != normalize::canonical_span) continue;
    for (v1::Channel& channel : *view.mutable_channels()) {
      const std::string name = channel_name(channel);
      const auto found = std::find_if(curves.begin(), curves.end(), [&](const StoredCurve& each) {
        return each.view == view.name() && each.channel == name;
      });
      if (found == curves.end()) continue;
      v1::SteelCurve& out = *channel.mutable_steel_curve();
      out.Clear();
      for (const normalize::SteelPoint& point : found->curve.points()) {
        out.add_transmission(point.transmission);
        out.add_steel_mm(point.steel_mm);
      }
    }
  }
}

std::optional<normalize::SteelCurve> steel_of(const v1::Channel& channel) {
  const v1::SteelCurve& stored = channel.steel_curve();
  if (stored.transmission_size() != stored.steel_mm_size()) return std::nullopt;
  if (static_cast<size_t>(stored.transmission_size()) > normalize::max_steel_points) return std::nullopt;
  std::vector<normalize::SteelPoint> points;
  for (int i = 0; i < stored.transmission_size(); ++i)
    points.push_back({stored.transmission(i), stored.steel_mm(i), 0});
  auto curve = normalize::SteelCurve::from_points(std::move(points));
  if (!curve) return std::nullopt;
  return std::move(curve).value();
}

}  // namespace garita::host
