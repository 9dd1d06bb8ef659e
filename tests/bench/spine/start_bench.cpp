// spine.start_imgcodecs: how soon `garita show` of a small package is done, against an empty program that is
// linked with OpenCV's imgcodecs; starts a second. bench_spine_start [--program GARITA] [--file PACKAGE]:
// without a package, one is made by garita-sim and `garita scan` from the same folder.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"

extern char** environ;

namespace garita::bench {
namespace {

namespace fs = std::filesystem;

// Runs a program to its end with its output thrown away. Returns its exit code, -1 where it could not start
// or was killed.
int run_program(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  const int failed = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (failed || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

// A folder that goes with everything in it.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "garita-bench-XXXXXX").string();
    if (mkdtemp(pattern.data())) path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// One simulated truck, scanned through the real driver. The script gives up after 20 s.
std::optional<fs::path> make_package(const fs::path& program, const fs::path& folder) {
  static constexpr const char* script = R"(
    cd "$2" || exit 1
    timeout 20 "$1/garita-sim" portal --listen 127.0.0.1:0 --port-file port --count 1 >sim.log 2>&1 &
    for i in $(seq 100); do [ -s port ] && break; sleep 0.05; done
    port=$(cat port); port=${port##*:}
    timeout 20 "$1/garita" scan --driver portal --source scanner=tcp://127.0.0.1:$port --count 1 --out . --state state \
      >scan.log 2>&1
    code=$?; [ $code = 0 ] || cat scan.log sim.log >&2
    wait; exit $code)";
  if (run_program({"/bin/sh", "-c", script, "sh", program.parent_path(), folder}) != 0) return std::nullopt;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".garita") return entry.path();
  return std::nullopt;
}

int not_measured(const std::string& why) {
  std::fprintf(stderr, "*** spine.start_imgcodecs NOT MEASURED: %s\n", why.c_str());
  return 0;
}

int run(const Arguments& arguments) {
  const fs::path program = fs::absolute(arguments.value("program", GARITA_BIN_DIR "/garita"));
  if (!fs::exists(program))
    return not_measured(program.string() + " is not there; build it, or give --program");
  const Folder folder;
  std::optional<fs::path> file;
  if (const std::string given = arguments.value("file"); !given.empty()) file = given;
  if (!file) file = make_package(program, folder.path());
  if (!file) return not_measured("no package could be made; give --file");

  const std::vector<std::string> show = {program, "show", *file}, empty = {GARITA_BIN_DIR "/imgcodecs_empty"};
  if (run_program(show) != 0) return not_measured("`garita show " + file->string() + "` failed");
  if (run_program(empty) != 0) return not_measured(empty[0] + " failed");
  const auto laps = race({[&] { run_program(show); }, [&] { run_program(empty); }},
                         {arguments.rounds(11), 0.2, Cost::wall});
  std::printf("garita show %.1f ms, empty program with imgcodecs %.1f ms (paired %.1f)\n",
              laps[0].seconds * 1e3, laps[1].seconds * 1e3, paired_ratio(laps[0], laps[1]));
  return report(arguments,
                {rate_ratio("spine.start_imgcodecs", 5, 1 / laps[0].seconds, 1 / laps[1].seconds)});
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) {
  return garita::bench::run(garita::bench::Arguments(argc, argv, {"program", "file"}));
}
