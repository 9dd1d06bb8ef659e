// A key that never leaves its token: SoftHSM stands for the agency's module.
#ifdef GARITA_SANITIZED
#include <sanitizer/lsan_interface.h>
#endif

#include <cstdlib>

#include "tests/exchange_sealing/parties.hpp"

namespace garita::exchange::testing {
namespace {

constexpr const char* module = "/usr/lib/softhsm/libsofthsm2.so";

bool run(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

class TokenTest : public SealingTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(module) || !run("command -v pkcs11-tool softhsm2-util openssl"))
      GTEST_SKIP() << "NO TOKEN TESTED: needs softhsm2, opensc and libengine-pkcs11-openssl";
    const auto tokens = folder_.path() / "tokens", config = folder_.path() / "softhsm2.conf";
    std::filesystem::create_directory(tokens);
    std::ofstream(config) << "directories.tokendir = " << tokens.string() << "\nobjectstore.backend = file\n";
    setenv("SOFTHSM2_CONF", config.c_str(), 1);
    setenv("PKCS11_MODULE_PATH", module, 1);
    ASSERT_TRUE(run("softhsm2-util --init-token --free --label agency --pin 1234 --so-pin 5678"));
    ASSERT_TRUE(
        run(std::string("pkcs11-tool --module ") + module +
            " --token-label agency --login --pin 1234 --keypairgen --key-type EC:secp384r1 --usage-derive "
            "--usage-sign --label sealing --id 01"));
    path_ = (folder_.path() / "agency.pem").string();
    ASSERT_TRUE(run("openssl req -new -x509 -engine pkcs11 -keyform engine -key '" + uri_ +
                    "' -subj /CN=agency -days 3 -addext keyUsage=critical,keyAgreement -out " + path_));
  }

  // What is leaked is looked at here, before the engine of the token, which forgets its own, is unloaded.
  static void TearDownTestSuite() {
#ifdef GARITA_SANITIZED
    __lsan_do_leak_check();
#endif
  }

  const std::string uri_ = "pkcs11:token=agency;object=sealing;type=private?pin-value=1234";
  std::string path_;
};

TEST_F(TokenTest, sealed_content_is_opened_by_a_key_in_a_token) {
  const auto recipient = *SealingCertificate::load(path_);
  const auto key = OpeningKey::load(uri_, recipient);
  ASSERT_TRUE(key.ok()) << key.error().id;
  const std::vector<SealingCertificate> recipients{recipient};
  const std::vector<OpeningKey> keys{*key};
  auto bytes = *seal("secret", recipients);
  EXPECT_EQ(base::Bytes(*unseal(bytes, keys)).text(), "secret");
  bytes.back() ^= std::byte{1};
  EXPECT_EQ(unseal(bytes, keys).error().id, "exchange.seal_broken");
}

// The engine of the token never gives back what it took to look for a key; that is not what is tested.
class EnginesOwn {
#ifdef GARITA_SANITIZED
  const __lsan::ScopedDisabler disabler_;
#endif
};

TEST_F(TokenTest, token_without_that_key_is_told_without_its_pin) {
  const auto recipient = *SealingCertificate::load(path_);
  [[maybe_unused]] const EnginesOwn leaks;
  const auto key = OpeningKey::load("pkcs11:token=agency;object=none;type=private?pin-value=1234", recipient);
  EXPECT_EQ(key.error().id, "exchange.key_unusable");
  for (const auto& field : key.error().fields) EXPECT_EQ(field.value.find("1234"), std::string::npos);
}

}  // namespace
}  // namespace garita::exchange::testing
