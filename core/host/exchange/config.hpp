// exchange.toml, read and held against its form (core/host/proto), and what a site of the exchange is made
// of:
//
//   schema = "garita.exchange/1"
//   site = "mx"                       # as the peers call it
//   folder = "exchange"               # outbox, inbox and answers
//   state = "state"                   # of the site: catalog, log, packages that came
//   watch = "state/packages"          # each new package there is sent as the peers' `send` says
//   key = "keys/mx.pem"               # signs messages, Ed25519
//   policy = "sharing.toml"           # what may go to whom
//   inbound = "inbound.toml"          # what is taken from whom
//   metrics = "127.0.0.1:9465"
//   at_rest = "required"              # run only where folder and state lie encrypted
//
//   [trust]                           # what this site itself knows about the certificates of drivers
//   folder = "state/trust"
//   roles = ["mx", "us"]
//
//   [opening.now]                     # what this site gets is sealed for it
//   certificate = "keys/mx.crt"
//   key = "keys/mx.key"
//
//   [authorities.us_cbp]              # whose signatures on packages are believed
//   signers = ["…64 hex digits…"]
//
//   [peers.us]
//   way = "nats://127.0.0.1:4222"
//   seal_for = ["keys/us.crt"]
//   send = ["risk"]
//   requested = "secondary"
//   [peers.us.keys.now]
//   file = "keys/us.pub"
//
// Paths are taken from the folder of this file.
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/text.hpp"
#include "core/exchange/inbound/facts.hpp"
#include "core/exchange/messages/keyring.hpp"
#include "core/exchange/outbox/outbox.hpp"
#include "core/exchange/sealing/keys.hpp"
#include "core/exchange/transport/transport.hpp"
#include "garita/config/exchange.pb.h"

namespace garita::host {

// What a stream of a NATS server holds for this site from one peer, where its file does not say.
inline constexpr uint32_t default_inbox_gb = 8;

struct ExchangeConfig {
  std::filesystem::path file;
  config::ExchangeFile said;

  // From the folder of the file; "" stays "".
  std::filesystem::path path(const std::string& given) const;
  std::filesystem::path folder() const { return path(said.folder()); }
  std::filesystem::path state() const { return path(said.state().empty() ? said.folder() : said.state()); }
};

// The first mistake, with its line: "exchange.config_unreadable" {where, problem: a sentence of `language`};
// of a key that is missing or wrong "exchange.config_mistake" {where, problem: the key}, of pins and signers
// "exchange.config_digest".
base::Result<ExchangeConfig> load_exchange(const std::filesystem::path& file, base::Language language);

// What the configuration names, loaded. Errors beside those of the rooms: exchange.key_file {path},
// exchange.config_mistake.
base::Result<exchange::Keyring> keyring_of(const ExchangeConfig& config);
exchange::OutboxLimits limits_of(const ExchangeConfig& config);
base::Result<std::unique_ptr<exchange::Transport>> way_of(const ExchangeConfig& config,
                                                          const std::string& peer, const std::string& way);
// Whose signatures are believed, and the trust store as it lies there now; what is wrong with it is among its
// faults.
exchange::Books books_of(const ExchangeConfig& config);
// Those of the peer that hold at this hour.
base::Result<std::vector<exchange::SealingCertificate>> recipients_of(const ExchangeConfig& config,
                                                                      const std::string& peer);
base::Result<std::vector<exchange::OpeningKey>> opening_keys_of(const ExchangeConfig& config);

}  // namespace garita::host
