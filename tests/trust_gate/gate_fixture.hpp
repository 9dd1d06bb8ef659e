// Two nations with keys, roots and lists installed, and a package of a driver with a listed file; a test
// certifies it, breaks one thing, and starts the real programs.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/clock.hpp"
#include "core/host/open_package.hpp"
#include "core/load/manifest.hpp"
#include "core/trust/store.hpp"
#include "tests/cli/program.hpp"

namespace garita::trust_test {

namespace fs = std::filesystem;
using cli_test::Outcome;
using nlohmann::json;

inline constexpr int64_t day_ns = 86400ll * 1'000'000'000;

class Gate : public ::testing::Test {
 protected:
  Gate() {
    make_package();
    write("policy.toml", policy());
  }

  // ---- Files

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder / name, std::ios::binary | std::ios::trunc) << text;
  }
  std::string read(const std::string& name) { return *base::read_text_file(folder / name, 64u << 20); }
  Outcome run(const std::string& command) { return cli_test::run(folder, command); }

  static std::string policy(const std::string& more = "") {
    return "schema = \"garita.site/1\"\n[site]\nname = \"Test\"\n[policy]\nbox = \"B1\"\ntrust = "
           "\"certified\"\n"
           "[policy.certified]\nroles = [\"mx\", \"us\"]\nlevel = 2\nprofiles = [\"transmission\"]\npilot = "
           "true\n" +
           more;
  }

  // minimal_c, and a file beside it that its manifest lists.
  void make_package() {
    const fs::path from = fs::path(GARITA_DRIVER_DIR) / "minimal_c";
    fs::create_directories(folder / "package");
    fs::copy_file(from / "minimal_c.so", folder / "package/minimal_c.so");
    write("package/table.txt", "1 2 3\n");
    json manifest = json::parse(*base::read_text_file(from / "minimal_c.garita.json", 1u << 20));
    write("package/minimal_c.garita.json", manifest.dump(1));
    seal_package();
  }
  // The manifest says what lies beside it now.
  void seal_package() {
    json manifest = json::parse(read("package/minimal_c.garita.json"));
    const auto digest = [&](const char* name) { return base::to_text(base::sha256(read(name))); };
    manifest["driver"]["sha256"] = digest("package/minimal_c.so");
    manifest["files"] = json::array({{{"path", "table.txt"}, {"sha256", digest("package/table.txt")}}});
    write("package/minimal_c.garita.json", manifest.dump(1));
  }
  void change_last_byte(const std::string& name) {
    std::string bytes = read(name);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    write(name, bytes);
  }

  // ---- Documents

  // Signed, written, and installed by the real program; what it said.
  Outcome install(trust::Envelope envelope, std::initializer_list<const base::SigningKey*> keys,
                  const std::string& options = "") {
    for (const base::SigningKey* key : keys) EXPECT_TRUE(trust::add_signature(envelope, *key));
    write("document.json", trust::to_json(envelope));
    return run("garita trust install document.json --state state " + options);
  }
  trust::Root root(uint64_t version = 1) const {
    trust::Root own{version, now - day_ns, now + 300 * day_ns, {}};
    own.roles["mx"] = {1, {mx.public_key()}};
    own.roles["us"] = {1, {us.public_key()}};
    return own;
  }
  trust::StatusList list(const std::string& role, uint64_t number = 1) const {
    return {role, number, now - 10 * day_ns, now + 10 * day_ns, {}};
  }
  void install_authorities() {
    const trust::Envelope envelope = to_envelope(root());
    ASSERT_EQ(install(envelope, {&mx, &us}, "--sha256 " + base::to_text(envelope.id())).exit_code, 0);
    ASSERT_EQ(install(to_envelope(list("mx")), {&mx}).exit_code, 0);
    ASSERT_EQ(install(to_envelope(list("us")), {&us}).exit_code, 0);
  }

  // Of the package as it lies there.
  trust::Certificate certificate() {
    const auto manifest = *load::read_manifest(folder / "package/minimal_c.garita.json");
    trust::Certificate own;
    for (const char* name : {"minimal_c.so", "minimal_c.garita.json", "table.txt"})
      own.subjects.push_back({name, base::sha256(read(std::string("package/") + name))});
    own.driver = manifest.id, own.version = manifest.version, own.abi = "1.0", own.profile = "transmission";
    own.level = 2, own.truth = trust::Truth::twin, own.simulated_device = true;
    own.devices = {{"minimal", {"-"}}};
    own.suite = "0.1.0", own.suite_accepted_until_ns = now + 100 * day_ns;
    own.box = 1, own.issued_ns = now - day_ns, own.expires_ns = now + 100 * day_ns;
    return own;
  }
  std::string id_of(const trust::Certificate& own) const { return base::to_text(to_envelope(own).id()); }
  void certify() {
    install_authorities();
    ASSERT_EQ(install(to_envelope(certificate()), {&mx, &us}).exit_code, 0);
  }

  // ---- Runs

  Outcome scan(const std::string& options = "--policy policy.toml") {
    fs::remove_all(folder / "out");
    return run(
        "garita scan --driver package/minimal_c.garita.json --out out --state state --count 1 --json " +
        options);
  }
  // A site of one lane, until its only scan is done or it has said what troubles it.
  Outcome site() {
    fs::remove_all(folder / "out");
    write("site.toml", read("policy.toml") + "[lanes.north.devices.one]\ndriver = \"minimal_c\"\n");
    write("events", "");
    return run(
        "bash -c 'garita run site.toml --state state --out out --driver-path package --json >events & "
        "host=$!; for i in $(seq 1000); do kill -0 $host 2>/dev/null || break; "
        "grep -q event.:.trouble events && kill $host; sleep 0.05; done; wait; cat events'");
  }
  size_t packages() {
    size_t count = 0;
    std::error_code none;
    for (const auto& entry : fs::recursive_directory_iterator(folder / "out", none))
      count += entry.path().extension() == ".garita";
    return count;
  }
  v1::Inspection record() {
    for (const auto& entry : fs::recursive_directory_iterator(folder / "out"))
      if (entry.path().extension() == ".garita") return host::open_package(entry.path())->record;
    return {};
  }

  base::testing::TemporaryFolder folder;
  int64_t now = base::system_clock().utc_ns() / 1'000'000'000 * 1'000'000'000;
  base::SigningKey mx = *base::SigningKey::generate(base::SignatureAlgorithm::ecdsa_p384);
  base::SigningKey us = *base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
};

}  // namespace garita::trust_test
