// What comes from the partners: chunks become contents, and a content that is whole, verified and on the disk
// gets a receipt.
//
//   FOLDER/inbox.db               places of the senders' lanes and what lies there (SQLite, WAL, FULL)
//   FOLDER/incoming/PEER-HEX      a content on its way in
//   FOLDER/content/PEER-HEX       whole ones, sealed as they came, until who opens them releases them
//
// All of it may come twice, late, in any order and in part; the answer to a manifest is the same however
// often it comes.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/exchange/messages/message.hpp"

namespace garita::exchange {

// For each sender.
struct InboxLimits {
  uint64_t max_incoming_bytes = uint64_t{16}
                                << 30;              // not whole yet; beyond it the one untouched longest goes
  size_t max_incoming = 1024;                       // and so many
  uint64_t max_content_bytes = uint64_t{64} << 30;  // whole and not released; beyond it no receipt
  size_t max_open = 32;                             // files, for all senders
};

// A content that is whole.
struct Arrival {
  std::string sender;
  Place place;
  base::Digest content{};
  uint64_t size_bytes = 0;
  int64_t received_utc_ns = 0;
  std::filesystem::path path;
};

// Sequence numbers `first` … `last` of a lane that did not arrive, though later ones did or were announced.
struct Gap {
  uint64_t first = 0, last = 0;
};

struct LaneGaps {
  std::string sender;
  LaneId lane{};
  uint64_t received = 0, highest = 0;
  std::vector<Gap> gaps;  // the first max_gaps
};
inline constexpr size_t max_gaps = 100;

// Any thread; one program at a time (a lock: "base.file_locked"), but readers of status as many as like.
// Errors: base.file_*, base.disk_full, exchange.db_*.
class Inbox {
 public:
  static base::Result<Inbox> open(const std::filesystem::path& folder, InboxLimits limits = {},
                                  const base::Clock& clock = base::system_clock(),
                                  base::FileSystem& files = base::real_file_system());
  Inbox(Inbox&&) noexcept;
  Inbox& operator=(Inbox&&) noexcept;
  ~Inbox();

  // `sender` is a name of the own configuration, never the peer's word. False: nobody needs it, for its content
  // is whole; nothing has changed.
  base::Result<bool> take(const std::string& sender, const Chunk& chunk, base::Bytes data);
  using Answer = std::variant<Receipt, Progress>;
  base::Result<Answer> take(const std::string& sender, const Manifest& manifest);

  // Contents that nobody has released, in the order in which they became whole, above `after_utc_ns`.
  base::Result<std::vector<Arrival>> arrivals(size_t limit) const;
  // Whoever opened it has what is in it; the file goes, its place stays.
  base::Result<void> release(const std::string& sender, const base::Digest& content);

 private:
  struct State;
  explicit Inbox(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// Of an inbox that another program may have open; empty where there is none.
base::Result<std::vector<LaneGaps>> gaps_of(const std::filesystem::path& folder);

}  // namespace garita::exchange
