// ANSI N42.42-2012. Root RadInstrumentData; what a measurement refers to stands beside it, under ids:
//
//   RadInstrumentInformation  RadDetectorInformation#  RadItemInformation#  EnergyCalibration# EnergyWindows#
//   RadMeasurement, DerivedData: MeasurementClassCode, StartDateTime, RealTimeDuration, OccupancyIndicator,
//     Spectrum -> detector, calibration    GrossCounts -> detector, windows    DoseRate -> detector
//     RadItemState/…/SpeedValue            RadInstrumentState, RadDetectorState: Fault
//   AnalysisResults: RadAlarm -> detectors, Nuclide
#include <set>

#include "drivers/n42/document.hpp"
#include "drivers/n42/text.hpp"

namespace garita::n42 {
namespace {

using Names = std::map<std::string, std::string, std::less<>>;

class Reader2012 {
 public:
  Reader2012(const Element& root, Builder& builder) : root_(root), builder_(builder) {}

  void read() {
    builder_.uuid(attribute_of(root_, "n42DocUUID"));
    // Twice, for a measurement may stand before what it refers to.
    for (Element at = next_in(root_, root_); at; at = next_in(root_, at)) definition(at);
    for (Element at = next_in(root_, root_); at;) {
      const bool whole = is(at, "RadMeasurement") || is(at, "DerivedData");
      if (whole) measurement(at);
      at = whole ? next_beside(root_, at) : next_in(root_, at);
    }
    builder_.results(root_, panels_);
  }

 private:
  void definition(const Element& at) {
    if (is(at, "RadInstrumentInformation")) instrument(at);
    if (is(at, "RadDetectorInformation")) detector(at);
    if (is(at, "RadItemInformation")) item(at);
    if (is(at, "EnergyWindows")) windows(at);
    if (is(at, "EnergyCalibration")) calibration(at);
  }

  void instrument(const Element& at) {
    builder_.set("device.vendor", child_text(at, "RadInstrumentManufacturerName"));
    builder_.set("device.model", child_text(at, "RadInstrumentModelName"));
    builder_.set("device.serial", child_text(at, "RadInstrumentIdentifier"));
    builder_.instrument_class(child_text(at, "RadInstrumentClassCode"));
    builder_.list("description", child_text(at, "RadInstrumentDescription"));
    // Hardware, Software, Firmware, …: the record has one version, of what computes.
    for (const std::string_view wanted : {"firmware", "software", ""})
      for (Element version = child(at, "RadInstrumentVersion"); version; version = version.next_sibling())
        if (is(version, "RadInstrumentVersion") &&
            mentions(child_text(version, "RadInstrumentComponentName"), wanted))
          builder_.set("device.firmware", child_text(version, "RadInstrumentComponentVersion"));
    characteristics(at);
  }

  void detector(const Element& at) {
    const std::string id(attribute_of(at, "id"));
    std::string name = panel_name(child_text(at, "RadDetectorName"));
    if (name.empty()) name = panel_name(id);
    if (!taken_.insert(name).second && name != id) taken_.insert(name = panel_name(name + " " + id));
    panels_[id] = name;
    if (mentions(child_text(at, "RadDetectorCategoryCode"), "neutron")) neutron_.insert(id);
  }

  void item(const Element& at) {
    builder_.list("item", child_text(at, "RadItemDescription"));
    characteristics(at);
  }

  void characteristics(const Element& at) {
    for (Element one = next_named(at, at, "Characteristic"); one; one = next_named(at, one, "Characteristic"))
      builder_.characteristic(child_text(one, "CharacteristicName"), child_text(one, "CharacteristicValue"),
                              child_text(one, "CharacteristicValueUnits"));
  }

  // As a polynomial, or as boundaries of channels where these lie on a line.
  void calibration(const Element& at) {
    std::vector<double> energy_kev = coefficients(child_text(at, "CoefficientValues"), 1);
    if (energy_kev.empty()) energy_kev = line_through(child_text(at, "EnergyBoundaryValues"));
    calibrations_[std::string(attribute_of(at, "id"))] = std::move(energy_kev);
  }

  void windows(const Element& at) {
    const std::string starts = child_text(at, "WindowStartEnergyValues");
    const std::string ends = child_text(at, "WindowEndEnergyValues");
    Numbers first(starts), last(ends);
    std::vector<std::string>& names = windows_[std::string(attribute_of(at, "id"))];
    for (double from, to; names.size() < 64 && first.next(from) && last.next(to);)
      names.push_back(rounded(from) + "-" + rounded(to) + " keV");
  }
  static std::string rounded(double kev) {
    return std::to_string(kev >= 0 && kev < 1e9 ? static_cast<int64_t>(kev + 0.5) : -1);
  }

  void measurement(const Element& at) {
    Moment common = moment_of(at);
    for (Element part = next_in(at, at); part;) {
      const bool spectrum_here = is(part, "Spectrum"), counts_here = is(part, "GrossCounts"),
                 dose_here = is(part, "DoseRate");
      if (spectrum_here || counts_here || dose_here) {
        Moment own = common;
        refine(part, own);
        if (spectrum_here) spectrum(part, own);
        if (counts_here) counts(part, own);
        if (dose_here) dose(part, own);
        part = next_beside(at, part);
        continue;
      }
      if (is(part, "SpeedValue")) builder_.speed(text_of(part), attribute_of(part, "units"));
      part = next_in(at, part);
    }
  }

  Moment moment_of(const Element& at) {
    Moment moment;
    const std::string code = child_text(at, "MeasurementClassCode");
    if (same_word(code, "Background") || same_word(code, "IntrinsicActivity"))
      moment.flags |= GARITA_READING_BACKGROUND;
    if (same_word(code, "IntrinsicActivity")) moment.panel_suffix = "intrinsic";
    if (same_word(code, "Calibration")) moment.panel_suffix = "calibration";
    if (is(at, "DerivedData")) moment.panel_suffix = "derived";
    if (truth(child_text(at, "OccupancyIndicator")).value_or(false)) moment.flags |= GARITA_READING_OCCUPIED;
    moment.start = n42::moment(child_text(at, "StartDateTime")).value_or(Time{});
    moment.interval_ns = duration_ns(child_text(at, "RealTimeDuration")).value_or(0);
    for (Element fault = next_named(at, at, "Fault"); fault; fault = next_named(at, fault, "Fault")) {
      const std::string severity = child_text(fault, "FaultSeverityCode");
      builder_.list("fault", child_text(fault, "FaultCodeValue") + " " +
                                 child_text(fault, "FaultDescription") + " " + severity);
      if (same_word(severity, "Error") || same_word(severity, "Fatal")) moment.flags |= GARITA_READING_FAULT;
    }
    return moment;
  }

  // What the part of a measurement says of itself: its detector, its live time.
  void refine(const Element& part, Moment& moment) {
    const std::string_view reference = attribute_of(part, "radDetectorInformationReference");
    const auto panel = panels_.find(reference);
    moment.panel = panel != panels_.end() ? panel->second : panel_name(reference);
    if (panel == panels_.end() && reference.empty() && panels_.size() == 1)
      moment.panel = panels_.begin()->second;
    if (moment.panel.empty()) std::swap(moment.panel, moment.panel_suffix);
    moment.neutron =
        neutron_.contains(reference) || (panel == panels_.end() && mentions(reference, "neutron"));
    moment.live_ns = duration_ns(child_text(part, "LiveTimeDuration")).value_or(0);
    if (moment.interval_ns == 0)
      moment.interval_ns = duration_ns(child_text(part, "RealTimeDuration")).value_or(0);
  }

  void spectrum(const Element& at, const Moment& moment) {
    const Element data = child(at, "ChannelData");
    const auto calibration = calibrations_.find(attribute_of(at, "energyCalibrationReference"));
    builder_.spectrum(data, attribute_of(data, "compressionCode"), moment,
                      calibration == calibrations_.end() ? std::vector<double>() : calibration->second);
  }

  void counts(const Element& at, const Moment& moment) {
    const auto found = windows_.find(attribute_of(at, "energyWindowsReference"));
    builder_.counts(child_text(at, "CountData"), moment,
                    found == windows_.end() ? std::vector<std::string>() : found->second);
  }

  void dose(const Element& at, const Moment& moment) {
    const Element value = child(at, "DoseRateValue");
    if (value) builder_.dose_rate(text_of(value), attribute_of(value, "units"), moment);
  }

  Element root_;
  Builder& builder_;
  Names panels_;
  std::set<std::string, std::less<>> neutron_, taken_;
  std::map<std::string, std::vector<double>, std::less<>> calibrations_;
  std::map<std::string, std::vector<std::string>, std::less<>> windows_;
};

}  // namespace

void read_2012(const Element& root, Builder& builder) { Reader2012(root, builder).read(); }

}  // namespace garita::n42
