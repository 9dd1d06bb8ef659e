#include "core/exchange/messages/keyring.hpp"

#include <algorithm>

namespace garita::exchange {
namespace {

base::Error refused(const char* id, std::vector<base::Field> fields) {
  return {base::Outcome::no, id, std::move(fields)};
}

}  // namespace

base::Result<std::string> Keyring::seal_message(std::string_view peer, const What& what) const {
  const auto found =
      std::find_if(peers_.rbegin(), peers_.rend(), [&](const PeerKey& each) { return each.peer == peer; });
  if (found == peers_.rend()) return refused("exchange.peer_unknown", {{"peer", std::string(peer)}});
  const std::string body = write_body(found->key.key_id(), what);
  GARITA_TRY_ASSIGN(signature, own_.sign(signed_bytes(body)));
  const Chunk* chunk = std::get_if<Chunk>(&what);
  return write_message(own_id(), body, base::Bytes(signature).text(), chunk ? chunk->data : base::Bytes());
}

base::Result<Opened> Keyring::open(base::Bytes bytes) const {
  GARITA_TRY_ASSIGN(message, read_message(bytes));
  if (message.to != own_id()) return refused("exchange.message_foreign", {{"to", base::to_text(message.to)}});
  const auto signer = std::find_if(peers_.begin(), peers_.end(),
                                   [&](const PeerKey& each) { return each.key.key_id() == message.from; });
  if (signer == peers_.end())
    return refused("exchange.signer_unknown", {{"key", base::to_text(message.from)}});
  if (signer->until_utc_ns && clock_->utc_ns() >= *signer->until_utc_ns)
    return refused("exchange.signer_expired",
                   {{"peer", signer->peer}, {"utc", base::format_utc(*signer->until_utc_ns, 0)}});
  if (!signer->key.verify(signed_bytes(message.body), message.signature))
    return refused("exchange.signature_wrong", {{"peer", signer->peer}});
  return Opened{signer->peer, std::move(message)};
}

}  // namespace garita::exchange
