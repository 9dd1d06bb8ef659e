#include "tools/garita/site_printer.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/base/clock.hpp"
#include "core/host/scan_freshness.hpp"
#include "garita/host.h"

namespace garita::cli {
namespace {

constexpr int error = 3, warning = 4, information = 6;
constexpr size_t most_rows = 60;

const char* fate_of(const host::Recorded& recorded) {
  switch (recorded.fate) {
    case host::Fate::stored:
      return recorded.complete() ? "stored" : "incomplete";
    case host::Fate::duplicate:
      return "duplicate";
    case host::Fate::dropped:
      return "dropped";
    case host::Fate::joined:
      return "joined";
    case host::Fate::abandoned:
      return "abandoned";
    case host::Fate::waiting:
      return "waiting";
  }
  return "?";
}

nlohmann::json about(const char* event, const host::DevicePlan& device) {
  return {{"event", event}, {"lane", device.lane}, {"device", device.name}, {"driver", device.manifest.name}};
}

nlohmann::json to_json(const host::DeviceStatus& device) {
  return {{"lane", device.lane},
          {"device", device.device},
          {"driver", device.driver},
          {"version", device.version},
          {"state", name_of(device.state)},
          {"scans", device.scans},
          {"incomplete", device.incomplete},
          {"duplicates", device.duplicates},
          {"joined", device.joined},
          {"dropped", device.dropped},
          {"refused", device.refused},
          {"passed_over", device.passed_over},
          {"suspects", device.suspects},
          {"restarts", device.restarts},
          {"breaches", device.breaches},
          {"troubles", device.troubles},
          {"openings", device.openings},
          {"raw_bytes", device.raw_bytes}};
}

std::string seconds_since(int64_t utc_ns) {
  if (utc_ns == 0) return "-";
  return std::to_string((base::system_clock().utc_ns() - utc_ns) / 1'000'000'000) + " s";
}

}  // namespace

SitePrinter::SitePrinter(const Terminal& terminal)
    : terminal_(terminal), journal_(std::getenv("JOURNAL_STREAM") != nullptr) {}

void SitePrinter::recorded(const host::DevicePlan& device, const host::Recorded& recorded) {
  const std::string reason = recorded.record.completeness().reason();
  if (terminal_.json) {
    nlohmann::json said = about("scan", device);
    said.update({{"fate", fate_of(recorded)},
                 {"scan_key", recorded.scan_key},
                 {"package", recorded.path.string()},
                 {"raw_bytes", recorded.raw_bytes},
                 {"reason", reason}});
    if (const auto suspicion = host::suspicion_of(recorded.record))
      said["suspect"] = base::render(*suspicion, terminal_.language);
    return event(said);
  }
  if (const auto suspicion = host::suspicion_of(recorded.record))
    line(warning, device, base::render(*suspicion, terminal_.language));
  const bool whole =
      recorded.fate != host::Fate::dropped && (recorded.fate != host::Fate::stored || recorded.complete());
  if (terminal_.out_is_tty && whole) return;  // the table counts it
  line(whole ? information : warning, device,
       terminal_.text(std::string("cli.scan_") + fate_of(recorded),
                      {{"key", recorded.scan_key}, {"package", recorded.path.string()}, {"reason", reason}}));
}

void SitePrinter::refused(const host::DevicePlan& device, const std::string& file, const base::Error& why) {
  const std::string sentence = base::render(why, terminal_.language);
  if (!terminal_.json) return line(warning, device, sentence);
  nlohmann::json said = about("refused", device);
  said.update({{"file", file}, {"id", why.id}, {"reason", sentence}});
  event(said);
}

void SitePrinter::trouble(const host::DevicePlan& device, const base::Error& why) {
  const std::string sentence = sentence_of(terminal_, why);
  if (!terminal_.json) return line(why.id == "isolate.breach" ? error : warning, device, sentence);
  nlohmann::json said = about("trouble", device);
  said.update({{"id", why.id}, {"reason", sentence}});
  event(said);
}

void SitePrinter::state(const host::DevicePlan& device, host::DeviceState now) {
  if (terminal_.json) {
    nlohmann::json said = about("state", device);
    said.update({{"state", name_of(now)}, {"version", device.manifest.version}});
    return event(said);
  }
  if (terminal_.out_is_tty) return;
  line(information, device,
       terminal_.text(std::string("cli.run_state_") + name_of(now),
                      {{"driver", device.manifest.name}, {"version", device.manifest.version}}));
}

void SitePrinter::attempted(const host::DevicePlan& device, const isolate::Attempt& attempt) {
  if (terminal_.json) {
    nlohmann::json said = about("attempt", device);
    said.update({{"class", isolate::name_of(attempt.kind)},
                 {"call", attempt.call},
                 {"target", attempt.target},
                 {"decision", isolate::name_of(attempt.decision)}});
    return event(said);
  }
  if (attempt.breach())
    line(error, device,
         terminal_.text("cli.scan_attempt", {{"class", isolate::name_of(attempt.kind)},
                                             {"call", attempt.call},
                                             {"target", attempt.target}}));
}

void SitePrinter::retained(const base::Result<host::Retained>& what) {
  const std::string sentence =
      what ? terminal_.text("cli.catalog_retained", {{"removed", std::to_string(what->removed)},
                                                     {"megabytes", std::to_string(what->bytes / 1'000'000)},
                                                     {"held", std::to_string(what->on_hold)}})
           : sentence_of(terminal_, what.error());
  if (!terminal_.json) return say(what ? information : warning, sentence);
  nlohmann::json said = {{"event", "retention"}, {"sentence", sentence}};
  if (what) said.update({{"removed", what->removed}, {"bytes", what->bytes}, {"on_hold", what->on_hold}});
  event(said);
}

void SitePrinter::log(const host::DevicePlan& device, uint32_t level, std::string_view text) {
  if (level < GARITA_LOG_WARNING) return;
  if (terminal_.json) return;
  line(warning, device, base::printable(text));
}

void SitePrinter::say(int priority, const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  put(priority, "garita: " + sentence);
}

void SitePrinter::line(int priority, const host::DevicePlan& device, const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  put(priority, device.label() + ": " + sentence);
}

// Above the table, which is drawn anew below it.
void SitePrinter::put(int priority, const std::string& text) {
  if (drawn_) terminal_.out << "\033[" << drawn_ << "F\033[J" << std::flush;
  drawn_ = 0;
  if (journal_) terminal_.err << '<' << priority << '>';
  terminal_.err << text << std::endl;
}

void SitePrinter::event(const nlohmann::json& said) {
  if (!terminal_.json) return;
  const std::lock_guard lock(mutex_);
  terminal_.out << said.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

void SitePrinter::draw(const host::SiteStatus& status) {
  if (terminal_.json || !terminal_.out_is_tty) return;
  const std::lock_guard lock(mutex_);
  std::string text =
      padded(terminal_.text("cli.run_column_lane"), 26) +
      padded(terminal_.text("cli.run_column_driver"), 15) +
      padded(terminal_.text("cli.run_column_state"), 14) + padded(terminal_.text("cli.run_column_scans"), 9) +
      padded(terminal_.text("cli.run_column_incomplete"), 12) +
      padded(terminal_.text("cli.run_column_refused"), 12) + terminal_.text("cli.run_column_last") + '\n';
  size_t rows = 1;
  for (const host::DeviceStatus& device : status.devices) {
    if (rows > most_rows) break;
    text += padded(device.lane + '.' + device.device, 26) + padded(device.driver, 15) +
            padded(terminal_.text(std::string("cli.run_word_") + name_of(device.state)), 14) +
            padded(std::to_string(device.scans), 9) + padded(std::to_string(device.incomplete), 12) +
            padded(std::to_string(device.refused), 12) +
            (device.rows ? terminal_.text("cli.run_rows", {{"rows", std::to_string(device.rows)}})
                         : seconds_since(device.last_scan_utc_ns)) +
            '\n';
    ++rows;
  }
  if (drawn_) terminal_.out << "\033[" << drawn_ << "F\033[J";
  terminal_.out << text << std::flush;
  drawn_ = rows;
}

void SitePrinter::finish(const host::SiteStatus& status) {
  if (terminal_.json) {
    nlohmann::json devices = nlohmann::json::array();
    for (const auto& device : status.devices) devices.push_back(to_json(device));
    return event(
        {{"event", "summary"}, {"site", status.site}, {"reloads", status.reloads}, {"devices", devices}});
  }
  draw(status);
  uint64_t scans = 0, incomplete = 0, refused = 0;
  for (const auto& device : status.devices)
    scans += device.scans, incomplete += device.incomplete, refused += device.refused;
  say(information, terminal_.text("cli.run_summary", {{"scans", std::to_string(scans)},
                                                      {"incomplete", std::to_string(incomplete)},
                                                      {"refused", std::to_string(refused)}}));
}

}  // namespace garita::cli
