// The portal as a Device: the order of its messages, and what becomes of damage. The bytes are wire.hpp's.
//
// Damage costs the frames it touches: in a scan the rest goes on and the scan ends as a fault (its lost lines are gaps of
// the line index); outside it is DATA_CORRUPT once, and what belongs to a scan whose begin was lost is passed over.
#include <cstring>

#include "drivers/portal/record_paths.hpp"
#include "drivers/portal/wire.hpp"
#include "garita/calibration.hpp"
#include "garita/driver.hpp"
#include "garita/line_scan.hpp"
#include "garita/stream.hpp"

namespace garita::portal {

class Portal final : public Device, public HandlesStored {
 public:
  explicit Portal(const Opening& opening)
      : Device(opening),
        silence_ns_(static_cast<uint64_t>(host().config<int64_t>("silence_ms")) * 1'000'000),
        stream_(*this, "scanner", {.max_need_bytes = max_frame_bytes}),
        lines_(*this),
        heard_ns_(host().now_ns()) {}

  void stored(std::string_view scan_key, uint32_t outcome) override {
    send(Acknowledge{static_cast<uint8_t>(outcome), std::string(scan_key)});
  }

 private:
  void next() override {
    const Cut cut = front();
    if (cut.kind == Cut::Kind::damage) {
      stream_.consume(cut.size_bytes);
      return damaged("the portal sent " + std::to_string(cut.size_bytes) + " damaged bytes");
    }
    if (cut.frame.sequence != sequence_) lost(cut.frame.sequence);
    damage_told_ = false;
    Decoded decoded = decode(cut.frame);
    if (const auto* line = std::get_if<Line>(&decoded.message)) copy(*line);  // may wait for strips: before consume()
    stream_.consume(cut.size_bytes);
    ++sequence_;
    if (decoded.status != GARITA_OK) fail(decoded.status, "the portal's " + decoded.why);
    if (!greeted_ && !std::holds_alternative<portal::Hello>(decoded.message))
      fail(GARITA_PROTOCOL_ERROR, "the portal's first message is not HELLO");
    std::visit([this](auto& message) { on(message); }, decoded.message);
  }

  void resync() override { skipping_ = true; }  // to the next SCAN_BEGIN

  // A whole frame, or damage, at the front of the stream.
  Cut front() {
    try {
      size_t wanted = frame_header_bytes;
      Cut cut = cut_frame(stream_.need(wanted));
      while (cut.kind == Cut::Kind::need) cut = cut_frame(stream_.need(wanted = cut.size_bytes));
      heard_ns_ = host().now_ns();
      return cut;
    } catch (const Stop& stop) {
      if (in_scan() && (stop.status == GARITA_END || stop.status == GARITA_DATA_TRUNCATED))
        fail(GARITA_DEVICE_LOST, "the portal closed the connection in the middle of a scan");
      if (stop.status == GARITA_TIMEOUT && host().now_ns() > heard_ns_ + silence_ns_)
        fail(GARITA_DEVICE_LOST, "the portal has sent nothing for " + std::to_string(silence_ns_ / 1'000'000) + " ms");
      throw;
    }
  }

  void lost(uint32_t sequence) {
    const uint32_t frames = sequence - std::exchange(sequence_, sequence);
    if (!std::exchange(damage_told_, false)) damaged(std::to_string(frames) + " messages of the portal are missing");
  }

  void damaged(const std::string& why) {
    if (in_scan()) damage_ = why;
    if (in_scan() || std::exchange(damage_told_, true)) return;
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

  void on(portal::Hello& hello) {
    if (hello.protocol != protocol_version || std::exchange(greeted_, true))
      fail(GARITA_PROTOCOL_ERROR, "the portal says HELLO twice, or speaks protocol " + std::to_string(hello.protocol));
    zone_s_ = hello.zone_s;
    emit(Attributes{device_attributes(hello)});
    send(Start{});
  }

  void on(portal::Health& message) {
    health_ = {message.state, message.message, moment(message.clock_utc_ns), message.code};
    emit(health_);
  }

  void on(Heartbeat& message) {
    health_.device_time = moment(message.clock_utc_ns);
    emit(health_);
  }

  void on(portal::Calibration& message) {
    for (uint32_t channel = 0; channel < message.dark.size(); ++channel)
      for (const uint32_t role : {GARITA_CALIBRATION_DARK, GARITA_CALIBRATION_AIR}) {
        const auto& line = role == GARITA_CALIBRATION_DARK ? message.dark[channel] : message.air[channel];
        garita::Calibration calibration = garita::calibration(role, calibration_id(message.id, channel), line, message.averaged);
        calibration.channel = channel;
        calibration.time = moment(message.time_utc_ns);
        emit(std::move(calibration));
      }
  }

  void on(portal::ScanBegin& message) {
    if (in_scan()) emit(garita::ScanEnd{GARITA_SCAN_FAULT, "the scan's end was not received", {}, GARITA_DATA_TRUNCATED});
    scan_ = std::move(message);
    skipping_ = false;
    damage_.clear();
    counter_.restart();
    lines_.begin({.key = scan_.key, .time = moment(scan_.time_utc_ns), .attributes = scan_attributes(scan_),
                  .views = {view_of(scan_)}});
  }

  void on(Line& line) {
    if (skipping_) return;
    need_scan("LINE");
    uint64_t index = 0;
    if (!fits(line, scan_)) fail(GARITA_PROTOCOL_ERROR, "the portal sent a line of another width than its scan");
    if (!counter_.unwrap(line.index, index)) return damaged("line " + std::to_string(line.index) + " came twice or late");
    lines_.add(*row_, {index, line.time_utc_ns, line.position_um, line.dose_q16, stream_.received()});
  }

  void on(portal::ScanEnd& message) {
    if (skipping_) return;
    need_scan("SCAN_END");
    garita::ScanEnd end{message.outcome, message.reason, moment(message.time_utc_ns)};
    if (end.outcome == GARITA_SCAN_FAULT) end.code = GARITA_DEVICE_FAULT;
    if (damage_.empty() && message.lines != lines_.rows())
      damage_ = "the portal counts " + std::to_string(message.lines) + " lines, " + std::to_string(lines_.rows()) + " came";
    if (!damage_.empty()) end = {GARITA_SCAN_FAULT, damage_, end.time, GARITA_DATA_CORRUPT};
    lines_.end(std::move(end));
  }

  void on(Start&) { fail(GARITA_PROTOCOL_ERROR, "the portal sent START, which only a host sends"); }
  void on(Acknowledge&) { fail(GARITA_PROTOCOL_ERROR, "the portal sent ACK, which only a host sends"); }

  void need_scan(const char* what) const {
    if (!in_scan()) fail(GARITA_PROTOCOL_ERROR, std::string("the portal sent ") + what + " outside a scan");
  }

  Time moment(int64_t utc_ns) const {
    Time time = device_time(utc_ns, stream_.received());
    time.offset_s = zone_s_;
    return time;
  }

  void send(const Message& message) {
    std::vector<std::byte> bytes;
    encode(outgoing_, message, bytes);
    stream_.send(bytes);
  }

  uint64_t silence_ns_;
  Bytes stream_;
  LineScan lines_;
  uint64_t heard_ns_;
  FrameWriter outgoing_;
  uint32_t sequence_ = 0;
  int32_t zone_s_ = GARITA_OFFSET_UNKNOWN;
  bool greeted_ = false, skipping_ = false, damage_told_ = false;
  portal::ScanBegin scan_;
  garita::Health health_;
  std::optional<Row> row_;
  LineCounter counter_;
  std::string damage_;  // of the scan in hand
};

}  // namespace garita::portal

GARITA_DRIVER(garita::portal::Portal, "org.garita.portal", "1.0.0", garita::models("SP-6/4"), "shape.scan", "fidelity.raw",
              "channels.single", "channels.dual", "row.index", "row.time", "row.position", "row.dose", "stored")
