// The streams that one driver is granted: opened by the name that its manifest declares, from the address
// that the site's configuration gives; counted, hashed and stamped with their arrival before the driver sees
// a byte.
//
// One Broker serves one device. Its one I/O thread reads into bounded queues: a driver that does not read
// stops the sender (TCP back-pressure), never fills the memory. All calls but raise_cancel come from one
// thread at a time; they answer in the driver ABI's statuses, with an error whose sentence says what was at
// fault. Deadlines are monotonic nanoseconds of the clock given; in the past: do not wait.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/broker/address.hpp"
#include "garita/host.h"

namespace garita::broker {

// A status and, where it is not OK, the error behind it. TIMEOUT of open has one too (what it waited for);
// the other flow statuses have none.
struct Answer {
  garita_status status = GARITA_OK;
  base::Error error;
  bool ok() const { return status == GARITA_OK; }
};

struct StreamInfo {
  uint32_t kind = GARITA_STREAM_BYTES;  // GARITA_STREAM_*
  uint32_t max_datagram_bytes = 0;
};

struct ReadInfo {
  uint32_t size_bytes = 0;
  uint64_t received_ns = 0;  // of the last byte read
  int64_t received_utc_ns = 0;
  uint64_t dropped = 0;  // datagrams lost in the host since the last read
};

// A complete file of an inbox, as a sealed copy.
struct ObjectInfo {
  uint64_t handle = 0;
  uint32_t siblings = 0;  // further files that belong to it
  uint64_t size_bytes = 0;
  int64_t modified_utc_ns = 0;
  std::string name;  // plain, no path
  std::array<uint8_t, 32> sha256{};
};

class Inbox;

// What went over one stream since the broker was made, all openings together, in the order of the wire.
struct StreamTotals {
  std::string name, address;
  uint64_t openings = 0;
  uint64_t read_bytes = 0, written_bytes = 0;
  std::array<uint8_t, 32> read_sha256{}, written_sha256{};
  bool objects = false;  // an inbox: its objects are counted one by one, not here
};

struct Limits {
  size_t queued_bytes =
      4u << 20;                  // of one stream; at that much unread the broker stops reading from the wire
  size_t queued_chunks = 16384;  // the same for tiny arrivals
  size_t chunk_bytes = 64u << 10;  // at most that much is read, and stamped, at a time
  uint32_t open_streams = 64;
};

enum class Direction : uint8_t { from_device, to_device };

class SealedCopy;

// What an inbox gave its driver: the object's own file first, then its siblings.
struct HandedOut {
  struct File {
    std::string name;
    int64_t modified_utc_ns = 0;
    std::shared_ptr<const SealedCopy> copy;
  };
  std::vector<File> files;
};

// Sees every byte as it passes: a recording. opened, from_device and the end that the other side makes come on
// the I/O thread, to_device, handed_out and the end that the driver makes on the driver's. Must not block,
// throw or call the broker.
class Tap {
 public:
  virtual ~Tap() = default;
  virtual void opened(std::string_view name, const Address& address, const StreamInfo& info, uint64_t at_ns) = 0;
  virtual void passed(std::string_view name, Direction direction, std::span<const std::byte> bytes,
                      uint64_t at_ns, int64_t at_utc_ns) = 0;
  // status: END, DEVICE_LOST, HOST_LIMIT, or OK where the driver closed it.
  virtual void ended(std::string_view name, garita_status status, uint64_t at_ns) = 0;
  virtual void dropped(std::string_view /*name*/, uint64_t /*datagrams*/, uint64_t /*at_ns*/) {}
  virtual void handed_out(std::string_view /*name*/, const HandedOut& /*object*/, uint64_t /*at_ns*/) {}
};

class Player;

class Broker {
 public:
  using Sources = std::map<std::string, Address, std::less<>>;

  using Inboxes = std::map<std::string, std::shared_ptr<Inbox>, std::less<>>;

  // inboxes: what stands behind the names with a dir: address, for whoever stores the scans to share; one that is not
  // given is made here, with no patterns and no journal.
  // Opens nothing yet. clock (and tap, may be null) outlive the broker.
  // player: whose recording all sources are granted from, which are replay: addresses then; clock is the player's.
  // Errors: broker.unknown_kind {stream, address, kind, known}, broker.stream_option {address, option, given, wanted},
  // broker.replay_mixed, broker.replay_no_stream, Outcome::usage; broker.no_thread.
  static base::Result<std::unique_ptr<Broker>> create(Sources sources,
                                                      const base::Clock& clock = base::system_clock(),
                                                      Limits limits = {}, Tap* tap = nullptr,
                                                      Inboxes inboxes = {},
                                                      std::shared_ptr<Player> player = nullptr);
  ~Broker();  // closes all

  // OK, TIMEOUT, CANCELLED, NOT_CONFIGURED (no such name, no such file), HOST_LIMIT, DEVICE_LOST (refused,
  // unreachable), WRONG_STATE (it is open). Blocks until the connection stands, or deadline.
  Answer open(std::string_view name, uint64_t deadline_ns, StreamInfo& info, uint32_t& id);

  // 1 … out.size() bytes: OK, TIMEOUT, CANCELLED, END (after all that came), DEVICE_LOST (likewise),
  // STALE_HANDLE.
  Answer read(uint32_t id, std::span<std::byte> out, uint64_t deadline_ns, ReadInfo& info);

  // OK (all), TIMEOUT (some), CANCELLED, DEVICE_LOST, STALE_HANDLE, NOT_SUPPORTED (read-only); written counts
  // always.
  Answer write(uint32_t id, std::span<const std::byte> data, uint64_t deadline_ns, uint32_t& written);

  // Waits for bytes, END or a loss on one of 1 … 64 streams. oldest_received_ns (empty, or one a stream):
  // arrival of the oldest unread byte, or of the END or loss behind the last; 0 where nothing is ready.
  Answer wait(std::span<const uint32_t> ids, uint64_t deadline_ns, uint64_t& ready_bits,
              std::span<uint64_t> oldest_received_ns);

  // The next complete object of an inbox: OK, TIMEOUT, CANCELLED, END (it is to end where it is empty), DEVICE_LOST (the
  // folder is gone), HOST_FAILURE (the journal cannot be written), STALE_HANDLE, WRONG_STATE (no inbox).
  Answer object_next(uint32_t id, uint64_t deadline_ns, ObjectInfo& info);
  // The inbox that gave out the object; null: none did.
  Inbox* inbox_of(uint64_t object) const;
  // Of every name with a dir: address.
  const Inboxes& inboxes() const;

  Answer close(uint32_t id);  // OK, STALE_HANDLE; unread bytes are dropped (they were counted and hashed)

  // For a library that opens its own sockets: one end of a connected pair, the caller's, whose other end is relayed to the
  // stream. It ends with the library's close, with the stream, or with the broker. -1: no such name, no stream of bytes, or no
  // descriptor; or the stream has such a relay now. Thread: any.
  int relay(std::string_view name);

  // From raise to lower every call that waits answers CANCELLED, at once, and consumes nothing. Thread: any.
  void raise_cancel();
  void lower_cancel();

  // Of a stream that has moved all that its address grants (max_bytes): it opens no more. Thread: any.
  std::optional<base::Error> spent() const;
  // The recording that all streams come from has ended. Thread: any.
  bool replay_is_over() const;

  // A snapshot, in the order of names. Thread: any.
  std::vector<StreamTotals> totals() const;

 private:
  struct Inside;
  explicit Broker(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace garita::broker
