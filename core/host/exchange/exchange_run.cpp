#include "core/host/exchange/exchange_run.hpp"

#include <charconv>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "core/base/clock.hpp"
#include "core/exchange/audit/at_rest.hpp"
#include "core/exchange/inbound/admission.hpp"
#include "core/exchange/policy/sharing.hpp"
#include "core/exchange/transport/status.hpp"
#include "core/host/exchange/teller.hpp"
#include "core/host/site/metrics_server.hpp"

namespace garita::host {
namespace {

using namespace exchange;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr int quiet_turns = 10;  // of once: then nothing more comes
constexpr auto look = 50ms;
constexpr auto look_for_packages = 500ms;

// What every thread of a run needs.
struct Shared {
  const ExchangeConfig& config;
  const ExchangeOptions& options;
  Teller& teller;
  const std::atomic<bool>& stop;
  std::atomic<uint64_t> moves{0};  // whatever any of them did
  std::atomic<int> busy{0};        // who is in the middle of something long
};

// One peer: its ways and its courier.
class Line {
 public:
  Line(Shared& shared, std::string peer) : shared_(shared), peer_(std::move(peer)) {}

  base::Result<void> open(const Keyring& keyring, Outbox& outbox, Inbox& inbox) {
    const config::ExchangePeer& said = shared_.config.said.peers().at(peer_);
    GARITA_TRY_ASSIGN(forth, way_of(shared_.config, peer_, said.way()));
    forth_ = std::move(forth);
    if (said.has_receipts()) {
      GARITA_TRY_ASSIGN(back, way_of(shared_.config, peer_, said.receipts()));
      back_ = std::move(back);
    }
    CourierOptions options{.peer = peer_, .resend_ms = shared_.options.resend_ms};
    courier_ = std::make_unique<Courier>(
        options, Courier::Parts{keyring, outbox, inbox, *forth_, back_ ? *back_ : *forth_});
    courier_->on_whole = [this](const Receipt& receipt) {
      shared_.teller.tell([&](ExchangeObserver& to) { to.received(peer_, receipt); });
    };
    courier_->on_refused = [this](const base::Error& error) { shared_.teller.refused(peer_, error); };
    return {};
  }

  void turn() {
    const CourierCounts before = courier_->counts();
    if (const auto turned = courier_->turn(shared_.options.wait_ms); !turned) {
      shared_.teller.trouble(peer_, turned.error());
      std::this_thread::sleep_for(look);
    } else if (const auto trouble = why_nothing_moves()) {
      shared_.teller.trouble(peer_, *trouble);
    } else {
      shared_.teller.over(peer_);
    }
    const CourierCounts& now = courier_->counts();
    if (now.chunks_sent != before.chunks_sent || now.chunks_taken != before.chunks_taken ||
        now.receipts != before.receipts || now.whole != before.whole)
      ++shared_.moves;
  }

 private:
  std::optional<base::Error> why_nothing_moves() const {
    if (auto trouble = forth_->trouble()) return trouble;
    if (auto trouble = back_ ? back_->trouble() : std::nullopt) return trouble;
    return courier_->why_held();
  }

  Shared& shared_;
  const std::string peer_;
  std::unique_ptr<Transport> forth_, back_;
  std::unique_ptr<Courier> courier_;
};

// New packages of a folder, to whom wants them without asking. Which of them were sent is known to the
// outbox, so that nothing is forgotten by a restart and nothing sent twice.
class Watch {
 public:
  Watch(Shared& shared, Sender& sender) : shared_(shared), sender_(sender) {}

  void look_around() {
    const fs::path folder = shared_.config.path(shared_.config.said.watch());
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      const fs::path& path = at->path();
      const bool theirs = at->is_directory() && path.filename().string().starts_with("from-");
      if (theirs) at.disable_recursion_pending();
      if (path.extension() != ".garita" || path.filename().string().starts_with('.')) continue;
      if (!seen_.contains(path) && send(path)) seen_.insert(path);
    }
  }

 private:
  // False: later again.
  bool send(const fs::path& path) {
    bool done = true;
    for (const auto& [peer, said] : shared_.config.said.peers())
      for (const std::string& purpose : said.send()) {
        const auto sent = sender_.send({path, peer, purpose, "", false});
        if (!sent) {
          shared_.teller.trouble(path.string(), sent.error());
          const bool for_good =
              sent.error().id == "exchange.no_rule" || sent.error().outcome == base::Outcome::not_loaded;
          done = done && for_good;
        } else if (!sent->before) {
          ++shared_.moves;
          for (const Entry& entry : sent->entries)
            shared_.teller.tell([&, who = peer](ExchangeObserver& to) { to.sent(who, entry); });
        }
      }
    return done;
  }

  Shared& shared_;
  Sender& sender_;
  std::set<fs::path> seen_;
};

// All of them, until they are asked to stop or nothing moves.
class Run {
 public:
  Run(Shared& shared, Outbox& outbox, Inbox& inbox)
      : shared_(shared), sender_(shared.config, outbox), outbox_(outbox), inbox_(inbox) {}

  base::Result<void> open(const Keyring& keyring) {
    GARITA_TRY_ASSIGN(opener, Opener::open(shared_.config, inbox_, sender_, shared_.options.examine));
    opener_ = std::move(opener);
    for (const auto& [name, said] : shared_.config.said.peers()) {
      lines_.push_back(std::make_unique<Line>(shared_, name));
      GARITA_TRY(lines_.back()->open(keyring, outbox_, inbox_));
    }
    return {};
  }

  void run() {
    std::vector<std::thread> threads;
    for (const auto& line : lines_)
      threads.emplace_back([this, &line] {
        while (!over()) line->turn();
      });
    threads.emplace_back([this] {
      while (!over()) open_what_came(), std::this_thread::sleep_for(look);
    });
    if (shared_.config.said.has_watch()) threads.emplace_back([this] { watch(); });
    if (shared_.options.once) wait_for_quiet();
    for (std::thread& thread : threads) thread.join();
  }

 private:
  bool over() const { return shared_.stop || quiet_; }

  void open_what_came() {
    ++shared_.busy;
    const auto handled = opener_->work();
    --shared_.busy;
    if (!handled) return shared_.teller.trouble("inbox", handled.error());
    shared_.teller.over("inbox");
    shared_.moves += handled->size();
    for (const Handled& each : *handled) shared_.teller.tell([&](ExchangeObserver& to) { to.opened(each); });
  }

  void watch() {
    Watch watch(shared_, sender_);
    while (!over()) {
      ++shared_.busy;
      watch.look_around();
      --shared_.busy;
      for (auto slept = 0ms; slept < look_for_packages && !over(); slept += look)
        std::this_thread::sleep_for(look);
    }
  }

  void wait_for_quiet() {
    uint64_t before = 0;
    for (int quiet = 0; quiet < quiet_turns && !shared_.stop;) {
      std::this_thread::sleep_for(std::chrono::milliseconds(shared_.options.wait_ms));
      const uint64_t now = shared_.moves;
      quiet = now == before && shared_.busy == 0 ? quiet + 1 : 0;
      before = now;
    }
    quiet_ = true;
  }

  Shared& shared_;
  Sender sender_;
  Outbox& outbox_;
  Inbox& inbox_;
  std::unique_ptr<Opener> opener_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::atomic<bool> quiet_{false};
};

// What is accepted comes to the disk as it is.
base::Result<void> check_at_rest(const ExchangeConfig& config) {
  if (config.said.at_rest() != config::ExchangeFile::AT_REST_REQUIRED) return {};
  for (const fs::path& folder : {config.folder(), config.state()}) {
    GARITA_TRY(base::real_file_system().create_folders(folder, 0700));
    GARITA_TRY(require_at_rest(folder));
  }
  return {};
}

// Without a policy nothing goes or is taken. One that is named and cannot be read is told at once, and not
// only when there is something to decide; it does not stand in the status, for it is read anew each time.
void tell_what_policies_lack(const ExchangeConfig& config, Teller& teller) {
  const auto tell = [&](const std::string& where, const base::Error& error) {
    teller.tell([&](ExchangeObserver& observer) { observer.trouble(where, error); });
  };
  if (!config.said.policy().empty())
    if (const auto read = load_sharing(config.path(config.said.policy()).string()); !read)
      tell("policy", read.error());
  if (!config.said.inbound().empty())
    if (const auto read = load_inbound(config.path(config.said.inbound()).string()); !read)
      tell("inbound", read.error());
}

// A policy that asks about certificates where nothing can be known about them takes nothing: said once, at
// the start.
void tell_what_trust_lacks(const ExchangeConfig& config, Teller& teller) {
  const auto policy = load_inbound(config.path(config.said.inbound()).string());
  const uint32_t line = policy ? first_about_certificates(*policy) : 0;
  if (line == 0) return;
  if (const auto lack = trust_lack(books_of(config), policy->path, line)) teller.trouble("inbound", *lack);
}

base::Result<std::unique_ptr<MetricsServer>> serve_metrics(const ExchangeConfig& config) {
  const std::string& listen = config.said.metrics();
  if (listen.empty()) return std::unique_ptr<MetricsServer>();
  const size_t colon = listen.rfind(':');
  uint16_t port = 0;
  const std::string host = listen.substr(0, colon);
  const char* const end = listen.data() + listen.size();
  const bool read = colon != std::string::npos &&
                    std::from_chars(listen.data() + colon + 1, end, port).ptr == end &&
                    host.starts_with("127.");
  if (!read)
    return base::Error{base::Outcome::usage,
                       "exchange.config_mistake",
                       {{"where", config.file.string()}, {"problem", "metrics"}},
                       0};
  return MetricsServer::start(host, port, [folder = config.folder()] {
    const auto status = status_of(folder);
    return status ? metrics_text(*status, base::system_clock().utc_ns()) : std::string();
  });
}

}  // namespace

base::Result<void> run_exchange(const ExchangeConfig& config, const ExchangeOptions& options,
                                ExchangeObserver& observer, const std::atomic<bool>& stop) {
  GARITA_TRY(check_at_rest(config));
  GARITA_TRY_ASSIGN(keyring, keyring_of(config));
  GARITA_TRY_ASSIGN(outbox, Outbox::open(config.folder() / "outbox", limits_of(config)));
  GARITA_TRY_ASSIGN(inbox, Inbox::open(config.folder() / "inbox"));
  GARITA_TRY_ASSIGN(metrics, serve_metrics(config));
  Teller teller(observer, config.folder());
  tell_what_policies_lack(config, teller);
  tell_what_trust_lacks(config, teller);
  Shared shared{config, options, teller, stop};
  Run run(shared, outbox, inbox);
  GARITA_TRY(run.open(keyring));
  run.run();
  return {};
}

}  // namespace garita::host
