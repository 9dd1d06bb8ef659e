#include "core/host/site/site_run.hpp"

#include <chrono>
#include <map>
#include <thread>

#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/base/state.hpp"
#include "core/exchange/audit/at_rest.hpp"
#include "core/host/catalog_index.hpp"
#include "core/host/lane_desk.hpp"
#include "core/host/scan_run.hpp"
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
  std::unique_ptr<DeviceRun> run;  // null: nothing yet
  std::optional<DevicePlan> next;
  DevicePlan plan;    // what runs, or ran
  bool gone = false;  // no plan names it any more

  bool is_idle() const { return !run || run->has_ended(); }
};

// Other programs of the site may be taking it at this very moment; nobody holds it for long.
base::Result<base::SigningKey> take_key(const std::filesystem::path& folder) {
  for (int attempt = 0;; ++attempt) {
    auto state = base::StateFolder::open(folder);
    if (state) return state->site_key();
    if (state.error().id != "base.state_locked" || attempt == 100) return std::move(state).error();
    std::this_thread::sleep_for(look);
  }
}

const LanePlan* lane_of(const SitePlan& plan, const std::string& name) {
  for (const LanePlan& lane : plan.lanes)
    if (lane.name == name) return &lane;
  return nullptr;
}

}  // namespace

struct SiteRun::Inside {
  Inside(base::SigningKey signer, SiteRunOptions given, SiteObserver& watcher, base::FileLock held)
      : key(std::move(signer)),
        options(std::move(given)),
        observer(watcher),
        lock(std::move(held)),
        catalog(std::make_shared<CatalogIndex>(options.state)),
        retention(options.state, options.retention_every_ms,
                  [this](const base::Result<Retained>& what) { observer.retained(what); }) {}

  ScanOptions options_of(const DevicePlan& device) {
    ScanOptions scan;
    scan.manifest = device.manifest;
    scan.sources = device.sources;
    scan.configuration = device.configuration;
    scan.out = options.out / device.lane;
    scan.state = options.state;
    scan.key = key;
    scan.site = plan.site.name().substr(0, 64);
    scan.lane = device.lane;
    scan.instance = device.instance;
    scan.model = device.model;
    scan.keep_incomplete = plan.keep_incomplete;
    scan.patience_ms = patience_ms;
    scan.least_box = plan.box;
    scan.trust = plan.trust;
    scan.catalog = catalog;
    scan.coding_threads = coding_threads_for(plan.devices());
    if (const LanePlan* lane = lane_of(plan, device.lane)) {
      scan.deployment = {plan.site, lane->direction, lane->subject, plan.keep};
      if (lane->pairing.enabled) scan.place = {desk_of(*lane), device.name, device.position_m};
    }
    return scan;
  }

  // Null where its folders cannot be made: every scan is for itself then.
  LaneDesk* desk_of(const LanePlan& lane) {
    const LaneDeskOptions wanted{options.out / lane.name / ".waiting", options.out / lane.name,
                                 lane.pairing.window_ms, lane.pairing.wait_ms, lane.devices.size()};
    auto& desk = desks[lane.name];
    if (desk) {
      desk->change(wanted);
    } else if (auto opened = LaneDesk::open(wanted, base::system_clock())) {
      desk = std::move(*opened);
    }
    return desk.get();
  }

  void start(Slot& slot) {
    slot.run.reset();
    slot.plan = *std::exchange(slot.next, std::nullopt);
    slot.run =
        std::make_unique<DeviceRun>(slot.plan, options_of(slot.plan), options, observer, slot.counters);
  }

  // What became of scans that waited at their lane's desk.
  void settle(bool all) {
    for (const auto& [lane, desk] : desks) {
      if (!desk) continue;
      for (Settled& settled : desk->settle(all)) tell(lane, std::move(settled));
    }
  }

  void tell(const std::string& lane, Settled settled) {
    const auto slot = slots.find(lane + '.' + settled.device);
    Recorded recorded{.fate = settled.joined ? Fate::joined : Fate::stored,
                      .scan_key = settled.scan_key,
                      .path = settled.path,
                      .record = std::move(settled.record),
                      .root = settled.root};
    if (!settled.joined) (void)catalog->stored(recorded.record, recorded.path, recorded.root);
    if (slot == slots.end()) return;  // it was left by a host before this one
    DeviceCounters& counters = *slot->second.counters;
    ++(settled.joined ? counters.joined : counters.scans);
    observer.recorded(slot->second.plan, recorded);
  }

  const base::SigningKey key;
  SitePlan plan;
  const SiteRunOptions options;
  SiteObserver& observer;
  const base::FileLock lock;
  const std::shared_ptr<CatalogIndex> catalog;
  const int64_t started_utc_ns = base::system_clock().utc_ns();
  std::map<std::string, std::unique_ptr<LaneDesk>> desks;  // by lane
  mutable std::mutex mutex;                                // guards slots against status()
  std::map<std::string, Slot> slots;                       // by label
  bool stopped = false;
  RetentionRun retention;  // last: its thread ends before all else goes
};

SiteRun::SiteRun(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
SiteRun::~SiteRun() { stop(); }

base::Result<std::unique_ptr<SiteRun>> SiteRun::start(SitePlan plan, SiteRunOptions options,
                                                      SiteObserver& observer) {
  GARITA_TRY(base::real_file_system().create_folders(options.state, 0700));
  GARITA_TRY(base::real_file_system().create_folders(options.out, 0755));
  if (plan.at_rest_required)
    for (const auto& folder : {options.state, options.out}) GARITA_TRY(exchange::require_at_rest(folder));
  auto lock = base::lock_file(options.state / "run.lock");
  if (!lock && lock.error().id == "base.file_locked")
    return base::Error{base::Outcome::usage, "host.site_running", {{"path", options.state.string()}}};
  if (!lock) return std::move(lock).error();
  GARITA_TRY_ASSIGN(key, take_key(options.state));
  std::unique_ptr<SiteRun> site(new SiteRun(
      std::make_unique<Inside>(std::move(key), std::move(options), observer, std::move(*lock))));
  (void)site->apply(std::move(plan));
  site->reloads_ = 0;
  site->tick();
  return site;
}

std::vector<std::string> SiteRun::apply(SitePlan plan) {
  std::vector<std::string> changed;
  const std::lock_guard guard(inside_->mutex);
  ++reloads_;
  for (auto& [label, slot] : inside_->slots) slot.gone = true;
  for (const LanePlan& lane : plan.lanes)
    for (const DevicePlan& device : lane.devices) {
      Slot& slot = inside_->slots[device.label()];
      slot.gone = false;
      const bool as_it_is = slot.next ? slot.next->fingerprint == device.fingerprint
                                      : slot.run && slot.plan.fingerprint == device.fingerprint;
      if (as_it_is) continue;
      changed.push_back(device.label());
      slot.next = device;
      if (slot.run) slot.run->end();
    }
  for (auto& [label, slot] : inside_->slots) {
    if (!slot.gone) continue;
    changed.push_back(label);
    slot.next.reset();
    if (slot.run) slot.run->end();
  }
  inside_->plan = std::move(plan);
  inside_->retention.set(inside_->plan.retention);
  return changed;
}

void SiteRun::tick() {
  const std::lock_guard guard(inside_->mutex);
  if (inside_->stopped) return;
  inside_->settle(false);
  std::erase_if(inside_->slots,
                [](const auto& entry) { return entry.second.gone && entry.second.is_idle(); });
  for (auto& [label, slot] : inside_->slots)
    if (slot.next && slot.is_idle()) inside_->start(slot);
}

bool SiteRun::all_ended() const {
  const std::lock_guard guard(inside_->mutex);
  for (const auto& [label, slot] : inside_->slots)
    if (slot.next || !slot.is_idle()) return false;
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
  const std::lock_guard guard(inside_->mutex);
  inside_->settle(true);
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
    const DevicePlan& plan = slot.next && !slot.run ? *slot.next : slot.plan;
    status.devices.push_back({plan.lane,  plan.name,  plan.manifest.name, plan.manifest.version,
                              c.state,    c.scans,    c.incomplete,       c.duplicates,
                              c.joined,   c.dropped,  c.refused,          c.passed_over,
                              c.suspects, c.restarts, c.breaches, c.troubles,         c.raw_bytes,
                              c.openings, c.rows,     c.last_scan_utc_ns, c.worker});
  }
  return status;
}

}  // namespace garita::host
