// How an inbox's objects are consumed: only after what became of them is on the disk.
#include <algorithm>

#include "core/base/text.hpp"
#include "core/broker/inbox.hpp"

namespace garita::broker {
namespace {

constexpr int max_same_names = 10'000;

// The driver's own words where it has said some.
std::string reason_of(const base::Error& error) {
  for (const char* field : {"reason", "message"})
    if (const std::string_view said = error.field(field); !said.empty()) return std::string(said);
  return base::render(error, base::Language::en);
}

}  // namespace

// A refusal's sentence names the file, and a good driver's words do too: "'a.dcm': it ends early", "'a.dcm' ends early".
std::string Inbox::without_name(std::string reason, const std::string& file) {
  for (const std::string& name : {file, file.substr(file.rfind('/') + 1)}) {
    const std::string quoted = "'" + name + "'";
    if (!reason.starts_with(quoted)) continue;
    reason.erase(0, quoted.size());
    if (reason.starts_with(": ")) return reason.substr(2);
    return reason.starts_with(" ") ? "it" + reason : quoted + reason;
  }
  return reason;
}

void Inbox::scan_begun(uint64_t object) {
  if (Out* out = find(object)) ++out->scans_open;
}

void Inbox::scan_stored(uint64_t object) {
  Out* out = find(object);
  if (!out) return;
  if (out->scans_open > 0) --out->scans_open;
  ++out->scans_stored;
}

void Inbox::scan_kept(uint64_t object) {
  if (const Out* out = find(object)) kept_.insert(out->key);
}

bool Inbox::was_kept(uint64_t object) const {
  const Out* out = find(object);
  return out && out->was_kept;
}

void Inbox::scan_refused(uint64_t object, const base::Error& why) {
  Out* out = find(object);
  if (!out) return;
  if (out->scans_open > 0) --out->scans_open;
  out->refused = why;
  out->said_done = true;
}

void Inbox::scan_lost(uint64_t object) {
  Out* out = find(object);
  if (!out) return;
  if (out->scans_open > 0) --out->scans_open;
  ++out->scans_lost;
}

base::Result<void> Inbox::refuse(Out& out, base::Error error) {
  GARITA_TRY(journal_.refused(out.key, error.status, reason_of(error)));
  refused_.insert(out.key);
  out.rejected = true;
  finish(out, InboxNote::Kind::refused, error);
  return {};
}

// Says once what became of the file and of all that have its bytes.
void Inbox::finish(Out& out, InboxNote::Kind kind, const base::Error& error) {
  using Kind = InboxNote::Kind;
  const bool refused = kind == Kind::refused || (kind == Kind::earlier && !error.id.empty());
  const auto one = [&](const Piece& piece, Kind its_kind) {
    base::Error its_error = error;
    for (base::Field& field : its_error.fields)
      if (field.name == "file") field.value = piece.name;
    settled_[piece.name] = piece.identity;
    note(its_kind, piece.name, std::move(its_error));
    move_away(piece, refused);
  };
  kept_.erase(out.key);
  one(out.file, kind);
  for (const Piece& sibling : out.siblings) move_away(sibling, refused);
  for (const Piece& twin : out.twins) one(twin, kind == Kind::scanned ? Kind::repeated : kind);
  out.twins.clear();
}

// Only what is still the very file that was copied. What cannot be moved stays: the journal knows it, and the next run
// tries again.
void Inbox::move_away(const Piece& piece, bool refused) {
  FileIdentity now;
  const std::filesystem::path from = watch_.folder() / piece.name;
  if (!move_ || !identify(from, now) || now != piece.identity) return;
  base::FileSystem& files = base::real_file_system();
  const std::filesystem::path folder = watch_.folder() / (refused ? "refused" : "done");
  if (!files.create_folders(folder, 0755)) return;
  for (int i = 0; i < max_same_names; ++i) {
    const std::string name = i == 0 ? piece.name : piece.name + '.' + std::to_string(i);
    const auto moved = files.rename_new(from, folder / name);
    if (!moved && moved.error().id == "base.file_exists") continue;
    if (moved) (void)files.sync_folder(folder);
    return;
  }
}

base::Result<void> Inbox::settle() {
  for (auto each = out_.begin(); each != out_.end();) {
    Out& out = each->second;
    const bool over = out.scans_open == 0 && (out.rejected || out.refused || (out.said_done && out.scans_lost == 0));
    if (!over) {
      ++each;
      continue;
    }
    if (!out.rejected && out.refused) {
      base::Error why = *out.refused;
      GARITA_TRY(refuse(out, error("broker.object_refused", out.file.name, why.status,
                                    {{"reason", without_name(reason_of(why), out.file.name)}})));
    } else if (!out.rejected) {
      GARITA_TRY(journal_.done(out.key));
      if (out.scans_stored > 0) {
        stored_.insert(out.key);
        finish(out, InboxNote::Kind::scanned, {});
      } else {
        finish(out, InboxNote::Kind::passed_over, error("broker.object_empty", out.file.name, GARITA_OK));
      }
    }
    std::erase_if(parents_, [&](const auto& sibling) { return sibling.second == each->first; });
    each = out_.erase(each);
  }
  return {};
}

// What the driver is done with and whose ended scans only wait for their seal stays.
base::Result<void> Inbox::take_back(bool crashed) {
  GARITA_TRY(settle());
  for (auto each = out_.begin(); each != out_.end();) {
    const Out& out = each->second;
    if (out.said_done && out.scans_lost == 0) {
      ++each;
      continue;
    }
    if (!crashed && !out.rejected) GARITA_TRY(journal_.returned(out.key));
    std::erase_if(parents_, [&](const auto& sibling) { return sibling.second == each->first; });
    if (is_supplied_ && !out.rejected) come_again(each->second);
    each = out_.erase(each);
  }
  return {};
}

// A folder still has it; a supply does not.
void Inbox::come_again(const Out& out) {
  Out again;
  again.file = out.file;
  again.siblings = out.siblings;
  again.key = out.key;
  ready_.push_back(out.file.name);
  supplied_.push_back(std::move(again));
}

base::Result<void> Inbox::give_up() {
  GARITA_TRY(settle());
  for (auto& [handle, out] : out_) {
    if (out.rejected) continue;
    GARITA_TRY(journal_.returned(out.key));
    out.twins.push_back(out.file);
    for (const Piece& piece : out.twins) {
      settled_[piece.name] = piece.identity;
      note(InboxNote::Kind::refused, piece.name, error("broker.object_left", piece.name, GARITA_DRIVER_FAULT));
    }
  }
  out_.clear();
  parents_.clear();
  return {};
}

}  // namespace garita::broker
