// Two sites that run all the time, over one of the ways, and one inspection or more to be carried.
#pragma once

#include "core/exchange/outbox/outbox.hpp"
#include "core/exchange/transport/way.hpp"
#include "tests/exchange/nats_server.hpp"
#include "tests/exchange_leak/canaries.hpp"
#include "tests/exchange_site/two_sites.hpp"

namespace garita::faults_test {

using cli_test::Outcome;
using exchange::testing::NatsServer;
using leak_test::Sample;
namespace fs = std::filesystem;

inline constexpr const char* missing_server =
    "SKIPPED, not a pass: nats-server is missing; apt-get install nats-server";

class TwoPrograms : public joint_test::TwoSites {
 protected:
  // False where the way's server is not there.
  bool prepare(const std::string& way) {
    if (way == "nats") {
      if (!NatsServer::installed()) return false;
      if (!server) server = std::make_unique<NatsServer>(folder / "nats");
      ways_ = {server->url(), server->url()};
    } else if (way == "tls") {
      const std::string port = std::to_string(joint_test::free_port());
      ways_ = {"tls://127.0.0.1:" + port, "tls-listen://127.0.0.1:" + port};
    } else {
      fs::create_directories(folder / "share");
      ways_ = {"folder:" + (folder / "share").string(), "folder:" + (folder / "share").string()};
    }
    set_up(ways_.first, ways_.second);
    sample("first");
    package = path_of("first");
    believe(signer_of(package));
    write_config("us", "mx", ways_.second, "");
    return true;
  }
  fs::path path_of(const std::string& name) const {
    return folder / ("mx/state/packages/" + name + ".garita");
  }
  void sample(const std::string& name) { const Sample made(path_of(name)); }
  Outcome send(const std::string& name) {
    const Outcome sent = run("garita exchange send mx/exchange.toml --to us --purpose glance --package " +
                             path_of(name).string());
    entries += std::count(sent.out.begin(), sent.out.end(), '\n');
    return sent;
  }
  void change(const std::string& file, const std::string& from, const std::string& to) {
    std::string all = text(file);
    const size_t at = all.find(from);
    ASSERT_NE(at, all.npos) << from;
    std::ofstream(folder / file) << all.replace(at, from.size(), to);
  }

  nlohmann::json status(const std::string& site) {
    return json_of("garita exchange status " + site + "/exchange.toml");
  }
  uint64_t waiting() {
    uint64_t sum = 0;
    const nlohmann::json found = status("mx");  // outlives the loop
    for (const auto& lane : found.value("out", nlohmann::json::array())) sum += lane.value("waiting", 0u);
    return sum;
  }
  std::set<std::string> troubles(const std::string& site) {
    std::set<std::string> ids;
    const nlohmann::json found = status(site);
    for (const auto& trouble : found.value("troubles", nlohmann::json::array()))
      ids.insert(trouble.value("id", ""));
    return ids;
  }
  bool says(const std::string& site, const std::string& id) {
    return wait_for([&] { return troubles(site).contains(id); });
  }
  static size_t times(const std::string& text, const std::string& what) {
    size_t count = 0;
    for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
    return count;
  }
  uint64_t opened() {
    uint64_t sum = 0;
    std::error_code none;  // before anything came
    for (fs::recursive_directory_iterator at(folder / "us/state", none), end; !none && at != end;
         at.increment(none))
      if (at->is_regular_file(none))
        sum += times(text(fs::relative(at->path(), folder.path())), "exchange.opened");
    return sum;
  }
  std::string logs() { return text("mx.log") + text("us.log"); }

  // sent = received = receipts, and each is there once.
  void expect_all_there_once(size_t inspections) {
    EXPECT_TRUE(wait_for([&] { return waiting() == 0 && opened() >= entries; })) << logs();
    EXPECT_EQ(opened(), entries) << logs();
    uint64_t receipts = 0, received = 0;
    const nlohmann::json out = status("mx"), in = status("us");
    for (const auto& lane : out["out"]) receipts += lane.value("receipts", 0u);
    for (const auto& lane : in["in"]) received += lane.value("received", 0u);
    EXPECT_EQ(receipts, entries);
    EXPECT_EQ(received, entries);
    EXPECT_EQ(json_of("garita find --state us/state --limit 1000")["found"].size(), inspections) << logs();
  }

  std::unique_ptr<NatsServer> server;
  uint64_t entries = 0;
  std::pair<std::string, std::string> ways_;  // of mx, of us
};

}  // namespace garita::faults_test
