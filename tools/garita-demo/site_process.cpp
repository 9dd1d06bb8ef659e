#include "tools/garita-demo/site_process.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <sstream>

namespace garita::demo {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string toml_text(const std::string& text) { return nlohmann::json(text).dump(); }

std::string label(const Lane& lane, const Device& device) { return lane.name + '.' + device.name; }

}  // namespace

SiteProcess::SiteProcess(const Folders& folders, const Site& site, OnTold on_told)
    : folders_(folders), site_(site), on_told_(std::move(on_told)) {}

SiteProcess::~SiteProcess() {
  host_.reset();
  simulators_.clear();
}

bool SiteProcess::start() {
  for (const Lane& lane : site_.lanes)
    for (const Device& device : lane.devices) {
      if (!device.files.empty()) fs::create_directories(device.files);
      if (!device.simulator.empty() && !start_simulator(device)) return false;
    }
  const fs::path file = folders_.demo / "sites" / (site_.id + ".toml");
  fs::create_directories(file.parent_path());
  std::ofstream(file) << toml();
  const std::string drivers =
      (folders_.drivers / "drivers").string() + ':' + (folders_.drivers / "examples").string();
  host_ = std::make_unique<Child>(
      std::vector<std::string>{folders_.bin / "garita", "run", file, "--state",
                               folders_.demo / "state" / site_.id, "--out", folders_.packages() / site_.id,
                               "--driver-path", drivers, "--json"},
      folders_.log(), [this](const std::string& text) { line(text); });
  return host_->started();
}

// One that listens says where, first of all.
bool SiteProcess::start_simulator(const Device& device) {
  std::vector<std::string> words = {folders_.bin / "garita-sim"};
  words.insert(words.end(), device.simulator.begin(), device.simulator.end());
  if (!device.files.empty())
    words.insert(words.end(), {"--dir", device.files});
  else
    words.insert(words.end(), {"--listen", "127.0.0.1:0"});
  std::promise<std::string> first;
  auto said = first.get_future();
  bool told = false;
  Simulated& own = simulators_.emplace_back();
  own.device = &device;
  own.child = std::make_unique<Child>(words, folders_.log(),
                                      [first = std::make_shared<std::promise<std::string>>(std::move(first)),
                                       told](const std::string& text) mutable {
                                        if (!std::exchange(told, true)) first->set_value(text);
                                      });
  if (!device.files.empty()) return own.child->started();
  if (said.wait_for(10s) != std::future_status::ready) return false;
  const std::string line = said.get();
  own.address = line.substr(line.rfind(' ') + 1);
  return !own.address.empty();
}

std::string SiteProcess::sources_of(const Device& device) const {
  if (device.stream.empty()) return "";
  std::string address = "dir:" + device.files.string() + "?settle_ms=300", second;
  for (const Simulated& simulated : simulators_)
    if (simulated.device == &device && !simulated.address.empty())
      address = "tcp://" + simulated.address, second = "udp://" + simulated.address;
  if (!device.second_stream.empty())
    second = ", " + device.second_stream + " = " + toml_text(second);
  else
    second.clear();
  return "sources = { " + device.stream + " = " + toml_text(address) + second + " }\n";
}

std::string SiteProcess::toml() const {
  std::ostringstream out;
  out << "# Written by ./dev demo; run it with: garita run FILE\nschema = \"garita.site/1\"\n\n[site]\nname "
         "= "
      << toml_text(site_.name) << "\nkind = " << toml_text(site_.kind)
      << "\ncountry = " << toml_text(site_.country) << '\n';
  if (!site_.locode.empty()) out << "locode = " << toml_text(site_.locode) << '\n';
  out << "time_zone = " << toml_text(site_.time_zone) << "\n\n[policy]\nbox = \"B1\"\n";
  for (const Lane& lane : site_.lanes) {
    out << "\n[lanes." << lane.name << "]\ndirection = " << toml_text(lane.direction)
        << "\nsubject = " << toml_text(lane.subject) << '\n';
    if (lane.devices.size() > 1) out << "pairing = { window_ms = 6000, wait_ms = 2500 }\n";
    for (const Device& device : lane.devices) {
      out << "\n[lanes." << lane.name << ".devices." << device.name
          << "]\ndriver = " << toml_text(device.driver) << '\n';
      if (!device.model.empty()) out << "model = " << toml_text(device.model) << '\n';
      out << "instance = " << toml_text(device.instance) << '\n' << sources_of(device);
    }
  }
  return out.str();
}

void SiteProcess::line(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return;
  const std::string event = json.value("event", ""), fate = json.value("fate", "");
  Told told{
      Told::What::package,     json.value("lane", ""), json.value("device", ""), json.value("driver", ""), {},
      json.value("reason", "")};
  if (event == "scan" && (fate == "stored" || fate == "incomplete" || fate == "joined")) {
    const std::lock_guard lock(mutex_);
    ++brought_[told.lane + '.' + told.device];
  }
  if (event == "scan" && (fate == "stored" || fate == "incomplete")) {
    told.package = json.value("package", "");
  } else if (event == "refused") {
    told.what = Told::What::refused;
  } else if (event == "attempt" && json.value("class", "") != "" && json.value("decision", "") != "noted" &&
             json.value("decision", "") != "granted") {
    told.what = Told::What::attempt;
    told.text = json.value("class", "") + ' ' + json.value("call", "") + ' ' + json.value("target", "");
  } else if (event == "trouble" && json.value("id", "") == "isolate.breach") {
    told.what = Told::What::stopped;
  } else {
    return;
  }
  on_told_(site_, told);
}

std::vector<std::string> SiteProcess::short_of() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> devices;
  for (const Lane& lane : site_.lanes)
    for (const Device& device : lane.devices) {
      const auto found = brought_.find(label(lane, device));
      if ((found == brought_.end() ? 0 : found->second) < device.inspections)
        devices.push_back(label(lane, device));
    }
  return devices;
}

bool SiteProcess::is_done() const { return short_of().empty(); }

std::vector<std::string> SiteProcess::stop() {
  host_.reset();  // SIGTERM, and the rest of what it says
  simulators_.clear();
  return short_of();
}

}  // namespace garita::demo
