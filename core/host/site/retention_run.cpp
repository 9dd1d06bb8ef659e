#include "core/host/site/retention_run.hpp"

#include <algorithm>
#include <chrono>

#include "core/base/clock.hpp"
#include "core/catalog/reader.hpp"
#include "core/catalog/writer.hpp"
#include "core/host/catalog_index.hpp"
#include "core/host/evidence.hpp"

namespace garita::host {
namespace {

constexpr uint64_t bytes_a_gb = 1'000'000'000;

void set_days(catalog::RetentionPolicy& policy, catalog::RetentionClass of, uint32_t days) {
  if (days > 0) policy.days[static_cast<size_t>(of)] = days;
}

bool is_same(const RetentionPlan& a, const RetentionPlan& b) {
  return a.days == b.days && a.alarm_days == b.alarm_days && a.max_gb == b.max_gb;
}

}  // namespace

std::optional<catalog::RetentionPolicy> retention_policy(const RetentionPlan& plan) {
  using catalog::RetentionClass;
  if (plan.days == 0 && plan.alarm_days == 0 && plan.max_gb == 0) return std::nullopt;
  catalog::RetentionPolicy policy;
  const uint32_t alarm_days = plan.alarm_days == 0 ? 0 : std::max(plan.days, plan.alarm_days);
  set_days(policy, RetentionClass::routine, plan.days);
  set_days(policy, RetentionClass::incomplete, plan.days);
  set_days(policy, RetentionClass::detection, alarm_days);
  set_days(policy, RetentionClass::alarm, alarm_days);
  if (plan.max_gb > 0) policy.max_bytes = plan.max_gb * bytes_a_gb;
  return policy;
}

base::Result<Retained> retain_now(const std::filesystem::path& state, const catalog::RetentionPolicy& policy,
                                  int64_t now_utc_ns) {
  auto reader = catalog::Reader::open(catalog_path(state));
  if (!reader && reader.error().id == "catalog.missing") return Retained{};
  if (!reader) return std::move(reader).error();
  GARITA_TRY_ASSIGN(plan, catalog::plan_retention(*reader, policy, now_utc_ns));
  GARITA_TRY_ASSIGN(writer, catalog::Writer::open(catalog_path(state)));
  const auto journal = [&](std::string_view kind, std::string_view line) {
    return append_audit(state, kind, line);
  };
  GARITA_TRY_ASSIGN(report, catalog::apply_retention(writer, plan, believed_keys(state), journal));
  return Retained{report.removed + report.finished, report.bytes, plan.on_hold + report.spared};
}

RetentionRun::RetentionRun(std::filesystem::path state, uint64_t every_ms, Tell tell)
    : state_(std::move(state)), every_ms_(every_ms), tell_(std::move(tell)), thread_([this] { work(); }) {}

RetentionRun::~RetentionRun() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void RetentionRun::set(const RetentionPlan& plan) {
  const std::lock_guard lock(mutex_);
  if (is_same(plan, plan_)) return;
  plan_ = plan;
  look_ = true;
  changed_.notify_all();
}

void RetentionRun::work() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    changed_.wait_for(lock, std::chrono::milliseconds(every_ms_), [this] { return look_ || stop_; });
    look_ = false;
    const auto policy = retention_policy(plan_);
    if (stop_ || !policy) continue;
    lock.unlock();
    const auto retained = retain_now(state_, *policy, base::system_clock().utc_ns());
    if (!retained || retained->removed > 0) tell_(retained);
    lock.lock();
  }
}

}  // namespace garita::host
