#include "core/host/pairing.hpp"

#include <algorithm>
#include <cmath>

namespace garita::host {
namespace {

constexpr double slowest_mps = 0.05;  // below it the way takes no time that could be reckoned with
constexpr double longest_way_s = 3600;
constexpr int64_t longest_scan_ns = 86'400'000'000'000;

// A file was whole before it was read: when it came says nothing of when it was made.
bool is_live(const v1::Inspection& record) {
  const auto& streams = record.provenance().streams();
  return std::none_of(streams.begin(), streams.end(),
                      [](const v1::StreamUsed& used) { return !used.object().empty(); });
}

int64_t with_offset(const v1::Inspection& record, int64_t device_ns) {
  return record.time().has_device_clock_offset_ns() ? device_ns - record.time().device_clock_offset_ns()
                                                    : device_ns;
}

// Widened to the intervals in which a panel was occupied, by the device's clock; false: it says nothing of
// that.
bool occupancy(const v1::Inspection& record, int64_t& begin_ns, int64_t& end_ns) {
  bool any = false;
  for (const v1::Reading& reading : record.readings()) {
    if (!reading.occupied() || reading.background() || !reading.started().has_utc_ns()) continue;
    const int64_t from_ns = reading.started().utc_ns();
    const auto intervals =
        static_cast<uint64_t>(reading.kind() == v1::Reading::KIND_SPECTRUM ? 1 : reading.values_size());
    const uint64_t length_ns =
        std::min<uint64_t>(reading.interval_ns(), longest_scan_ns) * std::min<uint64_t>(intervals, 65536);
    const int64_t to_ns = from_ns + static_cast<int64_t>(std::min<uint64_t>(length_ns, longest_scan_ns));
    begin_ns = any ? std::min(begin_ns, from_ns) : from_ns;
    end_ns = any ? std::max(end_ns, to_ns) : to_ns;
    any = true;
  }
  return any;
}

}  // namespace

std::optional<Passage> passage_of(const v1::Inspection& record, std::optional<double> position_m) {
  Passage passage{.key = record.identity().passage_key(), .position_m = position_m};
  if (record.conveyance().has_speed_mps()) passage.speed_mps = std::abs(record.conveyance().speed_mps());
  const v1::Time& time = record.time();
  const bool started = time.started().has_utc_ns(), received = time.received().has_utc_ns();
  if (!started && !received) return std::nullopt;
  int64_t begin_ns = started ? time.started().utc_ns() : time.received().utc_ns();
  int64_t end_ns = time.ended().has_utc_ns() ? std::max(begin_ns, time.ended().utc_ns()) : begin_ns;
  if (time.started().source() == v1::Moment::SOURCE_HOST && !time.ended().has_utc_ns() && received &&
      is_live(record))
    end_ns = std::max(begin_ns, time.received().utc_ns());
  // What the host's clock said when the scan had ended, minus what the device's did.
  const bool live = is_live(record) && received && time.started().source() != v1::Moment::SOURCE_HOST;
  const int64_t shift_ns =
      live ? time.received().utc_ns() - end_ns : with_offset(record, begin_ns) - begin_ns;
  passage.occupied = occupancy(record, begin_ns, end_ns);
  passage.begin_ns = begin_ns + shift_ns;
  passage.end_ns = end_ns + shift_ns;
  return passage;
}

std::optional<Match> match(const Passage& leader, const Passage& other, uint64_t window_ns) {
  Match found;
  if (!leader.key.empty() && !other.key.empty()) {
    if (leader.key != other.key) return std::nullopt;
    found.reason = v1::Joined::REASON_PASSAGE_KEY;
  } else {
    found.reason = other.occupied || leader.occupied ? v1::Joined::REASON_OCCUPANCY : v1::Joined::REASON_TIME;
  }
  const double speed_mps = leader.speed_mps > slowest_mps ? leader.speed_mps : other.speed_mps;
  if (leader.position_m && other.position_m && speed_mps > slowest_mps) {
    const double way_s =
        std::clamp((*other.position_m - *leader.position_m) / speed_mps, -longest_way_s, longest_way_s);
    found.way_ns = std::llround(way_s * 1e9);
  }
  const int64_t way_ns = found.way_ns.value_or(0);
  const int64_t begin_ns = other.begin_ns - way_ns, end_ns = other.end_ns - way_ns;
  if (begin_ns > leader.end_ns)
    found.apart_ns = static_cast<uint64_t>(begin_ns) - static_cast<uint64_t>(leader.end_ns);
  if (leader.begin_ns > end_ns)
    found.apart_ns = static_cast<uint64_t>(leader.begin_ns) - static_cast<uint64_t>(end_ns);
  if (found.reason != v1::Joined::REASON_PASSAGE_KEY && found.apart_ns > window_ns) return std::nullopt;
  return found;
}

}  // namespace garita::host
