#include "drivers/vm250/lines.hpp"

#include <algorithm>
#include <charconv>

namespace garita::vm250 {
namespace {

constexpr int64_t ns_a_ms = 1'000'000, ns_a_day = 86'400'000 * ns_a_ms;
constexpr int32_t ms_a_day = 86'400'000;
constexpr size_t piece_bytes = 64 << 10;
constexpr size_t max_file_bytes = 256 << 20;

// A line that went on beyond its limit is refused piece by piece, so that its rest is not taken for a line.
Parsed judge(const std::string& text, bool rest) {
  if (!rest) return parse(text);
  return {Refusal::too_long, "the rest of a line that is too long", {}, {}};
}

// Lines of the live stream, stamped by their arrival.
class PanelLines final : public Lines {
 public:
  explicit PanelLines(Device& device) : stream_(device, "panel") {}

  Heard next() override {
    if (over_ && front_.empty()) throw Stop(*over_);
    const size_t size = find_end();
    const bool ended = size < front_.size();
    Heard heard{judge(front_.substr(0, size), rest_), {}, {}, 0, false};
    if (!over_) stream_.consume(size + (ended ? 1 : 0));
    rest_ = !ended;
    front_.clear();
    heard.time = host_time(stream_.received());
    return heard;
  }

 private:
  // Bytes before the line's end, all of them in front_; a line that is too long is cut.
  size_t find_end() {
    if (front_.empty()) grow(std::clamp<size_t>(stream_.buffered(), 1, 2 * max_line_bytes));
    while (true) {
      if (const size_t end = front_.find('\n'); end != std::string::npos) return end;
      if (over_ || front_.size() > max_line_bytes) return front_.size();
      grow(front_.size() + 1);
    }
  }

  // Where the stream ends in the middle of a line, that is the line's end: its parser judges it.
  void grow(size_t wanted) {
    try {
      const auto bytes = stream_.need(wanted);
      front_.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    } catch (const Stop& stop) {
      const bool waits = is_flow(stop.status) && stop.status != GARITA_END;
      if (waits || front_.empty()) throw;
      over_ = stop.status == GARITA_DATA_TRUNCATED ? Stop{GARITA_END} : stop;
    }
  }

  Bytes stream_;
  std::string front_;         // what need() showed last, not consumed
  bool rest_ = false;         // of a line that is too long
  std::optional<Stop> over_;  // nothing more comes, for this reason
};

std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

// Lines of daily files, one file after the other, stamped by themselves.
class DailyLines final : public Lines {
 public:
  explicit DailyLines(Device& device)
      : inbox_(device, "days"), minutes_(device.host().config_if<int64_t>("utc_offset_min")) {}

  Heard next() override {
    while (!file_) take(inbox_.next());
    if (auto text = line()) return heard(*text);
    read_.push_back(*std::exchange(file_, std::nullopt));
    return {};  // so that the driver may let go before it waits for the next
  }

  void let_go() override {
    for (const Object& object : read_) inbox_.done(object);
    read_.clear();
  }

 private:
  void take(const Object& object) {
    const std::string name = file_name(object.name);
    const auto day = day_of(name);
    if (!day) return refuse(object, "'" + name + "' has no date in its name, as rpm_2026-11-22.csv has");
    if (object.size_bytes > max_file_bytes)
      return refuse(object, "'" + name + "' is too long for one day's lines");
    file_ = object;
    offset_ = number_ = at_ = 0;
    rest_.clear();
    cut_ = false;
    if (!holds_lines()) {
      file_.reset();
      return refuse(object, "'" + name + "' holds no line of a VM-250" +
                                (is_spectroscopic(rest_) ? ": it is of a spectroscopic portal" : ""));
    }
    breaks_ = last_day_ && *day != *last_day_ + ns_a_day && *day != *last_day_;
    last_day_ = day;
    std::optional<int32_t> zone_s;
    if (minutes_) zone_s = static_cast<int32_t>(*minutes_ * 60);
    clock_.emplace(*day, zone_s);
  }

  void refuse(const Object& object, std::string why) {
    inbox_.reject(object, {GARITA_DATA_UNSUPPORTED, std::move(why)});
  }

  // One good line in the first piece; an empty file is a day on which nothing was said.
  bool holds_lines() {
    read_piece();
    size_t lines = 0;
    for (std::string_view left = rest_; !left.empty(); ++lines) {
      const size_t end = std::min(left.find('\n'), left.size());
      if (parse(left.substr(0, end)).refusal == Refusal::none) return true;
      left.remove_prefix(std::min(end + 1, left.size()));
    }
    return lines == 0;
  }

  bool read_piece() {
    const size_t size = std::min<uint64_t>(piece_bytes, file_->size_bytes - offset_);
    const auto bytes = inbox_.read(*file_, offset_, size);
    rest_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    offset_ += size;
    return size > 0;
  }

  // Nothing: the file is read.
  std::optional<std::string> line() {
    size_t end = rest_.find('\n', at_);
    while (end == std::string::npos && rest_.size() - at_ <= max_line_bytes) {
      rest_.erase(0, std::exchange(at_, 0));
      if (!read_piece()) break;
      end = rest_.find('\n', at_);
    }
    if (at_ == rest_.size()) return std::nullopt;
    const size_t size =
        std::min(end == std::string::npos ? rest_.size() - at_ : end - at_, max_line_bytes + 1);
    std::string text = rest_.substr(at_, size);
    at_ += size;
    ended_ = at_ < rest_.size() && rest_[at_] == '\n';
    at_ += ended_ ? 1 : 0;
    return text;
  }

  Heard heard(const std::string& text) {
    ++number_;
    Heard heard{
        judge(text, std::exchange(cut_, !ended_)), {}, {}, file_->handle, std::exchange(breaks_, false)};
    heard.time = (*clock_)(heard.line.stamps);
    heard.key = file_name(file_->name) + "/" +
                (heard.line.stamps.local_ms ? std::to_string(*heard.line.stamps.local_ms)
                                            : "line " + std::to_string(number_));
    return heard;
  }

  Inbox inbox_;
  std::optional<int64_t> minutes_;
  std::optional<Object> file_;  // the one being read
  std::vector<Object> read_;    // to its end, and not let go
  uint64_t offset_ = 0, number_ = 0;
  std::string rest_;  // of what was read; lines begin at at_
  size_t at_ = 0;
  std::optional<DayClock> clock_;
  std::optional<int64_t> last_day_;
  bool breaks_ = false;
  bool ended_ = false, cut_ = false;  // the last line had its end; was cut
};

template <typename Source>
std::unique_ptr<Lines> open_if_granted(Device& device) {
  try {
    return std::make_unique<Source>(device);
  } catch (const Stop& stop) {
    if (stop.status != GARITA_NOT_CONFIGURED) throw;
    return nullptr;
  }
}

// Days since 1970 of a date of the Gregorian calendar (H. Hinnant's algorithm).
int64_t days_of(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  const int64_t era = year / 400, year_of_era = year % 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

}  // namespace

std::unique_ptr<Lines> open_lines(Device& device) {
  if (auto panel = open_if_granted<PanelLines>(device)) return panel;
  if (auto days = open_if_granted<DailyLines>(device)) return days;
  fail(GARITA_NOT_CONFIGURED,
       "neither the stream 'panel' nor the inbox 'days' has a source: grant one of them");
}

std::optional<int64_t> day_of(std::string_view file_name) {
  for (size_t at = 0; at + 10 <= file_name.size(); ++at) {
    const std::string_view text = file_name.substr(at, 10);
    if (text[4] != '-' || text[7] != '-') continue;
    const auto part = [&](size_t from, size_t size) {
      int64_t value = -1;
      const char* end = text.data() + from + size;
      return std::from_chars(text.data() + from, end, value).ptr == end ? value : -1;
    };
    const int64_t year = part(0, 4), month = part(5, 2), day = part(8, 2);
    if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31) continue;
    return days_of(year, month, day) * ns_a_day;
  }
  return std::nullopt;
}

Time DayClock::operator()(const Stamps& stamps) {
  if (!stamps.local_ms) return {};
  const auto local_ms = static_cast<int32_t>(*stamps.local_ms);
  if (last_ms_ && static_cast<int32_t>(*last_ms_) - local_ms > ms_a_day / 2) day_ns_ += ns_a_day;
  last_ms_ = *stamps.local_ms;
  if (stamps.utc_ms) {
    int32_t ahead_ms = local_ms - static_cast<int32_t>(*stamps.utc_ms);
    if (ahead_ms > 14 * 3'600'000) ahead_ms -= ms_a_day;
    if (ahead_ms < -12 * 3'600'000) ahead_ms += ms_a_day;
    zone_s_ = (ahead_ms + (ahead_ms < 0 ? -450'000 : 450'000)) / 900'000 *
              900;  // zones are whole quarters of an hour
  }
  if (!zone_s_) return {};
  return file_time(day_ns_ + local_ms * ns_a_ms - *zone_s_ * int64_t{1'000'000'000}, *zone_s_);
}

}  // namespace garita::vm250
