// The acme-x1 as a Device: the order of its messages, and what becomes of them. wire.cpp knows their bytes.
#include <algorithm>
#include <optional>
#include <utility>

#include "garita/garita.hpp"
#include "wire.hpp"

namespace {

class AcmeX1 final : public garita::Device {
 public:
  using garita::Device::Device;

 private:
  // One step. What waits stands first, for it may unwind, and then the step is run again from its start.
  void next() override {
    const size_t size = wire::frame_bytes(in_.need(wire::header_bytes));  // 0: no frame begins here
    const wire::Message message = wire::decode(in_.need(size));
    const bool damaged = std::holds_alternative<wire::Damage>(message);
    if (in_scan() && std::holds_alternative<wire::Line>(message)) row_ = lines_.row();
    // Of what is damaged only a byte: the next good frame may begin inside it.
    in_.consume(damaged ? 1 : size);
    const bool told = std::exchange(damaged_, damaged);
    if (!(damaged && told)) std::visit([this](const auto& m) { on(m); }, message);
  }

  // In a scan this ends it as a fault; its good lines are kept.
  void on(const wire::Damage& damage) { garita::fail(GARITA_DATA_CORRUPT, "the scanner sent " + damage.why); }

  void on(const wire::Health& health) { emit(garita::Health{.state = health.state, .message = health.text}); }

  void on(const wire::Calibration& measured) {
    ++calibration_id_;
    emit(garita::calibration(GARITA_CALIBRATION_DARK, calibration_id_, GARITA_SAMPLE_U16, measured.dark));
    emit(garita::calibration(GARITA_CALIBRATION_AIR, calibration_id_, GARITA_SAMPLE_U16, measured.air));
  }

  void on(const wire::Begin& begin) {
    if (in_scan()) lines_.end({GARITA_SCAN_FAULT, "the scan's end is missing", {}, GARITA_DATA_TRUNCATED});
    counter_.restart();
    garita::View view{.columns = begin.columns, .column_zero = GARITA_COLUMN_ZERO_TOP};
    view.pitch_across_um = view.pitch_along_um = begin.pitch_um;
    view.channels[0].nominal_energy_kev = static_cast<uint32_t>(host().config<int64_t>("energy_kev"));
    view.channels[0].calibration_id = calibration_id_;
    std::vector<garita::Attribute> facts = {garita::attribute("device.model", "ACME-X1")};
    if (!begin.plate.empty()) facts.push_back(garita::attribute("conveyance.plates[0].number", begin.plate));
    const garita::Time time = garita::device_time(begin.time_utc_ns, in_.received());
    lines_.begin({.key = begin.key, .time = time, .attributes = std::move(facts), .views = {view}});
  }

  void on(const wire::Line& line) {
    if (!in_scan()) return;  // of a scan that was cancelled, or that began before we listened
    const auto pixels = row_->channel<uint16_t>(0);
    if (line.counts.size() != pixels.size()) garita::fail(GARITA_DATA_CORRUPT, "a line of another width");
    std::copy(line.counts.begin(), line.counts.end(), pixels.begin());
    lines_.add(*row_, {.line_index = counter_(line.counter), .received = in_.received()});
  }

  void on(const wire::End& end) {
    if (!in_scan()) return;
    if (end.lines == lines_.rows()) return lines_.end();
    lines_.end({GARITA_SCAN_FAULT, "lines of the scan were lost", {}, GARITA_DATA_CORRUPT});
  }

  garita::Bytes in_{*this, "scanner"};
  garita::LineScan lines_{*this};
  std::optional<garita::Row> row_;  // of the line in hand
  garita::Unwrapped<uint16_t> counter_;
  uint64_t calibration_id_ = 0;
  bool damaged_ = false;  // told already, and no good frame since
};

}  // namespace

GARITA_DRIVER(AcmeX1, "com.example.acme-x1", "0.1.0", garita::models("ACME-X1"), "shape.scan", "fidelity.raw",
              "channels.single", "row.index")
