// TLS on the host's side: the driver sees plain bytes, and no bytes at all of a scanner that is not the right one.
#include "core/base/testing/temporary_folder.hpp"
#include "core/broker/grant.hpp"
#include "tests/broker/broker_fixture.hpp"
#include "tests/broker/tls_peer.hpp"

namespace garita::broker::testing {
namespace {

class Tls : public BrokerTest {
 protected:
  void TearDown() override {
    broker.reset();  // hangs up: then the peer's thread ends
    peer.reset();
  }

  void serve(const Identity& identity, TlsPeer::Talk talk, const TlsPeer::Wish& wish = {}) {
    peer = std::make_unique<TlsPeer>(identity, std::move(talk), wish);
  }
  uint32_t connect(const std::string& options) {
    use({{"scanner", peer->address(options)}});
    return open("scanner");
  }
  std::string refusal(const std::string& options) {
    use({{"scanner", peer->address(options)}});
    const Answer answer = open_fails("scanner", patient());
    EXPECT_EQ(answer.status, GARITA_DEVICE_LOST);
    EXPECT_EQ(sentence(answer).find('{'), std::string::npos) << sentence(answer);
    return answer.error.id;
  }

  base::testing::TemporaryFolder folder;
  const Identity authority{{.name = "ca.example", .authority = true}};
  const Identity scanner{{}, &authority};
  const std::string ca = "?ca=" + authority.write_certificate(folder / "ca.pem");
  std::unique_ptr<TlsPeer> peer;
};

TEST_F(Tls, driver_reads_and_writes_plain_bytes) {
  serve(scanner, [](SSL* session) { TlsPeer::say(session, TlsPeer::hear(session, 5) + " world"); });
  const uint32_t id = connect(ca);
  EXPECT_TRUE(write(id, "hello").ok());
  EXPECT_EQ(read_all(id, 11), "hello world");
  EXPECT_EQ(totals("scanner").read_bytes, 11u);
}

TEST_F(Tls, works_with_1_2_too) {
  serve(scanner, TlsPeer::echo_all, {.max_version = TLS1_2_VERSION});
  const uint32_t id = connect(ca);
  write(id, "abc");
  EXPECT_EQ(read_all(id, 3), "abc");
}

TEST_F(Tls, megabytes_come_whole_through_a_full_queue) {
  const std::string bytes(8 << 20, 'x');
  serve(scanner, [&](SSL* session) { TlsPeer::say(session, bytes + "end"); });
  const uint32_t id = connect(ca);
  EXPECT_EQ(read_all(id, bytes.size() + 3), bytes + "end");
}

TEST_F(Tls, megabytes_go_out_whole) {
  const std::string bytes(4 << 20, 'y');
  base::Digest heard{};
  serve(scanner, [&](SSL* session) {
    heard = hash(TlsPeer::hear(session, bytes.size()));
    TlsPeer::say(session, "thanks");
  });
  const uint32_t id = connect(ca);
  EXPECT_TRUE(write(id, bytes).ok());
  EXPECT_EQ(read_all(id, 6), "thanks");
  EXPECT_EQ(heard, hash(bytes));
}

TEST_F(Tls, goodbye_is_the_end) {
  serve(scanner, [](SSL* session) { TlsPeer::say(session, "last"), TlsPeer::say_goodbye(session); });
  const uint32_t id = connect(ca);
  EXPECT_EQ(read_all(id, 100), "last");
  EXPECT_EQ(last.status, GARITA_END);
}

TEST_F(Tls, connection_cut_without_goodbye_is_a_loss) {
  serve(scanner, [](SSL* session) { TlsPeer::say(session, "half a fra"); });
  const uint32_t id = connect(ca);
  EXPECT_EQ(read_all(id, 100), "half a fra");
  EXPECT_EQ(last.status, GARITA_DEVICE_LOST);
  EXPECT_EQ(last.error.id, "broker.lost");
}

// ---- Whom to trust

TEST_F(Tls, address_that_trusts_nobody_is_refused) {
  const auto grant = Grant::parse(Address::parse("tls://a:1").value());
  ASSERT_FALSE(grant);
  EXPECT_EQ(grant.error().id, "broker.tls_trust");
}

TEST_F(Tls, certificate_of_another_authority_is_refused) {
  const Identity impostor({.name = "127.0.0.1"});
  serve(impostor, TlsPeer::echo_all);
  EXPECT_EQ(refusal(ca), "broker.tls_untrusted");
}

TEST_F(Tls, certificate_of_another_name_is_refused) {
  const Identity other({.name = "other.example"}, &authority);
  serve(other, TlsPeer::echo_all);
  EXPECT_EQ(refusal(ca), "broker.tls_untrusted");
}

TEST_F(Tls, name_that_the_address_gives_is_the_one_that_counts) {
  const Identity named({.name = "scanner.lane3"}, &authority);
  serve(named, TlsPeer::echo_all);
  const uint32_t id = connect(ca + "&name=scanner.lane3");
  write(id, "abc");
  EXPECT_EQ(read_all(id, 3), "abc");
}

TEST_F(Tls, expired_certificate_is_refused) {
  const Identity expired({.valid_from_s = -7200, .valid_until_s = -3600}, &authority);
  serve(expired, TlsPeer::echo_all);
  EXPECT_EQ(refusal(ca), "broker.tls_untrusted");
}

TEST_F(Tls, pinned_certificate_needs_no_authority) {
  const Identity alone({.name = "old scanner", .valid_from_s = -7200, .valid_until_s = -3600});
  serve(alone, TlsPeer::echo_all);
  const uint32_t id = connect("?pin=" + alone.pin());
  write(id, "abc");
  EXPECT_EQ(read_all(id, 3), "abc");
}

TEST_F(Tls, other_certificate_than_the_pinned_is_refused) {
  serve(scanner, TlsPeer::echo_all);
  EXPECT_EQ(refusal("?pin=" + authority.pin()), "broker.tls_pin");
}

TEST_F(Tls, with_authority_and_pin_both_must_hold) {
  serve(scanner, TlsPeer::echo_all);
  EXPECT_EQ(refusal(ca + "&pin=" + authority.pin()), "broker.tls_pin");
}

TEST_F(Tls, scanner_that_wants_a_certificate_gets_ours) {
  const Identity host({.name = "host.example"}, &authority);
  serve(scanner, TlsPeer::echo_all, {.wants_client_of = &authority});
  const uint32_t id = connect(ca + "&cert=" + host.write_certificate(folder / "host.pem") +
                              "&key=" + host.write_key(folder / "host.key"));
  write(id, "abc");
  EXPECT_EQ(read_all(id, 3), "abc");
}

TEST_F(Tls, scanner_that_wants_a_certificate_and_gets_none_is_lost) {
  serve(scanner, TlsPeer::echo_all, {.wants_client_of = &authority});
  const uint32_t id = connect(ca);  // TLS 1.3 tells only afterwards
  EXPECT_EQ(read_all(id, 3), "");
  EXPECT_EQ(last.status, GARITA_DEVICE_LOST);
}

TEST_F(Tls, too_old_a_version_is_refused) {
  serve(scanner, TlsPeer::echo_all, {.min_version = TLS1_VERSION, .max_version = TLS1_1_VERSION});
  EXPECT_EQ(refusal(ca), "broker.tls_failed");
}

TEST_F(Tls, file_that_is_missing_is_named) {
  serve(scanner, TlsPeer::echo_all);
  use({{"scanner", peer->address("?ca=/nowhere/ca.pem")}});
  const Answer answer = open_fails("scanner", patient());
  EXPECT_EQ(answer.status, GARITA_NOT_CONFIGURED);
  EXPECT_NE(sentence(answer).find("/nowhere/ca.pem"), std::string::npos);
  connect(ca);  // so that the peer's thread gets its connection
}

// ---- Peers that are none

class NoTls : public BrokerTest {
 protected:
  // What becomes of an opening whose peer does that as soon as it is called.
  Answer met_with(const std::function<void(Peer&)>& act, uint64_t deadline_ns = patient()) {
    use({{"scanner", "tls://127.0.0.1:" + std::to_string(loopback.port()) + "?pin=" + Identity({}).pin()}});
    std::thread other([&] {
      Peer peer = loopback.accept();
      act(peer);
      peer.receive(100'000);  // until it hangs up
    });
    const Answer answer = open_fails("scanner", deadline_ns);
    broker.reset();
    other.join();
    return answer;
  }
  Loopback loopback;
};

TEST_F(NoTls, peer_that_speaks_plain_text_is_refused) {
  const Answer answer = met_with([](Peer& peer) { peer.send("GARITA PORTAL 1.0 READY\r\n"); });
  EXPECT_EQ(answer.error.id, "broker.tls_failed");
  EXPECT_EQ(answer.status, GARITA_DEVICE_LOST);
}

TEST_F(NoTls, peer_that_hangs_up_in_the_handshake_is_refused) {
  EXPECT_EQ(met_with([](Peer& peer) { peer.receive(5), peer.half_close(); }).error.id, "broker.tls_cut");
}

TEST_F(NoTls, peer_that_resets_in_the_handshake_is_refused) {
  EXPECT_EQ(met_with([](Peer& peer) { peer.receive(5), peer.reset(); }).error.id, "broker.tls_cut");
}

TEST_F(NoTls, peer_that_says_nothing_is_given_up_at_the_deadline) {
  EXPECT_EQ(met_with([](Peer&) {}, soon()).status, GARITA_TIMEOUT);
}

}  // namespace
}  // namespace garita::broker::testing
