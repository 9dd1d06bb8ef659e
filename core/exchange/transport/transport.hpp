// How messages get from one site to another: a folder, a TLS connection, a NATS server. None is believed:
// what it took may be lost, come twice, late or changed, and only a signed receipt says that something
// arrived.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/exchange/messages/message.hpp"

namespace garita::exchange {

// What a message is called on the way, the same each time that it is sent: "HEX.c00000012". Hex, a dot, a
// letter, hex or '-'.
//   c index of a chunk    m, r, p place of a manifest, a receipt, a progress
std::string message_name(const What& what);
// Is it one of those? Nothing else is read from a folder or taken for an id.
bool is_message_name(std::string_view name);

struct Outgoing {
  std::string name;
  base::Digest content{};
  base::Bytes bytes;   // at most max_message_bytes
  uint32_t again = 0;  // how often this message was handed over before
  bool asked = false;  // the far end says that it lacks it, whatever lies on the way
};

struct Incoming {
  std::string bytes;
  std::string token;  // the transport's own
};

// One peer, both directions. One thread at a time. An error is about the transport as a whole (the folder is
// away, the server refuses us) and may pass: call again.
class Transport {
 public:
  virtual ~Transport() = default;

  // True: it took a copy. False: not now (no connection, full); ask again later.
  virtual base::Result<bool> send(const Outgoing& message) = 0;
  // The next one; nullopt where none came within wait_ms (at once where the far end is away may be sooner).
  virtual base::Result<std::optional<Incoming>> receive(uint32_t wait_ms) = 0;

  // What receive() gave was dealt with. `keep`: it is a chunk whose content is not on the disk yet, so leave
  // it where it can be had again, if it costs nothing.
  virtual void handled(const Incoming& message, bool keep) = 0;
  // The content is on the disk: its messages need not lie anywhere.
  virtual void settled(const base::Digest& content) = 0;

  // Another number: what was taken before may be lost, ask the far end what it has.
  virtual uint64_t generation() const = 0;
  // It lies there still from the last time, so nothing need be made of it.
  virtual bool holds(const std::string& /*name*/) const { return false; }
  // Why nothing is taken or nothing comes, where it knows; nullopt while it works. It goes on trying.
  virtual std::optional<base::Error> trouble() const { return std::nullopt; }
  // Nobody answers within minutes: what is not signed for is handed over again whole, not asked about.
  virtual bool is_slow() const { return false; }
};

}  // namespace garita::exchange
