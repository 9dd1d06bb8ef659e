// `garita-conform certify`, from real evidence: what a run saw becomes a certificate, and evidence that was
// touched, that is told better than it was, or that is about something else never does.
#include "conformance/evidence/bundle.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/trust/statement.hpp"
#include "core/trust/store.hpp"
#include "core/trust/witness.hpp"
#include "tests/conformance/kit_fixture.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

class CertifyCommand : public Kit {
 protected:
  // The evidence of a whole run of level 1 that passed; made once.
  static std::string passed() {
    static base::testing::TemporaryFolder kept;
    const std::string bundle = kept / "passed.tar.zst";
    if (!std::filesystem::exists(bundle)) {
      const std::string command = GARITA_BIN_DIR "/garita-conform run --smoke --driver " +
                                  driver("minimal_c") + " --evidence '" + bundle + "' >/dev/null";
      EXPECT_EQ(std::system(command.c_str()), 0);
    }
    return bundle;
  }
  void SetUp() override { std::filesystem::copy_file(passed(), folder / "run.tar.zst"); }

  Answer certify(const std::string& options = "") {
    std::filesystem::remove(folder / "certificate.json");
    return kit("certify run.tar.zst --device minimal=- --out certificate.json " + options);
  }
  bool made() { return std::filesystem::exists(folder / "certificate.json"); }
  trust::Certificate certificate() {
    return *trust::parse_certificate(*trust::read_envelope(folder / "certificate.json"));
  }
  std::string read(const std::string& name) { return *base::read_text_file(folder / name, 64u << 20); }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder / name, std::ios::binary | std::ios::trunc) << text;
  }

  using Change = std::function<void(std::vector<json>&)>;
  void forge(const Change& change) { Kit::forge(folder / "run.tar.zst", change); }
};

TEST_F(CertifyCommand, names_the_evidence_the_files_and_what_was_found) {
  const Answer answer = certify();
  ASSERT_EQ(answer.exit_code, 0) << answer.out << answer.err;
  const trust::Certificate own = certificate();
  EXPECT_EQ(own.evidence, base::sha256(read("run.tar.zst")));
  EXPECT_EQ(own.level, 1u);
  EXPECT_FALSE(own.official);
  EXPECT_EQ(own.truth, trust::Truth::none);
  EXPECT_EQ(own.subjects.at(0).sha256,
            base::sha256(*base::read_text_file(GARITA_DRIVER_DIR "/minimal_c/minimal_c.so", 64u << 20)));
  EXPECT_NE(answer.out.find("not yet signed"), std::string::npos) << answer.out;
}

TEST_F(CertifyCommand, never_writes_over_a_certificate) {
  ASSERT_EQ(certify().exit_code, 0);
  const std::string first = read("certificate.json");
  EXPECT_NE(kit("certify run.tar.zst --device other=- --out certificate.json").exit_code, 0);
  EXPECT_EQ(read("certificate.json"), first);
}

TEST_F(CertifyCommand, of_evidence_with_a_byte_changed_makes_none) {
  const std::string bytes = read("run.tar.zst");
  for (const size_t part : {1u, 4u, 9u, 15u}) {
    std::string other = bytes;
    other[other.size() * part / 16] ^= 1;
    write("run.tar.zst", other);
    const Answer answer = certify();
    EXPECT_EQ(answer.exit_code, 1) << part;
    EXPECT_NE(answer.err.find("run.tar.zst"), std::string::npos) << answer.err;
    EXPECT_FALSE(made());
  }
}

TEST_F(CertifyCommand, of_a_level_that_the_evidence_does_not_show_makes_none) {
  EXPECT_EQ(certify("--level 2").exit_code, 1);
  forge([](std::vector<json>& events) { events.back()["level"] = 3; });
  const Answer answer = certify();
  EXPECT_EQ(answer.exit_code, 1) << answer.out;
  EXPECT_FALSE(made());
}

TEST_F(CertifyCommand, of_a_failure_or_of_one_told_as_a_pass_makes_none) {
  ASSERT_EQ(kit("run --smoke --evidence run.tar.zst --driver " + mutant("strip_gap") + leave()).exit_code, 1);
  const Answer failed = certify();
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_NE(failed.err.find("ended with FAIL"), std::string::npos) << failed.err;
  forge([](std::vector<json>& events) {
    for (json& event : events)
      if (event["event"] == "rule_ended" && event["verdict"] == "FAIL") event["verdict"] = "PASS";
    events.back()["verdict"] = "PASS";
  });
  const Answer forged = certify();
  EXPECT_EQ(forged.exit_code, 1);
  EXPECT_NE(forged.err.find("told PASS"), std::string::npos) << forged.err;
  EXPECT_FALSE(made());
}

TEST_F(CertifyCommand, binds_the_vendors_list_of_parts_by_its_digest) {
  write("bom.json", R"({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": []})");
  ASSERT_EQ(certify("--sbom bom.json").exit_code, 0);
  EXPECT_EQ(certificate().sbom, base::sha256(read("bom.json")));
  for (const char* other : {"{}", "[]", "CycloneDX", R"({"bomFormat": "SPDX"})"}) {
    write("bom.json", other);
    EXPECT_EQ(certify("--sbom bom.json").exit_code, 1) << other;
    EXPECT_FALSE(made());
  }
}

// A lab that stood beside the recording of an object.
class CertifyWitness : public CertifyCommand {
 protected:
  void SetUp() override {
    for (const char* name : {"object.toml", "recording.toml"})
      std::filesystem::copy_file(GARITA_SOURCE_DIR "/tests/conformance/acme_x1/" + std::string(name),
                                 folder / name);
    ASSERT_EQ(std::system((GARITA_BIN_DIR "/acme-x1-record-object '" + (folder / "recording.toml").string() +
                           "' '" + (folder / "object.bin").string() + "'")
                              .c_str()),
              0);
    ASSERT_EQ(
        kit("run --smoke --evidence run.tar.zst --object recording.toml --driver " GARITA_BINARY_DIR
            "/lib/garita/test-drivers/acme-x1/acme-x1.garita.json --source scanner=file:" GARITA_SOURCE_DIR
            "/sdk/template/common/tests/session.bin")
            .exit_code,
        0);
    witness = {
        base::sha256(read("object.bin")), base::sha256(read("object.toml")), "ACME-X1", "7", "4.2", "Lab One",
        1'700'000'000'000'000'000};
  }
  Answer certify_with(const base::SigningKey& signer) {
    trust::Envelope envelope = to_envelope(witness);
    EXPECT_TRUE(trust::add_signature(envelope, signer));
    write("witness.json", trust::to_json(envelope));
    write("lab.pub", base::to_base64(lab.public_key().der()) + "\n");
    std::filesystem::remove(folder / "certificate.json");
    return kit("certify run.tar.zst --witness witness.json --lab lab.pub --out certificate.json");
  }
  base::SigningKey lab = *base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  trust::Witness witness;
};

TEST_F(CertifyWitness, counts_for_the_recording_that_was_played_under_the_labs_own_key) {
  const Answer answer = certify_with(lab);
  ASSERT_EQ(answer.exit_code, 0) << answer.out << answer.err;
  ASSERT_EQ(certificate().recordings.size(), 1u);
  EXPECT_EQ(certificate().recordings[0].recording, witness.recording);
  EXPECT_EQ(certificate().recordings[0].lab, lab.public_key().key_id());
  EXPECT_TRUE(certificate().covers("ACME-X1", "4.2"));

  EXPECT_EQ(certify_with(*base::SigningKey::generate(base::SignatureAlgorithm::ed25519)).exit_code, 1);
  EXPECT_FALSE(made());
  const trust::Witness right = witness;
  for (base::Digest trust::Witness::*part : {&trust::Witness::recording, &trust::Witness::object}) {
    witness = right;
    (witness.*part)[0] ^= 1;
    const Answer other = certify_with(lab);
    EXPECT_EQ(other.exit_code, 1);
    EXPECT_NE(other.err.find("witness.json"), std::string::npos) << other.err;
    EXPECT_FALSE(made());
  }
}

}  // namespace
}  // namespace garita::conformance
