// What became of every object of one inbox, so that after a crash or a power cut each comes again until it is a package
// or a refusal, and never after that.
//
// The file is text, a line an entry, appended and synced; the form is drawn in journal.cpp. One writer at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/result.hpp"

namespace garita::broker {

inline constexpr uint64_t max_journal_bytes = 256u << 20;
inline constexpr size_t max_reason_bytes = 480;

// All that is known of one object.
struct ObjectHistory {
  enum class State : uint8_t { open, done, refused };
  State state = State::open;
  uint32_t attempts = 0;  // handed out, and neither settled nor given back since: each ended in a crash or a kill
  uint32_t code = 0;      // of a refusal: a garita_status
  std::string reason;     // of a refusal
};

struct JournalContent {
  std::map<base::Digest, ObjectHistory> objects;
  uint64_t good_bytes = 0;  // what follows is a torn tail: a crash came while it was written
};

// Pure. Lines at the end that do not hold are the torn tail; one that is followed by a good line is damage:
// "broker.journal_broken" {path, line}.
base::Result<JournalContent> parse_journal(std::string_view bytes, std::string_view path);

// One thread at a time. What is told is on the disk when the call returns; after an error the journal is as before, or,
// where even that cannot be had, takes nothing more.
class Journal {
 public:
  // Makes the file (0600) where missing, locks it ("base.file_locked") and cuts a torn tail off.
  static base::Result<Journal> open(const std::filesystem::path& path,
                                    base::FileSystem& files = base::real_file_system());
  // One that forgets: for an inbox without a state folder.
  static Journal in_memory() { return Journal(); }

  const ObjectHistory* find(const base::Digest& object) const;  // nullptr: never seen

  base::Result<void> attempt(const base::Digest& object);
  base::Result<void> returned(const base::Digest& object);  // given back in good order: no attempt counts
  base::Result<void> done(const base::Digest& object);
  base::Result<void> refused(const base::Digest& object, uint32_t code, std::string_view reason);

 private:
  Journal() = default;
  base::Result<void> tell(std::string_view entry);

  std::string path_;
  base::FileLock lock_;
  std::unique_ptr<base::WritableFile> file_;
  JournalContent content_;
  bool stopped_ = false;
};

}  // namespace garita::broker
