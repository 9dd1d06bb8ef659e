#include "tools/garita-sim/rapiscan/gantry_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <boost/asio/write.hpp>
#include <thread>

#include "core/base/clock.hpp"
#include "garita/event.h"
#include "garita/scan.h"
#include "tools/garita-sim/given.hpp"

namespace garita::sim {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::udp;
using boost::system::error_code;

constexpr auto heartbeat = 1s, greeting = 30s, parting = 2s;
constexpr auto asking_again = 100ms;
constexpr uint32_t window = 48;           // datagrams ahead of what the host has told of
constexpr auto patience = 200ms;          // then the host has lost some: on
constexpr uint32_t most_overtaking = 12;  // of a datagram out of its order
constexpr int32_t zone_s = -7 * 3600;

rapiscan::Date now() { return {now_utc_ns(), zone_s}; }

}  // namespace

GantryConnection::GantryConnection(boost::asio::ip::tcp::socket control, udp::socket& lines,
                                   GantrySource& source, const GantryServerOptions& options,
                                   const Report& report, GantryLedger& ledger)
    : control_(std::move(control)),
      lines_(lines),
      source_(source),
      options_(options),
      report_(report),
      ledger_(ledger) {
  error_code ignored;
  control_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  session_ = ++ledger_.sessions * 2654435761u;  // nobody guesses it by counting
}

base::Result<void> GantryConnection::serve() {
  if (!greet()) return {};
  say_status(GARITA_HEALTH_READY);
  bool first = true;
  while (alive_ && more()) {
    if (!std::exchange(first, false) && options_.interval_ms > 0)
      idle_until(Clock::now() + std::chrono::milliseconds(options_.interval_ms));
    const auto begun = Clock::now();
    GARITA_TRY(send_scan());
    if (options_.rate_per_h > 0)
      idle_until(begun + std::chrono::duration_cast<Clock::duration>(
                             std::chrono::duration<double>(3600 / options_.rate_per_h)));
  }
  good_bye();
  return {};
}

// Until the host is armed and its REGISTER, which may get lost, has come.
bool GantryConnection::greet() {
  send(rapiscan::Hello{rapiscan::protocol_version, session_, ledger_.boots, now(), "Garita", "RG-6/4",
                       options_.serial, "sim 1.0"});
  const auto deadline = Clock::now() + greeting;
  auto asked = Clock::now();
  while (alive_ && !(armed_ && to_) && Clock::now() < deadline) {
    listen_for(20ms);
    if (!armed_ || to_ || Clock::now() - asked < asking_again) continue;
    say_status(GARITA_HEALTH_READY);
    asked = Clock::now();
  }
  return alive_ && armed_ && to_;
}

void GantryConnection::say_status(uint8_t state) {
  send(rapiscan::Status{state, static_cast<uint8_t>(to_ ? 1 : 0), 0, now(), ""});
}

base::Result<void> GantryConnection::send_scan() {
  GARITA_TRY_ASSIGN(passage, source_.passage(ledger_.begun));
  rapiscan::ScanStart start = passage.start();
  start.scan = static_cast<uint32_t>(++ledger_.begun);
  start.begun = now();
  start.calibration = start.scan;
  start.first_sequence = ledger_.sequence;
  start.first_pulse = ledger_.pulse;
  for (rapiscan::Axle& axle : start.axles)
    axle.pulse_a += start.first_pulse, axle.pulse_b += start.first_pulse;
  rapiscan::Calibration calibration = source_.calibration(start.calibration);
  calibration.measured = now();
  send(calibration);
  send(start);
  std::vector<uint32_t> lost;
  if (!send_lines(passage, start, lost)) return {};
  for (rapiscan::Found found : passage.found()) {
    found.scan = start.scan;
    send(found);
  }
  send(rapiscan::ScanEnd{start.scan, GARITA_SCAN_COMPLETE, ledger_.sequence - start.first_sequence,
                         ledger_.pulse - 1, now(), ""});
  if (!alive_) return {};
  ++ledger_.sent;
  const std::string key =
      options_.serial + "-" + std::to_string(ledger_.boots) + "-" + std::to_string(start.scan);
  report_.say("sent", {{"key", key}, {"lines", std::to_string(passage.lines())}});
  return passage.keep_truth(key, lost);
}

// false: the host is gone, or was dropped.
bool GantryConnection::send_lines(GantryPassage& passage, const rapiscan::ScanStart& start,
                                  std::vector<uint32_t>& lost) {
  using rapiscan::Energy;
  const size_t columns = start.columns;
  std::vector<uint16_t> samples(2 * columns);
  const std::span<uint16_t> high = std::span(samples).first(columns),
                            low = std::span(samples).subspan(columns);
  const auto begun = Clock::now();
  auto told = begun;
  heard_ = ledger_.sequence - 1;
  for (uint32_t i = 0; alive_ && i < passage.lines(); ++i) {
    rapiscan::Line line{start.scan, 0, 0, passage.line(i, high, low), Energy::both, start.columns, {}};
    for (uint8_t part = 0; part < start.mode; ++part) {
      line.sequence = ledger_.sequence++;
      line.pulse = ledger_.pulse++;
      if (start.mode == 2) line.energy = part == 0 ? Energy::high : Energy::low;
      send_line(line, start.mode == 1 ? std::span(samples) : part == 0 ? high : low, i, lost);
    }
    if (options_.lines_per_s > 0)
      idle_until(begun + std::chrono::duration_cast<Clock::duration>(
                             std::chrono::duration<double>((i + 1) / options_.lines_per_s)));
    if (Clock::now() - told < heartbeat) continue;
    say_status(GARITA_HEALTH_SCANNING);
    told = Clock::now();
  }
  put_held(true);
  return alive_;
}

void GantryConnection::send_line(const rapiscan::Line& line, std::span<const uint16_t> samples,
                                 uint32_t number, std::vector<uint32_t>& lost) {
  const GantryFaults& faults = options_.faults;
  Random& chance = ledger_.chance;
  if (faults.drop > 0 && ++ledger_.datagrams == faults.drop && !std::exchange(ledger_.dropped, true)) {
    alive_ = false;
    closed_ = true;
    return;
  }
  wait_for_host(line.sequence);
  put_held(false);
  if (chance.chance(faults.lose)) {
    if (lost.empty() || lost.back() != number) lost.push_back(number);
    return;
  }
  std::vector<std::byte> datagram = rapiscan::encode_line(line, samples);
  if (chance.chance(faults.twice)) put(datagram);
  if (chance.chance(faults.flip)) {
    datagram[chance.below(static_cast<uint32_t>(datagram.size()))] ^= std::byte{4};
    if (lost.empty() || lost.back() != number) lost.push_back(number);
  }
  if (chance.chance(faults.order))
    held_.push_back({1 + chance.below(most_overtaking), std::move(datagram)});
  else
    put(std::move(datagram));
}

// What was held back goes when enough have overtaken it.
void GantryConnection::put_held(bool all) {
  for (Held& held : held_)
    if (all || held.overtaken_by-- == 0) put(std::exchange(held.bytes, {}));
  std::erase_if(held_, [](const Held& held) { return held.bytes.empty(); });
}

void GantryConnection::put(std::vector<std::byte> datagram) {
  error_code ignored;  // nobody there, or no room: the datagram is lost, as datagrams are
  if (to_) lines_.send_to(boost::asio::buffer(datagram), *to_, 0, ignored);
}

// Runs at most a window ahead of what came, as a device with a small buffer does.
void GantryConnection::wait_for_host(uint32_t sequence) {
  const auto until = Clock::now() + patience;
  while (alive_ && static_cast<int32_t>(sequence - heard_) > static_cast<int32_t>(window)) {
    if (Clock::now() >= until) return void(heard_ = sequence);
    listen_for(10ms);
  }
}

void GantryConnection::idle_until(Clock::time_point moment) {
  auto told = Clock::now();
  for (auto time = told; alive_ && time < moment; time = Clock::now()) {
    listen_for(std::min<Clock::duration>(moment - time, 100ms));
    if (Clock::now() - told < heartbeat) continue;
    say_status(GARITA_HEALTH_READY);
    told = Clock::now();
  }
}

// A socket that is closed with bytes unread resets the connection, and the host might lose what it had not
// read yet.
void GantryConnection::good_bye() {
  error_code ignored;
  if (closed_) return;
  control_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  const auto deadline = Clock::now() + parting;
  while (!closed_ && Clock::now() < deadline) listen_for(100ms);
}

void GantryConnection::send(const rapiscan::Message& message) {
  std::vector<std::byte> bytes;
  rapiscan::encode(frames_, message, bytes);
  error_code error;
  if (alive_) boost::asio::write(control_, boost::asio::buffer(bytes), error);
  if (error) alive_ = false;
}

void GantryConnection::listen_for(Clock::duration longest) {
  pollfd waits[] = {{control_.native_handle(), POLLIN, 0}, {lines_.native_handle(), POLLIN, 0}};
  const auto wait_ms = std::chrono::ceil<std::chrono::milliseconds>(longest).count();
  if (closed_) return std::this_thread::sleep_for(longest);
  if (::poll(waits, 2, static_cast<int>(wait_ms)) <= 0) return;
  if (waits[0].revents != 0) take_control();
  if (waits[1].revents != 0) take_datagram();
}

void GantryConnection::take_control() {
  std::byte buffer[4096];
  error_code error;
  const size_t size = control_.read_some(boost::asio::buffer(buffer), error);
  if (error) alive_ = false, closed_ = true;
  incoming_.insert(incoming_.end(), buffer, buffer + size);
  while (!incoming_.empty()) {
    const rapiscan::Cut cut = rapiscan::cut_frame(incoming_);
    if (cut.kind == rapiscan::Cut::Kind::need) break;
    if (cut.kind == rapiscan::Cut::Kind::frame) {
      const rapiscan::Message message = rapiscan::decode(cut.frame).message;
      if (const auto* progress = std::get_if<rapiscan::Progress>(&message)) heard_ = progress->sequence;
      if (const auto* arm = std::get_if<rapiscan::Arm>(&message)) {
        armed_ = arm->protocol == rapiscan::protocol_version;
        const auto peer = control_.remote_endpoint(error);
        if (arm->lines_port != 0 && !error) to_ = udp::endpoint(peer.address(), arm->lines_port);
      }
    }
    incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(cut.size_bytes));
  }
}

void GantryConnection::take_datagram() {
  std::byte buffer[64];
  udp::endpoint from;
  error_code error;
  const size_t size = lines_.receive_from(boost::asio::buffer(buffer), from, 0, error);
  const auto session = rapiscan::decode_register(std::span<const std::byte>(buffer).first(error ? 0 : size));
  if (session == session_) to_ = from;
}

}  // namespace garita::sim
