// tls: two sites and nothing between them but a line, as bad as lines are.
#include "core/exchange/testing/link_proxy.hpp"
#include "core/exchange/transport/tls_transport.hpp"
#include "tests/broker/tls_peer.hpp"
#include "tests/exchange/ways.hpp"

namespace garita::exchange {
namespace {

using namespace testing;
using broker::testing::Identity;

base::Digest pin_of(const Identity& identity) {
  return *base::parse_digest(identity.pin().substr(std::string("sha256:").size()));
}

class ByTls : public OnAWay {
 protected:
  TlsIdentity identity(const Identity& own, const Identity& peer, const std::string& name) const {
    return {own.write_certificate(folder_ / (name + ".crt")),
            own.write_key(folder_ / (name + ".key")),
            {pin_of(peer)}};
  }
  void listen(const Identity& own, const Identity& peer) {
    auto opened = TlsTransport::open(
        {.host = "127.0.0.1", .listens = true, .identity = identity(own, peer, "us"), .patience_ms = 2'000});
    ASSERT_TRUE(opened.ok()) << opened.error().id;
    at_us_ = *std::move(opened);
    us_.connect(*at_us_, quick());
  }
  void connect(uint16_t port, const Identity& own, const Identity& peer) {
    auto opened = TlsTransport::open({.host = "127.0.0.1",
                                      .port = port,
                                      .identity = identity(own, peer, "mx"),
                                      .again_ms = 20,
                                      .patience_ms = 2'000});
    ASSERT_TRUE(opened.ok()) << opened.error().id;
    at_mx_ = *std::move(opened);
    mx_.connect(*at_mx_, quick());
  }
  void connect_by(LineFaults faults) {
    listen(us_identity_, mx_identity_);
    line_ = std::make_unique<LinkProxy>(at_us_->port(), faults, seed_of_run());
    connect(line_->port(), mx_identity_, us_identity_);
  }
  void turns(int count) {
    for (int i = 0; i < count; ++i) (void)mx_.courier->turn(2), (void)us_.courier->turn(2);
  }

  Identity mx_identity_{{.name = "mx"}}, us_identity_{{.name = "us"}};
  std::unique_ptr<TlsTransport> at_us_, at_mx_;
  std::unique_ptr<LinkProxy> line_;
};

TEST_F(ByTls, everything_arrives_once) {
  connect_by({});
  put(20, 2 * chunk_bytes + 100);
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
}

TEST_F(ByTls, over_a_line_that_is_cut_again_and_again_everything_arrives_once) {
  connect_by({.cut_after_bytes = 3u << 20});
  put(is_long() ? 1'000 : 20, is_long() ? 4u << 20 : 1u << 20);
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
  EXPECT_GE(line_->cuts(), 3u);
}

// In the middle of shaking hands, of a frame, of a chunk, of a receipt: what was lost is asked for again.
TEST_F(ByTls, goes_on_after_a_cut_at_any_byte) {
  listen(us_identity_, mx_identity_);
  const size_t size = 20'000, all = size + 6'000;  // with both hands shaken, manifest and receipt
  const size_t step = is_long() ? 61 : 613;
  uint64_t cuts = 0;
  for (size_t at = 1; at < all; at += step) {
    mx_.courier.reset();
    line_ = std::make_unique<LinkProxy>(at_us_->port(), LineFaults{.cut_first_at = at}, seed_of_run());
    connect(line_->port(), mx_identity_, us_identity_);
    put(1, size, "cut at " + std::to_string(at));
    ASSERT_TRUE(settle()) << "cut at " << at;
    cuts += line_->cuts();
  }
  ledger_.expect_settled(mx_, us_);
  EXPECT_GE(cuts, 20'000 / step);
}

TEST_F(ByTls, over_a_thin_far_line_a_cut_costs_little) {
  connect_by({.bytes_per_second = 5'000'000 / 8 * 8, .delay_ms = 50});
  put(1, 4u << 20);
  while (us_.courier->counts().chunks_taken < 4) turns(1);
  line_->cut_now();
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
  EXPECT_LE(line_->carried_bytes(), (4u << 20) + (2u << 20));
}

TEST_F(ByTls, a_dead_line_is_waited_for) {
  connect_by({});
  line_->set_dead(true);
  put(3, 1'000);
  turns(50);
  EXPECT_EQ(mx_.waiting(), 3u);
  line_->set_dead(false);
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
}

TEST_F(ByTls, a_certificate_that_is_not_pinned_gets_no_byte) {
  const Identity thief({.name = "us"});
  listen(thief, mx_identity_);
  connect(at_us_->port(), mx_identity_, us_identity_);
  put(1, 1'000);
  turns(100);
  EXPECT_EQ(mx_.waiting(), 1u);
  ASSERT_TRUE(at_mx_->trouble());
  EXPECT_EQ(at_mx_->trouble()->id, "exchange.tls_untrusted");
  EXPECT_EQ(us_.courier->counts().chunks_taken, 0u);
}

TEST_F(ByTls, who_connects_with_a_certificate_that_is_not_pinned_is_not_heard) {
  const Identity thief({.name = "mx"});
  listen(us_identity_, mx_identity_);
  connect(at_us_->port(), thief, us_identity_);
  put(1, 1'000);
  turns(100);
  EXPECT_EQ(us_.courier->counts().chunks_taken, 0u);
  ASSERT_TRUE(at_us_->trouble());
  EXPECT_EQ(at_us_->trouble()->id, "exchange.tls_untrusted");
}

TEST_F(ByTls, an_expired_certificate_is_refused_though_it_is_pinned) {
  const Identity old({.name = "us", .valid_from_s = -7'200, .valid_until_s = -3'600});
  listen(old, mx_identity_);
  connect(at_us_->port(), mx_identity_, old);
  turns(50);
  ASSERT_TRUE(at_mx_->trouble());
  EXPECT_EQ(at_mx_->trouble()->id, "exchange.tls_untrusted");
}

TEST_F(ByTls, garbage_and_silence_at_the_port_stop_nobody) {
  listen(us_identity_, mx_identity_);
  const auto visit = [&](const std::string& says) {
    const int end = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(at_us_->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(end, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    if (!says.empty()) (void)::send(end, says.data(), says.size(), MSG_NOSIGNAL);
    return end;
  };
  const int silent = visit("");
  const int loud = visit(bytes_of(1, 100'000));
  connect(at_us_->port(), mx_identity_, us_identity_);
  put(3, 1'000);
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
  ::close(silent);
  ::close(loud);
}

TEST_F(ByTls, a_listener_in_use_is_named) {
  listen(us_identity_, mx_identity_);
  const auto second = TlsTransport::open({.host = "127.0.0.1",
                                          .port = at_us_->port(),
                                          .listens = true,
                                          .identity = identity(us_identity_, mx_identity_, "two")});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().id, "exchange.cannot_listen");
}

}  // namespace
}  // namespace garita::exchange
