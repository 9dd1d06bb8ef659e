// The ways of a configuration, and what status says.
#include "core/exchange/transport/way.hpp"
#include "core/exchange/transport/status.hpp"
#include "tests/exchange/ways.hpp"

namespace garita::exchange {
namespace {

using namespace testing;

TEST(Way, that_is_none_is_named) {
  for (const char* bad :
       {"", "folder:", "tls:", "tls://", "tls://host", "tls://host:", "tls://host:99999", "tls://:1",
        "http://host:80", "nats:host:1", "tls://host:1x"}) {
    const auto opened = open_way(bad, {"mx", "us", {}, {}, {}});
    ASSERT_FALSE(opened.ok()) << bad;
    EXPECT_EQ(opened.error().id, "exchange.bad_way") << bad;
  }
  EXPECT_FALSE(open_way("folder:/tmp", {"mx", "../us", {}, {}, {}}).ok());
  EXPECT_TRUE(open_way("folder:/tmp", {"mx", "us", {}, {}, {}}).ok());
}

TEST(ExchangeStatus, tells_what_waits_and_what_is_missing_as_metrics_too) {
  const base::testing::TemporaryFolder folder;
  base::ManualClock clock(5'000'000'000);
  Site mx("mx", "us", folder.path(), clock);
  mx.put("a", "1234567");
  EXPECT_TRUE(std::holds_alternative<Progress>(*mx.inbox->take(
      "us",
      {.content = base::Digest{7}, .size_bytes = 1, .chunks = {base::Digest{7}}, .place = {{0xab}, 3}})));
  const auto status = status_of(mx.folder);
  ASSERT_TRUE(status.ok());
  const std::string text = metrics_text(*status, 65'000'000'000);
  for (const char* line :
       {"garita_exchange_waiting{peer=\"us\",lane=\"north\"} 1\n",
        "garita_exchange_waiting_bytes{peer=\"us\",lane=\"north\"} 7\n",
        "garita_exchange_oldest_seconds{peer=\"us\",lane=\"north\"} 60\n",
        "garita_exchange_receipts_total{peer=\"us\",lane=\"north\"} 0\n",
        "garita_exchange_missing{peer=\"us\",lane=\"ab000000000000000000000000000000\"} 3\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

}  // namespace
}  // namespace garita::exchange
