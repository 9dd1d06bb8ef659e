#include "tools/garita-sim/nuctech/cargo_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <boost/asio/write.hpp>

#include "core/base/clock.hpp"
#include "garita/event.h"
#include "garita/ext/stored.h"
#include "garita/scan.h"
#include "garita/view.h"
#include "tools/garita-sim/given.hpp"
#include "tools/garita-sim/nuctech/gb18030.hpp"

namespace garita::sim {
namespace {

using namespace std::chrono_literals;
using boost::system::error_code;

constexpr size_t flush_bytes = 256u << 10;
constexpr auto heartbeat = 1s, greeting = 30s, parting = 2s, patience_for_go = 2s;
constexpr int announcements = 5;
constexpr int16_t zone_min = 8 * 60;
constexpr uint32_t pulse_us = 1500;  // 3 mm at 2 m/s
constexpr int64_t hour_ms = 3'600'000;
constexpr size_t kept_shifts = 64;

// "20250131T120000", local time: what tells the scans of one day's simulator from the next one's.
std::string compact_time(int64_t clock_ms) {
  std::string text = base::format_utc(clock_ms * 1'000'000, 0);
  std::erase_if(text, [](char c) { return c == '-' || c == ':' || c == 'Z'; });
  return text;
}

nuctech::Text plain(std::string text) { return {nuctech::Charset::utf8, std::move(text)}; }

}  // namespace

CargoConnection::CargoConnection(boost::asio::ip::tcp::socket socket, CargoSource& source,
                                 const CargoServerOptions& options, const Report& report, CargoLedger& ledger)
    : socket_(std::move(socket)),
      source_(source),
      options_(options),
      report_(report),
      ledger_(ledger),
      again_(ledger.pending) {
  error_code ignored;
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

int64_t CargoConnection::clock_ms() const {
  const int64_t utc_ms = now_utc_ns() / 1'000'000;
  return utc_ms + zone_min * 60'000 - (ledger_.saboteur.steps_clock() ? hour_ms : 0);
}

base::Result<void> CargoConnection::serve() {
  if (!greet()) return {};
  say_status(GARITA_HEALTH_READY);
  while (alive_ && !all_acknowledged()) {
    wait_for_traffic();
    if (!alive_ || all_acknowledged()) break;
    if (again_.empty() && !more_to_begin()) {
      idle_until(Clock::now() + heartbeat);
      continue;
    }
    GARITA_TRY(send_scan(next_scan()));
    listen_for(0ms);
  }
  good_bye();
  return {};
}

// At a rate, lorry n of this connection is there n intervals after the connection.
void CargoConnection::wait_for_traffic() {
  if (options_.rate_per_h <= 0 || !again_.empty() || !more_to_begin()) return;
  const std::chrono::duration<double> interval(3600 / options_.rate_per_h);
  idle_until(connected_ + std::chrono::duration_cast<Clock::duration>(interval * double(ledger_.begun - begun_before_)));
}

bool CargoConnection::greet() {
  send(nuctech::Greeting{nuctech::protocol_version, zone_min, clock_ms(), plain("Garita"), plain("CP-7/4"),
                         plain(options_.serial), plain("sim 1.0"), gb18030("一号通道")});
  flush();
  const auto deadline = Clock::now() + greeting;
  while (alive_ && !started_ && Clock::now() < deadline) listen_for(100ms);
  return alive_ && started_;
}

void CargoConnection::say_status(uint8_t state) {
  send(nuctech::Status{state, 0, clock_ms(), state == GARITA_HEALTH_READY ? gb18030("系统就绪") : plain("")});
  flush();
}

PendingCargo CargoConnection::next_scan() {
  if (!again_.empty()) {
    const PendingCargo scan = again_.front();
    again_.pop_front();
    return scan;
  }
  if (ledger_.run.empty()) ledger_.run = compact_time(clock_ms());
  const uint64_t number = ledger_.begun++;
  std::string digits = std::to_string(number + 1);
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  const auto shift = static_cast<uint32_t>(number / options_.scans_a_shift) + 1;
  ledger_.pending.push_back({number, options_.serial + "-" + ledger_.run + "-" + digits, shift, 0});
  begin_shift(shift);
  return ledger_.pending.back();
}

// A shift begins with dark and air; they are sent to whoever is there, later only to who asks.
void CargoConnection::begin_shift(uint32_t shift) {
  if (!ledger_.shift_clock.emplace(shift, clock_ms()).second) return;
  while (ledger_.shift_clock.size() > kept_shifts) ledger_.shift_clock.erase(ledger_.shift_clock.begin());
  send_calibration(shift);
}

void CargoConnection::send_calibration(uint32_t shift) {
  const auto found = ledger_.shift_clock.find(shift);
  if (found == ledger_.shift_clock.end()) return;
  nuctech::Calibration calibration = source_.calibration(shift);
  calibration.clock_ms = found->second;
  send(calibration);
}

base::Result<void> CargoConnection::send_scan(PendingCargo scan) {
  GARITA_TRY_ASSIGN(passage, source_.passage(scan.number, scan.key));
  // Without a pace the lorry has just passed. A scan that is sent again keeps its time.
  if (scan.begun_clock_ms == 0)
    scan.begun_clock_ms = clock_ms() - int64_t{passage->pulses()} * pulse_us / 1000;
  for (PendingCargo& pending : ledger_.pending)
    if (pending.number == scan.number) pending.begun_clock_ms = scan.begun_clock_ms;
  if (!announce(begin_of(scan, *passage)) || !send_blocks(scan, *passage)) return {};
  send(passage->verdict());
  send(nuctech::ScanEnd{GARITA_SCAN_COMPLETE, passage->pulses(),
                        scan.begun_clock_ms + int64_t{passage->pulses()} * pulse_us / 1000, plain("")});
  flush();
  if (alive_) report_.say("sent", {{"key", scan.key}, {"lines", std::to_string(passage->pulses() / 2)}});
  return passage->finish();
}

nuctech::ScanBegin CargoConnection::begin_of(const PendingCargo& scan, const CargoPassage& passage) const {
  nuctech::ScanBegin begin = passage.papers();
  begin.key = plain(scan.key);
  begin.clock_ms = scan.begun_clock_ms;
  begin.calibration_id = scan.shift;
  begin.columns = source_.columns();
  begin.high_kev = CargoSource::high_kev;
  begin.low_kev = CargoSource::low_kev;
  begin.pitch_across_um = CargoSource::pitch_across_um;
  begin.pulse_pitch_um = CargoSource::pulse_pitch_um;
  begin.source_side = GARITA_SOURCE_RIGHT;
  begin.detector_zero = GARITA_COLUMN_ZERO_BOTTOM;
  begin.travel = GARITA_ROW_ZERO_FRONT;
  return begin;
}

// Says it until the host wants it. false: it does not, or is gone.
bool CargoConnection::announce(const nuctech::ScanBegin& begin) {
  go_.clear();
  for (int time = 0; alive_ && time < announcements; ++time) {
    send(begin);
    flush();
    const auto deadline = Clock::now() + patience_for_go;
    while (alive_ && go_ != begin.key.bytes && Clock::now() < deadline) listen_for(deadline - Clock::now());
    if (alive_ && go_ == begin.key.bytes) return true;
  }
  alive_ = false;
  return false;
}

// false: the host is gone, or was dropped.
bool CargoConnection::send_blocks(const PendingCargo& scan, CargoPassage& passage) {
  const size_t columns = source_.columns();
  std::vector<uint16_t> line(columns), raw;
  for (uint32_t first = 0; alive_ && first < passage.pulses(); first += options_.pulses_a_block) {
    const uint32_t pulses = std::min(options_.pulses_a_block, passage.pulses() - first);
    nuctech::Block block{first,
                         static_cast<uint16_t>(pulses),
                         scan.begun_clock_ms + int64_t{first} * pulse_us / 1000,
                         pulse_us,
                         {},
                         {}};
    raw.resize(columns * pulses);
    for (uint32_t pulse = 0; pulse < pulses; ++pulse) {
      block.dose_q15.push_back(passage.pulse(first + pulse, line));
      for (size_t column = 0; column < columns; ++column) raw[column * pulses + pulse] = line[column];
    }
    block.raw = std::as_bytes(std::span(raw));
    send(block);
    listen_for(0ms);
  }
  return alive_;
}

void CargoConnection::idle_until(Clock::time_point moment) {
  for (auto now = Clock::now(); alive_ && now < moment && !all_acknowledged(); now = Clock::now()) {
    listen_for(std::min<Clock::duration>(moment - now, heartbeat));
    if (Clock::now() - now >= heartbeat) say_status(GARITA_HEALTH_READY);
  }
}

// Takes what the host still says: acknowledgements may lie behind the end of what it wanted to hear. And a
// socket that is closed with bytes unread resets the connection, and the host might lose what it had not read
// yet.
void CargoConnection::good_bye() {
  flush();
  error_code ignored;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  const auto deadline = Clock::now() + parting;
  while (!closed_ && Clock::now() < deadline) listen_for(100ms);
}

void CargoConnection::send(const nuctech::Message& message) {
  if (!alive_) return;
  std::vector<std::byte> frame;
  nuctech::encode(frames_, message, frame);
  if (!ledger_.saboteur.pass(std::move(frame), outgoing_)) {
    flush();
    alive_ = false;
    closed_ = true;  // as if the cable were pulled: nothing more is heard
  }
  if (outgoing_.size() >= flush_bytes) flush();
}

void CargoConnection::flush() {
  error_code error;
  if (alive_ && !outgoing_.empty()) boost::asio::write(socket_, boost::asio::buffer(outgoing_), error);
  if (error) alive_ = false;
  outgoing_.clear();
}

void CargoConnection::listen_for(Clock::duration longest) {
  pollfd wait{socket_.native_handle(), POLLIN, 0};
  const auto wait_ms = std::max<int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(longest).count());
  if (closed_ || ::poll(&wait, 1, static_cast<int>(wait_ms)) <= 0) return;
  std::byte buffer[4096];
  error_code error;
  const size_t size = socket_.read_some(boost::asio::buffer(buffer), error);
  if (error) alive_ = false, closed_ = true;
  incoming_.insert(incoming_.end(), buffer, buffer + size);
  while (!incoming_.empty()) {
    const nuctech::Cut cut = nuctech::cut_frame(incoming_);
    if (cut.kind == nuctech::Cut::Kind::need) break;
    if (cut.kind == nuctech::Cut::Kind::frame) take(nuctech::decode(cut.frame).message);
    incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(cut.size_bytes));
  }
}

void CargoConnection::take(const nuctech::Message& message) {
  if (const auto* start = std::get_if<nuctech::Start>(&message))
    started_ = start->protocol == nuctech::protocol_version;
  if (const auto* calibrate = std::get_if<nuctech::Calibrate>(&message)) send_calibration(calibrate->id);
  if (const auto* go = std::get_if<nuctech::Go>(&message)) go_ = go->key.bytes;
  if (const auto* stored = std::get_if<nuctech::Stored>(&message)) settle(*stored);
}

// What was not stored is sent once more, behind all else; if that is in vain, it waits for the next START.
void CargoConnection::settle(const nuctech::Stored& message) {
  constexpr const char* outcomes[] = {"", "stored", "duplicate", "dropped", "not_stored"};
  report_.say("acknowledged", {{"key", message.key.bytes}, {"outcome", outcomes[message.outcome]}});
  const auto is_it = [&](const PendingCargo& pending) { return pending.key == message.key.bytes; };
  if (message.outcome == GARITA_STORED_NOT) {
    const auto found = std::find_if(ledger_.pending.begin(), ledger_.pending.end(), is_it);
    if (found != ledger_.pending.end() && retried_.insert(found->key).second) again_.push_back(*found);
    return;
  }
  ledger_.acknowledged += std::erase_if(ledger_.pending, is_it);
  std::erase_if(again_, is_it);
}

}  // namespace garita::sim
