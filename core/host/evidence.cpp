#include "core/host/evidence.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>
#include <utility>

#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/exchange/audit/audit_log.hpp"
#include "core/host/quarantine.hpp"
#include "core/isolate/box/policy.hpp"
#include "garita/status.h"

namespace garita::host {
namespace {

constexpr size_t max_attempts = 1024;  // of a whole run, whose driver may have been started again and again
constexpr auto between_writes = std::chrono::seconds(1);

std::string dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

base::Result<void> append_audit(const std::filesystem::path& state, std::string_view kind,
                                std::string_view payload) {
  GARITA_TRY_ASSIGN(log, exchange::AuditLog::open(state / "audit"));
  return log.append(kind, payload);
}

Evidence::~Evidence() { stop_writing(); }

// Never waits for a disk: this thread answers every box of the host.
void Evidence::attempted(const isolate::Attempt& attempt) {
  {
    const std::lock_guard lock(mutex_);
    if (attempt.breach()) {
      ++breaches_;
      if (!first_) first_ = attempt;
    }
    if (kept_ < max_attempts)
      ++kept_, pending_.push_back(attempt);
    else
      ++dropped_;
    start_writing();
  }
  changed_.notify_one();
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

// A system without a thread to spare keeps the lines for close.
void Evidence::start_writing() {
  if (writer_.joinable() || closing_) return;
  try {
    writer_ = std::thread([this] { write_along(); });
  } catch (const std::system_error&) {
  }
}

// Its maker, which answers the boxes, looks at files as the user whose they are; this one writes what is the site's.
void Evidence::write_along() {
  syscall(SYS_setfsuid, geteuid());
  syscall(SYS_setfsgid, getegid());
  std::unique_lock lock(mutex_);
  while (!closing_) {
    changed_.wait(lock, [&] { return closing_ || !pending_.empty(); });
    if (closing_) return;
    const std::vector<isolate::Attempt> batch = pending_;
    lock.unlock();
    size_t written = 0;
    // What cannot be written is tried again, the last time by close, which says why not.
    if (put_into_quarantine()) (void)write_lines(batch, written, 0);
    lock.lock();
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<ptrdiff_t>(written));
    changed_.wait_for(lock, between_writes, [&] { return closing_; });
  }
}

void Evidence::stop_writing() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  if (writer_.joinable()) writer_.join();
}

// The door first: it must be shut even where the log cannot be written.
base::Result<void> Evidence::put_into_quarantine() {
  Quarantined entry;
  {
    const std::lock_guard lock(mutex_);
    if (!first_ || (quarantined_ && !closing_)) return {};
    entry = {manifest_.name, manifest_.vendor, manifest_.version, manifest_.driver.sha256, first_->utc_ns,
             base::to_text(isolate::Policy::built_in().digest()), isolate::name_of(first_->kind), first_->call,
             first_->target, breaches_ + suppressed_};
  }
  GARITA_TRY(Quarantine(state_).put(entry));
  const std::lock_guard lock(mutex_);
  quarantined_ = true;
  return {};
}

base::Result<void> Evidence::write_lines(const std::vector<isolate::Attempt>& attempts, size_t& written,
                                         uint64_t lost) {
  if (attempts.empty() && lost == 0) return {};
  GARITA_TRY_ASSIGN(log, exchange::AuditLog::open(state_ / "audit"));
  std::vector<exchange::AuditLine> lines;
  const nlohmann::json common = {{"driver", manifest_.name},
                                 {"driver_sha256", base::to_text(manifest_.driver.sha256)},
                                 {"policy", base::to_text(isolate::Policy::built_in().digest())}};
  for (const isolate::Attempt& attempt : attempts) {
    nlohmann::json line = common;
    line.update({{"class", isolate::name_of(attempt.kind)},
                 {"call", attempt.call},
                 {"target", attempt.target},
                 {"decision", isolate::name_of(attempt.decision)},
                 {"thread", attempt.thread},
                 {"monotonic_ns", attempt.monotonic_ns},
                 {"utc", base::format_utc(attempt.utc_ns)}});
    lines.push_back({std::string("box.") + isolate::name_of(attempt.decision), dump(line)});
  }
  GARITA_TRY(log.append(lines, written));
  if (lost == 0) return {};
  nlohmann::json line = common;
  line["count"] = lost;
  return log.append("box.suppressed", dump(line));
}

base::Result<void> Evidence::close() {
  stop_writing();
  GARITA_TRY(put_into_quarantine());  // once more: now it is known how often
  size_t written = 0;
  return write_lines(std::exchange(pending_, {}), written, suppressed_ + dropped_);
}

}  // namespace garita::host
