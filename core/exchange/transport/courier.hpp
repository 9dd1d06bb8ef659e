// Carries what an outbox holds for one peer, and what the peer sends into an inbox, until both have signed
// for all of it.
//
// What waits with a higher priority goes first, between two chunks of whatever is under way. A content is
// sent once; then its manifest asks from time to time, ever more rarely, and what the peer says it lacks is
// sent again. After a connection that was cut, or a program that was killed, the manifest asks first.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "core/exchange/messages/keyring.hpp"
#include "core/exchange/outbox/outbox.hpp"
#include "core/exchange/receiving/inbox.hpp"
#include "core/exchange/transport/transport.hpp"

namespace garita::exchange {

struct CourierOptions {
  std::string peer;            // its name in keyring, outbox and inbox
  uint64_t resend_ms = 5'000;  // the first time; twice as long each time after
  uint64_t longest_ms = 300'000;
  size_t messages_a_turn = 16;  // in each direction
};

struct CourierCounts {
  uint64_t chunks_sent = 0, chunks_again = 0, manifests_sent = 0, receipts_sent = 0, progress_sent = 0;
  uint64_t receipts = 0;  // that ended an entry
  uint64_t chunks_taken = 0;
  uint64_t whole = 0;                       // manifests answered with a receipt
  std::map<std::string, uint64_t> refused;  // messages, by error
};

// One thread. Everything that it is given outlives it.
class Courier {
 public:
  struct Parts {
    const Keyring& keyring;
    Outbox& outbox;
    Inbox& inbox;
    Transport& forth;  // carries chunks and manifests
    Transport& back;   // carries receipts and progress; may be the same. Both are read.
    const base::Clock& clock = base::system_clock();
  };
  Courier(CourierOptions options, Parts parts) : options_(std::move(options)), parts_(parts) {}

  // Takes in what came, then hands over what may go. Waits at most wait_ms, where nothing is to do. Errors:
  // of the outbox or the inbox, which a person has to see to, and of a transport; the next turn goes on.
  base::Result<void> turn(uint32_t wait_ms);

  // All that is to be handed over has been; what waits now waits for receipts.
  bool quiet() const { return ready_.empty(); }
  const CourierCounts& counts() const { return counts_; }
  // Entries that the peer will not take for now, and why.
  const std::map<int64_t, Hold>& held() const { return held_; }
  // The first of them, in a sentence: exchange.peer_disk_full, _quota, _sequence {peer, lane, sequence}.
  std::optional<base::Error> why_held() const;
  // Told of each content that became whole, on the courier's thread.
  std::function<void(const Receipt&)> on_whole;
  // Told of each message that was not taken, and why: it is nobody's that this site knows, for another, or no
  // message at all. On the courier's thread.
  std::function<void(const base::Error&)> on_refused;

 private:
  // Where an entry is between its first chunk and its receipt.
  struct Flight {
    Entry entry;
    std::optional<Manifest> manifest{};
    std::unique_ptr<base::RandomAccessFile> content{};
    uint32_t next = 0;                 // chunk; beyond the last: the manifest
    uint32_t rounds = 0;               // manifests sent
    uint32_t unanswered = 0;           // the last so many of them
    uint32_t asked_below = 0;          // chunks from the first to here were sent before
    bool asked = false;                // the peer named where to go on
    std::optional<uint64_t> due_ms{};  // waits for an answer until then
  };
  using Rank = std::pair<int, int64_t>;  // the highest priority first, then the oldest

  uint64_t now_ms() const { return parts_.clock.monotonic_ns() / 1'000'000; }
  Rank rank_of(const Flight& flight) const {
    return {-static_cast<int>(flight.entry.priority), flight.entry.id};
  }

  base::Result<void> look_for_new();
  void ask_again_after_cut();
  void wake_due();
  void make_ready(Flight& flight);
  base::Result<bool> send_next();
  base::Result<bool> send_chunk(Flight& flight);
  base::Result<bool> send_manifest(Flight& flight);
  base::Result<bool> hand_over(Transport& transport, const What& what, uint32_t again, bool asked);
  base::Result<void> prepare(Flight& flight);
  void wait_for_answer(Flight& flight);

  base::Result<bool> take_in(Transport& transport, uint32_t wait_ms);
  // What becomes of a message on its way; settled: of all that came of a content, which is on the disk.
  enum class Taken { done, keep, settled };
  base::Result<Taken> take(const Message& message, const Incoming& incoming);
  base::Result<bool> take(const Manifest& manifest);
  base::Result<Taken> take(const Chunk& chunk, base::Bytes data);
  base::Result<void> take(const Receipt& receipt, const Incoming& incoming);
  void take(const Progress& progress);
  Flight* flight_of(const Place& place, const base::Digest& content);
  void refuse(const base::Error& error);

  CourierOptions options_;
  Parts parts_;
  CourierCounts counts_;
  std::map<int64_t, Flight> flights_;
  std::map<Place, int64_t> places_;
  std::set<Rank> ready_;                        // have something to send
  std::set<std::pair<uint64_t, int64_t>> due_;  // wait for an answer
  std::map<int64_t, Hold> held_;
  int64_t newest_ = 0;
  std::optional<uint64_t> outbox_version_;
  std::optional<uint64_t> generation_;
};

}  // namespace garita::exchange
