#include "core/host/quarantine.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/base/weaken.hpp"
#include "garita/status.h"

namespace garita::host {
namespace {

constexpr uint64_t max_entry_bytes = 64u << 10;
constexpr size_t max_entries = 10000;
constexpr const char* schema = "garita.quarantine/1";

std::string text_of(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// What a person or a crash made of the file does not open the door: the name alone holds.
Quarantined read_entry(const std::filesystem::path& path, const base::Digest& sha256) {
  Quarantined entry;
  entry.sha256 = sha256;
  const auto text = base::read_text_file(path, max_entry_bytes);
  const nlohmann::json json = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
  if (!json.is_object()) return entry;
  entry.driver = text_of(json, "driver");
  entry.vendor = text_of(json, "vendor");
  entry.version = text_of(json, "version");
  entry.policy = text_of(json, "policy");
  entry.kind = text_of(json, "class");
  entry.call = text_of(json, "call");
  entry.target = text_of(json, "target");
  entry.since_utc_ns = base::parse_utc(text_of(json, "since")).value_or(0);
  if (const auto attempts = json.find("attempts"); attempts != json.end() && attempts->is_number_unsigned())
    entry.attempts = attempts->get<uint64_t>();
  return entry;
}

}  // namespace

std::filesystem::path Quarantine::file_of(const base::Digest& sha256) const {
  return folder_ / (base::to_text(sha256) + ".json");
}

base::Result<void> Quarantine::put(const Quarantined& driver) {
  const nlohmann::json json = {{"schema", schema},           {"driver", driver.driver},
                               {"vendor", driver.vendor},    {"version", driver.version},
                               {"policy", driver.policy},    {"sha256", base::to_text(driver.sha256)},
                               {"class", driver.kind},       {"since", base::format_utc(driver.since_utc_ns)},
                               {"call", driver.call},        {"target", driver.target},
                               {"attempts", driver.attempts}};
  GARITA_TRY(base::real_file_system().create_folders(folder_, 0700));
  return base::write_file(file_of(driver.sha256),
                          json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n", 0600);
}

std::vector<Quarantined> Quarantine::list() const {
  std::vector<Quarantined> found;
  std::error_code error;
  for (std::filesystem::directory_iterator each(folder_, error), end;
       !error && each != end && found.size() < max_entries; each.increment(error)) {
    const std::filesystem::path path = each->path();
    const auto sha256 = base::parse_digest(path.stem().string());
    if (path.extension() == ".json" && sha256) found.push_back(read_entry(path, *sha256));
  }
  std::sort(found.begin(), found.end(), [](const Quarantined& a, const Quarantined& b) {
    return std::pair(a.since_utc_ns, a.sha256) < std::pair(b.since_utc_ns, b.sha256);
  });
  return found;
}

std::optional<Quarantined> Quarantine::find(const base::Digest& sha256) const {
  const std::filesystem::path path = file_of(sha256);
  std::error_code error;
  if (std::filesystem::symlink_status(path, error).type() == std::filesystem::file_type::not_found)
    return std::nullopt;
  return read_entry(path, sha256);
}

base::Result<Quarantined> Quarantine::release(const base::Digest& sha256) {
  const std::optional<Quarantined> entry = find(sha256);
  if (!entry)
    return base::Error{base::Outcome::no, "host.not_quarantined", {{"digest", base::to_text(sha256)}}};
  GARITA_TRY(base::real_file_system().remove(file_of(sha256)));
  GARITA_TRY(base::real_file_system().sync_folder(folder_));
  return *entry;
}

base::Result<void> Quarantine::admit(const load::Manifest& manifest) const {
  const std::optional<Quarantined> entry = find(manifest.driver.sha256);
  if (!entry || base::weakened("quarantine")) return {};
  return base::Error{base::Outcome::not_loaded,
                     "host.quarantined",
                     {{"driver", manifest.name},
                      {"digest", base::to_text(entry->sha256)},
                      {"since", base::format_utc(entry->since_utc_ns)},
                      {"class", entry->kind},
                      {"call", entry->call},
                      {"target", entry->target}},
                     GARITA_DRIVER_FAULT};
}

}  // namespace garita::host
