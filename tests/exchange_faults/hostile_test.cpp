// Messages that are wrong, over the real wires, to the real program: each kind is answered by one sentence
// that names it, and what comes behind them arrives, once.
#include "core/exchange/messages/keyring.hpp"
#include "tests/broker/tls_peer.hpp"
#include "tests/exchange_faults/two_programs.hpp"

namespace garita::faults_test {
namespace {

using namespace exchange;

class Hostile : public TwoPrograms, public ::testing::WithParamInterface<const char*> {
 protected:
  base::SigningKey key(const std::string& name) const {
    return *base::SigningKey::load(folder / ("keys/" + name + ".pem"));
  }
  std::string message(const std::string& from, const std::string& to, const What& what) const {
    const Keyring ring(key(from), {{to, key(to).public_key(), std::nullopt}});
    return *ring.seal_message(to, what);
  }
  // What mx says without its program: over its line, by its certificate.
  void open_line() {
    const std::string keys = folder / "keys/";
    const std::string config = text("mx/exchange.toml");
    const size_t pin = config.find("pins = [\"") + 9;
    const TlsIdentity identity{
        keys + "mx.tls.crt", keys + "mx.tls.key", {*base::parse_digest(config.substr(pin, 64))}};
    auto opened = open_way(ways_.first, {"mx", "us", identity, {}, {}});
    ASSERT_TRUE(opened.ok()) << opened.error().id;
    line = *std::move(opened);
  }
  void say(const std::string& bytes, const std::string& name) {
    const base::Digest content = base::sha256(bytes + std::to_string(++said_));
    const auto taken = [&] {
      (void)line->receive(10);
      const auto sent = line->send({base::to_text(content) + name, content, base::Bytes(bytes), 0, true});
      return sent.ok() && *sent;
    };
    EXPECT_TRUE(wait_for(taken)) << said_;
  }

  std::unique_ptr<Transport> line;
  int said_ = 0;
};

TEST_P(Hostile, messages_are_named_once_and_hinder_nobody) {
  if (!prepare(GetParam())) GTEST_SKIP() << missing_server;
  for (const char* name : {"stranger", "ca"})
    ASSERT_EQ(run(std::string("garita exchange keys --out keys --site ") + name).exit_code, 0);
  const pid_t us = start("us");
  open_line();
  const Receipt receipt{{1}, {{2}, 3}, 4};
  const Manifest uncounted{
      .content = {5}, .size_bytes = uint64_t{8} << 30, .chunks = {{6}}, .place = {{7}, 1}};
  std::mt19937_64 random(1);
  std::string garbage(1'000'000, '\0');
  for (char& byte : garbage) byte = static_cast<char>(random());
  say(garbage, ".c00000000");
  say(garbage.substr(0, 3), ".c00000001");
  say(message("mx", "us", receipt).substr(0, 60), ".c00000002");
  say(message("mx", "us", uncounted), ".c00000003");
  say(message("stranger", "us", receipt), ".c00000004");
  say(message("mx", "ca", receipt), ".c00000005");
  const std::set<std::string> wanted = {"exchange.message_malformed", "exchange.signer_unknown",
                                        "exchange.message_foreign"};
  const auto all_said = [&] {
    const auto now = troubles("us");
    return std::includes(now.begin(), now.end(), wanted.begin(), wanted.end());
  };
  EXPECT_TRUE(wait_for(all_said)) << text("us.log");
  for (const char* sentence : {"malformed", "key that is not configured", "for another site"})
    EXPECT_EQ(times(text("us.log"), sentence), 1u) << text("us.log");
  line.reset();
  ASSERT_EQ(send("first").exit_code, 0);
  const pid_t mx = start("mx");
  expect_all_there_once(1);
  end(mx, SIGTERM), end(us, SIGTERM);
}

// What somebody on the way may do with true messages: hold them back, turn their order, give them again.
TEST_P(Hostile, true_messages_in_a_false_order_and_again_arrive_once) {
  if (!prepare(GetParam())) GTEST_SKIP() << missing_server;
  ASSERT_EQ(send("first").exit_code, 0);
  std::vector<std::pair<std::string, std::string>> messages;  // bytes, end of the name
  {
    auto outbox = Outbox::open(folder / "mx/exchange/outbox");
    const auto waiting = outbox->waiting("us", 0, 100);
    for (const Entry& entry : *waiting) {
      const auto manifest = outbox->manifest(entry);
      const auto content = outbox->content(entry);
      for (uint32_t i = 0; i < manifest->chunks.size(); ++i) {
        std::vector<std::byte> data(
            std::min<uint64_t>(chunk_bytes, entry.size_bytes - uint64_t{i} * chunk_bytes));
        ASSERT_TRUE((*content)->read(uint64_t{i} * chunk_bytes, data).ok());
        messages.emplace_back(message("mx", "us", Chunk{entry.content, i, manifest->chunks[i], data}),
                              ".c00000000");
      }
      messages.emplace_back(message("mx", "us", *manifest), ".m00000001");
    }
  }
  ASSERT_GE(messages.size(), 2u);
  const pid_t us = start("us");
  open_line();
  for (int round = 0; round < 3; ++round)
    for (auto each = messages.rbegin(); each != messages.rend(); ++each) say(each->first, each->second);
  EXPECT_TRUE(wait_for([&] { return opened() >= entries; })) << text("us.log");
  line.reset();
  const pid_t mx = start("mx");  // nobody has told it: it asks, and sends what it is asked for
  expect_all_there_once(1);
  end(mx, SIGTERM), end(us, SIGTERM);
}

TEST_P(Hostile, a_wrong_key_and_one_that_ended_are_said_and_cost_only_time) {
  if (!prepare(GetParam())) GTEST_SKIP() << missing_server;
  ASSERT_EQ(run("garita exchange keys --out keys --site other").exit_code, 0);
  ASSERT_EQ(send("first").exit_code, 0);
  const std::string good = text("us/exchange.toml");
  const pid_t mx = start("mx");
  for (const auto& [wrong, id] :
       {std::pair{"../keys/other.pub\"", "exchange.signer_unknown"},
        std::pair{"../keys/mx.pub\"\nuntil = \"2026-01-01T00:00:00Z\"", "exchange.signer_expired"}}) {
    change("us/exchange.toml", "../keys/mx.pub\"", wrong);
    const pid_t us = start("us");
    EXPECT_TRUE(says("us", id)) << text("us.log");
    end(us, SIGTERM);
    EXPECT_EQ(waiting(), entries);
    std::ofstream(folder / "us/exchange.toml") << good;
  }
  const pid_t us = start("us");
  expect_all_there_once(1);
  end(mx, SIGTERM), end(us, SIGTERM);
}

INSTANTIATE_TEST_SUITE_P(By, Hostile, ::testing::Values("folder", "tls", "nats"),
                         [](const auto& way) { return std::string(way.param); });

// A carrier's folder in which somebody has put whatever a file system can hold.
TEST_F(Hostile, names_in_a_folder_lead_nowhere) {
  ASSERT_TRUE(prepare("folder"));
  const fs::path to_us = folder / "share/to-us";
  const std::string hex(64, 'a');
  fs::create_directories(to_us / (hex + ".c00000001"));
  fs::create_symlink(folder / "keys/us.pem", to_us / (hex + ".c00000002"));
  fs::create_symlink("/dev/zero", to_us / (hex + ".c00000003"));
  std::ofstream(to_us / (hex + ".c00000004")) << std::string(8u << 20, 'x');
  std::ofstream(to_us / (hex + ".c00000005"));
  for (const char* name : {"..%2f..%2fkeys", "-rf", "a\nb", "$(touch stolen)", ".hidden.part"})
    std::ofstream(to_us / name) << "x";
  ASSERT_EQ(send("first").exit_code, 0);
  const pid_t us = start("us"), mx = start("mx");
  expect_all_there_once(1);
  end(mx, SIGTERM), end(us, SIGTERM);
  EXPECT_FALSE(text("keys/us.pem").empty());
  EXPECT_TRUE(fs::exists(to_us / "-rf")) << "what is nobody's message is nobody's to take away";
}

// ---- Certificates

class Certificates : public TwoPrograms {
 protected:
  using Identity = broker::testing::Identity;

  void show_at_us(const Identity& identity) {
    identity.write_certificate(folder / "keys/us.tls.crt");
    identity.write_key(folder / "keys/us.tls.key");
  }
  void expect_untrusted(const char* what) {
    const pid_t us = start("us"), mx = start("mx");
    EXPECT_TRUE(says("mx", "exchange.tls_untrusted")) << what << logs();
    EXPECT_EQ(times(text("mx.log"), "certificate that is not pinned or not valid"), 1u) << what << logs();
    EXPECT_EQ(waiting(), entries) << what;
    EXPECT_EQ(opened(), 0u) << what;
    end(mx, SIGTERM), end(us, SIGTERM);
    fs::remove(folder / "mx.log");
  }
};

TEST_F(Certificates, of_a_thief_and_expired_get_nothing_and_the_next_good_one_all) {
  ASSERT_TRUE(prepare("tls"));
  ASSERT_EQ(send("first").exit_code, 0);
  const std::string certificate = text("keys/us.tls.crt"), own_key = text("keys/us.tls.key"),
                    config = text("mx/exchange.toml");
  show_at_us(Identity({.name = "us"}));
  expect_untrusted("a thief's");
  const Identity old({.name = "us", .valid_from_s = -7'200, .valid_until_s = -3'600});
  show_at_us(old);
  const size_t pin = config.find("pins = [\"") + 9;
  std::ofstream(folder / "mx/exchange.toml") << std::string(config).replace(pin, 64, old.pin().substr(7));
  expect_untrusted("pinned, but expired");
  std::ofstream(folder / "keys/us.tls.crt") << certificate;
  std::ofstream(folder / "keys/us.tls.key") << own_key;
  std::ofstream(folder / "mx/exchange.toml") << config;
  const pid_t us = start("us"), mx = start("mx");
  expect_all_there_once(1);
  end(mx, SIGTERM), end(us, SIGTERM);
}

TEST_F(Certificates, that_expired_seal_nothing) {
  ASSERT_TRUE(prepare("folder"));
  const Identity old({.name = "us", .valid_from_s = -7'200, .valid_until_s = -3'600});
  old.write_certificate(folder / "keys/us.seal.crt");
  const Outcome sent = send("first");
  EXPECT_NE(sent.exit_code, 0);
  EXPECT_NE(sent.err.find("No certificate of the recipient holds at this hour"), std::string::npos)
      << sent.err;
  EXPECT_EQ(std::count(sent.err.begin(), sent.err.end(), '\n'), 1) << sent.err;
  EXPECT_EQ(waiting(), 0u);
}

}  // namespace
}  // namespace garita::faults_test
