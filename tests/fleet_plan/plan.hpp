// A plan of three nations in a folder of its own, with everybody's certificates, to be spoiled line by line.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/base/testing/temporary_folder.hpp"
#include "core/host/exchange/fleet.hpp"
#include "core/host/exchange/keys.hpp"

namespace garita::fleet_test {

namespace fs = std::filesystem;

inline std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const size_t at = text.find(what);
  EXPECT_NE(at, text.npos) << what << " stands nowhere in\n" << text;
  return at == text.npos ? text : text.replace(at, what.size(), by);
}

inline std::string text_of(const fs::path& file) { return *base::read_text_file(file, 1u << 20); }
inline void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

// mx and us exchange, ca and us too.
class Plan : public ::testing::Test {
 protected:
  using Peers = std::vector<std::string>;

  void SetUp() override {
    for (const std::string server : {"hub-1", "hub-2", "hub-3"}) node(server);
    for (const auto& [site, peers] : sites) {
      node("leaf-" + site);
      ASSERT_TRUE(host::make_site_keys(folder / "keys", site, 365).ok());
      fs::create_directories(folder / site);
      write_site(site);
    }
    write_plan();
  }
  void node(const std::string& name, const std::string& host = "127.0.0.1") {
    ASSERT_TRUE(host::make_node_keys(folder / "keys", name, {host}, 365).ok());
  }

  void write_site(const std::string& site) {
    std::string text = "schema = \"garita.exchange/1\"\nsite = \"" + site +
                       "\"\nfolder = \"x\"\nkey = \"../keys/" + site + ".pem\"\ncertificate = \"../keys/" +
                       site + ".tls.crt\"\ncertificate_key = \"../keys/" + site +
                       ".tls.key\"\nca = \"../keys/leaf-" + site + ".crt\"\n";
    for (const std::string& peer : sites.at(site))
      text += "[peers." + peer + "]\nway = \"nats+tls://127.0.0.1:" + std::to_string(leaf_ports[site]) +
              "/hub\"\nreplicas = " + std::to_string(hubs) + "\ninbox_gb = 1\n[peers." + peer +
              ".keys.now]\nfile = \"../keys/" + peer + ".pub\"\n";
    write(folder / site / "exchange.toml", text);
  }
  void write_plan() {
    std::string text =
        "schema = \"garita.fleet/1\"\n[hub]\ndomain = \"hub\"\nnations = [\"MX\", \"US\", \"CA\"]\n";
    for (unsigned i = 1; i <= hubs; ++i) {
      const std::string name = "hub-" + std::to_string(i);
      text += "[hub.servers." + name + "]\nhost = \"127.0.0.1\"\nbind = \"127.0.0.1\"\nclient_port = " +
              std::to_string(client_port + i) + "\nleaf_port = " + std::to_string(leaf_port + i) +
              "\ncluster_port = " + std::to_string(cluster_port + i) + "\nstore = \"" +
              (store / name).string() + "\"\nstore_gb = 5\ncertificate = \"keys/" + name +
              ".crt\"\nfolder = \"" + machine + "\"\n";
    }
    for (const auto& [site, peers] : sites) {
      std::string with;
      for (const std::string& peer : peers) with += (with.empty() ? "\"" : ", \"") + peer + '"';
      text += "[sites." + site + "]\nfile = \"" + site + "/exchange.toml\"\nnation = \"" + nations[site] +
              "\"\nexchanges_with = [" + with +
              "]\ninbox_gb = 1\nleaf_port = " + std::to_string(leaf_ports[site]) +
              "\ncertificate = \"keys/leaf-" + site + ".crt\"\nfolder = \"" + machine + "\"\n";
    }
    write(folder / "fleet.toml", text);
  }

  host::CheckedFleet check(const std::string& text) {
    return host::check_fleet_text(text, folder.path(), base::Language::en, base::system_clock().utc_ns());
  }
  host::CheckedFleet check() { return check(text_of(folder / "fleet.toml")); }
  exchange::RenderedFleet render() {
    const host::CheckedFleet checked = check();
    for (const auto& problem : checked.problems)
      ADD_FAILURE() << base::render(problem.error, base::Language::en);
    auto rendered = exchange::render_fleet(checked.plan, base::system_clock().utc_ns());
    EXPECT_TRUE(rendered.ok());
    return rendered ? *std::move(rendered) : exchange::RenderedFleet{};
  }

  base::testing::TemporaryFolder folder;
  unsigned hubs = 1;
  uint16_t client_port = 4300, leaf_port = 7400, cluster_port = 6200;  // and the number of the server
  std::string machine = "/etc/garita/nats";
  fs::path store = "/var/lib/garita/nats";
  std::map<std::string, Peers> sites{{"ca", {"us"}}, {"mx", {"us"}}, {"us", {"ca", "mx"}}};
  std::map<std::string, std::string> nations{{"ca", "CA"}, {"mx", "MX"}, {"us", "US"}};
  std::map<std::string, uint16_t> leaf_ports{{"ca", 4221}, {"mx", 4222}, {"us", 4223}};
};

}  // namespace garita::fleet_test
