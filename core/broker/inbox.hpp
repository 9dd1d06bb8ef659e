// dir:PATH — a folder in which complete files are objects for a driver, each until it is consumed: a package or a
// refusal that is on the disk. The folder itself is never changed, but by done=move.
//
//   dir:/srv/exports?settle_ms=1000&done=move&hold_ms=10000
//     settle_ms  how long a file must lie unchanged, 0 … 3600000 (default 1000)
//     late_ms    how long an unchanged file waits for siblings that may come and may not (default 0)
//     missing_ms how long one waits for a sibling that must come, or a sibling for its file, before it is said to be
//                refused or passed over (default 600000); it is taken nevertheless when the other comes after all
//     done       keep (default), or move: into PATH/done or PATH/refused once consumed
//     hold_ms    for whoever seals packages: how long a scan waits for its supplements, 0 … 3600000 (default 10000)
//
// An object is a file that matches the patterns, with its siblings; the driver reads a sealed copy and the digest is of
// that copy. Each attempt is in the journal before the driver has the object. One that was handed out three times and
// ended in a crash or a kill each time is refused here.
//
// One thread at a time.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/broker/address.hpp"
#include "core/broker/broker.hpp"
#include "core/broker/folder_watch.hpp"
#include "core/broker/journal.hpp"

namespace garita::broker {

inline constexpr uint64_t max_object_bytes = 2ull << 30;        // of one file; a larger one is refused
inline constexpr uint64_t max_held_object_bytes = 4ull << 30;  // of all copies; beyond it the next object waits
inline constexpr uint32_t max_attempts = 3;
inline constexpr size_t max_siblings = 1024;

// What the driver's manifest says of the stream, and what the run wants.
struct InboxRules {
  struct Sibling {
    std::string pattern;  // with {stem} and {name} of the object
    bool required = true;
  };
  std::vector<std::string> patterns;  // empty: every file that is nobody's sibling
  std::vector<Sibling> siblings;
  bool until_empty = false;  // END where nothing more lies there
  // Whether a package made of a file with this SHA-256 is there: asked before an object is refused because attempts died
  // on it, for the last may have died just after its package was durable. Empty: none is.
  std::function<bool(const base::Digest& sha256)> is_stored = {};
};

// What became of a file.
struct InboxNote {
  enum class Kind : uint8_t {
    scanned,      // its scans are durable, or were known before
    repeated,     // the same bytes under another name are a package already
    refused,      // error says why
    passed_over,  // not the driver's, or nothing in it; error says why
    earlier,      // consumed in an earlier run
  };
  Kind kind = Kind::scanned;
  std::string file;
  base::Error error;
};

class Inbox {
 public:
  // "broker.inbox_folder", "broker.inbox_option" {address, option, given, wanted}: Outcome::usage. clock outlives it.
  static base::Result<std::unique_ptr<Inbox>> open(const Address& address, InboxRules rules, Journal journal,
                                                   const base::Clock& clock);

  // One whose objects do not lie in a folder but are supplied, as a recording has them. END behind the last. clock
  // outlives it.
  static std::unique_ptr<Inbox> supplied(const Address& address, InboxRules rules, const base::Clock& clock);
  void supply(HandedOut object);  // one that was supplied before is passed over
  void supply_ends() { supply_over_ = true; }

  // ---- For the broker
  void set_first_handle(uint64_t handle) { last_handle_ = first_handle_ = handle; }
  uint64_t first_handle() const { return first_handle_; }
  // The object's own file and its siblings, as the driver has them.
  HandedOut files_of(uint64_t object) const;
  // OK, TIMEOUT (nothing is complete now), END, CANCELLED (stop said so), HOST_FAILURE (the journal cannot be written).
  Answer next(const std::function<bool()>& stop, ObjectInfo& info);
  Answer sibling(uint64_t object, std::string_view name, ObjectInfo& info);
  Answer read_at(uint64_t object, uint64_t offset, std::span<std::byte> out, uint32_t& read_bytes);
  Answer done(uint64_t object);
  Answer reject(uint64_t object, uint32_t code, std::string_view message);
  bool ready(uint64_t& since_ns);  // next would not answer TIMEOUT

  // ---- For whoever stores the scans. Handles of siblings mean their object.
  struct Object {
    std::string name;
    base::Digest key{};  // of the file and its siblings: names the content
    std::shared_ptr<const SealedCopy> copy;
  };
  std::optional<Object> object(uint64_t handle) const;  // of a sibling: its own name and copy
  void scan_begun(uint64_t object);
  void scan_stored(uint64_t object);                          // durable, joined, or a known duplicate
  void scan_kept(uint64_t object);  // it has ended and is not lost any more, though it may wait for its seal
  bool was_kept(uint64_t object) const;  // by an attempt before, in this run: that scan has been counted
  void scan_refused(uint64_t object, const base::Error& why);  // dropped by policy
  void scan_lost(uint64_t object);                             // abandoned: the object comes again
  // Consumes what is done and has no scan under way. Call when no event of the driver is outstanding.
  base::Result<void> settle();
  // The driver is gone: what is not consumed comes again. crashed: its attempt counts.
  base::Result<void> take_back(bool crashed);
  // Under until_empty, at the run's end: what the driver never said a word on is refused for this run.
  base::Result<void> give_up();
  std::vector<InboxNote> take_notes();
  uint64_t hold_ms() const { return hold_ms_; }
  const std::filesystem::path& folder() const { return watch_.folder(); }

 private:
  struct Piece {
    std::string name;
    FileIdentity identity;
    std::shared_ptr<const SealedCopy> copy;
  };
  struct Out {
    Piece file;
    std::vector<Piece> siblings;
    base::Digest key{};
    bool said_done = false, rejected = false;
    bool was_kept = false;  // a scan of it, by an attempt before
    uint32_t scans_open = 0, scans_stored = 0, scans_lost = 0;
    std::optional<base::Error> refused;           // by policy
    std::vector<Piece> twins;                     // the same bytes under other names
    std::map<std::string, uint64_t, std::less<>> sibling_handles;
  };
  enum class Taking : uint8_t { handed_out, consumed, later };

  Inbox(const Address& address, InboxRules rules, Journal journal, const base::Clock& clock, uint64_t settle_ms,
        uint64_t hold_ms, bool move, bool is_supplied = false);

  Answer look();
  void sort_files();
  std::set<std::string> siblings_of(const std::string& name, std::string* missing) const;
  bool waits_for_late(const std::string& name, const FoundFile& file) const;
  void tell_missing();
  void note_missing(const std::string& name, const std::string& pattern);
  bool matches_own_pattern(const std::string& name) const;
  static void name_content(Out& out);
  static std::string without_name(std::string reason, const std::string& file);
  void come_again(const Out& out);
  base::Result<bool> copy(const std::string& name, const std::function<bool()>& stop, Out& out);
  base::Result<bool> copy_piece(const std::string& name, const std::function<bool()>& stop, Piece& piece);
  base::Result<Taking> take(const std::string& name, const std::function<bool()>& stop, ObjectInfo& info);
  base::Result<void> refuse(Out& out, base::Error error);
  void finish(Out& out, InboxNote::Kind kind, const base::Error& error);
  void move_away(const Piece& piece, bool refused);
  void note(InboxNote::Kind kind, const std::string& name, base::Error error = {});
  bool is_out(const std::string& name) const;
  uint64_t held_bytes() const;
  Out* find(uint64_t handle);
  const Out* find(uint64_t handle) const;
  ObjectInfo describe(uint64_t handle, const Piece& piece, size_t siblings) const;
  base::Error error(std::string id, const std::string& file, garita_status status,
                    std::vector<base::Field> more = {}) const;

  const Address address_;
  const InboxRules rules_;
  const base::Clock& clock_;
  const uint64_t hold_ms_;
  const bool move_;
  Journal journal_;
  FolderWatch watch_;
  std::deque<std::string> ready_;                // complete, in the order of arrival
  std::map<std::string, FileIdentity> settled_;  // said once: consumed, refused or passed over as they are
  std::set<std::string> last_;                   // were there at a crash before: handed out after all others
  std::map<uint64_t, Out> out_;                  // by handle
  std::map<uint64_t, uint64_t> parents_;         // handle of a sibling -> of its object
  std::set<base::Digest> stored_, refused_;      // in this run
  std::set<base::Digest> kept_;                  // scans of it are, but it is not consumed
  std::vector<InboxNote> notes_;
  std::set<std::string> waiting_;  // not complete yet, and why END must wait
  uint64_t late_ns_ = 0, missing_ns_ = UINT64_MAX;
  std::map<std::string, FileIdentity> told_missing_;
  std::map<std::string, std::string> missing_;  // settled, but a sibling is missing: its pattern
  std::set<std::string> unfinished_said_;       // at END, once
  uint64_t first_handle_ = 0, last_handle_ = 0;
  const bool is_supplied_;
  bool supply_over_ = false;
  std::deque<Out> supplied_;           // parallel to ready_
  std::set<base::Digest> supplied_keys_;  // of name and content
};

}  // namespace garita::broker
