// The cabinet as a Device: the order of its messages, and what becomes of damage.
//
// Damage costs the frames it touches: in a bag the rest goes on and the scan ends as a fault (its lost lines
// are gaps of the line index); outside it is DATA_CORRUPT once, and what belongs to a bag whose begin was
// lost is passed over.
#include "garita/driver.hpp"

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "drivers/astrophysics/events.hpp"
#include "drivers/astrophysics/link.hpp"
#include "garita/line_scan.hpp"

namespace garita::astrophysics {

class Cabinet final : public Device, public HandlesStored {
 public:
  explicit Cabinet(const Opening& opening) : Device(opening), link_(*this) {}

  void stored(std::string_view scan_key, uint32_t outcome) override {
    link_.send(Done{static_cast<uint8_t>(outcome), std::string(scan_key)});
  }

 private:
  void next() override {
    const Cut cut = link_.front();
    if (cut.kind == Cut::Kind::damage) {
      link_.consume(cut);
      return damaged("the cabinet sent " + std::to_string(cut.size_bytes) + " damaged bytes");
    }
    const uint32_t missing = link_.missing_before(cut.frame);
    if (missing != 0 && !damage_told_)
      damaged(std::to_string(missing) + " messages of the cabinet are missing");
    damage_told_ = false;
    Decoded decoded = decode(cut.frame);
    if (const auto* line = std::get_if<Line>(&decoded.message)) copy(*line);  // may wait for strips
    link_.consume(cut);
    link_.expect_next();
    if (decoded.status != GARITA_OK) fail(decoded.status, "the cabinet's " + decoded.why);
    if (identity_.views.empty() && !std::holds_alternative<Identity>(decoded.message))
      fail(GARITA_PROTOCOL_ERROR, "the cabinet's first message is not IDENTITY");
    std::visit([this](auto& message) { on(message); }, decoded.message);
  }

  void resync() override { skipping_ = true; }  // to the next BAG

  void damaged(const std::string& why) {
    if (in_scan()) damage_ = why;
    if (std::exchange(damage_told_, true) || in_scan()) return;
    skipping_ = true;
    fail(GARITA_DATA_CORRUPT, why);
  }

  bool fits(const Line& line) const {
    return line.view < identity_.views.size() &&
           line.samples.size() == identity_.views[line.view].line_bytes();
  }

  // Takes all the rows a line needs before it writes the first.
  void copy(const Line& line) {
    if (!in_scan() || !fits(line)) return;
    const ViewForm& form = identity_.views[line.view];
    const std::optional<uint32_t> display = display_of(identity_, line.view);
    picture_row_ = planes_[line.view].row();
    if (display) display_row_ = planes_[*display].row();
    for (uint32_t channel = 0; channel < form.energies(); ++channel)
      unpack(line.samples, size_t{channel} * form.columns, picture_row_->channel<uint16_t>(channel));
    if (display)
      std::memcpy(display_row_->bytes(0).data(), line.samples.data() + form.packed_bytes(), form.columns);
  }

  void on(Identity& identity) {
    if (identity.protocol != protocol_version || !identity_.views.empty())
      fail(GARITA_PROTOCOL_ERROR,
           "the cabinet says IDENTITY twice, or speaks protocol " + std::to_string(identity.protocol));
    identity_ = std::move(identity);
    emit(Attributes{device_attributes(identity_)});
    link_.send(Run{});
  }

  void on(Clock& clock) {
    offset_us_ = clock.offset_us;
    tell(clock.device_us);
  }
  void on(State& state) {
    health_ = {state.state, state.message, {}, state.code};
    emit(health_);
  }
  void on(Belt& belt) {
    if (belt.motion == Motion::reverse)
      for (BeltLines& lines : lines_) lines.reversed();
    constexpr const char* motions[] = {"", "the belt stands still", "the belt runs back"};
    health_.message = motions[static_cast<size_t>(belt.motion) - 1];
    tell(belt.device_us);
  }
  void on(Alive& alive) { tell(alive.device_us); }

  void on(Bag& bag) {
    if (in_scan())
      emit(garita::ScanEnd{GARITA_SCAN_FAULT, "the bag's end was not received", {}, GARITA_DATA_TRUNCATED});
    skipping_ = false;
    damage_.clear();
    repeated_ = 0;
    begun_us_ = bag.device_us;
    for (BeltLines& lines : lines_) lines.restart();
    const std::vector<View> views = views_of(identity_);
    emit(ScanBegin{
        .key = bag.key, .time = moment(bag.device_us), .attributes = bag_attributes(bag), .views = views});
    for (size_t view = 0; view < views.size(); ++view) planes_[view].start(views[view]);
  }

  void on(Line& line) {
    if (skipping_) return;
    need_bag("LINE");
    if (!fits(line)) fail(GARITA_PROTOCOL_ERROR, "the cabinet sent a line of another width than its view");
    BeltLines& lines = lines_[line.view];
    const BeltLines::Came came = lines.came(line.line);
    if (came == BeltLines::Came::again) return void(++repeated_);
    if (came == BeltLines::Came::out_of_order)
      return void(damage_ = "line " + std::to_string(line.line) + " came twice or late");
    const uint64_t count = lines.add(line.line);
    const int64_t position_um = static_cast<int64_t>(count * identity_.views[line.view].pitch_along_um);
    const RowFacts facts{count, utc_ns(begun_us_ + line.after_us), position_um, {}, link_.received()};
    planes_[line.view].add(*picture_row_, facts);
    if (const auto display = display_of(identity_, line.view)) planes_[*display].add(*display_row_, facts);
  }

  void on(Found& found) {
    if (skipping_) return;
    need_bag("FOUND");
    if (found.view >= identity_.views.size())
      fail(GARITA_PROTOCOL_ERROR, "the cabinet found something in a view that it does not have");
    auto detection = detection_of(found, identity_.views[found.view], lines_[found.view]);
    if (!detection) return void(damage_ = "something was found where no line came");
    emit(std::move(*detection));
  }

  void on(BagEnd& end) {
    if (skipping_) return;
    need_bag("BAG_END");
    for (size_t view = 0; view < max_views; ++view)
      if (damage_.empty() && end.lines[view] != lines_[view].rows())
        damage_ = "the cabinet counts " + std::to_string(end.lines[view]) + " lines, " +
                  std::to_string(lines_[view].rows()) + " came";
    if (repeated_ > 0)
      emit(Attributes{{attribute("org.garita.astrophysics.lines_scanned_again", repeated_)}});
    const Time time = moment(end.device_us);
    if (!damage_.empty()) return emit(garita::ScanEnd{GARITA_SCAN_FAULT, damage_, time, GARITA_DATA_CORRUPT});
    const uint32_t code = end.outcome == GARITA_SCAN_FAULT ? GARITA_DEVICE_FAULT : 0;
    emit(garita::ScanEnd{end.outcome, end.reason, time, code});
  }

  void on(Run&) { fail(GARITA_PROTOCOL_ERROR, "the cabinet sent RUN, which only a host sends"); }
  void on(Done&) { fail(GARITA_PROTOCOL_ERROR, "the cabinet sent DONE, which only a host sends"); }

  void need_bag(const char* what) const {
    if (!in_scan()) fail(GARITA_PROTOCOL_ERROR, std::string("the cabinet sent ") + what + " outside a bag");
  }

  // The instrument's state goes on; its clock is told again.
  void tell(int64_t device_us) {
    health_.device_time = moment(device_us);
    emit(health_);
  }

  // Both lie within ± 2^52 µs: the sum in ns fits.
  int64_t utc_ns(int64_t device_us) const {
    return (device_us + (offset_us_ == unknown_us ? 0 : offset_us_)) * 1000;
  }
  Time moment(int64_t device_us) const { return device_time(utc_ns(device_us), link_.received()); }

  Link link_;
  std::array<LineScan, max_planes> planes_{LineScan{*this, 0, plane_bytes}, LineScan{*this, 1, plane_bytes},
                                           LineScan{*this, 2, plane_bytes}, LineScan{*this, 3, plane_bytes}};
  static constexpr uint64_t plane_bytes = 256 << 10;  // small enough that six of them are soon there
  Identity identity_;                                 // no views: not greeted yet
  std::array<BeltLines, max_views> lines_;
  std::optional<Row> picture_row_, display_row_;  // of the line in hand
  std::string damage_;                            // what makes the scan in hand a fault
  garita::Health health_;                         // as last told
  int64_t offset_us_ = unknown_us;                // UTC − device
  int64_t begun_us_ = 0;
  uint32_t repeated_ = 0;     // lines of this bag that came again
  bool skipping_ = false;     // what belongs to a bag whose begin was lost, or that was cancelled
  bool damage_told_ = false;  // and no good frame since
};

}  // namespace garita::astrophysics

GARITA_DRIVER(garita::astrophysics::Cabinet, "org.garita.astrophysics", "1.0.0",
              garita::models("SC-100 cabinet", "SC-300 lane"), "shape.scan", "fidelity.transmission",
              "fidelity.attenuation", "fidelity.display", "channels.single", "channels.dual", "views.multi",
              "row.index", "row.time", "row.position", "detection.machine", "stored")
