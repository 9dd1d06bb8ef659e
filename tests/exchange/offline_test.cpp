// Weeks without a line, by a simulated clock, over a real one: the outbox fills up and says so, a certificate
// ends meanwhile, and when both are mended all arrives, once.
#include "core/base/text.hpp"
#include "core/exchange/testing/link_proxy.hpp"
#include "core/exchange/transport/status.hpp"
#include "core/exchange/transport/tls_transport.hpp"
#include "tests/broker/tls_peer.hpp"
#include "tests/exchange/sites.hpp"

namespace garita::exchange {
namespace {

using namespace testing;
using broker::testing::Identity;

constexpr long day_s = 86'400;
constexpr int64_t day_ns = day_s * 1'000'000'000;

class Offline : public ::testing::Test {
 protected:
  Offline() {
    mx_.stop();
    mx_.outbox_limits.max_entries = 12;
    mx_.start();
  }
  static base::Digest pin_of(const Identity& identity) {
    return *base::parse_digest(identity.pin().substr(7));
  }
  TlsOptions options(const Identity& own, const std::string& name, std::vector<base::Digest> pins) const {
    return {.host = "127.0.0.1",
            .identity = {own.write_certificate(folder_ / (name + ".crt")),
                         own.write_key(folder_ / (name + ".key")), std::move(pins)},
            .again_ms = 100,
            .patience_ms = 600'000};
  }
  void listen(const Identity& own, uint16_t port) {
    us_.courier.reset(), at_us_.reset();
    TlsOptions wanted = options(own, "us", {pin_of(mx_identity_)});
    wanted.listens = true, wanted.port = port;
    at_us_ = *TlsTransport::open(wanted, clock_);
    us_.connect(*at_us_, {.resend_ms = 1'000});
  }
  void connect(uint16_t port) {
    TlsOptions wanted = options(mx_identity_, "mx", {pin_of(first_), pin_of(second_)});
    wanted.port = port;
    at_mx_ = *TlsTransport::open(wanted, clock_);
    mx_.connect(*at_mx_, {.resend_ms = 1'000});
  }
  void turns(int count) {
    for (int i = 0; i < count; ++i) {
      (void)mx_.courier->turn(2), (void)us_.courier->turn(2);
      clock_.advance(20'000'000);
    }
  }
  // One inspection; false where the outbox takes no more.
  bool put(int number) {
    const std::string bytes = bytes_of(seed_of_run() + static_cast<uint64_t>(number), chunk_bytes + 100);
    const auto entry =
        mx_.outbox->put({"us", "north", std::to_string(number), Priority::rest}, base::Bytes(bytes));
    if (entry) return ledger_.sent(bytes), true;
    EXPECT_EQ(entry.error().id, "exchange.outbox_full");
    EXPECT_NE(base::render(entry.error(), base::Language::es), entry.error().id);
    return false;
  }

  base::testing::TemporaryFolder folder_;
  base::ManualClock clock_{base::system_clock().utc_ns()};
  const int64_t begin_ = clock_.utc_ns();
  Site mx_{"mx", "us", folder_.path(), clock_}, us_{"us", "mx", folder_.path(), clock_};
  const Identity mx_identity_{{.name = "mx", .valid_until_s = 365 * day_s}},
      first_{{.name = "us", .valid_until_s = 10 * day_s}},
      second_{{.name = "us", .valid_until_s = 365 * day_s}};
  std::unique_ptr<TlsTransport> at_mx_, at_us_;
  Ledger ledger_;
};

TEST_F(Offline, for_weeks_in_which_the_outbox_fills_and_a_certificate_ends_loses_nothing) {
  listen(first_, 0);
  const uint16_t port = at_us_->port();
  LinkProxy line(port, {}, seed_of_run());
  line.set_dead(true);
  connect(line.port());
  int taken = 0;
  for (int day = 0; day < 20; ++day) {
    taken += put(day) ? 1 : 0;
    turns(3);
    clock_.advance(static_cast<uint64_t>(day_ns));
  }
  EXPECT_EQ(taken, 12) << "so much may wait";
  EXPECT_EQ(mx_.waiting(), 12u);
  const auto lanes = mx_.outbox->status();
  ASSERT_EQ(lanes->size(), 1u);
  EXPECT_EQ(lanes->front().oldest_utc_ns, begin_) << "since when";
  const auto status = status_of(mx_.folder);
  const std::string metrics = metrics_text(*status, begin_ + 20 * day_ns);
  EXPECT_NE(metrics.find("oldest_seconds{peer=\"us\",lane=\"north\"} " + std::to_string(20 * day_s)),
            metrics.npos)
      << metrics;

  line.set_dead(false);  // the line is back, but us's certificate ended on the tenth day
  for (int i = 0; i < 500 && (!at_mx_->trouble() || at_mx_->trouble()->id != "exchange.tls_untrusted"); ++i)
    turns(1);
  ASSERT_TRUE(at_mx_->trouble());
  EXPECT_EQ(at_mx_->trouble()->id, "exchange.tls_untrusted");
  EXPECT_EQ(mx_.waiting(), 12u);
  EXPECT_EQ(us_.courier->counts().chunks_taken, 0u);

  listen(second_, port);
  for (int i = 0; i < 5'000 && mx_.waiting() > 0; ++i) turns(1);
  ledger_.expect_settled(mx_, us_);
  EXPECT_TRUE(put(100)) << "there is room again";
}

}  // namespace
}  // namespace garita::exchange
