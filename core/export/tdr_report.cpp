// A record in the words of a DICOS TDR.
#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "core/export/dicos_text.hpp"
#include "core/export/tdr.hpp"
#include "core/export/wording.hpp"
#include "core/record/vocabulary.hpp"

namespace garita::exporter {
namespace {

using dicos::Report;
using dicos::Threat;

constexpr uint64_t max_bitmap_bytes = 16u << 20;  // of all threats of an export together
constexpr double max_exact_float = 1 << 24;

bool is_exact(double value) { return static_cast<double>(static_cast<float>(value)) == value; }

class TdrTranslation : private Wording {
 public:
  TdrTranslation(const v1::Inspection& record, const base::Digest& root, const ReportScope& scope,
                 std::vector<Lost>& lost)
      : Wording(record, root, "DICOS", lost), scope_(scope) {}

  std::vector<Report> run() {
    std::vector<Report> reports;
    std::vector<std::tuple<uint32_t, std::string, int, uint64_t>> keys;
    for (int i = 0; i < record_.detections_size(); ++i) {
      const v1::Detection& detection = record_.detections(i);
      if (!scope_.view.empty() && detection.view() != scope_.view) continue;
      const uint64_t part = part_of(detection);
      const std::tuple key(detection.device_index(), detection.view(), static_cast<int>(detection.source()),
                           part);
      const auto known = std::find(keys.begin(), keys.end(), key);
      const auto at = static_cast<size_t>(known - keys.begin());
      if (known == keys.end()) {
        keys.push_back(key);
        reports.push_back(report_for(detection, part, static_cast<uint32_t>(keys.size())));
      }
      reports[at].threats.push_back(threat_of(detection, i));
    }
    if (!reports.empty()) lost_.push_back({"export.dicos_lost_record", {}});
    if (!reports.empty()) lost_.push_back({"export.lost_proof", {}});
    return reports;
  }

 private:
  // ---- The report around its threats.

  Report report_for(const v1::Detection& detection, uint64_t part, uint32_t number) {
    Report out;
    out.number = number;
    const std::string at = scope_.name + "/" + std::to_string(number);
    out.instance_uid = dicos_uid(root_, "tdr" + at);
    out.study_uid = dicos_uid(root_, "scan");
    out.series_uid = dicos_uid(root_, "tdr series" + at);
    out.frame_uid = dicos_uid(root_, "frame/" + detection.view());
    const v1::View* const view = view_of(detection);
    if (view != nullptr) {
      const auto shown = scope_.images.find(view->name());
      out.image_uid = dicos_uid(
          root_,
          part_name(shown == scope_.images.end() ? image_name(view->name()) : shown->second.name, part));
      out.image_class = view->shape() == v1::View::SHAPE_VOLUME          ? dicos::ct_class
                        : view->fidelity() == v1::View::FIDELITY_DISPLAY ? dicos::dx_presentation_class
                                                                         : dicos::dx_class;
    }
    fill(detection.device_index(), out, view != nullptr ? last_air_of(*view) : nullptr);
    set_decision(out);
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

  // The row of the exported plane that a box begins with.
  uint64_t top_row(const v1::Detection& detection) const {
    const v1::View* const view = view_of(detection);
    if (!is_turned(view)) return detection.first_row();
    const uint64_t below = view->rows() - std::min<uint64_t>(detection.first_row(), view->rows());
    return below - std::min<uint64_t>(detection.rows(), below);
  }

  static bool is_turned(const v1::View* view) {
    return view != nullptr && view->geometry().rows_rear_first() && view->rows() > 0;
  }

  // Which of the images of a long view it lies in, by its first row.
  uint64_t part_of(const v1::Detection& detection) const {
    const auto shown = scope_.images.find(detection.view());
    if (shown == scope_.images.end() || shown->second.parts < 2) return 0;
    return std::min(top_row(detection) / shown->second.rows_a_part, shown->second.parts - 1);
  }

  void set_decision(Report& out) {
    const v1::Time& time = record_.time();
    if (!time.ended().has_utc_ns()) filled("time.ended", "time.started");
    const v1::Moment* const end = time.ended().has_utc_ns() ? &time.ended() : start_of(time);
    if (end != nullptr) out.decision = dicos_stamp(end->utc_ns());
    out.decision_time = out.decision.date + out.decision.time + "+0000";
    out.algorithm = dicos_text(out.manufacturer + " " + out.model, 64) + "\\" + out.software;
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
    const bool turned = is_turned(view);
    const double end_row = turned ? static_cast<double>(view->rows()) : 0;
    const double image_row = first_row_of_part(detection);
    const auto row = [&](double stored, double count) {
      return (turned ? end_row - stored - count : stored) - image_row;
    };
    if (turned) lose("export.dicos_turned", {{"view", detection.view()}});

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

  double first_row_of_part(const v1::Detection& detection) {
    const auto shown = scope_.images.find(detection.view());
    if (shown == scope_.images.end() || shown->second.parts < 2) return 0;
    const uint64_t rows = shown->second.rows_a_part;
    lose("export.dicos_parts", {{"view", detection.view()}, {"rows", std::to_string(rows)}});
    return static_cast<double>(part_of(detection) * rows);
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

  const ReportScope& scope_;
  uint64_t bitmap_bytes_ = 0;
};

}  // namespace

std::vector<Report> tdr_of(const v1::Inspection& record, const base::Digest& root, std::vector<Lost>& lost,
                           const ReportScope& scope) {
  return TdrTranslation(record, root, scope, lost).run();
}

}  // namespace garita::exporter
