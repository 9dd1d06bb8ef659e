// garita-demo: a fleet on one machine: simulated scanners of four vendors on real sockets, files as other scanners export them,
// three sites run by the real programs, a driver that tries to phone home; a table and pictures at the end.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "tools/garita-demo/contact_sheet.hpp"
#include "tools/garita-demo/fleet.hpp"
#include "tools/garita-demo/joint.hpp"
#include "tools/garita-demo/samples.hpp"
#include "tools/garita-demo/site_process.hpp"
#include "tools/garita-demo/table.hpp"

namespace garita::demo {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto site_patience = 90s;
constexpr auto look = 50ms, settles = 1500ms;

Folders folders_of_this_program() {
  const fs::path bin = fs::read_symlink("/proc/self/exe").parent_path();
  return {bin, bin.parent_path() / "lib/garita", bin.parent_path().parent_path() / "demo"};
}

// What lies in the folders of exported files: real ones where they lie beside the project, else samples that are written now.
base::Result<void> lay_out_files(std::vector<Site>& sites) {
  const char* data = std::getenv("GARITA_TEST_DATA");
  for (Site& site : sites)
    for (Lane& lane : site.lanes)
      for (Device& device : lane.devices) {
        if (device.files_are.empty()) continue;
        if (data && fs::exists(fs::path(data) / device.files_are)) {
          device.files = fs::path(data) / device.files_are;
          continue;
        }
        fs::create_directories(device.files);
        GARITA_TRY(device.files_are == "dicos" ? write_dicos_samples(device.files) : write_n42_samples(device.files));
      }
  return {};
}

// What only prepares an attempt is counted, not shown.
bool tells_much(const std::string& attempt) {
  for (const char* call : {" socket ", " setsockopt ", " newfstatat ", "nscd"})
    if (attempt.find(call) != std::string::npos) return false;
  return true;
}

class Demo {
 public:
  explicit Demo(base::Language language) : language_(language), folders_(folders_of_this_program()) {}

  int run() {
    const auto started = std::chrono::steady_clock::now();
    fs::remove_all(folders_.demo);
    for (const fs::path& folder : {folders_.packages(), folders_.pictures()}) fs::create_directories(folder);
    std::vector<Site> sites = fleet(folders_);
    if (const auto laid = lay_out_files(sites); !laid) return complain(laid.error()), 1;
    size_t lanes = 0, devices = 0;
    for (const Site& site : sites)
      for (const Lane& lane : site.lanes) ++lanes, devices += lane.devices.size();
    say("cli.demo_begin", {{"sites", std::to_string(sites.size())}, {"lanes", std::to_string(lanes)}, {"devices", std::to_string(devices)}});
    run_sites(sites);
    show(sites, started);
    return failed_.empty() && !broken_ && caught_ ? 0 : 1;
  }

 private:
  void run_sites(const std::vector<Site>& sites) {
    std::vector<std::unique_ptr<SiteProcess>> running;
    for (const Site& site : sites) {
      running.push_back(std::make_unique<SiteProcess>(folders_, site, [this](const Site& from, const Told& told) { take(from, told); }));
      if (!running.back()->start()) failed_.push_back(site.name);
    }
    const auto until = std::chrono::steady_clock::now() + site_patience;
    const auto done = [&] {
      return caught_ && std::all_of(running.begin(), running.end(), [](const auto& site) { return site->is_done(); });
    };
    while (std::chrono::steady_clock::now() < until && !done()) std::this_thread::sleep_for(look);
    // What else comes of files that are no inspection, and of pairs, comes now.
    for (last_told_ = std::chrono::steady_clock::now(); std::chrono::steady_clock::now() < std::min(until, last_told_.load() + settles);)
      std::this_thread::sleep_for(look);
    for (size_t i = 0; i < running.size(); ++i)
      for (const std::string& device : running[i]->stop()) failed_.push_back(sites[i].id + ' ' + device);
  }

  void show(const std::vector<Site>& sites, std::chrono::steady_clock::time_point started) {
    std::vector<Row> rows = {headings(language_)};
    const auto place = [&](const fs::path& package) {  // sites as they stand in the fleet, not by name
      const std::string id = fs::relative(package, folders_.packages()).begin()->string();
      const auto found = std::find_if(sites.begin(), sites.end(), [&](const Site& site) { return site.id == id; });
      return std::pair(found - sites.begin(), package);
    };
    std::sort(packages_.begin(), packages_.end(), [&](const fs::path& a, const fs::path& b) { return place(a) < place(b); });
    std::vector<fs::path> pictures;
    for (const fs::path& package : packages_) {
      auto row = row_of(package, language_);
      if (row) rows.push_back(*row);
      else complain(row.error());
      auto drawn = draw(package, folders_.pictures(), language_);
      if (drawn) pictures.insert(pictures.end(), drawn->begin(), drawn->end());
      else complain(drawn.error());
    }
    std::cout << '\n' << as_table(rows) << '\n';
    if (!caught_text_.empty()) std::cout << caught_text_ << "\n\n";
    const fs::path sheet = folders_.pictures() / "contact-sheet.png";
    if (const auto cells = write_contact_sheet(sheet, packages_, language_); !cells) complain(cells.error());
    else say("cli.demo_sheet", {{"picture", sheet}, {"count", std::to_string(*cells)}});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
    char duration[16];
    std::snprintf(duration, sizeof duration, "%.1f", seconds.count());
    say("cli.demo_end", {{"packages", folders_.packages()}, {"pictures", folders_.pictures()},
                         {"count", std::to_string(pictures.size())}, {"seconds", duration}});
    if (!packages_.empty())
      say("cli.demo_try", {{"garita", fs::relative(folders_.bin / "garita")}, {"package", fs::relative(packages_.front())},
                           {"state", fs::relative(folders_.demo / "state" / sites.front().id)}});
    for (const std::string& device : failed_) complain("cli.demo_failed", {{"lane", device}, {"log", folders_.log()}});
    if (!caught_) complain("cli.demo_not_caught", {{"log", folders_.log()}});
  }

  // Whatever a site tells, from its own thread.
  void take(const Site& site, const Told& told) {
    const std::lock_guard lock(mutex_);
    last_told_ = std::chrono::steady_clock::now();
    const std::string where = site.name + ' ' + told.lane;
    switch (told.what) {
      case Told::What::package:
        packages_.push_back(told.package);
        return say("cli.demo_stored", {{"site", where}, {"package", told.package.filename()}});
      case Told::What::refused:
        std::cout << where << ": " << told.text << std::endl;
        return;
      case Told::What::attempt:
        ++attempts_;
        if (!tells_much(told.text) || !shown_.insert(told.text).second) return;
        return say("cli.demo_attempt", {{"site", where}, {"driver", told.driver}, {"attempt", told.text}});
      case Told::What::stopped:
        caught_ = true;
        caught_text_ = base::text(language_, "cli.demo_caught",
                                  std::vector<base::Field>{{"driver", told.driver}, {"count", std::to_string(attempts_)}});
        std::cout << where << ": " << told.text << std::endl;
    }
  }

  void say(std::string_view id, std::vector<base::Field> fields) { std::cout << base::text(language_, id, fields) << std::endl; }
  void complain(std::string_view id, std::vector<base::Field> fields) {
    std::cerr << "garita-demo: " << base::text(language_, id, fields) << std::endl;
  }
  void complain(const base::Error& error) {
    broken_ = true;
    std::cerr << "garita-demo: " << base::render(error, language_) << std::endl;
  }

  const base::Language language_;
  const Folders folders_;
  std::mutex mutex_;                 // guards what sites tell, until they are stopped
  std::vector<fs::path> packages_;
  unsigned attempts_ = 0;
  std::set<std::string> shown_;
  std::string caught_text_;
  std::atomic<bool> caught_{false};  // the driver that tries to phone home
  std::atomic<std::chrono::steady_clock::time_point> last_told_{};
  std::vector<std::string> failed_;  // devices that brought too little
  bool broken_ = false;
};

}  // namespace
}  // namespace garita::demo

int main(int argc, char** argv) {
  const auto language = garita::base::language_from_environment();
  const bool joint = argc == 2 && std::string_view(argv[1]) == "--joint";
  if (argc > 1 && !joint) return std::cerr << "garita-demo [--joint]" << std::endl, 2;
  return joint ? garita::demo::run_joint(garita::demo::folders_of_this_program(), language)
               : garita::demo::Demo(language).run();
}
