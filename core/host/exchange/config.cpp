#include "core/host/exchange/config.hpp"

#include <algorithm>

#include "core/base/ids.hpp"
#include "core/exchange/transport/way.hpp"
#include "core/host/site/config_reader.hpp"
#include "core/trust/store.hpp"

namespace garita::host {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t max_key_bytes = 16u << 10;

std::string place(const fs::path& file, uint32_t line) {
  return file.string() + (line > 0 ? ":" + std::to_string(line) : "");
}

base::Error mistake(const fs::path& file, uint32_t line, const std::string& problem) {
  const bool digests = problem.ends_with(".signers") || problem.ends_with(".pins");
  return {base::Outcome::usage,
          digests ? "exchange.config_digest" : "exchange.config_mistake",
          {{"where", place(file, line)}, {"problem", problem}},
          0};
}

base::Error bad_key(const fs::path& path) {
  return {base::Outcome::usage, "exchange.key_file", {{"path", path.string()}}, 0};
}

// What no form of a single field says.
std::string first_lack(const config::ExchangeFile& said) {
  if (said.schema() != "garita.exchange/1") return "schema";
  if (!exchange::is_site_name(said.site())) return "site";
  if (said.folder().empty()) return "folder";
  if (said.key().empty()) return "key";
  for (const auto& [name, peer] : said.peers()) {
    if (!exchange::is_site_name(name) || name == said.site()) return "peers." + name;
    if (peer.keys().empty()) return "peers." + name + ".keys";
    if (peer.way().empty()) return "peers." + name + ".way";
    for (const std::string& pin : peer.pins())
      if (!base::parse_digest(pin)) return "peers." + name + ".pins";
  }
  for (const auto& [name, authority] : said.authorities())
    for (const std::string& signer : authority.signers())
      if (!base::parse_digest(signer)) return "authorities." + name + ".signers";
  for (const std::string& role : said.trust().roles())
    if (!trust::is_role_name(role)) return "trust.roles";
  return "";
}

base::Result<base::PublicKey> load_public_key(const fs::path& path) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, max_key_bytes));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto der = base::from_base64(text);
  if (!der) return bad_key(path);
  GARITA_TRY_ASSIGN(key, base::PublicKey::from_der(*der));
  if (key.algorithm() != base::SignatureAlgorithm::ed25519) return bad_key(path);
  return key;
}

}  // namespace

fs::path ExchangeConfig::path(const std::string& given) const {
  if (given.empty()) return {};
  return fs::path(given).is_absolute() ? fs::path(given) : fs::absolute(file).parent_path() / given;
}

base::Result<ExchangeConfig> load_exchange(const fs::path& file, base::Language language) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(file, max_config_bytes));
  ExchangeConfig config{.file = file, .said = {}};
  const ReadConfig read = read_config(text, config.said);
  for (const ConfigProblem& problem : read.problems)
    if (!problem.warning)
      return base::Error{
          base::Outcome::usage,
          "exchange.config_unreadable",
          {{"where", place(file, problem.place.line)}, {"problem", base::render(problem.error, language)}},
          0};
  if (const std::string lack = first_lack(config.said); !lack.empty())
    return mistake(file, read.places.find(lack).line, lack);
  return config;
}

base::Result<exchange::Keyring> keyring_of(const ExchangeConfig& config) {
  const fs::path own_path = config.path(config.said.key());
  GARITA_TRY_ASSIGN(own, base::SigningKey::load(own_path));
  if (own.algorithm() != base::SignatureAlgorithm::ed25519) return bad_key(own_path);
  std::vector<exchange::PeerKey> keys;
  for (const auto& [name, peer] : config.said.peers())
    for (const auto& [which, said] : peer.keys()) {
      GARITA_TRY_ASSIGN(key, load_public_key(config.path(said.file())));
      const auto until = said.has_until() ? base::parse_utc(said.until()) : std::nullopt;
      if (said.has_until() && !until)
        return mistake(config.file, 0, "peers." + name + ".keys." + which + ".until");
      keys.push_back({name, std::move(key), until});
    }
  // The one that ends last is the newest: what is sent is for it.
  std::stable_sort(keys.begin(), keys.end(), [](const exchange::PeerKey& a, const exchange::PeerKey& b) {
    return a.until_utc_ns.value_or(INT64_MAX) < b.until_utc_ns.value_or(INT64_MAX);
  });
  return exchange::Keyring(std::move(own), std::move(keys));
}

exchange::OutboxLimits limits_of(const ExchangeConfig& config) {
  exchange::OutboxLimits limits;
  for (const auto& [name, peer] : config.said.peers())
    if (peer.has_max_gb()) limits.max_bytes = std::max(limits.max_bytes, uint64_t{peer.max_gb()} << 30);
  return limits;
}

base::Result<std::unique_ptr<exchange::Transport>> way_of(const ExchangeConfig& config,
                                                          const std::string& peer, const std::string& way) {
  exchange::WaySettings settings;
  settings.own = config.said.site();
  settings.peer = peer;
  settings.identity.certificate_file = config.path(config.said.certificate());
  settings.identity.key_file = config.path(config.said.certificate_key());
  settings.ca_file = config.path(config.said.ca());
  settings.credentials_file = config.path(config.said.credentials());
  const config::ExchangePeer& said = config.said.peers().at(peer);
  settings.stream_bytes = uint64_t{said.has_inbox_gb() ? said.inbox_gb() : default_inbox_gb} << 30;
  settings.replicas = said.has_replicas() ? said.replicas() : 1;
  for (const std::string& pin : said.pins()) {
    const auto digest = base::parse_digest(pin);
    if (!digest) return mistake(config.file, 0, "peers." + peer + ".pins");
    settings.identity.peer_pins.push_back(*digest);
  }
  const std::string folder = "folder:";
  if (!way.starts_with(folder)) return exchange::open_way(way, settings);
  return exchange::open_way(folder + config.path(way.substr(folder.size())).string(), settings);
}

exchange::Books books_of(const ExchangeConfig& config) {
  exchange::Books books;
  for (const auto& [name, said] : config.said.authorities())
    for (const std::string& signer : said.signers())
      if (const auto id = base::parse_digest(signer)) books.authorities[*id] = name;
  if (!config.said.has_trust()) return books;
  const config::ExchangeTrust& said = config.said.trust();
  exchange::TrustBook& book = books.trust.emplace();
  book.policy.roles.assign(said.roles().begin(), said.roles().end());
  book.policy.pilot = said.pilot();
  if (said.has_grace_hours())
    book.policy.status_grace_ns = int64_t{said.grace_hours()} * 3600 * 1'000'000'000;
  const auto store =
      trust::Store::open(said.folder().empty() ? config.state() / "trust" : config.path(said.folder()));
  if (store)
    book.documents = store->documents();
  else
    book.documents.faults.push_back({"", store.error()});
  return books;
}

base::Result<std::vector<exchange::SealingCertificate>> recipients_of(const ExchangeConfig& config,
                                                                      const std::string& peer) {
  const auto said = config.said.peers().find(peer);
  if (said == config.said.peers().end())
    return base::Error{base::Outcome::usage, "exchange.peer_unknown", {{"peer", peer}}, 0};
  if (said->second.seal_for().empty()) return mistake(config.file, 0, "peers." + peer + ".seal_for");
  std::vector<exchange::SealingCertificate> all;
  for (const std::string& file : said->second.seal_for()) {
    GARITA_TRY_ASSIGN(certificate, exchange::SealingCertificate::load(config.path(file)));
    all.push_back(std::move(certificate));
  }
  return exchange::valid_certificates(all, base::system_clock().utc_ns());
}

base::Result<std::vector<exchange::OpeningKey>> opening_keys_of(const ExchangeConfig& config) {
  std::vector<exchange::OpeningKey> keys;
  for (const auto& [name, said] : config.said.opening()) {
    GARITA_TRY_ASSIGN(certificate, exchange::SealingCertificate::load(config.path(said.certificate())));
    const bool token = said.key().starts_with("pkcs11:");
    const std::string key_name = token ? said.key() : config.path(said.key()).string();
    GARITA_TRY_ASSIGN(key, exchange::OpeningKey::load(key_name, certificate));
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace garita::host
