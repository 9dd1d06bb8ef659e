// exchange-peer FOLDER OWN PEER WAY: carries FOLDER/OWN's outbox and inbox until it is killed. For tests: it
// is killed often.
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "core/exchange/transport/courier.hpp"
#include "core/exchange/transport/way.hpp"

namespace {

using namespace garita;
namespace fs = std::filesystem;

template <typename T>
T must(base::Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().id.c_str());
  std::exit(1);
}

// The certificates of both sites lie in keys/ as NAME.crt, NAME.key; the pin of NAME in NAME.pin.
exchange::TlsIdentity identity(const fs::path& keys, const std::string& own, const std::string& peer) {
  exchange::TlsIdentity identity{keys / (own + ".crt"), keys / (own + ".key"), {}};
  if (auto pin = base::read_text_file(keys / (peer + ".pin"), 100))
    if (const auto digest = base::parse_digest(*pin)) identity.peer_pins.push_back(*digest);
  return identity;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  std::signal(SIGPIPE, SIG_IGN);
  const fs::path folder = argv[1], keys = folder / "keys";
  const std::string own = argv[2], peer = argv[3];
  const auto own_key = must(base::SigningKey::load(keys / (own + ".pem")));
  const auto peer_key = must(base::SigningKey::load(keys / (peer + ".pem")));
  const exchange::Keyring ring(own_key, {{peer, peer_key.public_key(), std::nullopt}});
  auto outbox = must(exchange::Outbox::open(folder / own / "outbox"));
  auto inbox = must(exchange::Inbox::open(folder / own / "inbox"));
  auto way = must(exchange::open_way(argv[4], {own, peer, identity(keys, own, peer), {}, {}}));
  exchange::Courier courier({.peer = peer, .resend_ms = 300, .longest_ms = 1'000},
                            {ring, outbox, inbox, *way, *way});
  while (true)
    if (const auto turned = courier.turn(20); !turned)
      std::fprintf(stderr, "%s\n", turned.error().id.c_str());
}
