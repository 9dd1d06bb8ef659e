// The portal as a Device: lines in, one scan for each occupancy.
//
// An occupancy is kept until its end and emitted whole, so that its alarms are known in its first event. One
// whose GX never comes is emitted as a fault as soon as that is certain: the lane is empty again, or the
// lines end.
#include "garita/driver.hpp"

#include <bit>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "drivers/vm250/lines.hpp"
#include "drivers/vm250/occupancy.hpp"

namespace garita::vm250 {

class Vm250 final : public Device {
 public:
  explicit Vm250(const Opening& opening) : Device(opening), lines_(open_lines(*this)) {}

 private:
  void next() override {
    if (!vehicle_) lines_->let_go();
    Heard heard;
    try {
      heard = lines_->next();
    } catch (const Stop& stop) {
      const bool waits = is_flow(stop.status) && stop.status != GARITA_END;
      if (waits || !vehicle_) throw;
      return finish({}, last_,
                    "the lines ended before the end of the occupancy");  // and end again at the next step
    }
    if (heard.breaks && vehicle_) finish({}, last_, "the next day's lines are missing");
    if (heard.time.utc_ns != GARITA_UTC_UNKNOWN) last_ = heard.time;
    if (heard.line.refusal != Refusal::none) pass_over(heard.line);
    std::visit([&](const auto& message) { on(message, heard); }, heard.line.message);
  }

  void on(const std::monostate&, const Heard&) {}
  void on(const SetupLine& line, const Heard&) { panel_.take(line); }
  void on(const Tamper& tamper, const Heard&) { tell(tampered_, tamper.set); }

  void on(const Counts& counts, const Heard& heard) {
    if (!counts.occupied()) return unoccupied(counts, heard);
    if (vehicle_ && vehicle_->full())
      finish({}, heard.time, "it is longer than an hour, and goes on in the next");
    if (!vehicle_) vehicle_.emplace(heard.key, heard.time);
    vehicle_->from(heard.object);
    vehicle_->add(counts, heard.time);
  }

  // Neutron background may come in an occupancy's last second; gamma background says that nobody is there.
  void unoccupied(const Counts& counts, const Heard& heard) {
    if (vehicle_ && !counts.neutron) finish({}, heard.time, "the panel did not send its end");
    if (!counts.neutron && counts.state == Counts::State::background) panel_.gamma_background = counts.counts;
    if (!vehicle_) emit_background(*this, counts, heard.time);
    tell(counts.neutron ? neutron_fault_ : gamma_fault_, counts.state != Counts::State::background);
  }

  void on(const Speed& speed, const Heard&) {
    if (vehicle_) vehicle_->add(speed);
  }

  void on(const OccupancyEnd& end, const Heard& heard) {
    const std::string why =
        vehicle_ ? "" : "the panel sent the end of an occupancy whose counts did not come";
    if (!vehicle_) vehicle_.emplace(heard.key, heard.time);
    vehicle_->from(heard.object);
    finish(end, heard.time, why);
  }

  void finish(const OccupancyEnd& end, const Time& heard, const std::string& why) {
    vehicle_->emit(*this, panel_, end, heard, why);
    vehicle_.reset();
  }

  // Counted; told at the first, the second, the fourth, …, so that garbage does not become a flood.
  void pass_over(const Parsed& line) {
    if (!std::has_single_bit(++passed_over_)) return;
    note_ = std::to_string(passed_over_) + (passed_over_ == 1 ? " line" : " lines") +
            " passed over; the last: " + std::string(name(line.refusal)) + " (" + line.detail + ")";
    host().log(GARITA_LOG_WARNING, note_);
    tell_health();
  }

  void tell(bool& state, bool now) {
    if (std::exchange(state, now) == now && std::exchange(greeted_, true)) return;
    greeted_ = true;
    tell_health();
  }

  void tell_health() {
    const bool fault = tampered_ || gamma_fault_ || neutron_fault_;
    std::string message = tampered_      ? "the panel was opened"
                          : gamma_fault_ ? "gamma background out of its limits"
                                         : "";
    if (neutron_fault_ && !tampered_ && !gamma_fault_) message = "neutron background above its limit";
    if (!note_.empty()) message += (message.empty() ? "" : "; ") + note_;
    emit(Health{fault ? GARITA_HEALTH_FAULT : GARITA_HEALTH_READY, message, last_});
  }

  std::unique_ptr<Lines> lines_;
  PanelState panel_;
  std::optional<Occupancy> vehicle_;  // between the pillars
  Time last_;                         // of the last line that had one
  uint64_t passed_over_ = 0;
  std::string note_;
  bool tampered_ = false, gamma_fault_ = false, neutron_fault_ = false, greeted_ = false;
};

}  // namespace garita::vm250

GARITA_DRIVER(garita::vm250::Vm250, "org.garita.vm250", "1.0.0", garita::models("VM-250"), "reading.gamma",
              "reading.neutron", "detection.machine")
