// garita run site.toml: a whole site, until it is stopped.
//
// SIGTERM and SIGINT end it: no new scan is begun, those under way may end within --grace-s. SIGHUP, a change
// of the file and an installed driver make it look again: what changed is opened anew between two scans, all
// else goes on.
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/clock.hpp"
#include "core/base/state.hpp"
#include "core/host/grants.hpp"
#include "core/host/site/driver_store.hpp"
#include "core/host/site/metrics.hpp"
#include "core/host/site/metrics_server.hpp"
#include "core/host/site/notify.hpp"
#include "core/host/site/site_run.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"
#include "tools/garita/site_printer.hpp"

namespace garita::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto step = 100ms;
constexpr int steps_a_look = 10;

std::atomic<bool> stop_asked{false}, reload_asked{false};
void ask_to_stop(int) { stop_asked = true; }
void ask_to_reload(int) { reload_asked = true; }

// What must be as it was for nothing to have changed. A file may be exchanged within a second and with its
// size kept.
std::string stamp_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return "-";
  return std::to_string(status.st_ino) + ' ' + std::to_string(status.st_size) + ' ' +
         std::to_string(status.st_mtim.tv_sec) + '.' + std::to_string(status.st_mtim.tv_nsec);
}

struct Paths {
  fs::path file, state, out;
  host::DriverFolders drivers;

  std::string stamp() const { return stamp_of(file) + '\n' + stamp_of(drivers.installed); }
};

base::Result<Paths> paths_of(const Options& options) {
  Paths paths;
  GARITA_TRY_ASSIGN(file, options.required("FILE"));
  std::optional<fs::path> given;
  if (options.has("state")) given = options.get("state");
  GARITA_TRY_ASSIGN(state, base::find_state_folder(given));
  paths.file = file;
  paths.state = state;
  paths.out = options.has("out") ? fs::path(options.get("out")) : state / "packages";
  paths.drivers = {host::installed_drivers(state), host::driver_search_path(options.get("driver-path"))};
  return paths;
}

void tell_problems(SitePrinter& printer, const Terminal& terminal, const fs::path& file,
                   const host::CheckedSite& site) {
  for (const host::ConfigProblem& problem : site.problems)
    printer.say(problem.warning ? 4 : 3, host::render_problem(file, problem, terminal.language));
}

// Each lane has a dozen of them: as many as this user may have.
void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

class Service {
 public:
  Service(const Terminal& terminal, Paths paths, SitePrinter& printer)
      : terminal_(terminal), paths_(std::move(paths)), printer_(printer) {}

  base::Result<void> start(uint64_t grace_ms) {
    stamp_ = paths_.stamp();
    GARITA_TRY_ASSIGN(checked, host::check_site(paths_.file, paths_.drivers));
    tell_problems(printer_, terminal_, paths_.file, checked);
    if (!checked.good()) return usage_error("cli.run_bad_config", {{"file", paths_.file.string()}});
    const std::string metrics_host = checked.plan.metrics_host;
    const uint16_t metrics_port = checked.plan.metrics_port;
    host::SiteRunOptions options;
    options.state = paths_.state, options.out = paths_.out, options.grace_ms = grace_ms;
    GARITA_TRY_ASSIGN(site, host::SiteRun::start(std::move(checked.plan), options, printer_));
    site_ = std::move(site);
    return metrics_host.empty() ? base::Result<void>() : serve_metrics(metrics_host, metrics_port);
  }

  void go() {
    host::notify_service("READY=1\nSTATUS=" + summary());
    for (int i = 0; !stop_asked && !site_->all_ended(); ++i) {
      std::this_thread::sleep_for(step);
      site_->tick();
      if (i % steps_a_look) continue;
      look();
      printer_.draw(site_->status());
      host::notify_service("WATCHDOG=1\nSTATUS=" + summary());
    }
    host::notify_service("STOPPING=1");
    if (stop_asked) printer_.say(6, terminal_.text("cli.run_stopping"));
    site_->stop();
    printer_.finish(site_->status());
  }

 private:
  base::Result<void> serve_metrics(const std::string& host, uint16_t port) {
    const auto content = [site = site_.get()] {
      return host::metrics_text(site->status(), base::system_clock().utc_ns());
    };
    GARITA_TRY_ASSIGN(server, host::MetricsServer::start(host, port, content));
    metrics_ = std::move(server);
    const std::string address = host + ':' + std::to_string(metrics_->port());
    printer_.event({{"event", "metrics"}, {"address", address}});
    if (!terminal_.json)
      printer_.say(6, terminal_.text("cli.run_metrics", {{"address", "http://" + address + "/metrics"}}));
    return {};
  }

  // Whether there is something new: a configuration, a driver. What is wrong is told, and the old one goes
  // on.
  void look() {
    const std::string now = paths_.stamp();
    if (!reload_asked.exchange(false) && now == stamp_) return;
    stamp_ = now;
    host::notify_service("RELOADING=1\nMONOTONIC_USEC=" +
                         std::to_string(base::system_clock().monotonic_ns() / 1000));
    auto checked = host::check_site(paths_.file, paths_.drivers);
    if (checked) tell_problems(printer_, terminal_, paths_.file, *checked);
    if (!checked || !checked->good()) {
      site_->refused_reload();
      printer_.say(3, checked ? terminal_.text("cli.run_kept_old", {{"file", paths_.file.string()}})
                              : base::render(checked.error(), terminal_.language));
      printer_.event({{"event", "reload"}, {"good", false}});
    } else {
      const auto changed = site_->apply(std::move(checked->plan));
      printer_.event({{"event", "reload"}, {"good", true}, {"changed", changed}});
      printer_.say(6, terminal_.text("cli.run_reloaded", {{"count", std::to_string(changed.size())}}));
    }
    host::notify_service("READY=1");
  }

  std::string summary() const {
    const host::SiteStatus status = site_->status();
    uint64_t scans = 0, running = 0;
    for (const host::DeviceStatus& device : status.devices)
      scans += device.scans, running += device.state == host::DeviceState::running;
    return terminal_.text("cli.run_status", {{"running", std::to_string(running)},
                                             {"devices", std::to_string(status.devices.size())},
                                             {"scans", std::to_string(scans)}});
  }

  const Terminal& terminal_;
  const Paths paths_;
  SitePrinter& printer_;
  std::string stamp_;
  std::unique_ptr<host::SiteRun> site_;
  std::unique_ptr<host::MetricsServer> metrics_;  // last: it asks the site
};

}  // namespace

int run_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "run");
  options.value("state", "FOLDER")
      .value("out", "FOLDER")
      .value("driver-path", "FOLDER")
      .value("grace-s", "S");
  options.positional("FILE");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  auto paths = paths_of(options);
  if (!paths) return fail(terminal, paths.error());
  auto grace_s = options.number("grace-s", 20, 0, 3600);
  if (!grace_s) return fail(terminal, grace_s.error());

  allow_many_descriptors();
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGTERM, ask_to_stop);
  std::signal(SIGHUP, ask_to_reload);
  SitePrinter printer(terminal);
  Service service(terminal, std::move(*paths), printer);
  if (const auto started = service.start(static_cast<uint64_t>(*grace_s) * 1000); !started)
    return fail(terminal, started.error());
  service.go();
  return 0;
}

}  // namespace garita::cli
