// Two sites exchange over the rendered servers, and nobody hears or says what is not theirs.
#include "tests/fleet_plan/servers.hpp"

namespace garita::fleet_test {
namespace {

using exchange::testing::bytes_of;
using exchange::testing::Site;

// What a server of the hub lets everybody do whom it lets in.
std::string without_rights(std::string text) {
  for (size_t at; (at = text.find("permissions {")) != text.npos;) {
    int depth = 0;
    size_t end = at;
    do {
      end = text.find_first_of("{}", end);
      depth += text[end++] == '{' ? 1 : -1;
    } while (depth > 0);
    text.erase(at, end - at);
  }
  return text;
}

class Fleet : public Servers {
 protected:
  void connect() {
    at_mx = way("mx", "us"), at_us = way("us", "mx");
    ASSERT_EQ(awaited(*at_mx), "");
    ASSERT_EQ(awaited(*at_us), "");
    mx = std::make_unique<Site>("mx", "us", folder / "sites", base::system_clock());
    us = std::make_unique<Site>("us", "mx", folder / "sites", base::system_clock());
    mx->connect(*at_mx, {.peer = "", .resend_ms = 500, .longest_ms = 1'000});
    us->connect(*at_us, {.peer = "", .resend_ms = 500, .longest_ms = 1'000});
  }
  // Until every receipt is there; false after a minute without.
  bool settle() {
    const auto until = std::chrono::steady_clock::now() + 1min;
    while (mx->waiting() + us->waiting() > 0 && std::chrono::steady_clock::now() < until) {
      (void)mx->courier->turn(5);
      (void)us->courier->turn(5);
    }
    return mx->waiting() + us->waiting() == 0;
  }
  void put_both_ways(const std::string& salt) {
    mx->put(salt + "a", bytes_of(1, 2 * exchange::chunk_bytes + 100), exchange::Priority::rest, "north");
    us->put(salt + "b", bytes_of(2, 2 * exchange::chunk_bytes + 100), exchange::Priority::rest, "south");
  }
  uint16_t first_client_port() const { return static_cast<uint16_t>(client_port + 1); }

  std::unique_ptr<exchange::Transport> at_mx, at_us;
  std::unique_ptr<Site> mx, us;
};

TEST_F(Fleet, two_sites_exchange_both_ways_and_get_receipts) {
  start();
  connect();
  put_both_ways("");
  EXPECT_TRUE(settle());
  EXPECT_GE(mx->courier->counts().chunks_taken, 3u);
  EXPECT_GE(us->courier->counts().chunks_taken, 3u);
}

TEST_F(Fleet, a_site_may_listen_to_nothing_but_its_own_inbox) {
  start();
  connect();
  for (const char* const subjects : {">", "garita.>", "garita.mx.us.>", "_INBOX.>", "_INBOX.us.>", "$JS.>"}) {
    Listener ca(folder / "keys", "leaf-ca", "hub-1", first_client_port());
    ASSERT_TRUE(ca.connected());
    ca.listen(subjects);
    put_both_ways(subjects);
    ASSERT_TRUE(settle());
    EXPECT_TRUE(ca.refused()) << subjects;
    EXPECT_TRUE(ca.heard().empty()) << ::testing::PrintToString(ca.heard());
  }
  Listener own(folder / "keys", "leaf-ca", "hub-1", first_client_port());
  own.listen("_INBOX.ca.>");  // positive control: of what it may, nothing is refused
  EXPECT_FALSE(own.refused());
}

TEST_F(Fleet, a_site_may_say_nothing_for_others) {
  start();
  connect();
  for (const char* const subject :
       {"garita.mx.us.c", "garita.us.mx.c", "$JS.hub.API.STREAM.DELETE.garita-mx-us",
        "$JS.API.STREAM.PURGE.garita-ca-us", "$JS.hub.API.CONSUMER.MSG.NEXT.garita-mx-us.inbox"}) {
    Listener ca(folder / "keys", "leaf-ca", "hub-1", first_client_port());
    ca.say(subject);
    EXPECT_TRUE(ca.refused()) << subject;
  }
  Listener own(folder / "keys", "leaf-ca", "hub-1", first_client_port());
  own.say("garita.ca.us.c");  // positive control
  EXPECT_FALSE(own.refused());
}

TEST_F(Fleet, accounts_part_the_nations_even_where_nobody_has_any_limits) {
  start(without_rights);
  connect();
  Listener ca(folder / "keys", "leaf-ca", "hub-1", first_client_port());
  Listener mexican(folder / "keys", "leaf-mx", "hub-1", first_client_port());
  Listener american(folder / "keys", "leaf-us", "hub-1", first_client_port());
  for (Listener* one : {&ca, &mexican, &american}) one->listen(">");
  ca.say("hello");
  put_both_ways("");
  ASSERT_TRUE(settle());
  EXPECT_TRUE(ca.heard("hello"));  // positive control: it hears its own nation
  EXPECT_FALSE(ca.heard("garita.")) << ::testing::PrintToString(ca.heard());
  EXPECT_FALSE(ca.heard("_INBOX.us")) << ::testing::PrintToString(ca.heard());
  EXPECT_TRUE(american.heard("garita.mx.us."));  // the receiver's
  EXPECT_TRUE(mexican.heard("garita.us.mx."));
  EXPECT_FALSE(mexican.heard("_INBOX.us."));
  EXPECT_FALSE(american.heard("_INBOX.mx."));
}

TEST_F(Fleet, a_certificate_of_a_site_that_somebody_else_made_is_refused) {
  start();
  connect();
  ASSERT_TRUE(host::make_node_keys(folder / "foreign", "leaf-mx", {"127.0.0.1"}, 10).ok());
  fs::copy(folder / "keys" / "hub-1.crt", folder / "foreign" / "hub-1.crt");
  EXPECT_FALSE(Listener(folder / "foreign", "leaf-mx", "hub-1", first_client_port()).connected());
  EXPECT_TRUE(Listener(folder / "keys", "leaf-mx", "hub-1", first_client_port()).connected());
  // A site's own leaf node lets in its program alone.
  EXPECT_FALSE(Listener(folder / "keys", "us.tls", "leaf-mx", leaf_ports["mx"]).connected());
  EXPECT_TRUE(Listener(folder / "keys", "mx.tls", "leaf-mx", leaf_ports["mx"]).connected());
}

}  // namespace
}  // namespace garita::fleet_test
