// Two sites in a folder: keys, policies and configurations of both, and one scan of a lorry at the one.
#pragma once

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "core/base/testing/free_port.hpp"
#include "tests/cli/program.hpp"

extern char** environ;

namespace garita::joint_test {

using cli_test::Outcome;
namespace fs = std::filesystem;

inline constexpr const char* plate = "ZX91827";
inline constexpr const char* container = "MSKU1234565";

using base::testing::free_port;

class TwoSites : public ::testing::Test {
 protected:
  ~TwoSites() override {
    for (const pid_t child : children_) end(child, SIGTERM);
  }

  Outcome run(const std::string& command) { return cli_test::run(folder, command); }
  nlohmann::json json_of(const std::string& command) {
    const Outcome out = run(command + " --json");
    return nlohmann::json::parse(out.out, nullptr, false);
  }

  // One lorry with a plate and a container that are known.
  void scan(const std::string& options = "--seed 11", const std::string& out = "mx/state/packages") {
    const Outcome scanned =
        run("bash -c 'rm -f port; garita-sim nuctech --listen 127.0.0.1:0 --port-file port --count 1 --given "
            "plate=" +
            std::string(plate) + ",container=" + container + " " + options +
            " >sim.txt 2>&1 & for i in $(seq 200); do [ -s port ] && break; sleep 0.05; done; garita scan "
            "--driver "
            "nuctech --source portal=tcp://127.0.0.1:$(cat port) --out " +
            out +
            " --state mx/state --site Nogales --lane 1 --json --count 1; code=$?; kill %1 2>/dev/null; wait; "
            "exit $code'");
    ASSERT_EQ(scanned.exit_code, 0) << scanned.err << scanned.out;
    for (const auto& entry : fs::directory_iterator(folder / out))
      if (entry.path().extension() == ".garita") package = entry.path();
  }

  // `ways`: of mx, of us.
  void set_up(const std::string& mx_way, const std::string& us_way, const std::string& more_mx = "",
              const std::string& more_us = "") {
    for (const std::string site : {"mx", "us"}) {
      const nlohmann::json made = json_of("garita exchange keys --out keys --site " + site);
      ASSERT_TRUE(made.contains("pin")) << made;
      pins_[site] = made["pin"];
      fs::create_directories(folder / site);
    }
    write_policies();
    write_config("mx", "us", mx_way, more_mx);
    write_config("us", "mx", us_way, more_us);
  }
  void write_policies() {
    std::ofstream(folder / "mx/sharing.toml") << R"(schema = "garita.sharing/1"
[[rule]]
to = ["us"]
purpose = ["risk"]
classes = ["technical", "device", "time", "identity", "cargo", "provenance"]
planes = "whole"
[[rule]]
to = ["us"]
purpose = ["glance"]
classes = ["technical", "device", "time"]
planes = "reduced"
factor = 16
)";
    std::ofstream(folder / "us/sharing.toml")
        << "schema = \"garita.sharing/1\"\n[[rule]]\nto = [\"mx\"]\npurpose = "
           "[\"risk\"]\nclasses = [\"technical\"]\nplanes = \"withheld\"\n";
  }
  // The key that signs mx's packages is believed by us, as mx's.
  void believe(const std::string& signer, const std::string& action = "accept") {
    std::ofstream file(folder / "us/inbound.toml");
    file << "schema = \"garita.inbound/1\"\n[[rule]]\naction = \"" << action << "\"\n";
    if (action != "accept") file << "code = \"agency_policy\"\n";
    file << "from = [\"anam\"]\nmax_age_h = 48\n" << asked_;
    signer_ = signer;
  }
  void write_config(const std::string& own, const std::string& peer, const std::string& way,
                    const std::string& more) {
    std::ofstream file(folder / (own + "/exchange.toml"));
    file << "schema = \"garita.exchange/1\"\nsite = \"" << own
         << "\"\nfolder = \"exchange\"\nstate = \"state\"\n"
         << "key = \"../keys/" << own << ".pem\"\ncertificate = \"../keys/" << own
         << ".tls.crt\"\ncertificate_key = \"../keys/" << own
         << ".tls.key\"\npolicy = \"sharing.toml\"\ninbound = \"inbound.toml\"\n"
         << more << "\n[opening.now]\ncertificate = \"../keys/" << own << ".seal.crt\"\nkey = \"../keys/"
         << own << ".seal.key\"\n\n[peers." << peer << "]\nway = \"" << way << "\"\npins = [\"" << pins_[peer]
         << "\"]\nseal_for = [\"../keys/" << peer << ".seal.crt\"]\n"
         << (own == "mx" ? "requested = \"risk\"\n" : "") << "[peers." << peer
         << ".keys.now]\nfile = \"../keys/" << peer << ".pub\"\n";
    if (own == "us" && !signer_.empty()) file << "\n[authorities.anam]\nsigners = [\"" << signer_ << "\"]\n";
  }

  pid_t start(const std::string& site) {
    const std::string program = GARITA_BIN_DIR "/garita", config = folder / (site + "/exchange.toml"),
                      log = folder / (site + ".log");
    const std::string line =
        "exec " + program + " exchange run --resend-ms 300 " + config + " >>" + log + " 2>&1";
    const char* words[] = {"/bin/sh", "-c", line.c_str(), nullptr};
    pid_t child = -1;
    EXPECT_EQ(::posix_spawn(&child, words[0], nullptr, nullptr, const_cast<char**>(words), environ), 0);
    children_.push_back(child);
    return child;
  }
  void end(pid_t child, int signal) {
    ::kill(child, signal);
    ::waitpid(child, nullptr, 0);
    std::erase(children_, child);
  }
  // Until `done`, for a minute at most.
  template <typename Done>
  bool wait_for(Done done) {
    for (int i = 0; i < 300; ++i) {
      if (done()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return false;
  }
  std::string text(const std::string& path) {
    const auto read = base::read_text_file(folder / path, uint64_t{1} << 30);
    return read ? *read : "";
  }
  std::string signer_of(const std::string& path) {
    const nlohmann::json verified = json_of("garita verify " + path);
    for (const auto& claim : verified.value("claims", nlohmann::json::array()))
      if (claim.value("name", "") == "key")
        return claim.value("value", "").substr(claim.value("value", "").rfind(' ') + 1);
    return verified.dump();
  }

  base::testing::TemporaryFolder folder;
  fs::path package;

 private:
  std::map<std::string, std::string> pins_;
  std::string signer_;

 protected:
  std::string asked_;  // conditions of us's rule beside those

 private:
  std::vector<pid_t> children_;
};

}  // namespace garita::joint_test
