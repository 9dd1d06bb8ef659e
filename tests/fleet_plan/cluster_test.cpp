// Three servers: each message lies on all of them, and one may fail.
#include "tests/fleet_plan/servers.hpp"

namespace garita::fleet_test {
namespace {

class Cluster : public Servers {
 protected:
  // On how many servers the stream lies; 0 where nobody says so.
  int64_t copies(const std::string& stream) {
    natsOptions* options = nullptr;
    natsConnection* connection = nullptr;
    jsCtx* context = nullptr;
    jsStreamInfo* info = nullptr;
    jsOptions wait;
    jsOptions_Init(&wait);
    wait.Domain = "hub";
    natsOptions_Create(&options);
    natsOptions_SetURL(options, ("tls://127.0.0.1:" + std::to_string(leaf_ports["us"])).c_str());
    natsOptions_SetCustomInboxPrefix(options, exchange::nats_inbox("us").c_str());
    natsOptions_LoadCATrustedCertificates(options, (folder / "keys/leaf-us.crt").c_str());
    natsOptions_LoadCertificatesChain(options, (folder / "keys/us.tls.crt").c_str(),
                                      (folder / "keys/us.tls.key").c_str());
    int64_t found = 0;
    if (natsConnection_Connect(&connection, options) == NATS_OK &&
        natsConnection_JetStream(&context, connection, &wait) == NATS_OK &&
        js_GetStreamInfo(&info, context, stream.c_str(), &wait, nullptr) == NATS_OK && info->Cluster)
      found = 1 + info->Cluster->ReplicasLen;
    jsStreamInfo_Destroy(info);
    jsCtx_Destroy(context);
    natsConnection_Destroy(connection);
    natsOptions_Destroy(options);
    return found;
  }
};

TEST_F(Cluster, what_waits_lies_on_three_servers_and_one_may_fail) {
  hubs = 3;
  start();
  auto at_mx = way("mx", "us"), at_us = way("us", "mx");
  ASSERT_EQ(awaited(*at_us), "");
  EXPECT_EQ(copies("garita-mx-us"), 3);
  exchange::testing::Site mx("mx", "us", folder / "sites", base::system_clock()),
      us("us", "mx", folder / "sites", base::system_clock());
  mx.connect(*at_mx, {.peer = "", .resend_ms = 500, .longest_ms = 1'000});
  us.connect(*at_us, {.peer = "", .resend_ms = 500, .longest_ms = 1'000});
  daemons.erase("hub-1");
  mx.put("a", exchange::testing::bytes_of(1, 2 * exchange::chunk_bytes + 100), exchange::Priority::rest,
         "north");
  const auto until = std::chrono::steady_clock::now() + 1min;
  while (mx.waiting() > 0 && std::chrono::steady_clock::now() < until) {
    (void)mx.courier->turn(5);
    (void)us.courier->turn(5);
  }
  EXPECT_EQ(mx.waiting(), 0u);
}

}  // namespace
}  // namespace garita::fleet_test
