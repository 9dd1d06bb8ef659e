// What `garita exchange run` serves to Prometheus is what `garita exchange status` tells a person.
#include <algorithm>

#include "core/base/clock.hpp"
#include "tests/exchange_site/two_sites.hpp"

namespace garita::joint_test {
namespace {

class ExchangeMetrics : public TwoSites {
 protected:
  void SetUp() override {
    fs::create_directories(folder / "share");
    set_up(way, way);
    scan();
    believe(signer_of(package));
    ASSERT_EQ(
        run("garita exchange send mx/exchange.toml --to us --purpose risk --package " + package.string())
            .exit_code,
        0);
  }
  // Runs a site that serves metrics, until they say `wanted`; all they said then.
  std::string served(const std::string& site, const std::string& peer, const std::string& wanted) {
    const std::string port = std::to_string(free_port());
    write_config(site, peer, way, "metrics = \"127.0.0.1:" + port + "\"\n");
    std::ofstream(folder / "get.sh") << "exec 3<>/dev/tcp/127.0.0.1/" << port
                                     << " && printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3\n";
    const pid_t running = start(site);
    std::string text;
    EXPECT_TRUE(wait_for([&] {
      text = run("bash get.sh").out;
      return text.find(wanted) != text.npos;
    })) << wanted
        << '\n'
        << text << this->text(site + ".log");
    end(running, SIGTERM);
    return text;
  }
  nlohmann::json status(const std::string& site) {
    return json_of("garita exchange status " + site + "/exchange.toml");
  }
  // The number of a metric of that peer and lane; -1: none.
  static int64_t number(const std::string& text, const std::string& name, const nlohmann::json& lane) {
    const std::string line = "\ngarita_exchange_" + name + "{peer=\"" + lane.value("peer", "") +
                             "\",lane=\"" + lane.value("lane", "") + "\"} ";
    const size_t at = text.find(line);
    return at == text.npos ? -1 : std::stoll(text.substr(at + line.size()));
  }

  const std::string way = "folder:../share";
};

TEST_F(ExchangeMetrics, what_waits_and_since_when) {
  const std::string text = served("mx", "us", "garita_exchange_waiting{");
  const nlohmann::json told = status("mx");
  ASSERT_EQ(told["out"].size(), 1u) << told;
  const nlohmann::json& lane = told["out"][0];
  EXPECT_EQ(lane["waiting"], 2) << told;
  EXPECT_EQ(number(text, "waiting", lane), lane["waiting"]) << text;
  EXPECT_EQ(number(text, "waiting_bytes", lane), lane["waiting_bytes"]);
  EXPECT_EQ(number(text, "receipts_total", lane), lane["receipts"]);
  const int64_t age_s = number(text, "oldest_seconds", lane);
  const int64_t since = *base::parse_utc(lane.value("since", "")) / 1'000'000'000;
  EXPECT_GE(age_s, 0);
  EXPECT_LE(age_s, base::system_clock().utc_ns() / 1'000'000'000 - since + 1) << "since its first hour";
}

TEST_F(ExchangeMetrics, gaps_by_lane) {
  ASSERT_EQ(run("garita exchange run --once --resend-ms 300 mx/exchange.toml").exit_code, 0);
  // The first of the two contents is lost on the way: the smaller one, of record and overview.
  std::map<std::string, uint64_t> sizes;
  for (const auto& file : fs::directory_iterator(folder / "share/to-us")) {
    const std::string name = file.path().filename().string();
    sizes[name.substr(0, name.find('.'))] += file.file_size();
  }
  ASSERT_EQ(sizes.size(), 2u);
  const auto lost = std::min_element(sizes.begin(), sizes.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  for (const auto& file : fs::directory_iterator(folder / "share/to-us"))
    if (file.path().filename().string().starts_with(lost->first)) fs::remove(file.path());
  const std::string text = served("us", "mx", "garita_exchange_received_total{");
  const nlohmann::json told = status("us");
  ASSERT_EQ(told["in"].size(), 1u) << told;
  EXPECT_EQ(told["in"][0]["gaps"].size(), 1u) << told;
  EXPECT_EQ(number(text, "received_total", told["in"][0]), 1) << text;
  EXPECT_EQ(number(text, "missing", told["in"][0]), 1);
}

}  // namespace
}  // namespace garita::joint_test
