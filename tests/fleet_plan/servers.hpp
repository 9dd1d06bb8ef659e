// The rendered servers at work, on ports of this machine, and clients of libnats that try what they may not.
#pragma once

#include <nats/nats.h>
#include <signal.h>

#include <functional>
#include <set>

#include "core/exchange/transport/nats_names.hpp"
#include "core/exchange/transport/way.hpp"
#include "tests/exchange/nats_server.hpp"
#include "tests/exchange/sites.hpp"
#include "tests/fleet_plan/plan.hpp"

namespace garita::fleet_test {

using exchange::testing::free_port;
using namespace std::chrono_literals;

// One nats-server with a configuration; gone with it.
class Daemon {
 public:
  explicit Daemon(const fs::path& config) {
    const std::string text = config, log = text + ".log";
    const char* words[] = {
        exchange::testing::NatsServer::program, "-c", text.c_str(), "-l", log.c_str(), nullptr};
    if (::posix_spawn(&child_, words[0], nullptr, nullptr, const_cast<char**>(words), environ) != 0)
      child_ = -1;
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }

 private:
  pid_t child_ = -1;
};

// A client that listens, and may not. One thread at a time.
class Listener {
 public:
  Listener(const fs::path& keys, const std::string& name, const std::string& trusted, uint16_t port) {
    natsOptions* options = nullptr;
    natsOptions_Create(&options);
    natsOptions_SetURL(options, ("tls://127.0.0.1:" + std::to_string(port)).c_str());
    natsOptions_SetTimeout(options, 5'000);
    natsOptions_SetAllowReconnect(options, false);
    natsOptions_LoadCATrustedCertificates(options, (keys / (trusted + ".crt")).c_str());
    natsOptions_LoadCertificatesChain(options, (keys / (name + ".crt")).c_str(),
                                      (keys / (name + ".key")).c_str());
    status_ = natsConnection_Connect(&connection_, options);
    natsOptions_Destroy(options);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    natsSubscription_Destroy(subscription_);
    natsConnection_Destroy(connection_);
  }

  bool connected() const { return status_ == NATS_OK; }
  void listen(const char* subjects) {
    natsConnection_SubscribeSync(&subscription_, connection_, subjects);
    flush();
  }
  void say(const std::string& subject) {
    natsConnection_PublishString(connection_, subject.c_str(), "x");
    flush();
  }
  // The server's word on all that was asked of it before has come.
  bool refused() {
    flush();
    const char* said = nullptr;
    return natsConnection_GetLastError(connection_, &said) == NATS_NOT_PERMITTED;
  }
  // All subjects that came since it listens.
  const std::set<std::string>& heard() {
    flush();
    natsMsg* message = nullptr;
    while (subscription_ && natsSubscription_NextMsg(&message, subscription_, 100) == NATS_OK) {
      heard_.insert(natsMsg_GetSubject(message));
      natsMsg_Destroy(message);
    }
    return heard_;
  }
  bool heard(const std::string& begin) {
    for (const std::string& subject : heard())
      if (subject.starts_with(begin)) return true;
    return false;
  }

 private:
  void flush() { natsConnection_FlushTimeout(connection_, 5'000); }

  natsStatus status_ = NATS_ERR;
  natsConnection* connection_ = nullptr;
  natsSubscription* subscription_ = nullptr;
  std::set<std::string> heard_;
};

// The hub and the leaf nodes of mx and us.
class Servers : public Plan {
 protected:
  void SetUp() override {
    if (!exchange::testing::NatsServer::installed()) GTEST_SKIP() << "SKIPPED, not a pass: no nats-server";
    ::signal(SIGPIPE, SIG_IGN);
    machine = (folder / "out").string();
    store = folder / "store";
    for (auto& [site, port] : leaf_ports) port = free_port();
    Plan::SetUp();
  }

  // `spoil` changes what was rendered for a server of the hub.
  void start(const std::function<std::string(std::string)>& spoil = [](std::string text) { return text; }) {
    give_ports();
    const auto rendered = render();
    ASSERT_TRUE(host::write_fleet(rendered, folder / "out").ok());
    for (const auto& file : fs::directory_iterator(folder / "keys"))
      if (file.path().extension() == ".key") fs::copy(file.path(), folder / "out" / file.path().filename());
    for (const exchange::FleetMachine& one : rendered.machines) {
      const fs::path config = folder / "out" / one.files.front();
      if (one.name.starts_with("hub")) write(config, spoil(text_of(config)));
      daemons[one.name] = std::make_unique<Daemon>(config);
    }
  }
  std::unique_ptr<exchange::Transport> way(const std::string& own, const std::string& peer) {
    exchange::WaySettings settings;
    settings.own = own, settings.peer = peer;
    settings.identity.certificate_file = folder / "keys" / (own + ".tls.crt");
    settings.identity.key_file = folder / "keys" / (own + ".tls.key");
    settings.ca_file = folder / "keys" / ("leaf-" + own + ".crt");
    settings.stream_bytes = 1u << 30;
    settings.replicas = hubs;
    auto opened =
        exchange::open_way("nats+tls://127.0.0.1:" + std::to_string(leaf_ports[own]) + "/hub", settings);
    EXPECT_TRUE(opened.ok()) << opened.error().id;
    return opened ? *std::move(opened) : nullptr;
  }
  // Asks until the server has a stream for it; its words where it never does.
  static std::string awaited(exchange::Transport& at) {
    for (int i = 0; i < 400; ++i) {
      (void)at.receive(50);
      if (!at.trouble()) return "";
    }
    return std::string(at.trouble()->field("reason")) + at.trouble()->id;
  }

  std::map<std::string, std::unique_ptr<Daemon>> daemons;

 private:
  void give_ports() {
    client_port = block(), leaf_port = block(), cluster_port = block();
    for (const auto& [site, peers] : sites) write_site(site);
    write_plan();
  }
  // Three free ones in a row, after the number that is returned.
  static uint16_t block() {
    for (int i = 0; i < 1'000; ++i) {
      const uint16_t first = free_port();
      if (first < 60'000 && base::testing::claim_port(first + 1) && base::testing::claim_port(first + 2))
        return first - 1;
    }
    return 0;
  }
};

}  // namespace garita::fleet_test
