// garita-demo: simulated scanners on real sockets, files as other scanners export them, the real programs; a table and
// pictures at the end.
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "tools/garita-demo/lanes.hpp"
#include "tools/garita-demo/samples.hpp"
#include "tools/garita-demo/table.hpp"

namespace garita::demo {
namespace {

namespace fs = std::filesystem;

Folders folders_of_this_program() {
  const fs::path bin = fs::read_symlink("/proc/self/exe").parent_path();
  return {bin, bin.parent_path().parent_path() / "demo"};
}

// A folder of real files where it lies beside the project, else samples that are written now.
base::Result<fs::path> files_of(const Folders& folders, const char* name, base::Result<void> (*write_samples)(const fs::path&)) {
  const char* data = std::getenv("GARITA_TEST_DATA");
  if (data && fs::exists(fs::path(data) / name)) return fs::path(data) / name;
  const fs::path folder = folders.demo / "exports" / name;
  fs::create_directories(folder);
  GARITA_TRY(write_samples(folder));
  return folder;
}

// Two simulated portals, two lanes of files; a further lane sends a real rail-cargo radiograph where one lies beside the
// project.
base::Result<std::vector<Lane>> lanes_of_the_demo(const Folders& folders) {
  GARITA_TRY_ASSIGN(dicos, files_of(folders, "dicos", write_dicos_samples));
  GARITA_TRY_ASSIGN(n42, files_of(folders, "n42", write_n42_samples));
  std::vector<Lane> lanes = {
      {"Mexicali", "1", "portal", "scanner", {"portal", "--seed", "19"}, 3},
      {"Ciudad Juárez", "2", "portal", "scanner", {"portal", "--seed", "7", "--pitch-along-um", "24000"}, 3},  // a faster lane
      {"AIFA", "4", "dicos", "exports", {}, 0, dicos},
      {"Nogales", "5", "n42", "exports", {}, 0, n42},
  };
  const char* data = std::getenv("GARITA_TEST_DATA");
  const fs::path real = data ? fs::path(data) / "cargo/zcon_5.npy" : fs::path();
  if (data && fs::exists(real))
    lanes.push_back({"Sonoyta", "3", "portal", "scanner", {"portal", "--seed", "50", "--image", real}, 1});
  return lanes;
}

class Demo {
 public:
  explicit Demo(base::Language language) : language_(language), folders_(folders_of_this_program()) {}

  int run() {
    const auto started = std::chrono::steady_clock::now();
    fs::remove_all(folders_.demo);
    for (const fs::path& folder : {folders_.packages(), folders_.pictures()}) fs::create_directories(folder);
    const auto lanes = lanes_of_the_demo(folders_);
    if (!lanes) return complain(lanes.error()), 1;
    unsigned scans = 0, file_lanes = 0;
    for (const Lane& lane : *lanes) {
      scans += lane.scans;
      file_lanes += !lane.files.empty();
    }
    say("cli.demo_begin", {{"portals", std::to_string(lanes->size() - file_lanes)}, {"scans", std::to_string(scans)},
                           {"lanes", std::to_string(file_lanes)}});

    rows_.push_back(headings(language_));
    const auto failed = run_lanes(folders_, *lanes, [&](const Lane& lane, const Told& told) { add(lane, told); });
    clear_line();
    std::cout << '\n' << as_table(rows_) << '\n';
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
    char duration[16];
    std::snprintf(duration, sizeof duration, "%.1f", seconds.count());
    say("cli.demo_end", {{"packages", folders_.packages()}, {"pictures", folders_.pictures()},
                         {"count", std::to_string(pictures_.size())}, {"seconds", duration}});
    if (!packages_.empty()) say("cli.demo_try", {{"garita", fs::relative(folders_.bin / "garita")}, {"package", fs::relative(packages_.front())}});
    for (const std::string& lane : failed) complain("cli.demo_failed", {{"lane", lane}, {"log", folders_.log()}});
    return failed.empty() && !broken_ ? 0 : 1;
  }

 private:
  void say(std::string_view id, std::vector<base::Field> fields) { std::cout << base::text(language_, id, fields) << std::endl; }
  void complain(std::string_view id, std::vector<base::Field> fields) {
    std::cerr << "garita-demo: " << base::text(language_, id, fields) << std::endl;
  }
  void complain(const base::Error& error) {
    broken_ = true;
    std::cerr << "garita-demo: " << base::render(error, language_) << std::endl;
  }
  void clear_line() {
    if (isatty(STDOUT_FILENO)) std::cout << "\r\033[K";
  }

  void add(const Lane& lane, const Told& told) {
    clear_line();
    if (told.package.empty()) {
      std::cout << lane.site << ": " << told.reason << std::endl;
      return;
    }
    const fs::path& package = told.package;
    packages_.push_back(package);
    std::cout << base::text(language_, "cli.demo_stored",
                            std::vector<base::Field>{{"site", lane.site}, {"package", package.filename()}})
              << std::endl;
    auto row = row_of(package, language_);
    if (row) rows_.push_back(*row);
    else complain(row.error());
    auto drawn = draw(package, folders_.pictures(), language_);
    if (drawn) pictures_.insert(pictures_.end(), drawn->begin(), drawn->end());
    else complain(drawn.error());
  }

  const base::Language language_;
  const Folders folders_;
  std::vector<Row> rows_;
  std::vector<fs::path> packages_, pictures_;
  bool broken_ = false;
};

}  // namespace
}  // namespace garita::demo

int main() { return garita::demo::Demo(garita::base::language_from_environment()).run(); }
