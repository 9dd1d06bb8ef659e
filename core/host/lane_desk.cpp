#include "core/host/lane_desk.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "core/base/file.hpp"
#include "core/host/open_package.hpp"

namespace garita::host {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view joined_suffix = ".joined";
constexpr auto keep_joined = std::chrono::hours(24 * 7);
constexpr auto recent =
    std::chrono::hours(24);  // a package younger than that may have taken in what is still in SPOOL

bool is_older(const fs::path& path, std::chrono::hours age) {
  std::error_code error;
  const auto written = fs::last_write_time(path, error);
  return !error && written < fs::file_time_type::clock::now() - age;
}

// Scan keys that young packages of the folder have taken in.
std::set<std::string> taken_in(const fs::path& out) {
  std::set<std::string> keys;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(out, error)) {
    if (entry.path().extension() != ".garita" || is_older(entry.path(), recent)) continue;
    if (const auto package = open_package(entry.path()))
      for (const v1::Joined& joined : package->record.joined()) keys.insert(joined.scan_key());
  }
  return keys;
}

}  // namespace

base::Result<std::unique_ptr<LaneDesk>> LaneDesk::open(LaneDeskOptions options, const base::Clock& clock) {
  GARITA_TRY(base::real_file_system().create_folders(options.spool, 0755));
  GARITA_TRY(base::real_file_system().create_folders(options.out, 0755));
  std::unique_ptr<LaneDesk> desk(new LaneDesk(std::move(options), clock));
  desk->take_up();
  return desk;
}

// A host died when these waited. One that was taken in just before is in that package; the others wait anew.
void LaneDesk::take_up() {
  std::vector<fs::path> left;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(options_.spool, error)) {
    const fs::path& path = entry.path();
    if (path.extension() == ".garita")
      left.push_back(path);
    else if (path.string().ends_with(joined_suffix) && is_older(path, keep_joined))
      fs::remove(path, error);
  }
  if (left.empty()) return;
  std::sort(left.begin(), left.end());
  const std::set<std::string> in_others = taken_in(options_.out);
  for (const fs::path& path : left) {
    auto package = open_package(path);
    if (!package) continue;  // it stays where it is, for a person to look at
    WaitingScan scan{.path = path, .record = std::move(package->record)};
    if (in_others.contains(scan.record.identity().scan_key())) {
      joined({{std::move(scan), {}}}, {});
      continue;
    }
    offer(std::move(scan));
  }
}

void LaneDesk::change(const LaneDeskOptions& options) {
  window_ms_ = options.window_ms;
  wait_ms_ = options.wait_ms;
  devices_ = options.devices;
}

void LaneDesk::offer(WaitingScan scan) {
  const auto passage = passage_of(scan.record, scan.passage.position_m);
  const std::lock_guard lock(mutex_);
  if (passage) scan.passage = *passage;
  scan.since_ns = clock_.monotonic_ns();
  waiting_.push_back(std::move(scan));
}

std::vector<LaneDesk::Partner> LaneDesk::take(const Passage& leader, const std::string& device) {
  struct Best {
    size_t index;
    Match why;
  };
  const std::lock_guard lock(mutex_);
  std::map<std::string, Best> best;  // of each device
  const auto rank = [](const Match& match) {
    return std::make_pair(match.reason != v1::Joined::REASON_PASSAGE_KEY, match.apart_ns);
  };
  for (size_t i = 0; i < waiting_.size(); ++i) {
    if (waiting_[i].device == device) continue;
    const auto why = match(leader, waiting_[i].passage, window_ns());
    if (!why) continue;
    const auto [entry, is_new] = best.emplace(waiting_[i].device, Best{i, *why});
    if (!is_new && rank(*why) < rank(entry->second.why)) entry->second = {i, *why};
  }
  std::vector<Partner> partners;
  std::set<size_t, std::greater<>> gone;
  for (auto& [name, found] : best) {
    partners.push_back({waiting_[found.index], found.why});
    gone.insert(found.index);
  }
  for (const size_t index : gone) waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
  return partners;
}

bool LaneDesk::has_all(const Passage& leader, const std::string& device) const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> there;
  for (const WaitingScan& scan : waiting_)
    if (scan.device != device && match(leader, scan.passage, window_ns())) there.insert(scan.device);
  return there.size() + 1 >= devices_;
}

void LaneDesk::joined(const std::vector<Partner>& partners, const fs::path& package) {
  for (const Partner& partner : partners) {
    std::error_code error;
    // First the mark, then the package: whichever moment a crash finds, the scan is known.
    (void)base::write_file(partner.scan.path.string() + std::string(joined_suffix), base::Bytes());
    fs::remove(partner.scan.path, error);
    const std::lock_guard lock(mutex_);
    settled_.push_back({.device = partner.scan.device,
                        .scan_key = partner.scan.record.identity().scan_key(),
                        .joined = true,
                        .path = package});
  }
}

void LaneDesk::give_back(std::vector<Partner> partners) {
  const std::lock_guard lock(mutex_);
  for (Partner& partner : partners) waiting_.insert(waiting_.begin(), std::move(partner.scan));
}

bool LaneDesk::stand_alone(const WaitingScan& scan) {
  const fs::path home = options_.out / scan.path.filename();
  if (!base::real_file_system().rename_new(scan.path, home)) return false;
  (void)base::real_file_system().sync_folder(options_.out);
  settled_.push_back({.device = scan.device,
                      .scan_key = scan.record.identity().scan_key(),
                      .path = home,
                      .record = scan.record,
                      .root = scan.root});
  return true;
}

// A scan with views may itself wait before it takes what belongs to it: twice as long, and the window.
std::vector<Settled> LaneDesk::settle(bool all) {
  const std::lock_guard lock(mutex_);
  const uint64_t now_ns = clock_.monotonic_ns(), longest_ns = 2 * wait_ns() + window_ns();
  size_t more = waiting_.size() > max_waiting_scans ? waiting_.size() - max_waiting_scans : 0;
  std::erase_if(waiting_, [&](const WaitingScan& scan) {
    const bool too_many = more > 0;
    if (too_many) --more;
    return (all || too_many || now_ns - scan.since_ns >= longest_ns) && stand_alone(scan);
  });
  return std::exchange(settled_, {});
}

}  // namespace garita::host
