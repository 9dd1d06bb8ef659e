#include "tools/garita-demo/joint.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/file.hpp"
#include "core/exchange/testing/link_proxy.hpp"
#include "tools/garita-demo/child.hpp"
#include "tools/garita-demo/contact_sheet.hpp"
#include "tools/garita-demo/joint_views.hpp"

namespace garita::demo {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using exchange::testing::LinkProxy;
using nlohmann::json;

constexpr const char* plate = "ZX91827";
constexpr const char* container = "MSKU1234565";
constexpr uint64_t line_bytes_per_second = 20'000'000 / 8;
constexpr uint32_t line_delay_ms = 40;
constexpr auto patience = 30s;
constexpr uint64_t cut_after_bytes = 2'000'000;  // of the 6 MB: in the middle of the image
constexpr double truck_minutes = 11;             // from the scanner to the other side's booth

// What the policies of the two sides say.
constexpr const char* sharing_mx =
    R"(# What Mexico gives: a coarse image and the cargo of every lorry; the whole image and the device where it is
# asked for. No plate, no lane, no person.
schema = "garita.sharing/1"
[[rule]]
to = ["us"]
purpose = ["glance"]
classes = ["technical", "time", "cargo"]
planes = "reduced"
factor = 16
[[rule]]
to = ["us"]
purpose = ["secondary"]
classes = ["technical", "device", "time", "identity", "cargo", "provenance"]
planes = "whole"
)";
constexpr const char* sharing_us = R"(schema = "garita.sharing/1"
[[rule]]
to = ["mx"]
purpose = ["risk"]
classes = ["technical"]
planes = "withheld"
)";
constexpr const char* inbound = R"(schema = "garita.inbound/1"
[[rule]]
action = "accept"
from = ["partner"]
max_age_h = 48
)";

class Joint {
 public:
  Joint(Folders folders, base::Language language)
      : folders_(std::move(folders)), root_(folders_.demo / "joint"), language_(language) {}

  int run() {
    fs::remove_all(root_);
    for (const char* site : {"mx", "us"}) fs::create_directories(root_ / site);
    fs::create_directories(folders_.pictures());
    say("begin", {});
    if (!make_keys() || !scan() || !start()) return fail();
    if (!wait_for([this] { return !first_.empty(); }) || !ask_for_more()) return fail();
    if (!wait_for([this] { return cut_the_line() && whole_; }) || !answer()) return fail();
    show();
    return listened_in_vain() ? 0 : fail();
  }

 private:
  std::string garita() const { return (folders_.bin / "garita").string(); }
  std::string config_of(const std::string& site) const { return (root_ / site / "exchange.toml").string(); }

  // Runs a program to its end; the last line of its output as JSON.
  std::optional<json> ask(const std::vector<std::string>& words) {
    std::string all;
    std::mutex mutex;
    Child child(words, log(), [&](const std::string& line) {
      const std::lock_guard lock(mutex);
      all += line + '\n';
    });
    if (child.wait() != 0) return std::nullopt;
    const std::lock_guard lock(mutex);
    const json whole = json::parse(all, nullptr, false);
    if (!whole.is_discarded()) return whole;
    const size_t last = all.rfind('\n', all.size() - 2);
    return json::parse(all.substr(last == all.npos ? 0 : last + 1), nullptr, false);
  }
  fs::path log() const { return root_ / "log.txt"; }

  bool make_keys() {
    for (const char* site : {"mx", "us"}) {
      const auto made =
          ask({garita(), "exchange", "keys", "--out", root_ / "keys", "--site", site, "--json"});
      if (!made || !made->contains("pin")) return false;
      pins_[site] = (*made)["pin"];
    }
    std::ofstream(root_ / "mx/sharing.toml") << sharing_mx;
    std::ofstream(root_ / "us/sharing.toml") << sharing_us;
    std::ofstream(root_ / "mx/inbound.toml") << inbound;
    std::ofstream(root_ / "us/inbound.toml") << inbound;
    return true;
  }

  void write_config(const std::string& own, const std::string& peer, const std::string& way,
                    const std::string& signer, const std::string& watch) const {
    const std::string keys = (root_ / "keys").string() + '/';
    std::ofstream(config_of(own)) << "schema = \"garita.exchange/1\"\nsite = \"" << own
                                  << "\"\nfolder = \"exchange\"\nstate = \"state\"\n"
                                  << watch << "key = \"" << keys << own << ".pem\"\ncertificate = \"" << keys
                                  << own << ".tls.crt\"\ncertificate_key = \"" << keys << own
                                  << ".tls.key\"\npolicy = \"sharing.toml\"\ninbound = \"inbound.toml\"\n"
                                  << "[opening.now]\ncertificate = \"" << keys << own
                                  << ".seal.crt\"\nkey = \"" << keys << own
                                  << ".seal.key\"\n[authorities.partner]\nsigners = [" << signer
                                  << "]\n[peers." << peer << "]\nway = \"" << way << "\"\npins = [\""
                                  << pins_.at(peer) << "\"]\nseal_for = [\"" << keys << peer
                                  << ".seal.crt\"]\n"
                                  << (watch.empty() ? "" : "send = [\"glance\"]\nrequested = \"secondary\"\n")
                                  << "[peers." << peer << ".keys.now]\nfile = \"" << keys << peer
                                  << ".pub\"\n";
  }

  // A simulated portal on a real socket, the real driver, the real host.
  bool scan() {
    std::mutex mutex;
    std::string address;
    Child simulator({folders_.bin / "garita-sim", "nuctech", "--listen", "127.0.0.1:0", "--seed", "11",
                     "--count", "1", "--given", std::string("plate=") + plate + ",container=" + container},
                    log(), [&](const std::string& line) {
                      const std::lock_guard lock(mutex);
                      if (address.empty()) address = line.substr(line.rfind(' ') + 1);
                    });
    const auto listens = [&] {
      const std::lock_guard lock(mutex);
      return !address.empty();
    };
    if (!wait_for(listens)) return false;
    const std::string drivers =
        (folders_.drivers / "drivers").string() + ':' + (folders_.drivers / "examples").string();
    const auto scanned =
        ask({garita(), "scan", "--driver", "nuctech", "--driver-path", drivers, "--source",
             "portal=tcp://" + address, "--out", root_ / "mx/state/packages", "--state", root_ / "mx/state",
             "--site", "Nogales", "--lane", "export-1", "--count", "1", "--json"});
    if (!scanned) return false;
    for (const auto& file : fs::directory_iterator(root_ / "mx/state/packages"))
      if (file.path().extension() == ".garita") own_ = file.path();
    if (own_.empty()) return false;
    scanned_ = Clock::now();
    tell("scanned",
         {{"container", container}, {"plate", plate}, {"megabytes", megabytes(fs::file_size(own_))}});
    const auto verified = ask({garita(), "verify", own_, "--json"});
    for (const json& claim : verified ? verified->value("claims", json::array()) : json::array())
      if (claim.value("name", "") == "key") {
        const std::string said = claim.value("value", "");
        signer_ = '"' + said.substr(said.rfind(' ') + 1) + '"';
      }
    return !signer_.empty();
  }

  bool start() {
    const uint16_t port = free_port();
    const exchange::testing::LineFaults faults{
        .bytes_per_second = line_bytes_per_second, .delay_ms = line_delay_ms, .listens_in = true};
    line_ = std::make_unique<LinkProxy>(port, faults, 1);
    write_config("us", "mx", "tls-listen://127.0.0.1:" + std::to_string(port), signer_, "");
    write_config("mx", "us", "tls://127.0.0.1:" + std::to_string(line_->port()), signer_,
                 "watch = \"state/packages\"\n");
    us_ = run_site("us");
    mx_ = run_site("mx");
    return us_->started() && mx_->started();
  }
  std::unique_ptr<Child> run_site(const std::string& site) {
    return std::make_unique<Child>(std::vector<std::string>{garita(), "exchange", "run", config_of(site),
                                                            "--resend-ms", "500", "--json"},
                                   log(), [this, site](const std::string& line) { take(site, line); });
  }
  static uint16_t free_port() {
    // A listener that is gone again: the port stays free for the moment that it takes.
    const LinkProxy probe(1, {}, 1);
    return probe.port();
  }

  // Whatever a site tells, from its own thread.
  void take(const std::string& site, const std::string& line) {
    const json told = json::parse(line, nullptr, false);
    if (!told.is_object() || told.value("event", "") != "opened") return;
    const std::lock_guard lock(mutex_);
    const int kind = told.value("kind", 0);
    const bool answer = kind == 3, accepted = told.value("action", "") == "accept";
    if (answer && site == "us") tell("granted", {});
    if (answer && site == "mx" && whole_) answered_ = true;
    if (!answer && site == "us" && accepted) take_image(told.value("package", ""), kind == 2);
    changed_.notify_all();
  }
  // The coarse image, which is kept to be looked at later; then, in its place, the whole one.
  void take_image(const fs::path& package, bool complete) {
    const bool first = first_.empty();
    if (!first && !complete) return;  // the overview that goes before the rest: it was here already
    theirs_ = package;
    if (first) {
      first_ = root_ / "us/first.garita";
      fs::copy_file(package, first_, fs::copy_options::overwrite_existing);
    }
    whole_ = !first;
    tell(first ? "first" : "whole", {{"megabytes", megabytes(fs::file_size(package))}});
  }

  bool ask_for_more() {
    {
      const std::lock_guard lock(mutex_);
      tell("asked", {});
    }
    return ask({garita(), "exchange", "ask", config_of("us"), "--to", "mx", "--wish", "full_image",
                "--reason", "full_image_needed", "--package", first_, "--json"})
        .has_value();
  }

  // Once, while the image is on its way. Called under the lock.
  bool cut_the_line() {
    if (cut_) return true;
    if (line_->carried_bytes() < cut_after_bytes) return false;
    cut_ = true;
    line_->set_dead(true);
    tell("cut", {{"megabytes", megabytes(line_->carried_bytes())}});
    mender_ = std::jthread([this] {
      std::this_thread::sleep_for(1500ms);
      const std::lock_guard lock(mutex_);
      line_->set_dead(false);
      tell("mended", {});
    });
    return true;
  }

  bool answer() {
    const auto decided = ask({garita(), "exchange", "decide", config_of("us"), "--to", "mx", "--verdict",
                              "release", "--reason", "nothing_found", "--package", theirs_, "--json"});
    if (!decided || !wait_for([this] { return answered_; })) return false;
    tell("answered", {});
    char early[32];
    std::snprintf(early, sizeof early, "%.1f", truck_minutes - seconds() / 60);
    say("truck", {{"minutes", std::to_string(static_cast<int>(truck_minutes))}, {"early", early}});
    return true;
  }

  void show() {
    const auto rows = views_side_by_side(own_, first_, theirs_, language_);
    if (rows) std::cout << '\n' << as_table(*rows) << '\n';
    const fs::path picture = folders_.pictures() / "joint.png";
    const auto drawn = write_contact_sheet(picture, {own_, first_, theirs_}, language_);
    if (drawn && *drawn > 0) say("picture", {{"picture", picture.string()}});
    say("answers", {});
    for (const char* language : {"es", "en"}) std::cout << answers_in(language) << std::flush;
    say("try", {{"garita", fs::relative(garita()).string()},
                {"state", fs::relative(root_ / "us/state").string()},
                {"container", container}});
  }
  // Codes travel; each side reads its own sentences.
  std::string answers_in(const std::string& language) {
    std::string text;
    Child child({garita(), "exchange", "answers", config_of("mx"), "--lang", language}, log(),
                [&](const std::string& line) { text += "  " + line + '\n'; });
    child.wait();
    return text;
  }

  // The same search finds them in what was scanned, and in none of what went over the line.
  bool listened_in_vain() {
    mx_.reset(), us_.reset();
    const std::string heard = line_->captured();
    const auto own = base::read_text_file(own_, uint64_t{1} << 30);
    const size_t on_the_line = times_in(heard, plate) + times_in(heard, container);
    const size_t in_the_scan = own ? times_in(*own, plate) + times_in(*own, container) : 0;
    const auto other = base::read_text_file(theirs_, uint64_t{1} << 30);
    const size_t plate_there = other ? times_in(*other, plate) : 1;
    say("wiretap", {{"megabytes", megabytes(heard.size())},
                    {"plate", plate},
                    {"container", container},
                    {"found", std::to_string(on_the_line)},
                    {"control", std::to_string(in_the_scan)}});
    return on_the_line == 0 && in_the_scan > 0 && plate_there == 0 && !heard.empty();
  }

  template <typename Done>
  bool wait_for(Done done) {
    const auto until = Clock::now() + patience;
    std::unique_lock lock(mutex_);
    while (!done()) {
      if (Clock::now() > until) return false;
      changed_.wait_for(lock, 50ms);
    }
    return true;
  }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - scanned_).count(); }
  static std::string megabytes(uint64_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", static_cast<double>(bytes) / 1e6);
    return text;
  }
  void say(const std::string& id, std::vector<base::Field> fields) const {
    std::cout << base::text(language_, "cli.demo_joint_" + id, fields) << std::endl;
  }
  void tell(const std::string& id, std::vector<base::Field> fields) const {
    std::printf("%6.1f s  ", seconds());
    std::fflush(stdout);
    say(id, std::move(fields));
  }
  int fail() const {
    std::cerr << "garita-demo: "
              << base::text(language_, "cli.demo_joint_failed",
                            std::vector<base::Field>{{"log", log().string()}})
              << std::endl;
    return 1;
  }

  const Folders folders_;
  const fs::path root_;
  const base::Language language_;
  std::map<std::string, std::string> pins_;
  std::string signer_;
  fs::path own_;
  Clock::time_point scanned_ = Clock::now();
  std::mutex mutex_;
  std::condition_variable changed_;
  fs::path first_, theirs_;  // guarded, and what follows
  bool whole_ = false, cut_ = false, answered_ = false;
  std::unique_ptr<LinkProxy> line_;
  std::unique_ptr<Child> us_, mx_;
  std::jthread mender_;
};

}  // namespace

int run_joint(const Folders& folders, base::Language language) { return Joint(folders, language).run(); }

}  // namespace garita::demo
