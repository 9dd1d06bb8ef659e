#include "tests/bench/joint_thin/two_nations.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "core/base/text.hpp"
#include "core/exchange/inbound/open_boxed.hpp"
#include "core/host/exchange/keys.hpp"
#include "tests/exchange/nats_server.hpp"

namespace garita::bench {
namespace {

template <typename T>
T checked(base::Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "bench_joint_thin: %s\n", base::render(result.error(), base::Language::en).c_str());
  std::_Exit(1);
}

host::ExchangeConfig config_of(const std::filesystem::path& folder, const std::string& site) {
  return checked(host::load_exchange(folder / site / "exchange.toml", base::Language::en));
}

}  // namespace

void Heard::opened(const host::Handled& handled) {
  const std::lock_guard lock(mutex_);
  if (handled.trouble)
    std::fprintf(stderr, "  not read: %s\n", base::render(*handled.trouble, base::Language::en).c_str());
  if (handled.path.empty() || handled.action != exchange::Action::accept) return;
  stored_.push_back(std::chrono::steady_clock::now());
  changed_.notify_all();
}

void Heard::trouble(const std::string& where, const base::Error& error) {
  std::fprintf(stderr, "  %s: %s\n", where.c_str(), base::render(error, base::Language::en).c_str());
}

std::optional<Instant> Heard::stored(size_t count, std::chrono::seconds most) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, most, [&] { return stored_.size() >= count; })) return std::nullopt;
  return stored_[count - 1];
}

TwoNations::TwoNations(const std::filesystem::path& folder, const base::Digest& signer,
                       exchange::testing::LineFaults line)
    : folder_(folder) {
  const std::string mx = base::to_text(checked(host::make_site_keys(folder / "keys", "mx", 2)));
  const std::string us = base::to_text(checked(host::make_site_keys(folder / "keys", "us", 2)));
  const uint16_t port = exchange::testing::free_port();
  line_ = std::make_unique<exchange::testing::LinkProxy>(port, line, 20'260);
  write_site("us", "mx", "tls-listen://127.0.0.1:" + std::to_string(port), mx,
             "[authorities.anam]\nsigners = [\"" + base::to_text(signer) + "\"]\n");
  write_site("mx", "us", "tls://127.0.0.1:" + std::to_string(line_->port()), us, "");
  start("us", at_us_);
  start("mx", at_mx_);
}

TwoNations::~TwoNations() {
  stop_ = true;
  for (std::thread& each : running_) each.join();
}

void TwoNations::write_site(const std::string& own, const std::string& peer, const std::string& way,
                            const std::string& pin, const std::string& more) const {
  const auto key = [](const std::string& name) { return "\"../keys/" + name + "\"\n"; };
  std::filesystem::create_directories(folder_ / own);
  std::ofstream(folder_ / own / "sharing.toml")
      << "schema = \"garita.sharing/1\"\n[[rule]]\nto = [\"" << peer
      << "\"]\npurpose = [\"risk\"]\nclasses = [\"technical\", \"device\", "
         "\"time\", \"identity\"]\nplanes = \"whole\"\n";
  std::ofstream(folder_ / own / "inbound.toml")
      << "schema = \"garita.inbound/1\"\n[[rule]]\naction = \"accept\"\nfrom = [\"anam\"]\n";
  std::ofstream(folder_ / own / "exchange.toml")
      << "schema = \"garita.exchange/1\"\nsite = \"" << own
      << "\"\nfolder = \"exchange\"\nstate = \"state\"\nkey = " << key(own + ".pem")
      << "certificate = " << key(own + ".tls.crt") << "certificate_key = " << key(own + ".tls.key")
      << "policy = \"sharing.toml\"\ninbound = \"inbound.toml\"\n[opening.now]\ncertificate = "
      << key(own + ".seal.crt") << "key = " << key(own + ".seal.key") << "[peers." << peer << "]\nway = \""
      << way << "\"\npins = [\"" << pin << "\"]\nseal_for = [\"../keys/" << peer << ".seal.crt\"]\n[peers."
      << peer << ".keys.now]\nfile = " << key(peer + ".pub") << more;
}

void TwoNations::start(const std::string& site, Heard& heard) {
  running_.emplace_back([this, site, &heard] {
    host::ExchangeOptions how;
    how.examine = [](const exchange::Plain& package) {
      return exchange::open_boxed(GARITA_BIN_DIR "/garita-open", package.descriptor(), "memory");
    };
    const auto ran = host::run_exchange(config_of(folder_, site), how, heard, stop_);
    if (!ran) heard.trouble(site, ran.error());
  });
}

uint64_t TwoNations::send(const std::filesystem::path& package) {
  const host::ExchangeConfig config = config_of(folder_, "mx");
  auto outbox = checked(exchange::Outbox::open(config.folder() / "outbox", host::limits_of(config)));
  host::Sender sender(config, outbox);
  const auto sent = checked(sender.send({.package = package, .peer = "us", .purpose = "risk"}));
  uint64_t size_bytes = 0;
  for (const exchange::Entry& each : sent.entries) size_bytes += each.size_bytes;
  return size_bytes;
}

bool TwoNations::settled(std::chrono::seconds most) {
  const host::ExchangeConfig config = config_of(folder_, "mx");
  auto outbox = checked(exchange::Outbox::open(config.folder() / "outbox", host::limits_of(config)));
  const Instant end = std::chrono::steady_clock::now() + most;
  while (std::chrono::steady_clock::now() < end) {
    if (checked(outbox.waiting("us", 0, 1)).empty()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace garita::bench
