#include "core/host/exchange/fleet.hpp"

#include <algorithm>

#include "core/base/file.hpp"
#include "core/base/ids.hpp"
#include "core/base/random.hpp"
#include "core/host/exchange/config.hpp"
#include "garita/config/fleet.pb.h"

namespace garita::host {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t max_certificate_bytes = 1u << 20;
constexpr const char* usual_folder = "/etc/garita/nats";

template <typename T>
T said_or(bool said, const T& value, T fallback) {
  return said ? value : fallback;
}

class PlanReader {
 public:
  PlanReader(fs::path folder, base::Language language) : folder_(std::move(folder)), language_(language) {}

  exchange::FleetPlan read(const config::FleetFile& said) const {
    exchange::FleetPlan plan;
    plan.domain = said_or<std::string>(said.hub().has_domain(), said.hub().domain(), "hub");
    plan.nations.assign(said.hub().nations().begin(), said.hub().nations().end());
    for (const auto& [name, server] : said.hub().servers()) plan.servers.push_back(server_of(name, server));
    for (const auto& [name, site] : said.sites()) plan.sites.push_back(site_of(name, site));
    const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
    std::sort(plan.servers.begin(), plan.servers.end(), by_name);
    std::sort(plan.sites.begin(), plan.sites.end(), by_name);
    return plan;
  }

 private:
  fs::path path(const std::string& given) const { return given.empty() ? fs::path() : folder_ / given; }

  static exchange::FleetCertificateFile certificate(const fs::path& path) {
    exchange::FleetCertificateFile file{path.string(), std::nullopt};
    const auto text = path.empty() ? base::Result<std::string>(std::string())
                                   : base::read_text_file(path, max_certificate_bytes);
    if (!text) return file;
    if (auto read = exchange::read_fleet_certificate(*text, file.path)) file.read = *std::move(read);
    return file;
  }

  exchange::FleetServer server_of(const std::string& name, const config::FleetHubServer& said) const {
    exchange::FleetServer server;
    server.name = name;
    server.host = said.host();
    server.bind = said_or<std::string>(said.has_bind(), said.bind(), "0.0.0.0");
    server.folder = said_or<std::string>(said.has_folder(), said.folder(), usual_folder);
    server.store = said.store();
    server.store_gb = said.store_gb();
    server.client_port = static_cast<uint16_t>(said_or(said.has_client_port(), said.client_port(), 4222u));
    server.leaf_port = static_cast<uint16_t>(said_or(said.has_leaf_port(), said.leaf_port(), 7422u));
    server.cluster_port = static_cast<uint16_t>(said_or(said.has_cluster_port(), said.cluster_port(), 6222u));
    server.certificate = certificate(path(said.certificate()));
    return server;
  }

  exchange::FleetSite site_of(const std::string& name, const config::FleetSiteEntry& said) const {
    exchange::FleetSite site;
    site.name = name;
    site.nation = said.nation();
    site.exchanges_with.assign(said.exchanges_with().begin(), said.exchanges_with().end());
    site.inbox_gb = said_or(said.has_inbox_gb(), said.inbox_gb(), default_inbox_gb);
    site.leaf_host = said_or<std::string>(said.has_leaf_host(), said.leaf_host(), "127.0.0.1");
    site.leaf_port = static_cast<uint16_t>(said_or(said.has_leaf_port(), said.leaf_port(), 4222u));
    site.folder = said_or<std::string>(said.has_folder(), said.folder(), usual_folder);
    site.certificate = certificate(path(said.certificate()));
    site.file = path(said.file()).string();
    if (!site.file.empty()) read_site_file(site);
    return site;
  }

  void read_site_file(exchange::FleetSite& site) const {
    const auto config = load_exchange(site.file, language_);
    if (!config) {
      site.file_mistake = base::render(config.error(), language_);
      return;
    }
    site.said_name = config->said.site();
    site.program_certificate = certificate(config->path(config->said.certificate()));
    if (const auto trusted = base::read_text_file(config->path(config->said.ca()), max_certificate_bytes))
      site.trusted = *trusted;
    for (const auto& [name, peer] : config->said.peers())
      site.peers[name] = {peer.way(), peer.receipts(),
                          said_or(peer.has_inbox_gb(), peer.inbox_gb(), default_inbox_gb),
                          said_or(peer.has_replicas(), peer.replicas(), 1u)};
  }

  const fs::path folder_;
  const base::Language language_;
};

// A folder of its own, under its name when it is whole.
base::Result<fs::path> make_beside(const fs::path& folder) {
  std::array<uint8_t, 8> salt{};
  GARITA_TRY(base::system_random().fill(salt));
  const fs::path parent = fs::absolute(folder).parent_path();
  fs::path made = parent / ("." + folder.filename().string() + "." + base::to_hex(salt) + ".part");
  GARITA_TRY(base::real_file_system().create_folders(made, 0755));
  return made;
}

}  // namespace

CheckedFleet check_fleet_text(std::string_view toml, const fs::path& folder, base::Language language,
                              int64_t now_utc_ns) {
  config::FleetFile said;
  ReadConfig read = read_config(toml, said);
  CheckedFleet checked{{}, std::move(read.problems)};
  const bool is_toml = std::none_of(checked.problems.begin(), checked.problems.end(),
                                    [](const auto& problem) { return problem.error.id == "config.syntax"; });
  if (!is_toml) return checked;
  if (said.schema() != "garita.fleet/1")
    checked.problems.push_back({read.places.find("schema"), {base::Outcome::usage, "fleet.schema", {}, 0}});
  checked.plan = PlanReader(folder, language).read(said);
  for (exchange::FleetProblem& problem : exchange::check_fleet(checked.plan, now_utc_ns))
    checked.problems.push_back({read.places.find(problem.key), std::move(problem.error)});
  std::stable_sort(checked.problems.begin(), checked.problems.end(),
                   [](const auto& a, const auto& b) { return a.place.line < b.place.line; });
  return checked;
}

base::Result<CheckedFleet> check_fleet(const fs::path& file, base::Language language, int64_t now_utc_ns) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(file, max_config_bytes));
  return check_fleet_text(text, fs::absolute(file).parent_path(), language, now_utc_ns);
}

base::Result<void> write_fleet(const exchange::RenderedFleet& rendered, const fs::path& given) {
  const fs::path folder = given.has_filename() ? given : given.parent_path();
  const base::Error exists{base::Outcome::usage, "base.file_exists", {{"path", folder.string()}}, 0};
  std::error_code error;
  const fs::file_status there = fs::symlink_status(folder, error);
  if (fs::exists(there) && !(fs::is_directory(there) && fs::is_empty(folder, error))) return exists;
  GARITA_TRY_ASSIGN(part, make_beside(folder));
  const auto all = [&]() -> base::Result<void> {
    for (const exchange::FleetFile& file : rendered.files)
      GARITA_TRY(base::write_file(part / file.name, file.text));
    return base::real_file_system().rename(part, folder);
  };
  auto done = all();
  if (!done) fs::remove_all(part, error);
  return done;
}

}  // namespace garita::host
