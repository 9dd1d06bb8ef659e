#include "core/export/wording.hpp"

#include <algorithm>
#include <map>

#include "core/export/dicos_text.hpp"
#include "core/record/leaf.hpp"

namespace garita::exporter {
namespace {

// "views[0].channels[1].kind" -> "views.channels.kind"
std::string without_indices(const std::string& path) {
  std::string out;
  bool inside = false;
  for (const char c : path) {
    inside = c == '[' || (inside && c != ']');
    if (!inside && c != ']') out += c;
  }
  return out;
}

bool is_below(const std::string& path, const std::string& held) {
  return path.starts_with(held) && (path.size() == held.size() || path[held.size()] == '.');
}

// The inspection's number and the object's, which DICOM has one element for.
constexpr const char* dicom_authority = "GARITA";

}  // namespace

const v1::Moment* start_of(const v1::Time& time) {
  if (time.started().has_utc_ns()) return &time.started();
  return time.received().has_utc_ns() ? &time.received() : nullptr;
}

const v1::Moment* last_air_of(const v1::View& view) {
  const v1::Moment* last = nullptr;
  for (const v1::Channel& channel : view.channels()) {
    const v1::Moment& each = channel.calibration().air_measured();
    if (each.has_utc_ns() && (last == nullptr || each.utc_ns() > last->utc_ns())) last = &each;
  }
  return last;
}

Wording::Wording(const v1::Inspection& record, const base::Digest& root, const char* format,
                 std::vector<Lost>& lost)
    : record_(record), root_(root), lost_(lost), format_(format) {}

void Wording::lose(const std::string& id, std::vector<base::Field> fields) {
  std::string key = id;
  for (const base::Field& field : fields) key += '\n' + field.value;
  if (said_.insert(key).second) lost_.push_back({id, std::move(fields)});
}

void Wording::left_out(const std::string& path) { lose("export.dicos_left_out", {{"path", path}}); }

void Wording::narrowed(const std::string& path, const std::string& kept) {
  lose("export.dicos_narrowed", {{"path", path}, {"kept", kept}, {"format", format_}});
}

void Wording::filled(const std::string& path, const std::string& written) {
  lose("export.dicos_filled", {{"path", path}, {"written", written}, {"format", format_}});
}

std::string Wording::taken(const std::string& path, const std::string& value, size_t limit) {
  std::string fitted = dicos_text(value, limit);
  if (fitted.empty()) {
    if (!is_strict()) return {};
    filled(path, "UNKNOWN");
    return "UNKNOWN";
  }
  taken_.insert(path);
  if (fitted != value) narrowed(path, fitted);
  return fitted;
}

void Wording::fill(uint32_t index, dicos::Origin& out, const v1::Moment* calibrated) {
  set_times(out);
  set_equipment(index, calibrated, out);
  set_object(out);
  out.acquisition =
      record_.completeness().state() == v1::Completeness::STATE_COMPLETE ? "SUCCESSFUL" : "INCOMPLETE";
}

void Wording::set_times(dicos::Origin& out) {
  const v1::Time& time = record_.time();
  if (const v1::Moment* start = start_of(time)) out.scan = dicos_stamp(start->utc_ns());
  if (time.received().has_utc_ns()) out.created = dicos_stamp(time.received().utc_ns());
}

void Wording::set_equipment(uint32_t index, const v1::Moment* calibrated, dicos::Origin& out) {
  const bool other = index > 0 && static_cast<int>(index) <= record_.other_devices_size();
  const v1::Device& device = other ? record_.other_devices(static_cast<int>(index) - 1) : record_.device();
  const v1::Identity& identity = record_.identity();
  const v1::Site& site = record_.site();
  const std::string at = other ? "other_devices[" + std::to_string(index - 1) + "]" : "device";
  out.manufacturer = taken(at + ".vendor", device.vendor(), 64);
  out.model = taken(at + ".model", device.model(), 64);
  out.serial = taken(at + ".serial", device.serial(), 64);
  out.software = taken(at + ".firmware", device.firmware(), 64);
  out.institution = site.name().empty() && !identity.site().empty()
                        ? taken("identity.site", identity.site(), 64)
                        : taken("site.name", site.name(), 64);
  out.address = taken("site.locode", site.locode(), 1024);
  out.station = taken("identity.lane", identity.lane(), 16);
  if (device.calibrated().has_utc_ns()) calibrated = &device.calibrated();
  if (calibrated != nullptr)
    out.calibrated = dicos_stamp(calibrated->utc_ns());
  else if (is_strict())
    lose("export.dicos_empty", {{"path", "device.calibrated"}});
  const std::string& key = identity.scan_key();  // cut, its end tells scans apart
  out.scan_id = taken("identity.scan_key", key.size() > 16 ? key.substr(key.size() - 16) : key, 16);
  if (key.size() > 16) narrowed("identity.scan_key", out.scan_id);
}

void Wording::set_object(dicos::Origin& out) {
  const v1::Conveyance& conveyance = record_.conveyance();
  const auto take = [&](const std::string& path, const std::string& id, const char* authority) {
    if (!out.object_id.empty() || id.empty()) return;
    out.object_id = taken(path, id, 64);
    out.object_authority = authority;
  };
  if (is_strict()) {  // DICOM has a patient there, and a plate is not one
    if (conveyance.air().bag_tags_size() > 0)
      take("conveyance.air.bag_tags[0]", conveyance.air().bag_tags(0), "IATA");
    if (conveyance.containers_size() > 0)
      take("conveyance.containers[0].number", conveyance.containers(0).number(), "ISO 6346");
    if (conveyance.plates_size() > 0)
      take("conveyance.plates[0].number", conveyance.plates(0).number(), "VEHICLE REGISTRATION");
  }
  take("identity.id", record_.identity().id(), dicom_authority);
  if (out.object_id.empty()) {
    filled("identity.id", "UNKNOWN");
    out.object_id = "UNKNOWN";
  }
  if (out.object_authority.empty()) out.object_authority = dicom_authority;
  switch (record_.identity().subject()) {
    case v1::Identity::SUBJECT_BAG:
      out.object_type = "BAGGAGE";
      break;
    case v1::Identity::SUBJECT_PERSON:
      out.object_type = "PERSON";
      break;
    case v1::Identity::SUBJECT_CARGO:
    case v1::Identity::SUBJECT_CONVEYANCE:
      out.object_type = "CARGO";
      break;
    default:
      out.object_type = conveyance.air().bag_tags_size() > 0 ? "BAGGAGE"
                        : conveyance.ByteSizeLong() > 0      ? "CARGO"
                                                             : "OTHER";
  }
}

// Whether some of what is below it has an element: then it does not stand for all of it.
bool Wording::is_partly_held(const std::string& path, const std::vector<std::string>& held) const {
  const auto begins = [&](const std::string& each) { return without_indices(each).starts_with(path + "."); };
  return std::any_of(held.begin(), held.end(), begins) || std::any_of(taken_.begin(), taken_.end(), begins);
}

void Wording::list_left_out(const std::vector<std::string>& held) {
  std::map<std::string, std::string> names;  // of a message -> of its fields, in their order
  for (const record::Leaf& leaf : record::leaves(record_)) {
    const std::string path = without_indices(leaf.path);
    const bool is_held =
        taken_.contains(leaf.path) ||
        std::any_of(held.begin(), held.end(), [&](const std::string& each) { return is_below(path, each); });
    if (is_held) continue;
    const size_t first = path.find('.');
    size_t end = first == path.npos ? first : path.find('.', first + 1);
    while (end != path.npos && is_partly_held(path.substr(0, end), held)) end = path.find('.', end + 1);
    const std::string message = path.substr(0, first),
                      name = first == path.npos ? "" : path.substr(first + 1, end - first - 1);
    std::string& list = names[message];
    if (name.empty() || (", " + list + ",").find(", " + name + ",") != std::string::npos) continue;
    list += (list.empty() ? "" : ", ") + name;
  }
  for (const auto& [message, list] : names)
    lose("export.dx_left_out",
         {{"path", message}, {"names", list.empty() ? message : list}, {"format", format_}});
}

}  // namespace garita::exporter
