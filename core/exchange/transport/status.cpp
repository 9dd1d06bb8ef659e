#include "core/exchange/transport/status.hpp"

#include <algorithm>

#include "core/base/ids.hpp"

namespace garita::exchange {
namespace {

constexpr int64_t ns_per_s = 1'000'000'000;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

class Metrics {
 public:
  void begin(const std::string& name, const char* kind) {
    name_ = "garita_exchange_" + name;
    text_ += "# TYPE " + name_ + " " + kind + "\n";
  }
  void add(const std::string& peer, const std::string& lane, uint64_t value) {
    text_ += name_ + "{peer=\"" + escaped(peer) + "\",lane=\"" + escaped(lane) + "\"} " +
             std::to_string(value) + "\n";
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string name_, text_;
};

uint64_t age_s(const LaneStatus& lane, int64_t now) {
  return lane.oldest_utc_ns
             ? static_cast<uint64_t>(std::max<int64_t>(now - *lane.oldest_utc_ns, 0) / ns_per_s)
             : 0;
}

}  // namespace

base::Result<ExchangeStatus> status_of(const std::filesystem::path& folder) {
  GARITA_TRY_ASSIGN(outbox, Outbox::open(folder / "outbox"));
  GARITA_TRY_ASSIGN(out, outbox.status());
  GARITA_TRY_ASSIGN(in, gaps_of(folder / "inbox"));
  return ExchangeStatus{std::move(out), std::move(in)};
}

uint64_t missing(const LaneGaps& lane) { return lane.highest - std::min(lane.received, lane.highest); }

std::string metrics_text(const ExchangeStatus& status, int64_t now_utc_ns) {
  Metrics metrics;
  metrics.begin("waiting", "gauge");
  for (const LaneStatus& lane : status.out) metrics.add(lane.recipient, lane.lane, lane.waiting);
  metrics.begin("waiting_bytes", "gauge");
  for (const LaneStatus& lane : status.out) metrics.add(lane.recipient, lane.lane, lane.waiting_bytes);
  metrics.begin("oldest_seconds", "gauge");
  for (const LaneStatus& lane : status.out) metrics.add(lane.recipient, lane.lane, age_s(lane, now_utc_ns));
  metrics.begin("receipts_total", "counter");
  for (const LaneStatus& lane : status.out) metrics.add(lane.recipient, lane.lane, lane.received);
  metrics.begin("received_total", "counter");
  for (const LaneGaps& lane : status.in) metrics.add(lane.sender, base::to_hex(lane.lane), lane.received);
  metrics.begin("missing", "gauge");
  for (const LaneGaps& lane : status.in) metrics.add(lane.sender, base::to_hex(lane.lane), missing(lane));
  return std::move(metrics).text();
}

}  // namespace garita::exchange
