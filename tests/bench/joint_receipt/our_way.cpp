#include "tests/bench/joint_receipt/our_way.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>

#include "core/base/text.hpp"
#include "core/exchange/transport/nats_transport.hpp"
#include "core/exchange/transport/tls_transport.hpp"
#include "core/host/exchange/keys.hpp"

namespace garita::bench {

void give_up(const std::string& what) {
  std::fprintf(stderr, "bench_joint_receipt: %s\n", what.c_str());
  std::exit(1);
}

namespace {

constexpr size_t lanes_at_once = 2;

template <typename T>
T checked(base::Result<T> result) {
  if (!result) give_up(base::render(result.error(), base::Language::en));
  return *std::move(result);
}
void checked(const base::Result<void>& result) {
  if (!result) give_up(base::render(result.error(), base::Language::en));
}

exchange::Keyring ring_of(const base::SigningKey& own, const std::string& peer,
                          const base::SigningKey& of_peer) {
  return exchange::Keyring(own, {{peer, of_peer.public_key(), std::nullopt}});
}

OurWay::Ends nats_ends(const std::filesystem::path&, const std::string& url) {
  const auto end = [&](const std::string& own, const std::string& peer) {
    exchange::NatsOptions options;
    options.url = url;
    options.own = own;
    options.peer = peer;
    return checked(exchange::NatsTransport::open(options));
  };
  return {end("mx", "us"), end("us", "mx")};
}

OurWay::Ends tls_ends(const std::filesystem::path& folder, const std::string&) {
  const base::Digest mx = checked(host::make_site_keys(folder / "keys", "mx", 2));
  const base::Digest us = checked(host::make_site_keys(folder / "keys", "us", 2));
  const auto identity = [&](const std::string& name, const base::Digest& pin) {
    return exchange::TlsIdentity{
        folder / "keys" / (name + ".tls.crt"), folder / "keys" / (name + ".tls.key"), {pin}};
  };
  exchange::TlsOptions listens, connects;
  listens.host = connects.host = "127.0.0.1";
  listens.listens = true;
  listens.identity = identity("us", mx);
  auto there = checked(exchange::TlsTransport::open(listens));
  connects.port = there->port();
  connects.identity = identity("mx", us);
  connects.again_ms = 20;
  return {checked(exchange::TlsTransport::open(connects)), std::move(there)};
}

}  // namespace

Contents::Contents(size_t count, size_t size_bytes) {
  std::mt19937_64 random(20'260);
  for (size_t i = 0; i < count; ++i) {
    std::string bytes(size_bytes, '\0');
    for (size_t at = 0; at + 8 <= size_bytes; at += 8) {
      const uint64_t word = random();
      std::memcpy(bytes.data() + at, &word, 8);
    }
    all_.push_back(std::move(bytes));
  }
}

struct OurWay::Site {
  Site(const std::filesystem::path& folder, exchange::Keyring keys, const std::string& peer,
       std::unique_ptr<exchange::Transport> end)
      : ring(std::move(keys)),
        outbox(checked(exchange::Outbox::open(folder / "outbox"))),
        inbox(checked(exchange::Inbox::open(folder / "inbox"))),
        transport(std::move(end)),
        courier({.peer = peer}, {ring, outbox, inbox, *transport, *transport}) {}

  exchange::Keyring ring;
  exchange::Outbox outbox;
  exchange::Inbox inbox;
  std::unique_ptr<exchange::Transport> transport;
  exchange::Courier courier;
};

OurWay::Where OurWay::nats(const std::string& url) { return {nats_ends, url}; }
OurWay::Where OurWay::tls() { return {tls_ends, ""}; }

OurWay::OurWay(const std::filesystem::path& folder, const Where& where) {
  std::filesystem::create_directories(folder);
  const auto mx = checked(base::SigningKey::generate(base::SignatureAlgorithm::ed25519));
  const auto us = checked(base::SigningKey::generate(base::SignatureAlgorithm::ed25519));
  Ends ends = where.way(folder, where.where);
  from_ = std::make_unique<Site>(folder / "mx", ring_of(mx, "us", us), "us", std::move(ends.forth));
  to_ = std::make_unique<Site>(folder / "us", ring_of(us, "mx", mx), "mx", std::move(ends.back));
}

OurWay::~OurWay() = default;

void OurWay::carry(const Contents& contents) {
  const std::string round = std::to_string(round_++);
  const uint64_t wanted = from_->courier.counts().receipts + contents.count();
  std::atomic<bool> over{false};
  std::thread receiver([&] {
    while (!over) checked(to_->courier.turn(5));
  });
  std::vector<std::thread> lanes;  // each publishes for itself, as lanes do
  for (size_t lane = 0; lane < lanes_at_once; ++lane)
    lanes.emplace_back([&, lane] {
      for (size_t i = lane; i < contents.count(); i += lanes_at_once) {
        std::string own = contents.all()[i];
        std::memcpy(own.data(), &round_, sizeof round_);
        checked(from_->outbox.put(
            {"us", "lane " + std::to_string(lane), round + "-" + std::to_string(i), exchange::Priority::rest},
            own));
      }
    });
  while (from_->courier.counts().receipts < wanted) checked(from_->courier.turn(5));
  over = true;
  for (std::thread& each : lanes) each.join();
  receiver.join();
}

}  // namespace garita::bench
