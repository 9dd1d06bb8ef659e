#include "tools/garita-sim/portal_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <boost/asio/write.hpp>

#include "core/base/clock.hpp"
#include "garita/event.h"
#include "garita/ext/stored.h"
#include "garita/scan.h"
#include "garita/view.h"
#include "tools/garita-sim/given.hpp"

namespace garita::sim {
namespace {

using namespace std::chrono_literals;
using boost::system::error_code;

constexpr size_t flush_bytes = 256u << 10;
constexpr auto heartbeat = 1s, greeting = 30s, parting = 2s;
constexpr int64_t unpaced_period_ns = 2'500'000;  // 5 mm at 2 m/s

// "20250131T120000": what tells the scans of one day's simulator from the next one's.
std::string compact_time(int64_t utc_ns) {
  std::string text = base::format_utc(utc_ns, 0);
  std::erase_if(text, [](char c) { return c == '-' || c == ':' || c == 'Z'; });
  return text;
}

}  // namespace

PortalConnection::PortalConnection(boost::asio::ip::tcp::socket socket, PortalSource& source,
                                   const PortalOptions& options, const Report& report, Ledger& ledger)
    : socket_(std::move(socket)),
      source_(source),
      options_(options),
      report_(report),
      ledger_(ledger),
      again_(ledger.pending) {
  error_code ignored;
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

base::Result<void> PortalConnection::serve() {
  if (!greet()) return {};
  send(portal::Health{GARITA_HEALTH_READY, 0, now_utc_ns(), ""});
  flush();
  bool first = true;
  while (alive_ && !all_acknowledged()) {
    if (again_.empty() && !more_to_begin()) {
      idle_until(Clock::now() + heartbeat);
      continue;
    }
    if (!std::exchange(first, false) && options_.interval_ms > 0)
      idle_until(Clock::now() + std::chrono::milliseconds(options_.interval_ms));
    GARITA_TRY(send_scan(next_scan()));
    listen_for(0ms);
  }
  good_bye();
  return {};
}

bool PortalConnection::greet() {
  send(portal::Hello{portal::protocol_version, now_utc_ns(), 0, "Garita", "SP-6/4", options_.serial,
                     "sim 1.0"});
  flush();
  const auto deadline = Clock::now() + greeting;
  while (alive_ && !started_ && Clock::now() < deadline) listen_for(100ms);
  return alive_ && started_;
}

Pending PortalConnection::next_scan() {
  if (!again_.empty()) {
    const Pending scan = again_.front();
    again_.pop_front();
    return scan;
  }
  if (ledger_.run.empty()) ledger_.run = compact_time(now_utc_ns());
  const uint64_t number = ledger_.begun++;
  std::string digits = std::to_string(number + 1);
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  ledger_.pending.push_back({number, options_.serial + "-" + ledger_.run + "-" + digits, 0});
  return ledger_.pending.back();
}

// Without a pace the scan was measured before: it ends now. A scan that is sent again keeps its time.
int64_t PortalConnection::begin_time(uint64_t number, uint32_t lines) {
  const int64_t begun = options_.lines_per_s > 0 ? now_utc_ns() : now_utc_ns() - line_period_ns() * lines;
  for (Pending& pending : ledger_.pending)
    if (pending.number == number)
      return pending.begun_utc_ns != 0 ? pending.begun_utc_ns : pending.begun_utc_ns = begun;
  return begun;
}

int64_t PortalConnection::line_period_ns() const {
  return options_.lines_per_s > 0 ? static_cast<int64_t>(1e9 / options_.lines_per_s) : unpaced_period_ns;
}

base::Result<void> PortalConnection::send_scan(Pending scan) {
  GARITA_TRY_ASSIGN(passage, source_.passage(scan.number, scan.key));
  scan.begun_utc_ns = begin_time(scan.number, passage->lines());
  send_calibration();
  send_begin(scan, *passage);
  if (!send_lines(scan, *passage)) return {};
  send(portal::ScanEnd{GARITA_SCAN_COMPLETE, passage->lines(),
                       scan.begun_utc_ns + line_period_ns() * passage->lines(), ""});
  flush();
  if (alive_) report_.say("sent", {{"key", scan.key}, {"lines", std::to_string(passage->lines())}});
  return passage->finish();
}

void PortalConnection::send_calibration() {
  portal::Calibration calibration = source_.calibration(++ledger_.calibration_id);
  calibration.id = ledger_.calibration_id;
  calibration.time_utc_ns = now_utc_ns();
  send(calibration);
}

void PortalConnection::send_begin(const Pending& scan, const Passage& passage) {
  portal::ScanBegin begin;
  begin.key = scan.key;
  begin.time_utc_ns = scan.begun_utc_ns;
  begin.calibration_id = ledger_.calibration_id;
  begin.columns = source_.columns();
  begin.energy_kev = source_.energies_kev();
  begin.pitch_across_um = source_.pitch_across_um();
  begin.pitch_along_um = source_.pitch_along_um();
  begin.source_side = GARITA_SOURCE_LEFT;
  begin.column_zero = GARITA_COLUMN_ZERO_TOP;
  begin.row_zero = GARITA_ROW_ZERO_FRONT;
  begin.facts = passage.facts();
  send(begin);
}

// false: the host is gone, or was dropped.
bool PortalConnection::send_lines(const Pending& scan, Passage& passage) {
  std::vector<uint16_t> raw(source_.columns() * source_.energies_kev().size());
  const auto begun = Clock::now();
  for (uint32_t i = 0; alive_ && i < passage.lines(); ++i) {
    const uint32_t dose = passage.line(i, raw);
    send(portal::Line{ledger_.line_index++, dose, scan.begun_utc_ns + line_period_ns() * i,
                      int64_t{i} * source_.pitch_along_um(), std::as_bytes(std::span(raw))});
    if (options_.lines_per_s > 0) {
      flush();
      idle_until(begun + std::chrono::duration_cast<Clock::duration>(
                             std::chrono::duration<double>((i + 1) / options_.lines_per_s)));
    }
    if (options_.drop_after_lines > 0 && i + 1 >= options_.drop_after_lines &&
        !std::exchange(ledger_.dropped, true)) {
      flush();
      alive_ = false;
      closed_ = true;
    }
  }
  return alive_;
}

void PortalConnection::idle_until(Clock::time_point moment) {
  for (auto now = Clock::now(); alive_ && now < moment && !all_acknowledged(); now = Clock::now()) {
    listen_for(std::min<Clock::duration>(moment - now, heartbeat));
    if (Clock::now() - now >= heartbeat) send(portal::Heartbeat{now_utc_ns()}), flush();
  }
}

// Takes what the host still says: acknowledgements may lie behind the end of what it wanted to hear. And a
// socket that is closed with bytes unread resets the connection, and the host might lose what it had not read
// yet.
void PortalConnection::good_bye() {
  flush();
  error_code ignored;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  const auto deadline = Clock::now() + parting;
  while (!closed_ && Clock::now() < deadline) listen_for(100ms);
}

void PortalConnection::send(const portal::Message& message) {
  portal::encode(frames_, message, outgoing_);
  if (outgoing_.size() >= flush_bytes) flush();
}

void PortalConnection::flush() {
  error_code error;
  if (alive_ && !outgoing_.empty()) boost::asio::write(socket_, boost::asio::buffer(outgoing_), error);
  if (error) alive_ = false;
  outgoing_.clear();
}

void PortalConnection::listen_for(Clock::duration longest) {
  pollfd wait{socket_.native_handle(), POLLIN, 0};
  const auto wait_ms = std::chrono::ceil<std::chrono::milliseconds>(longest).count();
  if (closed_ || ::poll(&wait, 1, static_cast<int>(wait_ms)) <= 0) return;
  std::byte buffer[4096];
  error_code error;
  const size_t size = socket_.read_some(boost::asio::buffer(buffer), error);
  if (error) alive_ = false, closed_ = true;
  incoming_.insert(incoming_.end(), buffer, buffer + size);
  while (!incoming_.empty()) {
    const portal::Cut cut = portal::cut_frame(incoming_);
    if (cut.kind == portal::Cut::Kind::need) break;
    if (cut.kind == portal::Cut::Kind::frame) take(portal::decode(cut.frame).message);
    incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(cut.size_bytes));
  }
}

void PortalConnection::take(const portal::Message& message) {
  if (const auto* start = std::get_if<portal::Start>(&message))
    started_ = start->protocol == portal::protocol_version;
  if (const auto* acknowledge = std::get_if<portal::Acknowledge>(&message)) settle(*acknowledge);
}

// "Not stored" leaves the scan where it is, for the next START.
void PortalConnection::settle(const portal::Acknowledge& message) {
  constexpr const char* outcomes[] = {"", "stored", "duplicate", "dropped", "not_stored"};
  report_.say("acknowledged", {{"key", message.key}, {"outcome", outcomes[message.outcome]}});
  if (message.outcome == GARITA_STORED_NOT) return;
  const auto is_it = [&](const Pending& pending) { return pending.key == message.key; };
  ledger_.acknowledged += std::erase_if(ledger_.pending, is_it);
  std::erase_if(again_, is_it);
}

}  // namespace garita::sim
