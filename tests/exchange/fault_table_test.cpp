// The same faults on each way: of a hundred messages ten are lost, repeated, delayed, changed or halved, and
// what was sent, what arrived and what was signed for is the same in the end. GARITA_LONG=1: 1,000
// inspections of 4 MB; GARITA_SEED repeats one.
#include "core/exchange/testing/link_proxy.hpp"
#include "core/exchange/transport/folder_transport.hpp"
#include "core/exchange/transport/nats_transport.hpp"
#include "core/exchange/transport/tls_transport.hpp"
#include "tests/broker/tls_peer.hpp"
#include "tests/exchange/faulty_way.hpp"
#include "tests/exchange/nats_server.hpp"
#include "tests/exchange/ways.hpp"

namespace garita::exchange {
namespace {

using namespace testing;
namespace fs = std::filesystem;

class FaultTable : public OnAWay {
 protected:
  void carry(Transport& at_mx, Transport& at_us) {
    FaultyWay from_mx(at_mx, 10, seed_of_run()), from_us(at_us, 10, seed_of_run() + 1);
    mx_.connect(from_mx, quick());
    us_.connect(from_us, quick());
    put(is_long() ? 1'000 : 20, is_long() ? 4'000'000 : 2 * chunk_bytes + 100);
    EXPECT_TRUE(settle());
    ledger_.expect_settled(mx_, us_);
    EXPECT_GT(from_mx.faults() + from_us.faults(), 0u);
    mx_.courier.reset(), us_.courier.reset();
  }
};

TEST_F(FaultTable, by_folder_all_arrives_once) {
  fs::create_directories(folder_ / "share");
  FolderTransport at_mx({.folder = folder_ / "share", .own = "mx", .peer = "us", .poll_ms = 1});
  FolderTransport at_us({.folder = folder_ / "share", .own = "us", .peer = "mx", .poll_ms = 1});
  carry(at_mx, at_us);
}

TEST_F(FaultTable, by_tls_over_a_line_that_is_also_cut_all_arrives_once) {
  const broker::testing::Identity mx({.name = "mx"}), us({.name = "us"});
  const auto identity = [&](const auto& own, const auto& peer, const std::string& name) {
    return TlsIdentity{own.write_certificate(folder_ / (name + ".crt")),
                       own.write_key(folder_ / (name + ".key")),
                       {*base::parse_digest(peer.pin().substr(7))}};
  };
  auto at_us = TlsTransport::open({.host = "127.0.0.1", .listens = true, .identity = identity(us, mx, "us")});
  ASSERT_TRUE(at_us.ok());
  LinkProxy line((*at_us)->port(), {.cut_after_bytes = 8u << 20}, seed_of_run());
  auto at_mx = TlsTransport::open(
      {.host = "127.0.0.1", .port = line.port(), .identity = identity(mx, us, "mx"), .again_ms = 20});
  ASSERT_TRUE(at_mx.ok());
  carry(**at_mx, **at_us);
}

TEST_F(FaultTable, by_nats_all_arrives_once) {
  if (!NatsServer::installed())
    GTEST_SKIP() << "SKIPPED, not a pass: " << NatsServer::program
                 << " is missing; apt-get install nats-server";
  const NatsServer server(folder_ / "nats");
  const auto open = [&](const char* own, const char* peer) {
    return *NatsTransport::open({.url = server.url(), .own = own, .peer = peer, .patience_ms = 5'000});
  };
  const auto at_mx = open("mx", "us"), at_us = open("us", "mx");
  carry(*at_mx, *at_us);
}

}  // namespace
}  // namespace garita::exchange
