// A record in the words of a DICOS TDR.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include "core/base/clock.hpp"
#include "core/base/utf8.hpp"
#include "core/export/dicos_text.hpp"
#include "core/export/tdr.hpp"
#include "core/record/vocabulary.hpp"

namespace garita::exporter {
namespace {

using dicos::Report;
using dicos::Threat;

constexpr uint64_t max_bitmap_bytes = 16u << 20;  // of all threats of an export together
constexpr double max_exact_float = 1 << 24;

bool is_exact(double value) { return static_cast<double>(static_cast<float>(value)) == value; }

class Translation {
 public:
  Translation(const v1::Inspection& record, const base::Digest& root, std::vector<Lost>& lost)
      : record_(record), root_(root), lost_(lost) {}

  std::vector<Report> run() {
    std::vector<Report> reports;
    std::vector<std::tuple<uint32_t, std::string, int>> keys;
    for (int i = 0; i < record_.detections_size(); ++i) {
      const v1::Detection& detection = record_.detections(i);
      const std::tuple key(detection.device_index(), detection.view(), static_cast<int>(detection.source()));
      const auto known = std::find(keys.begin(), keys.end(), key);
      const auto at = static_cast<size_t>(known - keys.begin());
      if (known == keys.end()) {
        keys.push_back(key);
        reports.push_back(report_for(detection, static_cast<uint32_t>(keys.size())));
      }
      reports[at].threats.push_back(threat_of(detection, i));
    }
    if (!reports.empty()) lost_.push_back({"export.dicos_lost_record", {}});
    if (!reports.empty()) lost_.push_back({"export.lost_proof", {}});
    return reports;
  }

 private:
  // ---- What is lost, each thing once.

  void lose(const std::string& id, std::vector<base::Field> fields) {
    std::string key = id;
    for (const base::Field& field : fields) key += '\n' + field.value;
    if (said_.insert(key).second) lost_.push_back({id, std::move(fields)});
  }
  void left_out(const std::string& path) { lose("export.dicos_left_out", {{"path", path}}); }
  void narrowed(const std::string& path, const std::string& kept) {
    lose("export.dicos_narrowed", {{"path", path}, {"kept", kept}});
  }

  // What stands in a required element of at most `limit` letters.
  std::string required(const std::string& path, const std::string& value, size_t limit) {
    std::string fitted = dicos_text(value, limit);
    if (fitted.empty()) {
      lose("export.dicos_filled", {{"path", path}, {"written", "UNKNOWN"}});
      return "UNKNOWN";
    }
    if (fitted != value) narrowed(path, fitted);
    return fitted;
  }

  // ---- The report around its threats.

  Report report_for(const v1::Detection& detection, uint32_t number) {
    Report out;
    out.number = number;
    const std::string at = "/" + std::to_string(number);
    out.instance_uid = dicos_uid(root_, "tdr" + at);
    out.study_uid = dicos_uid(root_, "scan");
    out.series_uid = dicos_uid(root_, "tdr series" + at);
    out.frame_uid = dicos_uid(root_, "frame/" + detection.view());
    if (const v1::View* view = view_of(detection)) {
      out.image_uid = dicos_uid(root_, "image/" + view->name());
      out.image_class = view->shape() == v1::View::SHAPE_VOLUME ? dicos::ct_class : dicos::dx_class;
    }
    set_times(out);
    set_equipment(detection.device_index(), out);
    set_object(out);
    out.acquisition =
        record_.completeness().state() == v1::Completeness::STATE_COMPLETE ? "SUCCESSFUL" : "INCOMPLETE";
    out.tdr_type = detection.source() == v1::Detection::SOURCE_MACHINE    ? "MACHINE"
                   : detection.source() == v1::Detection::SOURCE_OPERATOR ? "OPERATOR"
                                                                          : "UNDEFINED";
    if (out.tdr_type == "UNDEFINED") left_out("detections[].source");
    return out;
  }

  const v1::View* view_of(const v1::Detection& detection) const {
    for (const v1::View& view : record_.views())
      if (view.name() == detection.view()) return &view;
    return nullptr;
  }

  void set_times(Report& out) {
    const v1::Time& time = record_.time();
    const v1::Moment& start = time.started().has_utc_ns() ? time.started() : time.received();
    const v1::Moment& end = time.ended().has_utc_ns() ? time.ended() : start;
    if (!time.ended().has_utc_ns())
      lose("export.dicos_filled", {{"path", "time.ended"}, {"written", "time.started"}});
    out.scan = dicos_stamp(start.utc_ns());
    out.decision = dicos_stamp(end.utc_ns());
    out.decision_time = out.decision.date + out.decision.time + "+0000";
    if (time.received().has_utc_ns()) out.created = dicos_stamp(time.received().utc_ns());
  }

  void set_equipment(uint32_t index, Report& out) {
    const bool other = index > 0 && static_cast<int>(index) <= record_.other_devices_size();
    const v1::Device& device = other ? record_.other_devices(static_cast<int>(index) - 1) : record_.device();
    const v1::Identity& identity = record_.identity();
    const v1::Site& site = record_.site();
    out.manufacturer = required("device.vendor", device.vendor(), 64);
    out.model = required("device.model", device.model(), 64);
    out.serial = required("device.serial", device.serial(), 64);
    out.software = required("device.firmware", device.firmware(), 64);
    out.institution = required("site.name", site.name().empty() ? identity.site() : site.name(), 64);
    out.address = required("site.locode", site.locode(), 1024);
    out.station = required("identity.lane", identity.lane(), 16);
    out.algorithm = dicos_text(out.manufacturer + " " + out.model, 64) + "\\" + out.software;
    if (device.calibrated().has_utc_ns())
      out.calibrated = dicos_stamp(device.calibrated().utc_ns());
    else
      lose("export.dicos_empty", {{"path", "device.calibrated"}});
    const std::string& key = identity.scan_key();  // cut, its end tells scans apart
    out.scan_id = required("identity.scan_key", key.size() > 16 ? key.substr(key.size() - 16) : key, 16);
    if (key.size() > 16) narrowed("identity.scan_key", out.scan_id);
  }

  void set_object(Report& out) {
    const v1::Conveyance& conveyance = record_.conveyance();
    const auto take = [&](const std::string& path, const std::string& id, const char* authority) {
      if (!out.object_id.empty() || id.empty()) return;
      out.object_id = required(path, id, 64);
      out.object_authority = authority;
    };
    if (conveyance.air().bag_tags_size() > 0)
      take("conveyance.air.bag_tags[0]", conveyance.air().bag_tags(0), "IATA");
    if (conveyance.containers_size() > 0)
      take("conveyance.containers[0].number", conveyance.containers(0).number(), "ISO 6346");
    if (conveyance.plates_size() > 0)
      take("conveyance.plates[0].number", conveyance.plates(0).number(), "VEHICLE REGISTRATION");
    take("identity.id", record_.identity().id(), "GARITA");
    if (out.object_id.empty()) out.object_id = required("identity.id", "", 64);
    if (out.object_authority.empty()) out.object_authority = "GARITA";
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

  // ---- One detection.

  Threat threat_of(const v1::Detection& detection, int index) {
    const std::string path = "detections[" + std::to_string(index) + "]";
    Threat out;
    out.id = static_cast<uint16_t>(index);
    set_words(detection, path, out);
    set_place(detection, path, out);
    if (detection.has_confidence()) {
      out.probability = static_cast<float>(detection.confidence());
      if (!is_exact(detection.confidence())) out.own_confidence = detection.confidence();
    }
    if (detection.device_index() > 0) left_out(path + ".device_index");
    return out;
  }

  void set_words(const v1::Detection& detection, const std::string& path, Threat& out) {
    const std::string word(record::word_of(detection.category()));
    out.category = record::dicos_word_of(detection.category());
    out.flag =
        detection.category() == v1::CATEGORY_UNSPECIFIED || detection.category() == v1::CATEGORY_ANOMALY
            ? "UNKNOWN"
            : "THREAT";
    if (record::category_of_dicos(out.category) != detection.category())
      lose("export.dicos_wider",
           {{"word", word.empty() ? detection.category_verbatim() : word}, {"dicos", out.category}});
    if (!word.empty() && !detection.category_verbatim().empty()) left_out(path + ".category_verbatim");
    out.own_category = own(path + ".category_verbatim", word.empty() ? detection.category_verbatim() : word);
    out.own_code = own(path + ".vendor_code", detection.vendor_code());
    out.own_label = own(path + ".label", detection.label());
    if (!detection.nuclide().empty() && detection.nuclide() != detection.label()) left_out(path + ".nuclide");

    out.description = dicos_text(word.empty() ? detection.category_verbatim() : word, 64);
    if (!detection.label().empty())
      out.description += (out.description.empty() ? "" : ": ") + dicos_text(detection.label(), 1024);
    if (!detection.vendor_code().empty())
      out.description += " [" + dicos_text(detection.vendor_code(), 1024) + "]";
  }

  // Text of our own elements: UT keeps everything but control characters and blanks at its ends.
  std::string own(const std::string& path, const std::string& value) {
    std::string kept = dicos_own_text(value);
    if (kept != value) narrowed(path, kept);
    return kept;
  }

  void set_place(const v1::Detection& detection, const std::string& path, Threat& out) {
    const v1::View* const view = view_of(detection);
    if (!detection.view().empty()) lose("export.dicos_view", {{"view", detection.view()}});
    const bool is_turned = view != nullptr && view->geometry().rows_rear_first() && view->rows() > 0;
    const double end_row = is_turned ? static_cast<double>(view->rows()) : 0;
    const auto row = [&](double stored, double count) {
      return is_turned ? end_row - stored - count : stored;
    };
    if (is_turned) lose("export.dicos_turned", {{"view", detection.view()}});

    if (detection.rows() > 0 && detection.columns() > 0) {
      dicos::Box box;
      const auto rows = static_cast<double>(detection.rows());
      box.base[0] = detection.first_column(), box.extents[0] = detection.columns();
      box.base[1] = row(static_cast<double>(detection.first_row()), rows), box.extents[1] = rows;
      box.base[2] = detection.first_slice(), box.extents[2] = std::max<uint32_t>(detection.slices(), 1);
      for (int i = 0; i < 3; ++i)
        if (box.base[i] > max_exact_float || box.extents[i] > max_exact_float || box.base[i] < 0)
          narrowed(path + (i == 1 ? ".first_row" : i == 0 ? ".first_column" : ".first_slice"), "FL");
      out.box = box;
    }
    std::vector<double> polygon(detection.polygon().begin(), detection.polygon().end());
    if (polygon.size() % 2) polygon.pop_back();
    for (size_t i = 1; i < polygon.size(); i += 2) polygon[i] = row(polygon[i], 0);
    set_polygon(polygon, path, out);
    if (out.box) set_bitmap(polygon, path, out);
  }

  // FL in DICOS's form; as it was, beside, where that would change it.
  void set_polygon(const std::vector<double>& polygon, const std::string& path, Threat& out) {
    const bool has_form = polygon.size() >= 6;
    const float z = out.box ? static_cast<float>(out.box->base[2]) : 0;
    if (has_form)
      for (size_t i = 0; i < polygon.size(); i += 2)
        out.polygon.insert(out.polygon.end(),
                           {static_cast<float>(polygon[i]), static_cast<float>(polygon[i + 1]), z});
    else if (out.box)
      for (const double end : {0.0, 1.0})
        for (int i = 0; i < 3; ++i)
          out.polygon.push_back(static_cast<float>(out.box->base[i] + end * out.box->extents[i]));
    if (!polygon.empty() && (!has_form || !std::all_of(polygon.begin(), polygon.end(), is_exact)))
      out.own_polygon = polygon;
    if (has_form && !out.box) narrowed(path + ".polygon", "box");
  }

  void set_bitmap(const std::vector<double>& polygon, const std::string& path, Threat& out) {
    const dicos::Box& box = *out.box;
    const double bytes = std::ceil(box.extents[0] * box.extents[1] * box.extents[2] / 8);
    if (!(bytes <= static_cast<double>(max_bitmap_bytes - bitmap_bytes_)))
      return left_out(path + " (4010,1006)");
    out.bitmap = dicos_bitmap(box, polygon);
    bitmap_bytes_ += out.bitmap.size();
  }

  const v1::Inspection& record_;
  const base::Digest& root_;
  std::vector<Lost>& lost_;
  std::set<std::string> said_;
  uint64_t bitmap_bytes_ = 0;
};

}  // namespace

std::vector<Report> tdr_of(const v1::Inspection& record, const base::Digest& root, std::vector<Lost>& lost) {
  return Translation(record, root, lost).run();
}

}  // namespace garita::exporter
