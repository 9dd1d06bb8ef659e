// The portal as a Device: the order of its messages, and what becomes of damage.
//
// Damage costs the frames it touches: in a scan the rest goes on and the scan ends as a fault (its lost lines
// are gaps of the line index); outside it is DATA_CORRUPT once, and what belongs to a scan whose begin was
// lost is passed over.
#include "garita/driver.hpp"

#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "drivers/portal/events.hpp"
#include "drivers/portal/link.hpp"
#include "garita/line_scan.hpp"

namespace garita::portal {

class Portal final : public Device, public HandlesStored {
 public:
  explicit Portal(const Opening& opening) : Device(opening), link_(*this), lines_(*this) {}

  void stored(std::string_view scan_key, uint32_t outcome) override {
    link_.send(Acknowledge{static_cast<uint8_t>(outcome), std::string(scan_key)});
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
      damaged(std::to_string(missing) + " messages of the portal are missing");
    damage_told_ = false;
    Decoded decoded = decode(cut.frame);
    if (const auto* line = std::get_if<Line>(&decoded.message)) copy(*line);  // may wait for strips
    link_.consume(cut);
    link_.expect_next();
    if (decoded.status != GARITA_OK) fail(decoded.status, "the portal's " + decoded.why);
    if (!greeted_ && !std::holds_alternative<Hello>(decoded.message))
      fail(GARITA_PROTOCOL_ERROR, "the portal's first message is not HELLO");
    std::visit([this](auto& message) { on(message); }, decoded.message);
  }

  void resync() override { skipping_ = true; }  // to the next SCAN_BEGIN

  void damaged(const std::string& why) {
    if (in_scan()) damage_ = why;
    if (std::exchange(damage_told_, true) || in_scan()) return;
    skipping_ = true;
    fail(GARITA_DATA_CORRUPT, why);
  }

  void copy(const Line& line) {
    if (!in_scan() || !fits(line, scan_)) return;
    row_ = lines_.row();
    const size_t bytes = row_->bytes(0).size();
    for (size_t channel = 0; channel < row_->channels(); ++channel)
      std::memcpy(row_->bytes(channel).data(), line.samples.data() + channel * bytes, bytes);
  }

  void on(Hello& hello) {
    if (hello.protocol != protocol_version || std::exchange(greeted_, true))
      fail(GARITA_PROTOCOL_ERROR,
           "the portal says HELLO twice, or speaks protocol " + std::to_string(hello.protocol));
    zone_s_ = hello.zone_s;
    emit(Attributes{device_attributes(hello)});
    link_.send(Start{});
  }

  void on(Health& message) {
    health_ = {message.state, message.message, moment(message.clock_utc_ns), message.code};
    emit(health_);
  }

  void on(Heartbeat& message) {
    health_.device_time = moment(message.clock_utc_ns);
    emit(health_);
  }

  void on(Calibration& message) {
    for (auto& event : calibrations_of(message, moment(message.time_utc_ns))) emit(std::move(event));
  }

  void on(ScanBegin& message) {
    if (in_scan())
      emit(garita::ScanEnd{GARITA_SCAN_FAULT, "the scan's end was not received", {}, GARITA_DATA_TRUNCATED});
    scan_ = std::move(message);
    skipping_ = false;
    damage_.clear();
    counter_.restart();
    lines_.begin({.key = scan_.key,
                  .time = moment(scan_.time_utc_ns),
                  .attributes = scan_attributes(scan_),
                  .views = {view_of(scan_)}});
  }

  void on(Line& line) {
    if (skipping_) return;
    need_scan("LINE");
    uint64_t index = 0;
    if (!fits(line, scan_))
      fail(GARITA_PROTOCOL_ERROR, "the portal sent a line of another width than its scan");
    if (!counter_.unwrap(line.index, index))
      return void(damage_ = "line " + std::to_string(line.index) + " came twice or late");
    lines_.add(*row_, {index, line.time_utc_ns, line.position_um, line.dose_q16, link_.received()});
  }

  void on(ScanEnd& message) {
    if (skipping_) return;
    need_scan("SCAN_END");
    if (damage_.empty() && message.lines != lines_.rows())
      damage_ = "the portal counts " + std::to_string(message.lines) + " lines, " +
                std::to_string(lines_.rows()) + " came";
    const Time time = moment(message.time_utc_ns);
    if (!damage_.empty()) return lines_.end({GARITA_SCAN_FAULT, damage_, time, GARITA_DATA_CORRUPT});
    const uint32_t code = message.outcome == GARITA_SCAN_FAULT ? GARITA_DEVICE_FAULT : 0;
    lines_.end({message.outcome, message.reason, time, code});
  }

  void on(Start&) { fail(GARITA_PROTOCOL_ERROR, "the portal sent START, which only a host sends"); }
  void on(Acknowledge&) { fail(GARITA_PROTOCOL_ERROR, "the portal sent ACK, which only a host sends"); }

  void need_scan(const char* what) const {
    if (!in_scan()) fail(GARITA_PROTOCOL_ERROR, std::string("the portal sent ") + what + " outside a scan");
  }

  Time moment(int64_t utc_ns) const {
    Time time = device_time(utc_ns, link_.received());
    time.offset_s = zone_s_;
    return time;
  }

  Link link_;
  LineScan lines_;
  ScanBegin scan_;          // the one in hand
  std::optional<Row> row_;  // of the line in hand
  LineCounter counter_;
  std::string damage_;     // what makes the scan in hand a fault
  garita::Health health_;  // as last told
  int32_t zone_s_ = GARITA_OFFSET_UNKNOWN;
  bool greeted_ = false;
  bool skipping_ = false;     // what belongs to a scan whose begin was lost, or that was cancelled
  bool damage_told_ = false;  // and no good frame since
};

}  // namespace garita::portal

GARITA_DRIVER(garita::portal::Portal, "org.garita.portal", "1.0.0", garita::models("SP-6/4"), "shape.scan",
              "fidelity.raw", "channels.single", "channels.dual", "row.index", "row.time", "row.position",
              "row.dose", "stored")
