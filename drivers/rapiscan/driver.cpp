// The gantry as a Device: two connections, one order.
//
// Lines come apart from what is said about them, and not in their order. A scan begins with SCAN_START, also
// where its first lines were here before; it ends when SCAN_END and every line that it counts are here, or
// drain_ms later.
#include "garita/driver.hpp"

#include <optional>
#include <string>
#include <utility>

#include "drivers/rapiscan/delivery.hpp"
#include "drivers/rapiscan/events.hpp"
#include "drivers/rapiscan/link.hpp"

namespace garita::rapiscan {

class Gantry final : public Device {
 public:
  explicit Gantry(const Opening& opening)
      : Device(opening),
        window_(static_cast<uint32_t>(host().config<int64_t>("reorder_window"))),
        drain_ns_(static_cast<uint64_t>(host().config<int64_t>("drain_ms")) * 1'000'000),
        link_(*this),
        delivery_(*this, window_) {}

 private:
  void next() override {
    if (in_scan() && delivery_.deliver(link_.lines_received())) return;
    if (end_) return drain();
    if (link_.wait() == Link::Side::control) return take_message();
    take_line();
  }

  // The scan was cancelled, or ended as a fault: what still comes of it is dropped.
  void resync() override {
    end_.reset();
    skipping_ = true;
  }

  // Whether it was one of the scan in hand.
  bool take_line(uint64_t until_ns = UINT64_MAX) {
    const uint64_t damaged_before = link_.damaged();
    const auto line = link_.line(scan_number_, until_ns);
    if (line && in_scan()) delivery_.put(*line);
    delivery_.note_damaged(link_.damaged() - damaged_before);
    return line.has_value();
  }

  // Only lines are taken: until all are here, none will come, the next scan is well under way, or drain_ms
  // went by without.
  void drain() {
    const bool overtaken = link_.kept_count() > 2 * size_t{window_};
    if (delivery_.complete() || link_.lines_over() || overtaken) return finish();
    try {
      if (take_line(drain_until_ns_)) return void(drain_until_ns_ = host().now_ns() + drain_ns_);
    } catch (const Stop& stop) {
      if (stop.status != GARITA_TIMEOUT || host().now_ns() < drain_until_ns_) throw;
    }
    if (host().now_ns() >= drain_until_ns_) finish();
  }

  void finish() {
    if (delivery_.flush()) return;  // lines behind the last gap: delivered first, then this again
    delivery_.end(*end_, damage_, moment(end_->ended, end_received_), link_.lines_received());
    end_.reset();
  }

  void take_message() {
    const Cut cut = link_.front();
    if (cut.kind == Cut::Kind::damage) {
      link_.consume(cut);
      return damaged("the gantry sent " + std::to_string(cut.size_bytes) + " damaged bytes");
    }
    const uint16_t missing = link_.missing_before(cut.frame);
    if (missing != 0 && !damage_told_)
      damaged(std::to_string(missing) + " messages of the gantry are missing");
    damage_told_ = false;
    Decoded decoded = decode(cut.frame);
    const bool end_is_lost = in_scan() && std::holds_alternative<ScanStart>(decoded.message);
    if (end_is_lost && delivery_.flush()) return;  // its last lines first, then this again
    link_.consume(cut);
    link_.expect_next();
    if (decoded.status != GARITA_OK) fail(decoded.status, "the gantry's " + decoded.why);
    if (!hello_ && !std::holds_alternative<Hello>(decoded.message))
      fail(GARITA_PROTOCOL_ERROR, "the gantry's first message is not HELLO");
    std::visit([this](auto& message) { on(message); }, decoded.message);
  }

  void damaged(const std::string& why) {
    if (in_scan()) damage_ = why;
    if (std::exchange(damage_told_, true) || in_scan()) return;
    skipping_ = true;
    fail(GARITA_DATA_CORRUPT, why);
  }

  void on(Hello& hello) {
    if (hello.protocol != protocol_version || hello_)
      fail(GARITA_PROTOCOL_ERROR,
           "the gantry says HELLO twice, or speaks protocol " + std::to_string(hello.protocol));
    emit(Attributes{device_attributes(hello)});
    link_.arm(hello.session);
    hello_ = std::move(hello);
  }

  void on(Status& status) {
    if (status.registered == 0) link_.arm_again();
    emit(Health{status.state, status.message, moment(status.clock, link_.control_received()), status.code});
  }

  void on(Calibration& message) {
    for (auto& event : calibrations_of(message, moment(message.measured, link_.control_received())))
      emit(std::move(event));
  }

  void on(ScanStart& message) {
    if (in_scan())
      emit(garita::ScanEnd{GARITA_SCAN_FAULT, "the scan's end was not received", {}, GARITA_DATA_TRUNCATED});
    if (const uint64_t stray = link_.stray(); stray != std::exchange(stray_told_, stray))
      host().log(GARITA_LOG_WARNING,
                 std::to_string(stray) + " datagrams of scans that were over came so far");
    scan_number_ = message.scan;
    skipping_ = false;
    damage_.clear();
    const Time time = moment(message.begun, link_.control_received());
    delivery_.begin(key_of(*hello_, message), std::move(message), time);
    for (const auto& datagram : link_.kept(*scan_number_)) delivery_.put(*decode_line(datagram));
  }

  void on(ScanEnd& message) {
    if (skipping_) return;
    if (!in_scan() || message.scan != *scan_number_)
      fail(GARITA_PROTOCOL_ERROR,
           "the gantry ended scan " + std::to_string(message.scan) + ", which is not under way");
    end_ = std::move(message);
    end_received_ = link_.control_received();
    delivery_.expect(*end_);
    drain_until_ns_ = host().now_ns() + drain_ns_;
  }

  // Kept until the lines are here: only then is it known in which rows its place lies.
  void on(Found& message) {
    if (skipping_) return;
    if (!in_scan() || message.scan != *scan_number_)
      fail(GARITA_PROTOCOL_ERROR,
           "the gantry found something in scan " + std::to_string(message.scan) + ", which is not under way");
    delivery_.found(std::move(message));
  }

  void on(Arm&) { fail(GARITA_PROTOCOL_ERROR, "the gantry sent ARM, which only a host sends"); }
  void on(Progress&) { fail(GARITA_PROTOCOL_ERROR, "the gantry sent PROGRESS, which only a host sends"); }

  uint32_t window_;
  uint64_t drain_ns_;
  Link link_;
  Delivery delivery_;
  std::optional<Hello> hello_;
  std::optional<uint32_t> scan_number_;  // the last that began
  std::optional<ScanEnd> end_;           // was said; lines are still waited for
  Received end_received_;
  uint64_t drain_until_ns_ = 0, stray_told_ = 0;
  std::string damage_;        // what makes the scan in hand a fault
  bool skipping_ = false;     // what belongs to a scan whose begin was lost, or that was ended
  bool damage_told_ = false;  // and no good frame since
};

}  // namespace garita::rapiscan

GARITA_DRIVER(garita::rapiscan::Gantry, "org.garita.rapiscan", "1.0.0", garita::models("RG-6/4"),
              "shape.scan", "fidelity.raw", "channels.dual", "row.index", "row.time", "row.position",
              "row.dose", "detection.machine")
