#include "core/host/evidence.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/base/hash_log.hpp"
#include "core/host/quarantine.hpp"
#include "core/isolate/box/policy.hpp"
#include "garita/status.h"

namespace garita::host {
namespace {

constexpr size_t max_attempts = 1024;  // of a whole run, whose driver may have been started again and again
constexpr int patience = 100;          // looks at a log that is locked
constexpr auto pause = std::chrono::milliseconds(50);

base::Result<base::HashLog> open_log(const std::filesystem::path& state) {
  GARITA_TRY(base::real_file_system().create_folders(state / "audit", 0700));
  for (int look = 0;; ++look) {
    auto log = base::HashLog::open(state / "audit" / "audit.log");
    if (log || log.error().id != "base.file_locked" || look == patience) return log;
    std::this_thread::sleep_for(pause);
  }
}

std::string dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

base::Result<void> append_audit(const std::filesystem::path& state, std::string_view kind,
                                std::string_view payload) {
  GARITA_TRY_ASSIGN(log, open_log(state));
  GARITA_TRY(log.append(kind, payload));
  return {};
}

void Evidence::attempted(const isolate::Attempt& attempt) {
  {
    const std::lock_guard lock(mutex_);
    if (attempt.breach()) {
      ++breaches_;
      if (!first_) first_ = attempt;
    }
    if (attempts_.size() < max_attempts)
      attempts_.push_back(attempt);
    else
      ++dropped_;
  }
  observer_.attempted(attempt);
}

void Evidence::suppressed(uint64_t count) {
  const std::lock_guard lock(mutex_);
  suppressed_ = count;
}

std::optional<base::Error> Evidence::breach() const {
  const std::lock_guard lock(mutex_);
  if (!first_) return std::nullopt;
  return base::Error{base::Outcome::incomplete,
                     "isolate.breach",
                     {{"driver", manifest_.name},
                      {"event", "close"},
                      {"class", isolate::name_of(first_->kind)},
                      {"call", first_->call},
                      {"target", first_->target},
                      {"count", std::to_string(breaches_ + suppressed_)}},
                     GARITA_DRIVER_FAULT};
}

base::Result<void> Evidence::close() {
  const std::lock_guard lock(mutex_);
  if (attempts_.empty()) return {};
  const std::string policy = base::to_text(isolate::Policy::built_in().digest());
  if (first_) {  // the door first: it must be shut even where the log cannot be written
    GARITA_TRY(Quarantine(state_).put(
        {manifest_.name, manifest_.vendor, manifest_.version, manifest_.driver.sha256, first_->utc_ns, policy,
         isolate::name_of(first_->kind), first_->call, first_->target, breaches_ + suppressed_}));
  }
  GARITA_TRY_ASSIGN(log, open_log(state_));
  const nlohmann::json common = {{"driver", manifest_.name},
                                 {"driver_sha256", base::to_text(manifest_.driver.sha256)},
                                 {"policy", policy}};
  for (const isolate::Attempt& attempt : attempts_) {
    nlohmann::json line = common;
    line.update({{"class", isolate::name_of(attempt.kind)},
                 {"call", attempt.call},
                 {"target", attempt.target},
                 {"decision", isolate::name_of(attempt.decision)},
                 {"thread", attempt.thread},
                 {"monotonic_ns", attempt.monotonic_ns},
                 {"utc", base::format_utc(attempt.utc_ns)}});
    GARITA_TRY(log.append(std::string("box.") + isolate::name_of(attempt.decision), dump(line)));
  }
  if (suppressed_ + dropped_ > 0) {
    nlohmann::json line = common;
    line["count"] = suppressed_ + dropped_;
    GARITA_TRY(log.append("box.suppressed", dump(line)));
  }
  attempts_.clear();
  return {};
}

}  // namespace garita::host
