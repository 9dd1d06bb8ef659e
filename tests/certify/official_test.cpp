// The whole way of a family, with the real programs: tested, its evidence made a certificate, signed by a
// person of each nation, admitted by a site's policy; and the certificate stands in the inspection that its
// device makes.
//
// GARITA_OFFICIAL=1 (./dev official [FAMILY]): every family, as for a certificate in earnest (--official, five
// times each rule; hours on a small machine). Without, one family, once.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/host/open_package.hpp"
#include "core/load/manifest.hpp"
#include "core/trust/statement.hpp"
#include "core/trust/store.hpp"
#include "tests/cli/program.hpp"

namespace garita::conformance {
namespace {

namespace fs = std::filesystem;
using cli_test::Outcome;
using nlohmann::json;

struct Family {
  std::string name, profile;
  // Shell: starts the device in the background, its port written to ./port, or puts files into ./exports.
  std::string device, source;
  bool has_truth = false;
  bool quick = false;  // few bytes: also without GARITA_OFFICIAL
  friend void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }
};

std::string listening(const std::string& words) {
  return "garita-sim " + words + " --listen 127.0.0.1:0 --port-file port --count 1";
}

std::vector<Family> families() {
  const std::string scanner = "scanner=tcp://127.0.0.1:$(cat port)", folder = "exports=dir:exports";
  // The radiation portal beside the simulated gantry: it says its model, without which no record is inside of
  // what was certified.
  const std::string n42 =
      "{ garita-sim leidos --dir other --radiation-dir exports --count 1 --scene block --part-ms 0; echo 0 > "
      "port; }";
  return {
      {"portal", "dual_energy", listening("portal --scene object"), scanner, true},
      {"nuctech", "dual_energy", listening("nuctech --scene object"), "portal=tcp://127.0.0.1:$(cat port)",
       true},
      {"rapiscan", "dual_energy", listening("rapiscan --scene object"),
       "control=tcp://127.0.0.1:$(cat port) --source lines=udp://127.0.0.1:$(cat port)", true},
      {"astrophysics", "dual_energy", listening("astrophysics --model cabinet"), scanner, true},
      {"leidos", "transmission",
       "{ garita-sim leidos --dir exports --count 1 --scene object --part-ms 0; echo 0 > port; }", folder,
       true},
      {"vm250", "radiation_portal", listening("vm250 --scene object"), "panel=tcp://127.0.0.1:$(cat port)"},
      {"n42", "", n42, folder, false, true},
      {"dicos", "file_export", "{ mkdir -p exports; dicos-samples exports; echo 0 > port; }", folder}};
}

class Official : public ::testing::TestWithParam<Family> {
 protected:
  static bool in_earnest() { return std::getenv("GARITA_OFFICIAL") != nullptr; }

  void SetUp() override {
    if (!in_earnest() && !GetParam().quick) GTEST_SKIP() << "./dev official certifies every family";
  }

  static std::string in_tree(const std::string& file) {
    return GARITA_SOURCE_DIR "/drivers/" + GetParam().name + "/" + file;
  }
  fs::path manifest() const {
    return fs::path(GARITA_DRIVER_DIR) / GetParam().name / (GetParam().name + ".garita.json");
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }

  // A script, every line of which must succeed. A run of all rules five times takes its time.
  void script(const std::string& text) {
    write("script.sh", text);
    const std::string command =
        "cd '" + folder.path().string() +
        "' && PATH=" GARITA_BIN_DIR
        ":$PATH LANG=C timeout -k 5 3600 bash -eu script.sh >said.txt 2>&1 </dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0)
        << text << *base::read_text_file(folder / "said.txt", 1u << 20);
  }

  // One inspection by the family's device.
  v1::Inspection scan(const std::string& out, const std::string& options = "") {
    const Family& family = GetParam();
    const Outcome ran = cli_test::run(
        folder,
        "bash -c 'rm -rf port exports other; " + family.device +
            " >device.txt 2>&1 & for i in $(seq 600); do [ -s port ] && break; sleep 0.05; done; garita scan "
            "--driver " +
            manifest().string() + " --source " + family.source + " --out " + out +
            " --state state --count 1 " + options + "; code=$?; kill %1 2>/dev/null; wait; exit $code'");
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder / out, none))
      if (auto package = host::open_package(entry.path())) return package->record;
    ADD_FAILURE() << "there is no package in " << out;
    return {};
  }

  void test() {
    std::string command = "garita-conform run --driver " + manifest().string() + " --input " +
                          in_tree("conform.toml") + " --out run.json --evidence run.tar.zst --redact-payload";
    if (GetParam().has_truth) command += " --object " + in_tree("recording.toml");
    script(command + (in_earnest() ? " --official\n" : "\n"));
  }
  json last_event() {
    std::ifstream in(folder / "run.json");
    std::string line, last;
    while (std::getline(in, line)) last = line;
    return json::parse(last);
  }

  // device: as its own record names it; one that tells no model is the driver's only one.
  void certify(const v1::Device& device) {
    const std::string model = device.model().empty() ? load::read_manifest(manifest())->models.front() : device.model(),
                      firmware = device.firmware().empty() ? "-" : device.firmware();
    std::string command = "garita-conform certify run.tar.zst --simulated --out certificate.json --device '" +
                          model + "=" + firmware + "'";
    if (!GetParam().profile.empty()) command += " --profile " + GetParam().profile;
    script("garita-conform verify run.tar.zst\n" + command + "\n");
  }
  void found_authorities() {
    script(R"sh(garita trust keygen ana
garita trust keygen john --algorithm ed25519
garita trust root root.json --role mx=1:ana.pub --role us=1:john.pub
garita trust sign root.json --key ana
garita trust sign root.json --key john
garita trust revoke mx.json --role mx
garita trust sign mx.json --key ana
garita trust revoke us.json --role us
garita trust sign us.json --key john
garita trust install root.json --sha256 $(garita trust show root.json --json | sed 's/.*"sha256":"\([0-9a-f]*\)".*/\1/') --state state
garita trust install mx.json --state state
garita trust install us.json --state state
)sh");
  }
  void sign_and_install() {
    script(R"(garita trust sign certificate.json --key ana
garita trust sign certificate.json --key john
garita trust install certificate.json --state state
)");
  }
  std::string policy() {
    write(
        "policy.toml",
        "schema = \"garita.site/1\"\n[site]\nname = \"Test\"\n[policy]\nbox = \"B1\"\ntrust = \"certified\"\n"
        "[policy.certified]\nroles = [\"mx\", \"us\"]\nlevel = 3\npilot = true\n");
    return "--policy policy.toml";
  }

  base::testing::TemporaryFolder folder;
};

TEST_P(Official, family_is_tested_certified_admitted_and_its_record_says_so) {
  const v1::Inspection before = scan("before");
  ASSERT_NO_FATAL_FAILURE(test());
  EXPECT_EQ(last_event()["verdict"], "PASS");
  EXPECT_EQ(last_event()["level"], 3);
  EXPECT_EQ(last_event()["unstable"], 0);
  ASSERT_NO_FATAL_FAILURE(certify(before.device()));
  ASSERT_NO_FATAL_FAILURE(found_authorities());
  ASSERT_NO_FATAL_FAILURE(sign_and_install());

  const auto envelope = trust::read_envelope(folder / "certificate.json");
  ASSERT_TRUE(envelope);
  const auto certificate = trust::parse_certificate(*envelope);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->level, 3u);
  EXPECT_EQ(certificate->official, in_earnest());
  EXPECT_EQ(certificate->truth, GetParam().has_truth ? trust::Truth::object : trust::Truth::none);

  const v1::Device device = scan("after", policy()).device();
  EXPECT_EQ(device.certificate_id(), base::to_text(envelope->id()));
  EXPECT_EQ(device.certification(), v1::Device::CERTIFICATION_CERTIFIED);
}

INSTANTIATE_TEST_SUITE_P(Families, Official, ::testing::ValuesIn(families()),
                         [](const auto& family) { return family.param.name; });

}  // namespace
}  // namespace garita::conformance
