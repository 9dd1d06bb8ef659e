#include "core/host/site/site_config.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/broker/grant.hpp"
#include "core/broker/stream.hpp"
#include "core/host/grants.hpp"
#include "garita/config/site.pb.h"

namespace garita::host {
namespace {

namespace fs = std::filesystem;

constexpr char schema[] = "garita.site/1";
constexpr uint64_t pool_mb = 64;  // of strips a device, at most

// "127.0.0.1:9464", "[::1]:9464": numbers of this machine alone.
bool parse_listen(const std::string& text, std::string& host, uint16_t& port) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto [end, code] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  const bool loopback = host == "::1" || (host.starts_with("127.") &&
                                          host.find_first_not_of("0123456789.") == std::string::npos);
  return loopback && code == std::errc() && end == text.data() + text.size() && colon + 1 < text.size();
}

std::string text_of(const config::Setting& setting) {
  switch (setting.value_case()) {
    case config::Setting::kText:
      return setting.text();
    case config::Setting::kWhole:
      return std::to_string(setting.whole());
    case config::Setting::kTruth:
      return setting.truth() ? "true" : "false";
    case config::Setting::kReal: {
      char text[32];
      const auto [end, code] = std::to_chars(text, text + sizeof text, setting.real());
      return std::string(text, code == std::errc() ? end : text);
    }
    case config::Setting::VALUE_NOT_SET:
      break;
  }
  return "";
}

// A map's entries in the order of their names: what is checked and run must not depend on a hash.
template <typename Map>
auto sorted(const Map& map) {
  std::map<std::string, typename Map::mapped_type> entries(map.begin(), map.end());
  return entries;
}

// What an address reaches, where only one device may reach it; empty where several may.
std::string exclusive(const broker::Address& address) {
  if (address.scheme == "replay" || address.scheme == "file") return "";
  const bool named = !address.host.empty();
  return address.scheme + '\n' + (named ? address.host + ':' + std::to_string(address.port) : address.path);
}

class Check {
 public:
  Check(const fs::path& file, const DriverFolders& drivers, const config::SiteFile& from, ReadConfig read)
      : folder_(fs::absolute(file).parent_path()),
        drivers_(drivers),
        from_(from),
        places_(std::move(read.places)) {
    checked_.problems = std::move(read.problems);
  }

  CheckedSite run_policy() {
    policy();
    return std::move(checked_);
  }

  CheckedSite run(base::Digest digest) {
    checked_.plan.digest = digest;
    if (!from_.has_schema())
      missing("schema");
    else if (from_.schema() != schema)
      problem("schema", "config.schema", {{"given", from_.schema()}, {"wanted", schema}});
    checked_.plan.site = from_.site();
    if (!from_.site().has_name()) missing("site.name");
    policy();
    if (from_.metrics().has_listen() &&
        !parse_listen(from_.metrics().listen(), checked_.plan.metrics_host, checked_.plan.metrics_port))
      problem("metrics.listen", "config.metrics_listen", {{"given", from_.metrics().listen()}});
    if (from_.lanes().empty()) problem("lanes", "config.no_lanes", {});
    for (const auto& [name, lane] : sorted(from_.lanes())) add_lane(name, lane);
    memory();
    std::stable_sort(
        checked_.problems.begin(), checked_.problems.end(),
        [](const ConfigProblem& a, const ConfigProblem& b) { return a.place.line < b.place.line; });
    return std::move(checked_);
  }

 private:
  void problem(const std::string& path, std::string id, std::vector<base::Field> fields,
               bool warning = false) {
    add(path, {base::Outcome::usage, std::move(id), std::move(fields)}, warning);
  }
  void add(const std::string& path, base::Error error, bool warning = false) {
    if (checked_.problems.size() < max_config_problems)
      checked_.problems.push_back({places_.find(path), std::move(error), warning});
  }
  // Where it is there, but wrong, that was said.
  void missing(const std::string& key) {
    if (!places_.has(key)) problem(key, "config.missing", {{"key", key}});
  }

  void policy() {
    const config::Policy& policy = from_.policy();
    SitePlan& plan = checked_.plan;
    if (policy.has_box()) plan.box = static_cast<isolate::Box>(policy.box() - config::Policy::BOX_B0);
    if (policy.has_keep_incomplete()) plan.keep_incomplete = policy.keep_incomplete();
    if (policy.has_keep()) plan.keep = policy.keep();
    plan.at_rest_required = policy.at_rest() == config::Policy::AT_REST_REQUIRED;
    certified(policy);
    plan.retention = {policy.retention().days(), policy.retention().alarm_days(),
                      policy.retention().max_gb()};
  }

  void certified(const config::Policy& policy) {
    const config::Certified& from = policy.certified();
    trust::Policy& to = checked_.plan.trust;
    to.open = policy.trust() != v1::Provenance::TRUST_CERTIFIED;
    to.roles.assign(from.roles().begin(), from.roles().end());
    to.profiles.assign(from.profiles().begin(), from.profiles().end());
    to.level = std::max(from.level(), 1u);
    to.box = static_cast<unsigned>(checked_.plan.box);
    to.pilot = from.pilot();
    if (from.has_grace_hours()) to.status_grace_ns = int64_t{from.grace_hours()} * 3600 * 1'000'000'000;
    // Demands that nobody asks about would read as a protection.
    if (to.open && policy.has_certified()) problem("policy.certified", "config.trust_open", {});
    if (!to.open && to.roles.empty()) problem("policy.trust", "config.trust_roles", {});
    for (const std::string& role : to.roles)
      if (!trust::is_role_name(role)) problem("policy.certified.roles", "config.trust_role", {{"given", role}});
  }

  void add_lane(const std::string& name, const config::Lane& from) {
    const std::string path = "lanes." + name;
    LanePlan lane{.name = name, .direction = from.direction(), .subject = from.subject()};
    lane.pairing.enabled = from.pairing().has_enabled() ? from.pairing().enabled() : from.devices_size() > 1;
    if (from.pairing().has_window_ms()) lane.pairing.window_ms = from.pairing().window_ms();
    if (from.pairing().has_wait_ms()) lane.pairing.wait_ms = from.pairing().wait_ms();
    if (from.devices().empty()) problem(path, "config.no_devices", {{"key", path}});
    for (const auto& [device, settings] : sorted(from.devices()))
      if (auto plan = device_plan(name, device, settings)) {
        plan->fingerprint = fingerprint(*plan, from, settings);
        lane.devices.push_back(std::move(*plan));
      }
    checked_.plan.lanes.push_back(std::move(lane));
  }

  std::optional<DevicePlan> device_plan(const std::string& lane, const std::string& name,
                                        const config::Device& from) {
    const std::string path = "lanes." + lane + ".devices." + name;
    if (!from.has_driver()) {
      missing(path + ".driver");
      return std::nullopt;
    }
    auto manifest = find(from.driver());
    if (!manifest) {
      add(path + ".driver", std::move(manifest).error());
      return std::nullopt;
    }
    DevicePlan plan{.lane = lane,
                    .name = name,
                    .model = from.model(),
                    .instance = from.instance(),
                    .manifest = std::move(*manifest)};
    if (plan.instance.empty()) plan.instance = plan.label();
    if (from.has_position_m()) plan.position_m = from.position_m();
    check_instance(path, plan);
    if (const auto& models = plan.manifest.models;
        !plan.model.empty() && std::find(models.begin(), models.end(), plan.model) == models.end())
      problem(path + ".model", "config.unknown_model",
              {{"driver", plan.manifest.name}, {"given", plan.model}, {"known", listed(models)}});
    if (plan.manifest.limits.held_strips > max_held_strips)
      problem(path + ".driver", "config.held_strips",
              {{"driver", plan.manifest.name},
               {"wanted", std::to_string(plan.manifest.limits.held_strips)},
               {"limit", std::to_string(max_held_strips)}});
    check_sources(path, from, plan);
    check_configuration(path, from, plan);
    return plan;
  }

  base::Result<load::Manifest> find(const std::string& name) {
    if (const auto known = found_.find(name); known != found_.end()) return known->second;
    return found_.emplace(name, look_for(name)).first->second;
  }

  base::Result<load::Manifest> look_for(const std::string& name) const {
    const std::vector<fs::path> installed = {drivers_.installed};
    auto found = load::find_driver(name, installed);
    if (!found) found = load::find_driver(name, drivers_.search_path);
    std::error_code error;  // its own folder, not a name that may be given to another version meanwhile
    if (found)
      if (const auto real = fs::canonical(found->folder, error); !error) found->folder = real;
    return found;
  }

  void check_instance(const std::string& path, const DevicePlan& plan) {
    const auto [other, is_new] = instances_.emplace(plan.manifest.id + '\n' + plan.instance, plan.label());
    if (!is_new)
      problem(path + ".instance", "config.doubled_instance",
              {{"given", plan.instance}, {"other", other->second}});
  }

  // One at a time, so that each mistake is said where it stands.
  void check_sources(const std::string& path, const config::Device& from, DevicePlan& plan) {
    for (const auto& [stream, text] : sorted(from.sources())) {
      const std::string at = path + ".sources." + stream;
      const load::StreamDeclaration* declared = plan.manifest.stream(stream);
      auto address = broker::Address::parse(text);
      if (!declared) {
        std::vector<std::string> known;
        for (const auto& each : plan.manifest.streams) known.push_back(each.name);
        problem(at, "host.unknown_stream",
                {{"driver", plan.manifest.name}, {"stream", stream}, {"declared", listed(known)}});
      } else if (!address) {
        add(at, std::move(address).error());
      } else {
        check_address(at, *declared, *address, plan);
        plan.sources.emplace(stream, std::move(*address));
      }
    }
    for (const load::StreamDeclaration& stream : plan.manifest.streams)
      if (stream.required && !from.sources().contains(stream.name))
        problem(path, "config.missing_stream",
                {{"driver", plan.manifest.name}, {"key", path + ".sources." + stream.name}});
  }

  void check_address(const std::string& at, const load::StreamDeclaration& stream, broker::Address& address,
                     const DevicePlan& plan) {
    const broker::Kind* kind = broker::find_kind(address.scheme);
    if (!kind)
      return problem(at, "broker.unknown_kind",
                     {{"stream", stream.name},
                      {"address", address.text},
                      {"kind", address.scheme},
                      {"known", broker::known_kinds()}});
    const bool datagrams = address.scheme.starts_with("udp");
    const char* wanted = stream.kind == GARITA_STREAM_OBJECTS     ? "dir:"
                         : stream.kind == GARITA_STREAM_DATAGRAMS ? "udp://, udp-listen://"
                                                                  : "tcp://, tls://, serial:";
    const bool right = address.scheme == "replay" ||
                       (stream.kind == GARITA_STREAM_OBJECTS     ? address.scheme == "dir"
                        : stream.kind == GARITA_STREAM_DATAGRAMS ? datagrams
                                                                 : !datagrams && address.scheme != "dir");
    if (!right)
      problem(at, "config.wrong_kind",
              {{"stream", stream.name},
               {"driver", plan.manifest.name},
               {"given", address.text},
               {"wanted", wanted}});
    if (auto granted = broker::Grant::parse(address); !granted) add(at, std::move(granted).error());
    if (!address.path.empty() && fs::path(address.path).is_relative()) address.path = folder_ / address.path;
    std::error_code error;
    if (address.scheme == "dir" && !fs::is_directory(address.path, error))
      problem(at, "config.no_folder", {{"path", address.path}}, true);
    std::string reaches = exclusive(address);
    if (address.scheme == "dir") reaches += '\n' + plan.manifest.id;  // several drivers may share an inbox
    if (reaches.empty()) return;
    const auto [other, is_new] = addresses_.emplace(reaches, plan.label());
    if (!is_new) problem(at, "config.doubled_address", {{"address", address.text}, {"other", other->second}});
  }

  void check_configuration(const std::string& path, const config::Device& from, DevicePlan& plan) {
    Assignments good;
    for (const auto& [key, setting] : sorted(from.config())) {
      const Assignments one = {{key, text_of(setting)}};
      const std::string at = path + ".config." + key;
      // Keys that are required are missed below, once.
      auto granted = grant_configuration(plan.manifest, one);
      if (granted || granted.error().id == "host.missing_key")
        good.push_back(one.front());
      else if (granted.error().id == "host.unknown_key")
        unknown_setting(at, key, plan.manifest);
      else
        add(at, std::move(granted).error());
    }
    auto granted = grant_configuration(plan.manifest, good);
    if (granted) plan.configuration = std::move(*granted);
    for (const load::ConfigKey& key : plan.manifest.config)
      if (key.required && !from.config().contains(key.key))
        problem(path, "config.missing_setting",
                {{"driver", plan.manifest.name}, {"key", path + ".config." + key.key}});
  }

  void unknown_setting(const std::string& at, const std::string& key, const load::Manifest& manifest) {
    std::vector<std::string> known;
    for (const load::ConfigKey& each : manifest.config) known.push_back(each.key);
    const std::string near = nearest(key, known);
    if (near.empty())
      return problem(at, "host.unknown_key",
                     {{"driver", manifest.name}, {"key", key}, {"declared", listed(known)}});
    problem(at, "config.unknown_key_near", {{"key", at}, {"near", near}});
  }

  base::Digest fingerprint(const DevicePlan& plan, const config::Lane& lane,
                           const config::Device& device) const {
    config::Lane alone = lane;  // what other devices of the lane say is not this one's
    alone.clear_devices();
    config::Policy policy = from_.policy();
    policy.clear_retention();  // of packages that are there already: no device need be opened anew
    std::string all = from_.site().ShortDebugString() + '\n' + policy.ShortDebugString() + '\n' +
                      alone.ShortDebugString() + '\n' + device.ShortDebugString() + '\n' + plan.label() +
                      '\n' + std::to_string(lane.devices_size()) + '\n' + plan.manifest.folder.string() +
                      '\n' + base::to_text(plan.manifest.driver.sha256);
    for (const load::PackageFile& file : plan.manifest.files) all += '\n' + base::to_text(file.sha256);
    return base::sha256(all);
  }

  void memory() {
    uint64_t needed_mb = 0;
    for (const LanePlan& lane : checked_.plan.lanes)
      for (const DevicePlan& device : lane.devices) needed_mb += device.manifest.limits.memory_mb + pool_mb;
    const uint64_t there_mb =
        static_cast<uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(::sysconf(_SC_PAGE_SIZE)) >>
        20;
    if (needed_mb > there_mb)
      problem("lanes", "config.memory",
              {{"needed_mb", std::to_string(needed_mb)}, {"there_mb", std::to_string(there_mb)}}, true);
  }

  const fs::path folder_;
  const DriverFolders& drivers_;
  const config::SiteFile& from_;
  const Places places_;
  CheckedSite checked_;
  std::map<std::string, base::Result<load::Manifest>> found_;  // by the name that was given
  std::map<std::string, std::string> addresses_, instances_;   // -> the first device that has it
};

}  // namespace

size_t SitePlan::devices() const {
  size_t count = 0;
  for (const LanePlan& lane : lanes) count += lane.devices.size();
  return count;
}

bool CheckedSite::good() const {
  return std::all_of(problems.begin(), problems.end(),
                     [](const ConfigProblem& problem) { return problem.warning; });
}

base::Result<SitePlan> read_policy(const fs::path& file) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(file, max_config_bytes));
  config::SiteFile from;
  ReadConfig read = read_config(text, from);
  const DriverFolders nowhere;
  CheckedSite checked = Check(file, nowhere, from, std::move(read)).run_policy();
  for (const ConfigProblem& problem : checked.problems)
    if (!problem.warning) return problem.error;
  return std::move(checked.plan);
}

base::Result<CheckedSite> check_site(const fs::path& file, const DriverFolders& drivers) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(file, max_config_bytes));
  config::SiteFile from;
  ReadConfig read = read_config(text, from);
  if (!read.problems.empty() && read.problems.front().error.id == "config.syntax") {  // nothing else is known
    CheckedSite unread;
    unread.problems = std::move(read.problems);
    return unread;
  }
  return Check(file, drivers, from, std::move(read)).run(base::sha256(text));
}

std::string render_problem(const fs::path& file, const ConfigProblem& problem, base::Language language) {
  std::string place = base::printable(file.string());
  if (problem.place.line) place += ':' + std::to_string(problem.place.line);
  return place + ": " + base::render(problem.error, language);
}

}  // namespace garita::host
