// The cargo portal as a Device: the order of its messages, and what becomes of damage.
//
// Damage costs the frames it touches: in a scan the rest goes on and the scan ends as a fault (lost pulses
// are gaps of the line index); outside it is DATA_CORRUPT once, and what belongs to a scan whose begin was
// lost is passed over. What was not stored whole comes again: the portal keeps a scan until it is
// acknowledged.
#include "garita/driver.hpp"

#include <set>
#include <string>
#include <utility>
#include <variant>

#include "drivers/nuctech/events.hpp"
#include "drivers/nuctech/known.hpp"
#include "drivers/nuctech/link.hpp"

namespace garita::nuctech {

class CargoPortal final : public Device, public HandlesStored {
 public:
  explicit CargoPortal(const Opening& opening) : Device(opening), link_(*this), rows_(*this) {}

  // What the wire spoiled is wanted once more, whatever the host made of it.
  void stored(std::string_view scan_key, uint32_t outcome) override {
    Stored message{static_cast<uint8_t>(outcome), {Charset::utf8, std::string(scan_key)}};
    if (spoiled_.erase(message.key.bytes) != 0) message.outcome = GARITA_STORED_NOT;
    link_.send(message);
  }

 private:
  void next() override {
    const Cut cut = link_.front();
    if (cut.kind == Cut::Kind::damage) {
      link_.consume(cut);
      return damaged("the portal sent " + std::to_string(cut.size_bytes) + " damaged bytes");
    }
    const uint32_t missing = link_.missing_before(cut.frame);
    if (missing != 0 && !damage_told_)
      damaged(missing < 1u << 31 ? std::to_string(missing) + " messages of the portal are missing"
                                 : "the portal repeats messages");
    damage_told_ = false;
    Decoded decoded = decode(cut.frame);
    const auto* block = std::get_if<Block>(&decoded.message);
    if (block != nullptr && in_scan() && fits(*block, scan_)) rows_.hold(*block);  // may wait for strips
    link_.consume(cut);
    link_.expect_next();
    if (decoded.status != GARITA_OK) fail(decoded.status, "the portal's " + decoded.why);
    if (!greeted_ && !std::holds_alternative<Greeting>(decoded.message))
      fail(GARITA_PROTOCOL_ERROR, "the portal's first message is not GREETING");
    std::visit([this](const auto& message) { on(message); }, decoded.message);
  }

  void resync() override { skipping_ = true; }  // to the next SCAN_BEGIN

  void damaged(const std::string& why) {
    if (in_scan()) damage_ = why;
    if (std::exchange(damage_told_, true) || in_scan()) return;
    skipping_ = true;
    fail(GARITA_DATA_CORRUPT, why);
  }

  void on(const Greeting& greeting) {
    if (greeting.protocol != protocol_version || std::exchange(greeted_, true))
      fail(GARITA_PROTOCOL_ERROR,
           "the portal greets twice, or speaks protocol " + std::to_string(greeting.protocol));
    zone_min_ = greeting.zone_min;
    emit(Attributes{device_attributes(host(), greeting)});
    link_.send(Start{});
  }

  void on(const Status& status) {
    emit(garita::Health{status.state, readable(host(), status.message), time(status.clock_ms), status.code});
  }

  void on(const Calibration& measured) {
    calibrations_.add(measured.id);
    for (auto& event : calibrations_of(measured, time(measured.clock_ms))) emit(std::move(event));
  }

  // The portal says it again where our GO is late.
  void on(const ScanBegin& begin) {
    if (in_scan() && begin.key.bytes == scan_.key.bytes && rows_.pulses() == 0) return go();
    if (in_scan()) end_spoiled("the scan's end was not received", {}, GARITA_DATA_TRUNCATED);
    scan_ = begin;
    skipping_ = false;
    damage_.clear();
    rows_.begin();
    emit(garita::ScanBegin{.key = scan_.key.bytes,
                           .time = time(scan_.clock_ms),
                           .attributes = scan_attributes(host(), scan_),
                           .views = {view_of(scan_)}});
    go();
  }

  void go() {
    if (!calibrations_.has(scan_.calibration_id)) link_.send(Calibrate{scan_.calibration_id});
    link_.send(Go{scan_.key});
  }

  void on(const Block& block) {
    if (skipping_) return;
    need_scan("BLOCK");
    if (!fits(block, scan_))
      fail(GARITA_PROTOCOL_ERROR, "the portal sent a block of another width than its scan");
    if (!rows_.add(block, time(block.clock_ms)))
      damage_ = "pulse " + std::to_string(block.first_pulse) + " came twice or late";
  }

  void on(const Verdict& verdict) {
    if (skipping_) return;
    need_scan("VERDICT");
    emit(Attributes{{verdict_attribute(verdict)}});
    for (const Finding& finding : verdict.findings) emit(detection_of(host(), finding, scan_, rows_));
  }

  void on(const ScanEnd& end) {
    if (skipping_) return;
    need_scan("SCAN_END");
    if (damage_.empty() && end.pulses != rows_.pulses())
      damage_ = "the portal counts " + std::to_string(end.pulses) + " pulses, " +
                std::to_string(rows_.pulses()) + " came";
    const Time at = time(end.clock_ms);
    if (!damage_.empty()) return end_spoiled(damage_, at, GARITA_DATA_CORRUPT);
    const uint32_t code = end.outcome == GARITA_SCAN_FAULT ? GARITA_DEVICE_FAULT : 0;
    emit(garita::ScanEnd{end.outcome, readable(host(), end.reason), at, code});
  }

  void end_spoiled(const std::string& why, const Time& at, uint32_t code) {
    if (spoiled_.size() >= max_spoiled) spoiled_.clear();  // the host acknowledges none
    spoiled_.insert(scan_.key.bytes);
    emit(garita::ScanEnd{GARITA_SCAN_FAULT, why, at, code});
  }

  template <typename M>
  void on(const M&) {
    fail(GARITA_PROTOCOL_ERROR, "the portal sent a message that only a host sends");
  }

  void need_scan(const char* what) const {
    if (!in_scan()) fail(GARITA_PROTOCOL_ERROR, std::string("the portal sent ") + what + " outside a scan");
  }

  Time time(int64_t clock_ms) const { return moment(clock_ms, zone_min_, link_.received()); }

  static constexpr size_t max_spoiled = 64;

  Link link_;
  Rows rows_;
  Known calibrations_;
  ScanBegin scan_;                 // the one in hand
  std::string damage_;             // what makes the scan in hand a fault
  std::set<std::string> spoiled_;  // keys of scans that ended so, until the host tells what became of them
  int16_t zone_min_ = 0;
  bool greeted_ = false;
  bool skipping_ = false;     // what belongs to a scan whose begin was lost, or that was cancelled
  bool damage_told_ = false;  // and no good frame since
};

}  // namespace garita::nuctech

GARITA_DRIVER(garita::nuctech::CargoPortal, "org.garita.nuctech", "1.0.0", garita::models("CP-7/4"),
              "shape.scan", "fidelity.raw", "channels.dual", "row.index", "row.time", "row.dose",
              "detection.machine", "stored")
