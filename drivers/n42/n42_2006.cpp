// ANSI N42.42-2006. Root N42InstrumentData, at times in an Event of a portal's own; what holds for a
// measurement is inherited inwards:
//
//   Measurement (UUID): InstrumentInformation, MeasuredItemInformation
//     DetectorData: StartTime, SampleRealTime, Occupied, Speed
//       DetectorMeasurement (Detector, DetectorType)
//         Spectrum (Detector, CalibrationIDs): RealTime, LiveTime, SourceType, Calibration/Equation,
//         ChannelData CountDoseData (DetectorType): Counts, DoseRate          GrossCount…: numbers
//     AnalysisResults: Nuclide
//
// Vendors put these at many depths, so they are found by name, wherever they stand.
#include "drivers/n42/document.hpp"
#include "drivers/n42/text.hpp"

namespace garita::n42 {
namespace {

bool is_neutron(std::string_view text) {
  return mentions(text, "neutron") || mentions(text, "he3") || mentions(text, "he-3") ||
         mentions(text, "li6");
}

class Reader2006 {
 public:
  Reader2006(const Element& root, Builder& builder) : root_(root), builder_(builder) {}

  void read() {
    for (Element at = root_; at; at = next_in(root_, at)) {
      builder_.uuid(attribute_of(at, "UUID"));
      if (is(at, "Calibration") && !attribute_of(at, "ID").empty())
        calibrations_[std::string(attribute_of(at, "ID"))] = calibration(at);
    }
    visit_children(root_, {}, 0);
    builder_.results(root_, {});
  }

 private:
  void visit_children(const Element& parent, const Moment& moment, int depth) {
    if (depth > max_depth) return;
    for (Element at = parent.first_child(); at; at = at.next_sibling())
      if (at.type() == pugi::node_element) visit(at, moment, depth);
  }

  void visit(const Element& at, const Moment& outer, int depth) {
    if (is(at, "InstrumentInformation")) return instrument(at);
    if (is(at, "MeasuredItemInformation")) return item(at);
    if (is(at, "Speed") || is(at, "SpeedValue"))
      return builder_.speed(text_of(at), attribute_of(at, "Units"));
    if (is(at, "AnalysisResults") || is(at, "Calibration")) return;
    const Moment moment = within(at, outer);
    if (is(at, "Spectrum")) return spectrum(at, moment);
    if (is(at, "CountDoseData") || is(at, "DoseMeasurement"))
      count_dose(at, moment);
    else if (mentions(local_name(at.name()), "grosscount") && !trim(at.text().get()).empty())
      return builder_.counts(text_of(at), moment, {});
    visit_children(at, moment, depth + 1);
  }

  // The measurement as `at` narrows it.
  Moment within(const Element& at, const Moment& outer) {
    Moment moment = outer;
    if (const std::string panel = panel_name(attribute_of(at, "Detector")); !panel.empty())
      moment.panel = panel;
    for (const std::string& type :
         {std::string(attribute_of(at, "DetectorType")), child_text(at, "DetectorType")})
      if (!type.empty()) moment.neutron = is_neutron(type);
    if (const auto start = n42::moment(child_text(at, "StartTime"))) moment.start = *start;
    if (const auto length = time_of(child(at, "RealTime"))) moment.interval_ns = *length;
    if (const auto length = time_of(child(at, "SampleRealTime")))
      moment.interval_ns = moment.step_ns = *length;
    if (const auto live = time_of(child(at, "LiveTime"))) moment.live_ns = *live;
    if (const auto occupied = truth(child_text(at, "Occupied")))
      moment.flags = (moment.flags & ~GARITA_READING_OCCUPIED) | (*occupied ? GARITA_READING_OCCUPIED : 0);
    source(child_text(at, "SourceType"), moment);
    return moment;
  }

  static std::optional<uint64_t> time_of(const Element& at) { return duration_ns(text_of(at)); }

  static void source(const std::string& type, Moment& moment) {
    if (type.empty()) return;
    moment.panel_suffix.clear();
    moment.flags &= ~GARITA_READING_BACKGROUND;
    if (mentions(type, "background") || mentions(type, "intrinsic"))
      moment.flags |= GARITA_READING_BACKGROUND;
    if (mentions(type, "intrinsic")) moment.panel_suffix = "intrinsic";
    if (mentions(type, "calibration") || mentions(type, "stabilization")) moment.panel_suffix = "calibration";
  }

  void spectrum(const Element& at, Moment moment) {
    if (moment.panel.empty()) moment.panel = moment.neutron ? "neutron" : "gamma";
    if (child_text(at, "SourceType").empty() && mentions(attribute_of(at, "ID"), "background"))
      moment.flags |= GARITA_READING_BACKGROUND;
    if (const std::string quality(attribute_of(at, "Quality")); mentions(quality, "bad"))
      moment.flags |= GARITA_READING_FAULT;
    const Element data = child(at, "ChannelData");
    builder_.spectrum(data, attribute_of(data, "Compression"), moment, calibration_of(at));
    for (Element dose = child(at, "DoseRate"); dose; dose = {})
      builder_.dose_rate(text_of(dose), attribute_of(dose, "Units"), moment);
  }

  std::vector<double> calibration_of(const Element& spectrum) {
    for (Element at = child(spectrum, "Calibration"); at; at = at.next_sibling())
      if (is(at, "Calibration"))
        if (std::vector<double> energy = calibration(at); !energy.empty()) return energy;
    std::string_view ids = attribute_of(spectrum, "CalibrationIDs");
    while (!ids.empty()) {
      const std::string_view id = ids.substr(0, ids.find_first_of(" \t\r\n,"));
      const auto found = calibrations_.find(id);
      if (found != calibrations_.end() && !found->second.empty()) return found->second;
      ids.remove_prefix(std::min(ids.size(), id.size() + 1));
    }
    return {};
  }

  // Of an energy calibration: its polynomial, or the line through two points; else nothing.
  static std::vector<double> calibration(const Element& at) {
    const std::string_view type = attribute_of(at, "Type");
    if (!type.empty() && !mentions(type, "energy")) return {};
    const double factor = mentions(attribute_of(at, "EnergyUnits"), "mev") ? 1000 : 1;
    for (Element inner = next_in(at, at); inner; inner = next_in(at, inner))
      if (is(inner, "Coefficients") || is(inner, "EquationCoefficients"))
        return coefficients(text_of(inner), factor);
    return line(at, factor);
  }

  // ArrayXY/PointXY: X a channel, Y its energy.
  static std::vector<double> line(const Element& at, double factor) {
    std::vector<std::pair<double, double>> points;
    for (Element point = next_named(at, at, "PointXY"); point && points.size() < 3;
         point = next_named(at, point, "PointXY")) {
      const auto x = number(child_text(point, "X")), y = number(child_text(point, "Y"));
      if (x && y) points.emplace_back(*x, *y * factor);
    }
    if (points.size() != 2 || points[0].first == points[1].first) return {};
    const double slope = (points[1].second - points[0].second) / (points[1].first - points[0].first);
    const double offset = points[0].second - slope * points[0].first;
    const bool usable = slope > 0 && slope < 1e6 && offset > -1e6 && offset < 1e6;
    return usable ? std::vector<double>{offset, slope} : std::vector<double>();
  }

  void count_dose(const Element& at, Moment moment) {
    if (moment.panel.empty()) moment.panel = moment.neutron ? "neutron" : "gamma";
    if (const Element counts = child(at, "Counts")) builder_.counts(text_of(counts), moment, {});
    if (const Element dose = child(at, "DoseRate"))
      builder_.dose_rate(text_of(dose), attribute_of(dose, "Units"), moment);
  }

  void instrument(const Element& at) {
    builder_.set("device.vendor", child_text(at, "Manufacturer"));
    builder_.set("device.model", child_text(at, "InstrumentModel"));
    builder_.set("device.serial", child_text(at, "InstrumentID"));
    builder_.set("device.firmware", child_text(at, "InstrumentVersion"));
    builder_.instrument_class(child_text(at, "InstrumentType"));
    if (const std::string lane = child_text(at, "LaneNumber"); !lane.empty()) builder_.list("lane", lane);
    for (Element status = child(at, "DetectorStatus"); status; status = status.next_sibling())
      if (is(status, "DetectorStatus") && !truth(attribute_of(status, "Operational")).value_or(true))
        builder_.list("fault", std::string(attribute_of(status, "Detector")) + " Operational=0");
  }

  void item(const Element& at) {
    builder_.list("item", child_text(at, "ItemDescription"));
    for (Element inner = next_in(at, at); inner; inner = next_in(at, inner)) {
      const std::string_view name = local_name(inner.name());
      if (same_word(name, "MeasurementLocationName")) builder_.list("location", text_of(inner));
      for (const std::string_view fact :
           {"ContainerID", "ContainerNumber", "LicensePlate", "Manifest", "VIN"})
        if (same_word(name, fact)) builder_.characteristic(fact, text_of(inner), "");
    }
  }

  Element root_;
  Builder& builder_;
  std::map<std::string, std::vector<double>, std::less<>> calibrations_;
};

}  // namespace

void read_2006(const Element& root, Builder& builder) { Reader2006(root, builder).read(); }

}  // namespace garita::n42
