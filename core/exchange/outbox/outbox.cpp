#include "core/exchange/outbox/outbox.hpp"

#include <algorithm>
#include <set>

#include "core/exchange/outbox/content_files.hpp"
#include "core/exchange/outbox/schema.hpp"

namespace garita::exchange {
namespace {

namespace fs = std::filesystem;

constexpr const char* entry_columns =
    "e.id, e.recipient, l.name, e.key, e.priority, l.number, e.sequence, e.content, e.size_bytes, e.since, "
    "e.tried "
    "FROM entry e JOIN lane l ON l.id = e.lane ";

std::optional<Entry> entry_of_row(SQLite::Statement& row) {
  Entry entry{.id = row.getColumn(0).getInt64(),
              .recipient = row.getColumn(1).getString(),
              .lane = row.getColumn(2).getString(),
              .key = row.getColumn(3).getString(),
              .priority = static_cast<Priority>(row.getColumn(4).getInt()),
              .size_bytes = static_cast<uint64_t>(row.getColumn(8).getInt64()),
              .since_utc_ns = row.getColumn(9).getInt64(),
              .tried = row.getColumn(10).getInt() != 0};
  entry.place.sequence = static_cast<uint64_t>(row.getColumn(6).getInt64());
  if (!read_bytes(row.getColumn(5), entry.place.lane) || !read_bytes(row.getColumn(7), entry.content))
    return std::nullopt;
  return entry;
}

std::optional<Entry> find_by_key(SQLite::Database& database, const Sending& sending) {
  SQLite::Statement find(database,
                         std::string("SELECT ") + entry_columns + "WHERE e.recipient = ? AND e.key = ?");
  find.bind(1, sending.recipient);
  find.bind(2, sending.key);
  return find.executeStep() ? entry_of_row(find) : std::nullopt;
}

bool has_room(SQLite::Database& database, const std::string& recipient, uint64_t more,
              const OutboxLimits& limits) {
  SQLite::Statement sum(
      database, "SELECT count(*), ifnull(sum(size_bytes), 0) FROM entry WHERE recipient = ? AND state = 0");
  sum.bind(1, recipient);
  sum.executeStep();
  return static_cast<uint64_t>(sum.getColumn(0).getInt64()) < limits.max_entries &&
         static_cast<uint64_t>(sum.getColumn(1).getInt64()) + more <= limits.max_bytes;
}

struct Lane {
  int64_t id;
  int64_t next;
};

// Its number is made by chance, once: it says nothing of the lane, and an outbox made anew has other numbers,
// so that no receipt of an old one fits it.
Lane next_of_lane(SQLite::Database& database, const Sending& sending, const LaneId& number) {
  SQLite::Statement add(database, "INSERT OR IGNORE INTO lane (recipient, name, number) VALUES (?, ?, ?)");
  add.bind(1, sending.recipient);
  add.bind(2, sending.lane);
  bind_bytes(add, 3, number);
  add.exec();
  SQLite::Statement next(
      database, "UPDATE lane SET last = last + 1 WHERE recipient = ? AND name = ? RETURNING id, last");
  next.bind(1, sending.recipient);
  next.bind(2, sending.lane);
  next.executeStep();
  const Lane lane{next.getColumn(0).getInt64(), next.getColumn(1).getInt64()};
  next.reset();
  return lane;
}

void insert(SQLite::Database& database, const Sending& sending, const Lane& lane, const NewContent& content,
            int64_t utc_ns) {
  SQLite::Statement add(
      database,
      "INSERT INTO entry (lane, sequence, recipient, key, priority, content, size_bytes, chunks, "
      "since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  add.bind(1, lane.id);
  add.bind(2, lane.next);
  add.bind(3, sending.recipient);
  add.bind(4, sending.key);
  add.bind(5, static_cast<int>(sending.priority));
  bind_bytes(add, 6, content.root);
  add.bind(7, static_cast<int64_t>(content.size_bytes));
  add.bind(8, content.chunks.data(), static_cast<int>(content.chunks.size() * sizeof(base::Digest)));
  add.bind(9, utc_ns);
  add.exec();
}

bool waits(SQLite::Database& database, const base::Digest& content) {
  SQLite::Statement find(database, "SELECT 1 FROM entry WHERE content = ? AND state = 0 LIMIT 1");
  bind_bytes(find, 1, content);
  return find.executeStep();
}

}  // namespace

struct Outbox::State {
  fs::path path;
  ContentFiles contents;
  OutboxLimits limits;
  Parts parts;
  std::unique_ptr<SQLite::Database> database;
  mutable std::mutex mutex{};

  // In the writer's place: nobody else can be between a content's commit and its entry's.
  base::Result<void> remove_if_free(const base::Digest& content) {
    Writing writing(*database);
    if (waits(*database, content)) return {};
    return contents.remove(content);
  }
  base::Result<void> sweep() {
    contents.sweep_unfinished();
    for (const base::Digest& content : contents.list()) GARITA_TRY(remove_if_free(content));
    return {};
  }
  base::Result<Entry> add(const Sending& sending, NewContent& content);
};

Outbox::Outbox(std::unique_ptr<State> state) : state_(std::move(state)) {}
Outbox::Outbox(Outbox&&) noexcept = default;
Outbox& Outbox::operator=(Outbox&&) noexcept = default;
Outbox::~Outbox() = default;

base::Result<Outbox> Outbox::open(const fs::path& folder, OutboxLimits limits, Parts parts) {
  GARITA_TRY(parts.files.create_folders(folder / "content", 0700));
  GARITA_TRY_ASSIGN(database, open_database(folder / "outbox.db", outbox_form));
  auto state = std::unique_ptr<State>(new State{.path = folder / "outbox.db",
                                                .contents = ContentFiles(folder / "content", parts.files),
                                                .limits = limits,
                                                .parts = parts,
                                                .database = std::move(database)});
  GARITA_TRY_ASSIGN(swept, guarded(state->path, [&] { return state->sweep(); }));
  GARITA_TRY(swept);
  return Outbox(std::move(state));
}

// ---- Putting

base::Result<Entry> Outbox::State::add(const Sending& sending, NewContent& content) {
  LaneId number{};
  GARITA_TRY(parts.random.fill(number));
  Writing writing(*database);
  if (auto known = find_by_key(*database, sending)) return *known;
  if (!has_room(*database, sending.recipient, content.size_bytes, limits))
    return base::Error{base::Outcome::incomplete, "exchange.outbox_full", {{"recipient", sending.recipient}}};
  GARITA_TRY(contents.commit(content));
  insert(*database, sending, next_of_lane(*database, sending, number), content, parts.clock.utc_ns());
  auto added = find_by_key(*database, sending);
  writing.commit();
  return *added;
}

base::Result<Entry> Outbox::put(const Sending& sending, const Source& sealed) {
  {
    const std::lock_guard lock(state_->mutex);
    GARITA_TRY_ASSIGN(known, guarded(state_->path, [&] { return find_by_key(*state_->database, sending); }));
    if (known) return *known;
  }
  GARITA_TRY_ASSIGN(content, state_->contents.write(sealed));
  const std::lock_guard lock(state_->mutex);
  GARITA_TRY_ASSIGN(entry, guarded(state_->path, [&] { return state_->add(sending, content); }));
  return entry;
}

base::Result<Entry> Outbox::put(const Sending& sending, base::Bytes sealed) {
  size_t at = 0;
  return put(sending, [&](std::span<std::byte> out) -> base::Result<size_t> {
    const size_t size = std::min(out.size(), sealed.size() - at);
    std::copy_n(sealed.data() + at, size, out.data());
    at += size;
    return size;
  });
}

// ---- Looking

base::Result<std::vector<Entry>> Outbox::waiting(std::string_view recipient, int64_t after_id,
                                                 size_t limit) const {
  const std::lock_guard lock(state_->mutex);
  return guarded(state_->path, [&] {
    SQLite::Statement find(*state_->database,
                           std::string("SELECT ") + entry_columns +
                               "WHERE e.recipient = ? AND e.state = 0 AND e.id > ? ORDER BY e.id LIMIT ?");
    find.bind(1, std::string(recipient));
    find.bind(2, after_id);
    find.bind(3, static_cast<int64_t>(limit));
    std::vector<Entry> entries;
    while (find.executeStep())
      if (auto entry = entry_of_row(find)) entries.push_back(*std::move(entry));
    return entries;
  });
}

base::Result<std::optional<Entry>> Outbox::find(const std::string& recipient, const std::string& key) const {
  const std::lock_guard lock(state_->mutex);
  return guarded(state_->path, [&] {
    return find_by_key(*state_->database, {.recipient = recipient, .lane = "", .key = key});
  });
}

uint64_t Outbox::version() const {
  const std::lock_guard lock(state_->mutex);
  const auto version = guarded(state_->path, [&] {
    const int64_t others = state_->database->execAndGet("PRAGMA data_version").getInt64();
    return static_cast<uint64_t>(others) << 32 ^ static_cast<uint64_t>(state_->database->getTotalChanges());
  });
  return version ? *version : 0;
}

base::Result<Manifest> Outbox::manifest(const Entry& entry) const {
  const std::lock_guard lock(state_->mutex);
  Manifest manifest{.content = entry.content, .size_bytes = entry.size_bytes, .place = entry.place};
  GARITA_TRY(guarded(state_->path, [&] {
    SQLite::Statement find(*state_->database, "SELECT chunks FROM entry WHERE id = ?");
    find.bind(1, entry.id);
    if (!find.executeStep()) return;
    const SQLite::Column chunks = find.getColumn(0);
    manifest.chunks.resize(static_cast<size_t>(chunks.getBytes()) / sizeof(base::Digest));
    if (!manifest.chunks.empty())
      std::copy_n(static_cast<const uint8_t*>(chunks.getBlob()),
                  manifest.chunks.size() * sizeof(base::Digest), manifest.chunks.front().data());
  }));
  if (manifest.chunks.size() != chunks_of(entry.size_bytes))
    return base::Error{base::Outcome::not_loaded, "exchange.db_damaged", {{"path", state_->path.string()}}};
  return manifest;
}

base::Result<std::unique_ptr<base::RandomAccessFile>> Outbox::content(const Entry& entry) const {
  return state_->parts.files.open(state_->contents.path(entry.content));
}

base::Result<std::vector<LaneStatus>> Outbox::status() const {
  const std::lock_guard lock(state_->mutex);
  return guarded(state_->path, [&] {
    SQLite::Statement find(
        *state_->database,
        "SELECT l.recipient, l.name, l.number, l.last, count(e.id), ifnull(sum(e.size_bytes), 0), "
        "min(e.since) FROM lane l LEFT JOIN entry e ON e.lane = l.id AND e.state = 0 "
        "GROUP BY l.id ORDER BY l.recipient, l.name");
    std::vector<LaneStatus> lanes;
    while (find.executeStep()) {
      LaneStatus lane{.recipient = find.getColumn(0).getString(), .lane = find.getColumn(1).getString()};
      read_bytes(find.getColumn(2), lane.number);
      lane.last_sequence = static_cast<uint64_t>(find.getColumn(3).getInt64());
      lane.waiting = static_cast<uint64_t>(find.getColumn(4).getInt64());
      lane.waiting_bytes = static_cast<uint64_t>(find.getColumn(5).getInt64());
      if (!find.getColumn(6).isNull()) lane.oldest_utc_ns = find.getColumn(6).getInt64();
      lane.received = lane.last_sequence - lane.waiting;
      lanes.push_back(std::move(lane));
    }
    return lanes;
  });
}

// ---- Sending

// Not waited for: where a power cut takes it back, chunks that arrived are sent once more.
base::Result<void> Outbox::mark_tried(const Entry& entry) {
  const std::lock_guard lock(state_->mutex);
  return guarded(state_->path, [&] {
    const Unhurried unhurried(*state_->database);
    SQLite::Statement mark(*state_->database, "UPDATE entry SET tried = 1 WHERE id = ?");
    mark.bind(1, entry.id);
    mark.exec();
  });
}

// First the line, then the file: a crash between them leaves a content without an entry, which open() sweeps
// away.
base::Result<std::optional<int64_t>> Outbox::settle(std::string_view recipient, const Receipt& receipt,
                                                    base::Bytes proof) {
  const std::lock_guard lock(state_->mutex);
  GARITA_TRY_ASSIGN(
      settled, guarded(state_->path, [&]() -> std::optional<int64_t> {
        Writing writing(*state_->database);
        SQLite::Statement settle(
            *state_->database,
            "UPDATE entry SET state = 1, received = ?, receipt = ? WHERE state = 0 AND recipient = ? "
            "AND content = ? AND sequence = ? AND lane = (SELECT id FROM lane WHERE number = ?) "
            "RETURNING id");
        settle.bind(1, receipt.received_utc_ns);
        settle.bind(2, proof.data(), static_cast<int>(proof.size()));
        settle.bind(3, std::string(recipient));
        bind_bytes(settle, 4, receipt.content);
        settle.bind(5, static_cast<int64_t>(receipt.place.sequence));
        bind_bytes(settle, 6, receipt.place.lane);
        std::optional<int64_t> id;
        if (settle.executeStep()) id = settle.getColumn(0).getInt64();
        settle.reset();
        writing.commit();
        return id;
      }));
  if (!settled) return settled;
  GARITA_TRY_ASSIGN(removed, guarded(state_->path, [&] { return state_->remove_if_free(receipt.content); }));
  GARITA_TRY(removed);
  return settled;
}

}  // namespace garita::exchange
