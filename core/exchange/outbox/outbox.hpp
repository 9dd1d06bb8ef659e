// What has to reach a partner, until the partner has signed for it.
//
//   FOLDER/outbox.db              entries and lanes (SQLite, WAL, FULL)
//   FOLDER/content/HEX            sealed bytes, named by the Merkle root of their 512 KiB chunks
//
// A signed receipt that names the entry's content and place ends its life here, and nothing else does: no
// answer of a transport, no age, no full disk. What was put is on the disk when put() returns; the same put
// again is the same entry.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/base/random.hpp"
#include "core/exchange/messages/message.hpp"

namespace SQLite {
class Database;
}

namespace garita::exchange {

// Of two that wait, the higher goes first, also in the middle of the other.
enum class Priority : int { rest = 0, overview = 1, answer = 2, alarm = 3 };

// What one recipient may leave waiting; put() refuses beyond it and takes again as receipts come.
struct OutboxLimits {
  uint64_t max_bytes = uint64_t{64} << 30;
  uint64_t max_entries = 100'000;
};

struct Sending {
  std::string recipient;  // a peer's name
  std::string lane;       // stays here; the recipient sees a number
  std::string key;        // the sender's own name of it: put again with the same key is the same entry
  Priority priority = Priority::rest;
};

struct Entry {
  int64_t id = 0;  // grows
  std::string recipient, lane, key;
  Priority priority = Priority::rest;
  Place place;
  base::Digest content{};
  uint64_t size_bytes = 0;
  int64_t since_utc_ns = 0;
  bool tried = false;  // some of it was sent, perhaps in an earlier life of the program
};

struct LaneStatus {
  std::string recipient, lane;
  LaneId number{};
  uint64_t last_sequence = 0;
  uint64_t waiting = 0, waiting_bytes = 0;
  std::optional<int64_t> oldest_utc_ns;  // of what waits
  uint64_t received = 0;                 // receipts
};

// Any thread; several programs may have one outbox open. Errors beside those named: base.file_*,
// base.disk_full, exchange.db_* (database.hpp).
class Outbox {
 public:
  struct Parts {
    const base::Clock& clock = base::system_clock();
    base::FileSystem& files = base::real_file_system();
    base::Random& random = base::system_random();
  };
  // Makes the folder (0700) where missing; sweeps away contents that belong to no entry.
  static base::Result<Outbox> open(const std::filesystem::path& folder, OutboxLimits limits, Parts parts);
  static base::Result<Outbox> open(const std::filesystem::path& folder, OutboxLimits limits = {}) {
    return open(folder, limits, Parts());
  }
  Outbox(Outbox&&) noexcept;
  Outbox& operator=(Outbox&&) noexcept;
  ~Outbox();

  // Gives up to `out.size()` bytes; 0 at the end.
  using Source = std::function<base::Result<size_t>(std::span<std::byte> out)>;
  // "exchange.outbox_full" {recipient}, "exchange.content_size" for nothing at all or more than max_chunks.
  base::Result<Entry> put(const Sending& sending, const Source& sealed);
  base::Result<Entry> put(const Sending& sending, base::Bytes sealed);
  // Was it put with this key, also if it has been received since?
  base::Result<std::optional<Entry>> find(const std::string& recipient, const std::string& key) const;

  // Those above `after_id`, in the order of their ids.
  base::Result<std::vector<Entry>> waiting(std::string_view recipient, int64_t after_id, size_t limit) const;
  // Changes where any program has put something.
  uint64_t version() const;

  base::Result<Manifest> manifest(const Entry& entry) const;
  base::Result<std::unique_ptr<base::RandomAccessFile>> content(const Entry& entry) const;
  base::Result<void> mark_tried(const Entry& entry);

  // The end of an entry, or nullopt where the receipt names none that waits for this recipient. `proof`: the
  // signed message, kept with the entry's line for good.
  base::Result<std::optional<int64_t>> settle(std::string_view recipient, const Receipt& receipt,
                                              base::Bytes proof);

  base::Result<std::vector<LaneStatus>> status() const;

 private:
  struct State;
  explicit Outbox(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace garita::exchange
