// Whose word counts between two sites: the own key, and those of the peers, each until a day. A message is
// opened here and nowhere else: for us, by a key that is known and not expired, with its one right signature.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/signature.hpp"
#include "core/exchange/messages/message.hpp"

namespace garita::exchange {

// One key of a peer. A peer that changes its key has two for a while.
struct PeerKey {
  std::string peer;  // a name of the own configuration
  base::PublicKey key;
  std::optional<int64_t> until_utc_ns;
};

struct Opened {
  std::string peer;
  Message message;
};

// Immutable after its making; any thread. The clock outlives it.
class Keyring {
 public:
  Keyring(base::SigningKey own, std::vector<PeerKey> peers, const base::Clock& clock = base::system_clock())
      : own_(std::move(own)), peers_(std::move(peers)), clock_(&clock) {}

  const base::Digest& own_id() const { return own_.public_key().key_id(); }

  // For the newest key of the peer (the last one given): "exchange.peer_unknown" {peer}.
  base::Result<std::string> seal_message(std::string_view peer, const What& what) const;

  // Errors: those of read_message; "exchange.message_foreign" for another site; "exchange.signer_unknown",
  // "exchange.signer_expired" {peer, utc}, "exchange.signature_wrong" {peer}.
  base::Result<Opened> open(base::Bytes bytes) const;

 private:
  base::SigningKey own_;
  std::vector<PeerKey> peers_;
  const base::Clock* clock_;
};

}  // namespace garita::exchange
