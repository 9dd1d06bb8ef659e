#include "core/host/site/site_run.hpp"

#include <chrono>
#include <map>
#include <thread>

#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/host/site/device_run.hpp"

namespace garita::host {
namespace {

using namespace std::chrono_literals;

// A device that is away is waited for as long as the site runs.
constexpr uint64_t patience_ms = 100ull * 365 * 86'400'000;
constexpr auto look = 20ms;

// A place of the site: what stands there, and what is to stand there next.
struct Slot {
  std::shared_ptr<DeviceCounters> counters = std::make_shared<DeviceCounters>();
  std::unique_ptr<DeviceRun> run;  // null: nothing yet, or no more
  std::optional<std::pair<DevicePlan, Deployment>> next;
  std::string lane, device, driver, version;  // for status
  bool gone = false;                          // no plan names it any more
};

}  // namespace

struct SiteRun::Inside {
  Inside(SitePlan first, SiteRunOptions given, SiteObserver& watcher, base::FileLock held)
      : plan(std::move(first)), options(std::move(given)), observer(watcher), lock(std::move(held)) {}

  ScanOptions options_of(const DevicePlan& device, const Deployment& deployment) const {
    ScanOptions scan;
    scan.manifest = device.manifest;
    scan.sources = device.sources;
    scan.configuration = device.configuration;
    scan.out = options.out / device.lane;
    scan.state = options.state;
    scan.site = plan.site.name().substr(0, 64);
    scan.lane = device.lane;
    scan.instance = device.instance;
    scan.model = device.model;
    scan.deployment = deployment;
    scan.keep_incomplete = plan.keep_incomplete;
    scan.patience_ms = patience_ms;
    scan.least_box = plan.box;
    return scan;
  }

  void start(Slot& slot) {
    auto [device, deployment] = std::move(*slot.next);
    slot.next.reset();
    slot.lane = device.lane, slot.device = device.name;
    slot.driver = device.manifest.name, slot.version = device.manifest.version;
    ScanOptions scan = options_of(device, deployment);
    slot.run =
        std::make_unique<DeviceRun>(std::move(device), std::move(scan), options, observer, slot.counters);
  }

  SitePlan plan;
  const SiteRunOptions options;
  SiteObserver& observer;
  const base::FileLock lock;
  const int64_t started_utc_ns = base::system_clock().utc_ns();
  mutable std::mutex mutex;           // guards slots against status()
  std::map<std::string, Slot> slots;  // by label
  bool stopped = false;
};

SiteRun::SiteRun(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
SiteRun::~SiteRun() { stop(); }

base::Result<std::unique_ptr<SiteRun>> SiteRun::start(SitePlan plan, SiteRunOptions options,
                                                      SiteObserver& observer) {
  GARITA_TRY(base::real_file_system().create_folders(options.state, 0700));
  GARITA_TRY(base::real_file_system().create_folders(options.out, 0755));
  auto lock = base::lock_file(options.state / "run.lock");
  if (!lock && lock.error().id == "base.file_locked")
    return base::Error{base::Outcome::usage, "host.site_running", {{"path", options.state.string()}}};
  if (!lock) return std::move(lock).error();
  SitePlan none = plan;
  none.lanes.clear();
  std::unique_ptr<SiteRun> site(
      new SiteRun(std::make_unique<Inside>(std::move(none), std::move(options), observer, std::move(*lock))));
  (void)site->apply(std::move(plan));
  site->reloads_ = 0;
  site->tick();
  return site;
}

std::vector<std::string> SiteRun::apply(SitePlan plan) {
  std::vector<std::string> changed;
  const std::lock_guard guard(inside_->mutex);
  ++reloads_;
  std::map<std::string, bool> wanted;
  for (LanePlan& lane : plan.lanes)
    for (DevicePlan& device : lane.devices) {
      const std::string label = device.label();
      wanted[label] = true;
      Slot& slot = inside_->slots[label];
      const base::Digest* now = slot.next  ? &slot.next->first.fingerprint
                                : slot.run ? &slot.run->plan().fingerprint
                                           : nullptr;
      if (now && *now == device.fingerprint) continue;
      changed.push_back(label);
      slot.next = {std::move(device), Deployment{plan.site, lane.direction, lane.subject}};
      if (slot.run) slot.run->end();
    }
  for (auto& [label, slot] : inside_->slots) {
    slot.gone = !wanted[label];
    if (!slot.gone) continue;
    if (slot.run && !slot.run->has_ended()) changed.push_back(label);
    slot.next.reset();
    if (slot.run) slot.run->end();
  }
  inside_->plan = std::move(plan);
  return changed;
}

void SiteRun::tick() {
  const std::lock_guard guard(inside_->mutex);
  if (inside_->stopped) return;
  std::erase_if(inside_->slots, [](const auto& entry) {
    return entry.second.gone && (!entry.second.run || entry.second.run->has_ended());
  });
  for (auto& [label, slot] : inside_->slots) {
    if (!slot.next || (slot.run && !slot.run->has_ended())) continue;
    slot.run.reset();
    inside_->start(slot);
  }
}

bool SiteRun::all_ended() const {
  const std::lock_guard guard(inside_->mutex);
  for (const auto& [label, slot] : inside_->slots)
    if (slot.next || (slot.run && !slot.run->has_ended())) return false;
  return true;
}

void SiteRun::stop() {
  {
    const std::lock_guard guard(inside_->mutex);
    if (std::exchange(inside_->stopped, true)) return;
    for (auto& [label, slot] : inside_->slots) {
      slot.next.reset();
      if (slot.run) slot.run->end();
    }
  }
  const uint64_t until_ns = base::system_clock().monotonic_ns() + inside_->options.grace_ms * 1'000'000;
  while (!all_ended() && base::system_clock().monotonic_ns() < until_ns) std::this_thread::sleep_for(look);
  for (auto& [label, slot] : inside_->slots)
    if (slot.run) slot.run->stop();
  for (auto& [label, slot] : inside_->slots) slot.run.reset();
}

SiteStatus SiteRun::status() const {
  SiteStatus status;
  const std::lock_guard guard(inside_->mutex);
  status.site = inside_->plan.site.name();
  status.started_utc_ns = inside_->started_utc_ns;
  status.reloads = reloads_;
  status.reloads_refused = reloads_refused_;
  for (const auto& [label, slot] : inside_->slots) {
    const DeviceCounters& c = *slot.counters;
    status.devices.push_back({slot.lane,   slot.device,   slot.driver,  slot.version,       c.state,
                              c.scans,     c.incomplete,  c.duplicates, c.joined,           c.dropped,
                              c.refused,   c.passed_over, c.restarts,   c.breaches,         c.troubles,
                              c.raw_bytes, c.openings,    c.rows,       c.last_scan_utc_ns, c.worker});
  }
  return status;
}

}  // namespace garita::host
