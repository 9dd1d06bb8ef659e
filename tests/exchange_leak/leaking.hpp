// One inspection with canaries goes from one site to the other by the real programs, over one of the ways; a
// copy is kept of what anybody between could see. Then the far side does all that it can with it.
#pragma once

#include "core/exchange/testing/link_proxy.hpp"
#include "tests/exchange/nats_server.hpp"
#include "tests/exchange_leak/canaries.hpp"
#include "tests/exchange_site/two_sites.hpp"

namespace garita::leak_test {

using cli_test::Outcome;
using exchange::testing::LinkProxy;
using exchange::testing::NatsServer;

inline constexpr const char* sharing = R"(schema = "garita.sharing/1"
[[rule]]
to = ["us"]
purpose = ["some"]
classes = ["technical", "device", "time", "provenance"]
planes = "reduced"
factor = 16
[[rule]]
to = ["us"]
purpose = ["seen"]
classes = ["technical", "device", "time", "provenance"]
planes = "whole"
[[rule]]
to = ["us"]
purpose = ["all"]
classes = [
  "technical", "device", "place", "time", "identity", "conveyance",
  "cargo", "person", "finding", "attachment", "provenance", "unverified",
]
planes = "whole"
raw = true
calibrations = true
recordings = true
attachments = ["scene", "plate", "original", "report"]
)";

class Leaking : public joint_test::TwoSites {
 protected:
  Leaking() {
    fs::create_directories(folder / "tmp");
    ::setenv("TMPDIR", (folder / "tmp").c_str(),
             1);  // of the programs: what they leave there is searched too
  }
  ~Leaking() override { ::unsetenv("TMPDIR"); }

  void set_up_sites(const std::string& mx_way, const std::string& us_way) {
    set_up(mx_way, us_way);
    std::ofstream(folder / "mx/sharing.toml") << sharing;
    package = folder / "mx/state/packages/sample.garita";
    sample = std::make_unique<Sample>(package);
    believe(signer_of(package));
    write_config("us", "mx", us_way, "");
  }
  // Into mx's outbox, as policy lets it go.
  void put(const std::string& purpose) {
    const Outcome sent = run(
        "garita exchange send mx/exchange.toml --to us --package mx/state/packages/sample.garita --purpose " +
        purpose);
    ASSERT_EQ(sent.exit_code, 0) << sent.err;
  }

  // What the far side's programs say is kept as `medium`.
  Outcome at_us(const std::string& medium, const std::string& command) {
    Outcome ran = run(command);
    far.add(medium, ran.out);
    far.add(medium, ran.err);
    return ran;
  }
  void once(const std::string& site) {
    const Outcome ran = run("garita exchange run --once --json --resend-ms 300 " + site + "/exchange.toml");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    if (site == "us") far.add("run", ran.out + ran.err);
    said += site + ": " + ran.out + ran.err;
  }

  // ---- The ways. `put` puts something into mx's outbox.

  template <typename Put>
  void carry(const std::string& way, Put put) {
    if (way == "folder") carry_by_folder(put);
    if (way == "tls") carry_by_tls(put);
    if (way == "nats") carry_by_nats(put);
  }
  template <typename Put>
  void carry_by_folder(Put put) {
    fs::create_directories(folder / "share");
    set_up_sites("folder:../share", "folder:../share");
    put();
    once("mx");
    between.add_folder("share", folder / "share");
    for (const char* site : {"us", "mx"}) once(site);
  }
  template <typename Put>
  void carry_by_tls(Put put) {
    const uint16_t port = joint_test::free_port();
    LinkProxy line(port, {.listens_in = true}, 1);
    set_up_sites("tls://127.0.0.1:" + std::to_string(line.port()),
                 "tls-listen://127.0.0.1:" + std::to_string(port));
    put();
    const pid_t us = start("us"), mx = start("mx");
    EXPECT_TRUE(wait_for([&] { return nothing_waits(); })) << text("mx.log") << text("us.log");
    wait_until_opened();
    end(mx, SIGTERM), end(us, SIGTERM);
    far.add("run", text("us.log"));
    between.add("wire", line.captured());
  }
  // Each message lies in the server's store until its receiver takes it: looked at before us comes.
  template <typename Put>
  void carry_by_nats(Put put) {
    server = std::make_unique<NatsServer>(folder / "nats");
    LinkProxy line(server->port(), {.listens_in = true}, 1);
    set_up_sites("nats://127.0.0.1:" + std::to_string(line.port()), server->url());
    once("us");  // makes the stream, which is its own
    put();
    once("mx");
    between.add_folder("store", folder / "nats");
    for (const char* site : {"us", "mx"}) once(site);
    between.add_folder("store", folder / "nats");
    between.add("wire", line.captured());
  }
  bool nothing_waits() {
    const nlohmann::json status = json_of("garita exchange status mx/exchange.toml");
    const nlohmann::json lanes = status.value("out", nlohmann::json::array());
    return !lanes.empty() &&
           std::all_of(lanes.begin(), lanes.end(), [](const auto& lane) { return lane["waiting"] == 0; });
  }
  // What is received has a line in the site's log for each of its parcels.
  void wait_until_opened() {
    EXPECT_TRUE(wait_for([&] {
      const nlohmann::json status = json_of("garita exchange status us/exchange.toml");
      uint64_t received = 0, opened = 0;
      for (const auto& lane : status.value("in", nlohmann::json::array()))
        received += lane.value("received", 0u);
      for (const auto& entry : fs::recursive_directory_iterator(folder / "us"))
        if (entry.is_regular_file())
          opened += times(text(fs::relative(entry.path(), folder.path())), "exchange.opened");
      return received > 0 && opened >= received;
    }));
  }
  static uint64_t times(const std::string& text, const std::string& what) {
    uint64_t count = 0;
    for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
    return count;
  }

  // ---- What the far side does with what it got

  void look_at_all() {
    const nlohmann::json found = nlohmann::json::parse(
        at_us("find", "garita find --state us/state --limit 5 --json").out, nullptr, false);
    at_us("find", "garita find --state us/state --limit 5 --lang es");
    ASSERT_EQ(found["found"].size(), 1u) << found << said;
    const std::string there = found["found"][0]["package"];
    for (const char* how : {"", "--json", "--lang es"}) {
      const Outcome shown = at_us("show", "garita show " + there + ' ' + how);
      EXPECT_EQ(shown.exit_code, 0) << shown.err;
      EXPECT_EQ(at_us("verify", "garita verify " + there + ' ' + how).exit_code, 0);
    }
    draw_and_export(there, "us/out", [this](const std::string& medium, const std::string& command) {
      return at_us(medium, command);
    });
    for (const char* how : {"status", "status --json", "status --metrics", "answers", "answers --json"}) {
      const std::string word = how;
      EXPECT_EQ(at_us("exchange " + word, "garita exchange " + word + " us/exchange.toml").exit_code, 0);
    }
    far.add_folder("drawn", folder / "us/out");
    far.add_folder("package", folder / "us/state/packages");
    far.add_folder("state", folder / "us/state");
    far.add_folder("exchange", folder / "us/exchange");
    far.add_folder("tmp", folder / "tmp");
  }
  template <typename Run>
  void draw_and_export(const std::string& file, const std::string& out, Run run_it) {
    fs::create_directories(folder / out);
    for (const std::string& what : {"--width 2048 --out " + out + "/p", "--html " + out + "/page.html"}) {
      const Outcome drawn = run_it("view", "garita view " + file + " --bare " + what);
      said += drawn.out + drawn.err;
    }
    for (const char* format : {"npy", "png", "tiff", "dicom", "dicos"}) {
      const Outcome exported = run_it("export", "garita export " + file + " --to " + format +
                                                    " --compression none --out " + out + "/x." + format);
      said += exported.out + exported.err;
    }
  }

  // ---- What is looked for

  std::set<std::string> withheld_found(const Search& where) const {
    std::set<std::string> found;
    const Search near = where.with(Needle(stem));
    for (const Canary& canary : sample->canaries)
      if (!goes(canary))
        for (const std::string& medium : near.media_of(Needle(canary.text)))
          found.insert(canary.place + " in " + medium);
    for (const std::string& number : Sample::numbers())
      for (const std::string& medium : where.media_of(Needle(number))) found.insert("the mass in " + medium);
    return found;
  }
  static bool goes(const Canary& canary) {
    return canary.of == v1::REDACTION_TECHNICAL || canary.of == v1::REDACTION_DEVICE ||
           canary.of == v1::REDACTION_TIME || canary.of == v1::REDACTION_PROVENANCE;
  }
  // Of the pictures and of the page: as the owner's own programs draw them.
  std::map<std::string, std::string> drawn_pixels() {
    draw_and_export("mx/state/packages/sample.garita", "own",
                    [this](const std::string&, const std::string& command) { return run(command); });
    const auto picture = picture::read_png(folder / "own/p/side.png");
    EXPECT_TRUE(picture.ok());
    std::map<std::string, std::string> drawn;
    if (!picture) return drawn;
    const auto& samples = picture->samples;
    drawn["picture"] = noisiest(std::string(samples.begin(), samples.end()));
    const std::string page = text("own/page.html");
    const size_t tile = page.find(" id=\"t0-0"), end = page.find("</script>", tile);
    EXPECT_NE(tile, page.npos);
    if (tile != page.npos) drawn["page"] = page.substr((tile + end) / 2, 120);
    return drawn;
  }
  // The stretch of 48 bytes with the most different values: of the square of noise.
  static std::string noisiest(const std::string& bytes) {
    size_t best = 0, most = 0;
    for (size_t at = 0; at + 48 <= bytes.size(); at += 24) {
      const std::set<char> values(bytes.begin() + static_cast<ptrdiff_t>(at),
                                  bytes.begin() + static_cast<ptrdiff_t>(at) + 48);
      if (values.size() > most) most = values.size(), best = at;
    }
    return bytes.substr(best, 48);
  }

  Search far, between;
  std::unique_ptr<Sample> sample;
  std::unique_ptr<NatsServer> server;
  std::string said;
};

}  // namespace garita::leak_test
