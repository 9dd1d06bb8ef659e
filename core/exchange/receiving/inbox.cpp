#include "core/exchange/receiving/inbox.hpp"

#include <algorithm>
#include <list>

#include "core/exchange/receiving/growing.hpp"
#include "core/exchange/receiving/places.hpp"

namespace garita::exchange {
namespace {

namespace fs = std::filesystem;

// Hex of a name that a person chose, so that no name of a configuration is a path.
std::string file_name(const std::string& sender, const base::Digest& content) {
  return base::to_text(base::sha256(sender)).substr(0, 16) + "-" + base::to_text(content);
}

}  // namespace

struct Inbox::State {
  fs::path folder;
  InboxLimits limits;
  const base::Clock& clock;
  base::FileSystem& files;
  base::FileLock lock;
  std::unique_ptr<SQLite::Database> database;
  std::list<Growing> open{};  // the one touched last stands first
  mutable std::mutex mutex{};

  fs::path database_path() const { return folder / "inbox.db"; }
  fs::path incoming(const std::string& sender, const base::Digest& content) const {
    return folder / "incoming" / file_name(sender, content);
  }
  fs::path content(const std::string& sender, const base::Digest& content) const {
    return folder / "content" / file_name(sender, content);
  }
  base::Result<void> sweep();
  base::Result<Growing*> growing(const std::string& sender, const base::Digest& content);
  void forget(const fs::path& path) {
    open.remove_if([&](const Growing& each) { return each.path() == path; });
  }
  base::Result<void> keep_quota(const std::string& sender, const fs::path& but);
  base::Result<Answer> finish(const std::string& sender, const Manifest& manifest, Growing& growing);
  base::Result<Answer> answer(const std::string& sender, const Manifest& manifest);
  base::Result<Answer> whole(const std::string& sender, const Manifest& manifest);
};

Inbox::Inbox(std::unique_ptr<State> state) : state_(std::move(state)) {}
Inbox::Inbox(Inbox&&) noexcept = default;
Inbox& Inbox::operator=(Inbox&&) noexcept = default;
Inbox::~Inbox() = default;

base::Result<Inbox> Inbox::open(const fs::path& folder, InboxLimits limits, const base::Clock& clock,
                                base::FileSystem& files) {
  GARITA_TRY(files.create_folders(folder / "incoming", 0700));
  GARITA_TRY(files.create_folders(folder / "content", 0700));
  GARITA_TRY_ASSIGN(lock, base::lock_file(folder / "inbox.lock"));
  GARITA_TRY_ASSIGN(database, open_database(folder / "inbox.db", inbox_form));
  auto state = std::unique_ptr<State>(new State{.folder = folder,
                                                .limits = limits,
                                                .clock = clock,
                                                .files = files,
                                                .lock = std::move(lock),
                                                .database = std::move(database)});
  GARITA_TRY_ASSIGN(swept, guarded(state->database_path(), [&] { return state->sweep(); }));
  GARITA_TRY(swept);
  return Inbox(std::move(state));
}

// What was released while the program died.
base::Result<void> Inbox::State::sweep() {
  std::error_code error;
  for (fs::directory_iterator at(folder / "content", error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename();
    const auto content = base::parse_digest(name.substr(std::min(name.size(), name.find('-') + 1)));
    if (content && !is_wanted(*database, *content)) GARITA_TRY(files.remove(at->path()));
  }
  return {};
}

// ---- Contents on their way in

base::Result<Growing*> Inbox::State::growing(const std::string& sender, const base::Digest& content) {
  const fs::path path = incoming(sender, content);
  const auto found =
      std::find_if(open.begin(), open.end(), [&](const Growing& each) { return each.path() == path; });
  if (found != open.end()) {
    open.splice(open.begin(), open, found);
    return &open.front();
  }
  GARITA_TRY(keep_quota(sender, path));
  // Named, but its line was not written any more when the program died.
  std::error_code error;
  if (const fs::path named = this->content(sender, content); fs::exists(named, error))
    GARITA_TRY(files.rename(named, path));
  GARITA_TRY_ASSIGN(opened, Growing::open(path, files));
  open.push_front(std::move(opened));
  while (open.size() > std::max<size_t>(limits.max_open, 1))
    open.pop_back();  // its file stays, and is gone on with
  return &open.front();
}

// Makes room by letting go of what was untouched longest: its sender is asked for all of it again, if it
// still has it.
base::Result<void> Inbox::State::keep_quota(const std::string& sender, const fs::path& but) {
  struct Old {
    fs::file_time_type touched;
    uint64_t size_bytes;
    fs::path path;
  };
  const std::string prefix = base::to_text(base::sha256(sender)).substr(0, 16) + "-";
  std::vector<Old> all;
  uint64_t sum = 0;
  std::error_code error, gone;
  for (fs::directory_iterator at(folder / "incoming", error), end; !error && at != end; at.increment(error)) {
    if (!at->path().filename().string().starts_with(prefix) || at->path() == but) continue;
    const Old old{at->last_write_time(gone), at->file_size(gone), at->path()};
    sum += old.size_bytes;
    all.push_back(old);
  }
  std::sort(all.begin(), all.end(), [](const Old& a, const Old& b) { return a.touched < b.touched; });
  const auto too_much = [&](auto old) {
    return sum > limits.max_incoming_bytes || static_cast<size_t>(all.end() - old) >= limits.max_incoming;
  };
  for (auto old = all.begin(); old != all.end() && too_much(old); ++old) {
    forget(old->path);
    GARITA_TRY(files.remove(old->path));
    sum -= old->size_bytes;
  }
  return {};
}

base::Result<bool> Inbox::take(const std::string& sender, const Chunk& chunk, base::Bytes data) {
  const std::lock_guard lock(state_->mutex);
  GARITA_TRY_ASSIGN(known, guarded(state_->database_path(),
                                   [&] { return is_whole(*state_->database, sender, chunk.content); }));
  if (known) return false;
  GARITA_TRY_ASSIGN(growing, state_->growing(sender, chunk.content));
  GARITA_TRY(growing->take(chunk, data));
  return true;
}

// ---- Manifests

base::Result<Inbox::Answer> Inbox::take(const std::string& sender, const Manifest& manifest) {
  const std::lock_guard lock(state_->mutex);
  GARITA_TRY_ASSIGN(answer,
                    guarded(state_->database_path(), [&] { return state_->answer(sender, manifest); }));
  return answer;
}

base::Result<Inbox::Answer> Inbox::State::answer(const std::string& sender, const Manifest& manifest) {
  Progress progress{.content = manifest.content, .place = manifest.place};
  const auto line = find_place(*database, sender, manifest.place);
  if (line && line->content != manifest.content) {
    progress.hold = Hold::sequence_reused;
    return Answer(progress);
  }
  if (line && line->state > 0)
    return Answer(Receipt{manifest.content, manifest.place, line->received_utc_ns});
  if (is_whole(*database, sender, manifest.content)) return whole(sender, manifest);
  GARITA_TRY_ASSIGN(growing, this->growing(sender, manifest.content));
  GARITA_TRY(growing->agree_with(manifest));
  progress.chunks = growing->chunks();
  if (progress.chunks == manifest.chunks.size()) return finish(sender, manifest, *growing);
  if (!line && !announce(*database, sender, manifest)) progress.hold = Hold::quota;
  return Answer(progress);
}

// First the bytes and their name, then the line, then the receipt: what is signed for is there.
base::Result<Inbox::Answer> Inbox::State::finish(const std::string& sender, const Manifest& manifest,
                                                 Growing& growing) {
  if (bytes_held(*database, sender) + manifest.size_bytes > limits.max_content_bytes)
    return Answer(Progress{manifest.content, manifest.place, growing.chunks(), Hold::quota});
  GARITA_TRY(growing.sync());
  GARITA_TRY(files.rename(growing.path(), content(sender, manifest.content)));
  forget(fs::path(growing.path()));
  GARITA_TRY(files.sync_folder(folder / "content"));
  return whole(sender, manifest);
}

base::Result<Inbox::Answer> Inbox::State::whole(const std::string& sender, const Manifest& manifest) {
  const int64_t now = clock.utc_ns();
  mark_whole(*database, sender, manifest, now);
  return Answer(Receipt{manifest.content, manifest.place, now});
}

// ---- Whole ones

base::Result<std::vector<Arrival>> Inbox::arrivals(size_t limit) const {
  const std::lock_guard lock(state_->mutex);
  return guarded(state_->database_path(), [&] {
    SQLite::Statement find(
        *state_->database,
        "SELECT sender, lane, sequence, content, size_bytes, received FROM place WHERE state = 1 "
        "ORDER BY received LIMIT ?");
    find.bind(1, static_cast<int64_t>(limit));
    std::vector<Arrival> arrivals;
    while (find.executeStep()) {
      Arrival each{.sender = find.getColumn(0).getString(),
                   .size_bytes = static_cast<uint64_t>(find.getColumn(4).getInt64()),
                   .received_utc_ns = find.getColumn(5).getInt64()};
      each.place.sequence = static_cast<uint64_t>(find.getColumn(2).getInt64());
      if (!read_bytes(find.getColumn(1), each.place.lane) || !read_bytes(find.getColumn(3), each.content))
        continue;
      each.path = state_->content(each.sender, each.content);
      arrivals.push_back(std::move(each));
    }
    return arrivals;
  });
}

base::Result<void> Inbox::release(const std::string& sender, const base::Digest& content) {
  const std::lock_guard lock(state_->mutex);
  GARITA_TRY(guarded(state_->database_path(), [&] { mark_released(*state_->database, sender, content); }));
  auto removed = state_->files.remove(state_->content(sender, content));
  if (!removed && removed.error().id == "base.file_missing") return {};
  return removed;
}

base::Result<std::vector<LaneGaps>> gaps_of(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder / "inbox.db", error)) return std::vector<LaneGaps>{};
  GARITA_TRY_ASSIGN(database, open_database(folder / "inbox.db", inbox_form));
  return guarded(folder / "inbox.db", [&] { return gaps(*database); });
}

}  // namespace garita::exchange
