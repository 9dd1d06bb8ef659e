// garita scan: runs one driver on its sources and writes a package for each scan.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <nlohmann/json.hpp>

#include "core/base/state.hpp"
#include "core/host/replay.hpp"
#include "core/host/scan_freshness.hpp"
#include "core/host/scan_run.hpp"
#include "core/host/site/site_config.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {
namespace {

std::atomic<bool> stop_asked{false};
void ask_to_stop(int) { stop_asked = true; }

const char* fate_name(const host::Recorded& recorded) {
  switch (recorded.fate) {
    case host::Fate::stored: return recorded.complete() ? "stored" : "incomplete";
    case host::Fate::duplicate: return "duplicate";
    case host::Fate::dropped: return "dropped";
    case host::Fate::joined: return "joined";
    case host::Fate::abandoned: return "abandoned";
    case host::Fate::waiting: return "waiting";
  }
  return "?";
}

// Progress on a terminal, a line a scan in a pipe, JSON lines with --json.
class Printer final : public host::ScanObserver {
 public:
  Printer(const Terminal& terminal, std::string driver) : terminal_(terminal), driver_(std::move(driver)) {}

  void progress(const std::string& scan_key, uint64_t rows) override {
    if (terminal_.json || !terminal_.out_is_tty) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    terminal_.out << "\r\033[K" << terminal_.text("cli.scanning", {{"key", scan_key}, {"rows", std::to_string(rows)}})
                  << std::flush;
  }

  void recorded(const host::Recorded& recorded) override {
    const std::string package = recorded.path.string();
    const auto suspicion = host::suspicion_of(recorded.record);
    if (terminal_.json) {
      nlohmann::json said = {{"event", "scan"}, {"fate", fate_name(recorded)}, {"scan_key", recorded.scan_key},
                             {"package", package}, {"raw_bytes", recorded.raw_bytes},
                             {"reason", recorded.record.completeness().reason()}};
      if (suspicion) said["suspect"] = base::render(*suspicion, terminal_.language);
      line(said);
      return;
    }
    clear();
    terminal_.out << terminal_.text(std::string("cli.scan_") + fate_name(recorded),
                                    {{"key", recorded.scan_key}, {"package", package},
                                     {"reason", recorded.record.completeness().reason()}})
                  << std::endl;
    if (suspicion) terminal_.err << "garita: " << base::render(*suspicion, terminal_.language) << std::endl;
  }

  void refused(const std::string& file, const base::Error& why) override { about_file("refused", file, why); }
  void passed_over(const std::string& file, const base::Error& why) override { about_file("passed_over", file, why); }

  void trouble(const base::Error& error, bool goes_on) override {
    if (!goes_on) return;  // it comes again as the run's own error
    clear();
    terminal_.err << "garita: " << sentence_of(terminal_, error) << std::endl;
  }

  void awaits_debugger(pid_t worker, bool attached) override {
    clear();
    terminal_.err << "garita: "
                  << terminal_.text(attached ? "cli.scan_gdb_attached" : "cli.scan_gdb_waits",
                                    {{"driver", driver_}, {"pid", std::to_string(worker)}})
                  << std::endl;
  }

  void attempted(const isolate::Attempt& attempt) override {
    if (terminal_.json)
      return line({{"event", "attempt"},
                   {"class", isolate::name_of(attempt.kind)},
                   {"call", attempt.call},
                   {"target", attempt.target},
                   {"decision", isolate::name_of(attempt.decision)}});
    if (!attempt.breach()) return;
    const std::lock_guard lock(mutex_);
    clear();
    terminal_.out << terminal_.text("cli.scan_attempt", {{"class", isolate::name_of(attempt.kind)},
                                                         {"call", attempt.call},
                                                         {"target", attempt.target}})
                  << std::endl;
  }

  void log(uint32_t level, std::string_view text) override {
    if (level < GARITA_LOG_WARNING) return;
    const std::lock_guard lock(mutex_);
    terminal_.err << "driver: " << base::printable(text) << std::endl;
  }

  void line(const nlohmann::json& json) {
    const std::lock_guard lock(mutex_);
    terminal_.out << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
  }

 private:
  void about_file(const char* event, const std::string& file, const base::Error& why) {
    if (terminal_.json)
      return line({{"event", event}, {"file", file}, {"code", why.status}, {"id", why.id},
                   {"reason", base::render(why, terminal_.language)}});
    clear();
    terminal_.out << base::render(why, terminal_.language) << std::endl;
  }

  void clear() {
    if (!terminal_.json && terminal_.out_is_tty) terminal_.out << "\r\033[K";
  }

  const Terminal& terminal_;
  const std::string driver_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point last_;
};

base::Result<host::ScanOptions> scan_options(const Options& options) {
  host::ScanOptions scan;
  GARITA_TRY_ASSIGN(driver, options.required("driver"));
  GARITA_TRY_ASSIGN(out, options.required("out"));
  const auto folders = host::driver_search_path(options.get("driver-path"));
  GARITA_TRY_ASSIGN(manifest, load::find_driver(driver, folders));
  GARITA_TRY_ASSIGN(sources, host::parse_assignments(options.all("source"), "--source"));
  const bool replay = options.has("replay");
  if (replay && !sources.empty()) return usage_error("cli.replay_and_source", {});
  auto grants = replay ? host::grant_replay(manifest, options.get("replay")) : host::grant_sources(manifest, sources);
  if (!grants) return std::move(grants).error();
  broker::Broker::Sources granted = std::move(*grants);
  const bool replayed = std::any_of(granted.begin(), granted.end(),
                                    [](const auto& source) { return source.second.scheme == "replay"; });
  for (const char* option : {"replay-speed", "deterministic"})
    if (options.has(option) && !replayed) return usage_error("cli.needs_replay", {{"option", option}});
  const std::string speed = options.get("replay-speed", "fast");
  if (speed != "fast" && speed != "real") return usage_error("cli.bad_replay_speed", {{"given", speed}});
  GARITA_TRY_ASSIGN(values, host::parse_assignments(options.all("config"), "--config"));
  GARITA_TRY_ASSIGN(configuration, host::grant_configuration(manifest, values));
  GARITA_TRY_ASSIGN(count, options.number("count", 0, 1, 1'000'000'000));
  GARITA_TRY_ASSIGN(patience_ms, options.number("patience-ms", 30'000, 0, 86'400'000));
  std::optional<std::filesystem::path> state;
  if (options.has("state")) state = options.get("state");
  GARITA_TRY_ASSIGN(state_folder, base::find_state_folder(state));
  const std::string keep = options.get("keep", "incomplete");
  if (keep != "incomplete" && keep != "drop")
    return usage_error("cli.bad_keep", {{"given", keep}});
  scan.manifest = std::move(manifest);
  scan.sources = std::move(granted);
  scan.configuration = std::move(configuration);
  scan.out = out;
  scan.state = state_folder;
  scan.site = options.get("site");
  scan.lane = options.get("lane");
  scan.instance = options.get("instance");
  scan.model = options.get("model");
  scan.count = static_cast<uint64_t>(count);
  scan.until_empty = options.has("until-empty");
  scan.keep_incomplete = keep == "incomplete";
  scan.patience_ms = static_cast<uint64_t>(patience_ms);
  scan.in_process_unsafe = options.has("in-process-unsafe");
  scan.record = options.get("record");
  scan.replay_speed = speed == "real" ? broker::Player::Speed::real : broker::Player::Speed::fast;
  scan.deterministic = options.has("deterministic");
  scan.coding_threads = scan.deterministic ? 0 : host::coding_threads_for(1);
  scan.gdb = options.has("gdb");
  if (scan.gdb && (scan.in_process_unsafe || options.has("box"))) return usage_error("cli.scan_gdb_alone", {});
  if (scan.gdb) scan.box = isolate::Box::B0;
  if (options.has("box")) {
    scan.box = isolate::box_of(options.get("box"));
    if (!scan.box || scan.in_process_unsafe) return usage_error("cli.bad_box", {{"given", options.get("box")}});
  }
  if (options.has("policy")) {
    GARITA_TRY_ASSIGN(plan, host::read_policy(options.get("policy")));
    scan.trust = std::move(plan.trust);
    scan.least_box = plan.box;
    scan.deployment.keep = plan.keep;
  }
  return scan;
}

nlohmann::json to_json(const host::ScanSummary& summary) {
  nlohmann::json reports = nlohmann::json::array();
  for (const auto& report : summary.crash_reports) reports.push_back(report.string());
  return {{"restarts", summary.restarts},
          {"worker_cpu_ms", summary.worker.cpu_ns / 1'000'000}, {"worker_peak_bytes", summary.worker.peak_bytes},
          {"crash_reports", reports},
          {"files", summary.files},           {"packages", summary.packages},     {"joined", summary.joined},
          {"refused", summary.refused},       {"passed_over", summary.passed_over}, {"earlier", summary.earlier},
          {"incomplete", summary.incomplete}, {"duplicates", summary.duplicates}, {"dropped", summary.dropped}};
}

}  // namespace

int scan_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "scan");
  options.value("driver", "NAME").value("driver-path", "FOLDER").list("source", "NAME=ADDRESS");
  options.list("config", "KEY=VALUE").value("out", "FOLDER").value("count", "N").flag("until-empty");
  options.value("model").value("instance").value("site").value("lane").value("state", "FOLDER").value("keep");
  options.value("patience-ms", "MS").value("box", "B0|B1|B2|B3").flag("in-process-unsafe").flag("gdb");
  options.value("policy", "FILE");
  options.value("record", "FILE").value("replay", "FILE").value("replay-speed", "fast|real").flag("deterministic");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  auto scan = scan_options(options);
  if (!scan) return fail(terminal, scan.error());

  if (scan->in_process_unsafe)
    terminal.err << "garita: " << terminal.text("cli.scan_in_process_unsafe", {{"driver", scan->manifest.name}})
                 << std::endl;
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGTERM, ask_to_stop);
  Printer printer(terminal, scan->manifest.name);
  host::ScanSummary summary;
  auto ran = host::run_scan(*scan, stop_asked, printer, summary);
  int exit_code = summary.refused + summary.incomplete + summary.dropped > 0 ? 4 : 0;
  if (!ran) exit_code = fail(terminal, ran.error());
  if (!ran && ran.error().id == "isolate.breach")
    terminal.err << "garita: "
                 << terminal.text("cli.scan_quarantined", {{"digest", base::to_text(scan->manifest.driver.sha256)}})
                 << std::endl;
  if (terminal.json) printer.line(to_json(summary));
  return exit_code;
}

}  // namespace garita::cli
