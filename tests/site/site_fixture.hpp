// A site of simulated portals and a `garita run` over it, as the real programs, in a folder of its own.
#pragma once

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/testing/temporary_folder.hpp"
#include "core/host/open_package.hpp"
#include "core/package/verify.hpp"
#include "tests/host/programs.hpp"

namespace garita::host::testing {

using namespace std::chrono_literals;
using Json = nlohmann::json;
namespace fs = std::filesystem;

class RunningSite : public ::testing::Test {
 protected:
  ~RunningSite() override {
    for (pid_t child : children_) {
      if (child <= 0) continue;
      ::kill(child, SIGKILL);
      (void)wait_for(child);
    }
  }

  // False where it does not come true for long.
  template <typename Condition>
  static bool wait_until(Condition condition) {
    for (int i = 0; i < 3000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }

  // A portal that listens; the name of its files and its place among the children.
  size_t simulator(const std::string& name, std::vector<std::string> options, const std::string& port = "0",
                   const std::string& family = "portal") {
    std::vector<std::string> words = {
        GARITA_BIN_DIR "/garita-sim", family, "--json", "--listen", "127.0.0.1:" + port, "--port-file",
        folder_ / (name + ".port")};
    words.insert(words.end(), options.begin(), options.end());
    fs::remove(folder_ / (name + ".port"));
    children_.push_back(start_program(words, folder_ / (name + ".sim"), folder_ / (name + ".err")));
    EXPECT_TRUE(wait_until([&] { return text_of(folder_ / (name + ".port")).ends_with('\n'); }))
        << text_of(folder_ / (name + ".err"));
    return children_.size() - 1;
  }

  std::string port(const std::string& name) const {
    std::string port = text_of(folder_ / (name + ".port"));
    if (!port.empty()) port.pop_back();
    return port;
  }

  // [lanes.NAME] with one portal at the simulator of that name.
  std::string lane(const std::string& name, const std::string& more = "") const {
    return "[lanes." + name + "]\ndirection = \"entering\"\nsubject = \"cargo\"\n[lanes." + name +
           ".devices.portal]\ndriver = \"portal\"\nsources = { scanner = \"tcp://127.0.0.1:" + port(name) +
           "\" }\n" + more;
  }

  void write_site(const std::string& lanes) {
    std::ofstream(folder_ / "site.toml.new")
        << "schema = \"garita.site/1\"\n[site]\nname = \"Test\"\naduana = \"19\"\n"
        << lanes;
    fs::rename(folder_ / "site.toml.new", folder_ / "site.toml");
  }

  void run_site(std::vector<std::string> options = {}) {
    std::vector<std::string> words = {GARITA_BIN_DIR "/garita", "run",   folder_ / "site.toml", "--state",
                                      folder_ / "state",        "--out", folder_ / "out",       "--json"};
    words.insert(words.end(), options.begin(), options.end());
    children_.push_back(start_program(words, folder_ / "events", folder_ / "said"));
    host_ = children_.size() - 1;
  }

  int stop_site() {
    ::kill(children_[host_], SIGTERM);
    return wait_for(std::exchange(children_[host_], -1));
  }

  void kill_child(size_t which) {
    ::kill(children_[which], SIGKILL);
    (void)wait_for(std::exchange(children_[which], -1));
  }

  // What the host, or a simulator, said so far; a line that is not whole yet is left out.
  std::vector<Json> lines_of(const fs::path& path) const {
    std::vector<Json> found;
    std::istringstream lines(text_of(path));
    for (std::string line; std::getline(lines, line);)
      if (auto json = Json::parse(line, nullptr, false); json.is_object()) found.push_back(std::move(json));
    return found;
  }

  size_t count(const std::string& event, const std::string& key = "", const std::string& value = "") const {
    size_t n = 0;
    for (const Json& each : lines_of(folder_ / "events"))
      n += each.value("event", "") == event && (key.empty() || each.value(key, "") == value);
    return n;
  }
  size_t scans(const std::string& fate, const std::string& lane = "") const {
    size_t n = 0;
    for (const Json& each : lines_of(folder_ / "events"))
      n += each.value("event", "") == "scan" && each.value("fate", "") == fate &&
           (lane.empty() || each["lane"] == lane);
    return n;
  }

  // The site's last word of one lane's portal.
  Json summary(const std::string& lane) const {
    for (const Json& each : lines_of(folder_ / "events"))
      if (each.value("event", "") == "summary")
        for (const Json& device : each["devices"])
          if (device["lane"] == lane) return device;
    return {};
  }

  // Keys that a simulator was told are durable.
  std::vector<std::string> acknowledged(const std::string& name) const {
    std::vector<std::string> keys;
    for (const Json& each : lines_of(folder_ / (name + ".sim")))
      if (each.value("event", "") == "acknowledged") keys.push_back(each["key"]);
    return keys;
  }

  // Keys of the packages of a lane, and whether each is whole and verifies.
  std::map<std::string, bool> packages(const std::string& lane) const {
    std::map<std::string, bool> keys;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_ / "out" / lane, error)) {
      if (entry.path().extension() != ".garita") continue;
      const auto package = open_package(entry.path());
      EXPECT_TRUE(package.ok()) << entry.path();
      if (!package) continue;
      EXPECT_EQ(package::verify(entry.path()).outcome(), std::nullopt) << entry.path();
      bool& whole = keys[package->record.identity().scan_key()];
      whole = whole || package->record.completeness().state() == v1::Completeness::STATE_COMPLETE;
    }
    return keys;
  }

  std::string said() const { return text_of(folder_ / "said") + text_of(folder_ / "events"); }

  base::testing::TemporaryFolder folder_;
  std::vector<pid_t> children_;
  size_t host_ = 0;
};

}  // namespace garita::host::testing
