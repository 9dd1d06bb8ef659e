// What the receiver's own trust documents say about a driver decides what it takes from there.
#include "core/base/clock.hpp"
#include "core/trust/store.hpp"
#include "tests/exchange_site/two_sites.hpp"

namespace garita::joint_test {
namespace {

constexpr int64_t day_ns = 86400ll * 1'000'000'000;

class Certified : public TwoSites {
 protected:
  void SetUp() override {
    fs::create_directories(folder / "share");
    set_up(way, way);
    scan();
    asked_ = "level = 2\n";
    believe(signer_of(package));
  }
  void trust(const std::string& more = "[trust]\nroles = [\"mx\", \"us\"]\n") {
    write_config("us", "mx", way, "");
    std::ofstream(folder / "us/exchange.toml", std::ios::app) << more;
  }

  // As us has them in the state folder of its site.
  void install(trust::Envelope envelope, std::initializer_list<const base::SigningKey*> keys) {
    for (const base::SigningKey* key : keys) ASSERT_TRUE(trust::add_signature(envelope, *key));
    auto store = trust::Store::open(folder / "us/state/trust");
    ASSERT_TRUE(store && store->install(envelope, envelope.id())) << base::to_text(envelope.id());
  }
  void install_authorities() {
    trust::Root root{1, now - day_ns, now + 300 * day_ns, {}};
    root.roles["mx"] = {1, {mx.public_key()}};
    root.roles["us"] = {1, {us.public_key()}};
    install(to_envelope(root), {&mx, &us});
    install(list("mx", 1), {&mx});
    install(list("us", 1), {&us});
  }
  trust::Envelope list(const std::string& role, uint64_t number, std::vector<trust::Revocation> back = {}) {
    return to_envelope(trust::StatusList{role, number, now - day_ns, now + 10 * day_ns, std::move(back)});
  }
  // Of the very driver that scanned.
  trust::Envelope certificate() {
    const nlohmann::json device = json_of("garita show " + package.string())["device"];
    trust::Certificate own;
    own.subjects = {{"nuctech.so", digest_of(device)}};
    own.driver = "nuctech", own.version = "1", own.abi = "1.0", own.profile = "transmission";
    own.level = 2, own.truth = trust::Truth::object, own.official = true;
    own.devices = {{device.value("model", "-"), {device.value("firmware", "-")}}};
    own.suite = "0.1.0", own.suite_accepted_until_ns = now + 100 * day_ns;
    own.box = 1, own.issued_ns = now - day_ns, own.expires_ns = now + 100 * day_ns;
    return to_envelope(own);
  }
  static base::Digest digest_of(const nlohmann::json& device) {
    const auto digest = base::parse_digest(device.value("driver_sha256", ""));
    EXPECT_TRUE(digest) << device;
    return digest.value_or(base::Digest{});
  }

  nlohmann::json explained() {
    return json_of("garita policy explain " + package.string() + " --exchange us/exchange.toml");
  }
  // What mx has heard when it has sent the scan; "" where it was accepted.
  std::string answer(const std::string& purpose = "risk") {
    const std::string one_scan = " --to us --purpose " + purpose + " --package " + package.string();
    EXPECT_EQ(run("garita exchange send mx/exchange.toml" + one_scan).exit_code, 0);
    for (const std::string site : {"mx", "us", "mx"})
      EXPECT_EQ(run("garita exchange run --once --resend-ms 300 " + site + "/exchange.toml").exit_code, 0);
    return run("garita exchange answers mx/exchange.toml --json").out;
  }

  const std::string way = "folder:../share";
  int64_t now = base::system_clock().utc_ns() / 1'000'000'000 * 1'000'000'000;
  base::SigningKey mx = *base::SigningKey::generate(base::SignatureAlgorithm::ecdsa_p384);
  base::SigningKey us = *base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
};

TEST_F(Certified, a_scan_is_taken_until_the_receiver_revokes_the_driver_and_the_sender_is_told_why) {
  install_authorities();
  const trust::Envelope vouches = certificate();
  install(vouches, {&mx, &us});
  trust();
  EXPECT_EQ(explained()["facts"]["signed_by"], nlohmann::json({"mx", "us"})) << explained();
  EXPECT_EQ(answer(), "");
  EXPECT_EQ(json_of("garita find --state us/state --limit 5")["found"].size(), 1u);

  install(list("us", 2, {{vouches.id(), "a fault was found"}}), {&us});
  const nlohmann::json said = explained();
  EXPECT_EQ(said["facts"]["certificate"], "revoked") << said;
  EXPECT_EQ(said["line"], 6) << "level";
  const std::string heard = answer("glance");  // another copy of the same scan
  EXPECT_NE(heard.find("certificate_revoked"), std::string::npos) << heard;
  const Outcome spanish = run("garita exchange answers mx/exchange.toml --lang es");
  EXPECT_NE(spanish.out.find("revocado"), std::string::npos) << spanish.out;
  const std::string log = run("garita audit export --folder us/state/audit --kind exchange.opened").out;
  EXPECT_NE(log.find("certificate_revoked"), std::string::npos) << log;
}

TEST_F(Certified, without_a_trust_store_such_a_rule_takes_nothing_and_check_and_run_say_so) {
  trust("");
  const std::string check = "garita policy check us/inbound.toml --exchange us/exchange.toml";
  const Outcome checked = run(check);
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_NE(checked.err.find("line 6"), std::string::npos) << checked.err;
  const Outcome ran = run("garita exchange run --once --resend-ms 300 us/exchange.toml");
  EXPECT_NE(ran.err.find("line 6"), std::string::npos) << ran.err;
  trust();
  EXPECT_NE(run(check).err.find("trust root"), std::string::npos);
  install_authorities();
  EXPECT_EQ(run(check).err, "");
}

TEST_F(Certified, explain_shows_what_is_known_and_names_the_line) {
  install_authorities();
  install(certificate(), {&mx, &us});
  trust();
  const Outcome said = run("garita policy explain " + package.string() + " --exchange us/exchange.toml");
  EXPECT_EQ(said.exit_code, 0) << said.err;
  for (const char* fact : {"certificate  holds", "signed_by    mx, us", "level        2",
                           "truth        object", "from         anam", "line 2 decides"})
    EXPECT_NE(said.out.find(fact), std::string::npos) << fact << '\n' << said.out;
}

}  // namespace
}  // namespace garita::joint_test
