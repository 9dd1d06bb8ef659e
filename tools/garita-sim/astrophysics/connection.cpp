#include <poll.h>

#include <algorithm>
#include <boost/asio/write.hpp>

#include "core/base/clock.hpp"
#include "garita/event.h"
#include "garita/ext/stored.h"
#include "tools/garita-sim/astrophysics/server.hpp"
#include "tools/garita-sim/given.hpp"
#include "tools/garita-sim/truth.hpp"

namespace garita::sim {
namespace {

namespace wire = astrophysics;
using namespace std::chrono_literals;
using boost::system::error_code;

constexpr size_t flush_bytes = 256u << 10;
constexpr auto sign_of_life = 1s, greeting = 30s, parting = 2s;
constexpr int64_t hour_us = 3'600'000'000;

// The machine's clock is never right; CLOCK tells by how much.
int64_t skew_us(uint64_t seed) { return (static_cast<int64_t>(seed % 600) - 300) * 1'000'000 + 123'456; }

std::string compact_time(int64_t utc_ns) {
  std::string text = base::format_utc(utc_ns, 0);
  std::erase_if(text, [](char c) { return c == '-' || c == ':' || c == 'Z'; });
  return text;
}

}  // namespace

CabinetConnection::CabinetConnection(boost::asio::ip::tcp::socket socket, const Model& model,
                                     const CabinetOptions& options, const Report& report, BagLedger& ledger)
    : socket_(std::move(socket)),
      model_(model),
      options_(options),
      report_(report),
      ledger_(ledger),
      again_(ledger.waiting) {
  error_code ignored;
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

int64_t CabinetConnection::device_us() const {
  const int64_t step_us = ledger_.saboteur.steps_clock() ? -hour_us : 0;
  return now_utc_ns() / 1000 + skew_us(options_.seed) + step_us;
}

base::Result<void> CabinetConnection::serve() {
  if (!greet()) return {};
  auto next_begin = SteadyClock::now();
  while (alive_ && !all_done()) {
    if (again_.empty() && !more_to_begin()) {
      idle_until(SteadyClock::now() + sign_of_life);
      continue;
    }
    idle_until(next_begin);
    if (options_.bags_per_h > 0)
      next_begin += std::chrono::duration_cast<SteadyClock::duration>(
          std::chrono::duration<double>(3600 / options_.bags_per_h));
    if (alive_ && !all_done()) GARITA_TRY(send_bag(next_bag()));
    listen_for(0ms);
  }
  good_bye();
  return {};
}

bool CabinetConnection::greet() {
  send(model_.identity);
  flush();
  const auto deadline = SteadyClock::now() + greeting;
  while (alive_ && !running_ && SteadyClock::now() < deadline) listen_for(100ms);
  if (alive_ && running_) send(wire::State{GARITA_HEALTH_READY, 0, ""});
  return alive_ && running_;
}

WaitingBag CabinetConnection::next_bag() {
  if (!again_.empty()) {
    const WaitingBag bag = again_.front();
    again_.pop_front();
    return bag;
  }
  if (ledger_.run.empty()) ledger_.run = compact_time(now_utc_ns());
  const uint64_t number = ledger_.begun++;
  std::string digits = std::to_string(number + 1);
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  ledger_.waiting.push_back({number, model_.identity.serial + "-" + ledger_.run + "-" + digits, 0});
  return ledger_.waiting.back();
}

// The bag was measured before it is told: it ends now. One that is sent again keeps its time.
int64_t CabinetConnection::begin(const WaitingBag& bag, int64_t duration_us) {
  const int64_t begun_us = device_us() - duration_us;
  for (WaitingBag& waiting : ledger_.waiting)
    if (waiting.number == bag.number)
      return waiting.begun_us != 0 ? waiting.begun_us : waiting.begun_us = begun_us;
  return begun_us;
}

base::Result<void> CabinetConnection::send_bag(WaitingBag bag) {
  BagPass pass(model_, options_.scene, options_.seed, passage_or(bag.number));
  pass.mark(options_.marks);
  if (!options_.truth.empty()) GARITA_TRY(write_truth(options_.truth, bag.key, pass.truth(bag.key)));
  const int64_t now_us = device_us();
  send(wire::Clock{now_us, now_utc_ns() / 1000 - now_us});
  bag.begun_us = begin(bag, bag_us(model_, pass));
  const bool told = tell_bag(model_, pass, bag.key, bag.begun_us, ledger_.belt,
                             [this](const wire::Message& message) { return send(message); });
  flush();
  if (told && alive_) report_.say("sent", {{"key", bag.key}, {"lines", std::to_string(pass.lines())}});
  return {};
}

void CabinetConnection::idle_until(SteadyClock::time_point moment) {
  flush();
  for (auto now = SteadyClock::now(); alive_ && now < moment && !all_done(); now = SteadyClock::now()) {
    listen_for(std::min<SteadyClock::duration>(moment - now, sign_of_life));
    if (SteadyClock::now() - now >= sign_of_life) send(wire::Alive{device_us()}), flush();
  }
}

// Takes what the host still says: DONEs may lie behind the end of what it wanted to hear, and a socket that
// is closed with bytes unread resets the connection.
void CabinetConnection::good_bye() {
  flush();
  error_code ignored;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  const auto deadline = SteadyClock::now() + parting;
  while (!closed_ && SteadyClock::now() < deadline) listen_for(100ms);
}

bool CabinetConnection::send(const wire::Message& message) {
  std::vector<std::byte> frame;
  encode(frames_, message, frame);
  const bool goes_on = ledger_.saboteur.pass(std::move(frame), outgoing_);
  if (!goes_on || outgoing_.size() >= flush_bytes) flush();
  if (!goes_on) alive_ = false, closed_ = true;
  return alive_;
}

void CabinetConnection::flush() {
  error_code error;
  if (alive_ && !outgoing_.empty()) boost::asio::write(socket_, boost::asio::buffer(outgoing_), error);
  if (error) alive_ = false;
  outgoing_.clear();
}

void CabinetConnection::listen_for(SteadyClock::duration longest) {
  pollfd wait{socket_.native_handle(), POLLIN, 0};
  const auto wait_ms = std::chrono::ceil<std::chrono::milliseconds>(longest).count();
  if (closed_ || ::poll(&wait, 1, static_cast<int>(wait_ms)) <= 0) return;
  std::byte buffer[4096];
  error_code error;
  const size_t size = socket_.read_some(boost::asio::buffer(buffer), error);
  if (error) alive_ = false, closed_ = true;
  incoming_.insert(incoming_.end(), buffer, buffer + size);
  while (!incoming_.empty()) {
    const wire::Cut cut = wire::cut_frame(incoming_);
    if (cut.kind == wire::Cut::Kind::need) break;
    if (cut.kind == wire::Cut::Kind::frame) take(wire::decode(cut.frame).message);
    incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(cut.size_bytes));
  }
}

// "Not stored" leaves the bag where it is, for the next RUN.
void CabinetConnection::take(const wire::Message& message) {
  if (const auto* run = std::get_if<wire::Run>(&message)) running_ = run->protocol == wire::protocol_version;
  const auto* done = std::get_if<wire::Done>(&message);
  if (done == nullptr) return;
  constexpr const char* outcomes[] = {"", "stored", "duplicate", "dropped", "not_stored"};
  report_.say("acknowledged", {{"key", done->key}, {"outcome", outcomes[done->outcome]}});
  if (done->outcome == GARITA_STORED_NOT) return;
  const auto is_it = [&](const WaitingBag& bag) { return bag.key == done->key; };
  ledger_.done += std::erase_if(ledger_.waiting, is_it);
  std::erase_if(again_, is_it);
}

}  // namespace garita::sim
