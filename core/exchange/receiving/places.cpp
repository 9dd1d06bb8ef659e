#include "core/exchange/receiving/places.hpp"

namespace garita::exchange {
namespace {

constexpr int64_t max_announced = 100'000;

// Sender, lane, sequence from parameter 1 on.
void bind_place(SQLite::Statement& statement, const std::string& sender, const Place& place) {
  statement.bind(1, sender);
  bind_bytes(statement, 2, place.lane);
  statement.bind(3, static_cast<int64_t>(place.sequence));
}

// The numbers between two that are there.
std::vector<Gap> gaps_of_lane(SQLite::Database& database, const std::string& sender, const LaneId& lane) {
  SQLite::Statement find(
      database,
      "SELECT before + 1, sequence - 1 FROM (SELECT sequence, lag(sequence, 1, 0) OVER (ORDER BY "
      "sequence) AS before FROM place WHERE sender = ? AND lane = ? AND state > 0) "
      "WHERE sequence > before + 1 LIMIT ?");
  find.bind(1, sender);
  bind_bytes(find, 2, lane);
  find.bind(3, static_cast<int64_t>(max_gaps));
  std::vector<Gap> gaps;
  while (find.executeStep())
    gaps.push_back({static_cast<uint64_t>(find.getColumn(0).getInt64()),
                    static_cast<uint64_t>(find.getColumn(1).getInt64())});
  return gaps;
}

}  // namespace

std::optional<PlaceLine> find_place(SQLite::Database& database, const std::string& sender,
                                    const Place& place) {
  SQLite::Statement find(
      database, "SELECT content, state, received FROM place WHERE sender = ? AND lane = ? AND sequence = ?");
  bind_place(find, sender, place);
  if (!find.executeStep()) return std::nullopt;
  PlaceLine line{.state = find.getColumn(1).getInt(), .received_utc_ns = find.getColumn(2).getInt64()};
  read_bytes(find.getColumn(0), line.content);
  return line;
}

bool announce(SQLite::Database& database, const std::string& sender, const Manifest& manifest) {
  SQLite::Statement count(
      database, "SELECT count(*) FROM (SELECT 1 FROM place WHERE sender = ? AND state = 0 LIMIT ?)");
  count.bind(1, sender);
  count.bind(2, max_announced);
  count.executeStep();
  if (count.getColumn(0).getInt64() >= max_announced) return false;
  SQLite::Statement add(database,
                        "INSERT OR IGNORE INTO place (sender, lane, sequence, content, size_bytes, state) "
                        "VALUES (?, ?, ?, ?, ?, 0)");
  bind_place(add, sender, manifest.place);
  bind_bytes(add, 4, manifest.content);
  add.bind(5, static_cast<int64_t>(manifest.size_bytes));
  add.exec();
  return true;
}

void mark_whole(SQLite::Database& database, const std::string& sender, const Manifest& manifest,
                int64_t utc_ns) {
  SQLite::Statement mark(database,
                         "INSERT INTO place (sender, lane, sequence, content, size_bytes, state, received) "
                         "VALUES (?, ?, ?, ?, ?, 1, ?) ON CONFLICT (sender, lane, sequence) "
                         "DO UPDATE SET state = 1, received = excluded.received WHERE state = 0");
  bind_place(mark, sender, manifest.place);
  bind_bytes(mark, 4, manifest.content);
  mark.bind(5, static_cast<int64_t>(manifest.size_bytes));
  mark.bind(6, utc_ns);
  mark.exec();
}

void mark_released(SQLite::Database& database, const std::string& sender, const base::Digest& content) {
  SQLite::Statement mark(database,
                         "UPDATE place SET state = 2 WHERE content = ? AND sender = ? AND state = 1");
  bind_bytes(mark, 1, content);
  mark.bind(2, sender);
  mark.exec();
}

bool is_whole(SQLite::Database& database, const std::string& sender, const base::Digest& content) {
  SQLite::Statement find(database,
                         "SELECT 1 FROM place WHERE content = ? AND sender = ? AND state = 1 LIMIT 1");
  bind_bytes(find, 1, content);
  find.bind(2, sender);
  return find.executeStep();
}

bool is_wanted(SQLite::Database& database, const base::Digest& content) {
  SQLite::Statement find(database, "SELECT 1 FROM place WHERE content = ? AND state < 2 LIMIT 1");
  bind_bytes(find, 1, content);
  return find.executeStep();
}

uint64_t bytes_held(SQLite::Database& database, const std::string& sender) {
  SQLite::Statement sum(database,
                        "SELECT ifnull(sum(size_bytes), 0) FROM place WHERE state = 1 AND sender = ?");
  sum.bind(1, sender);
  sum.executeStep();
  return static_cast<uint64_t>(sum.getColumn(0).getInt64());
}

std::vector<LaneGaps> gaps(SQLite::Database& database) {
  SQLite::Statement find(database,
                         "SELECT sender, lane, sum(state > 0), max(sequence), ifnull(max(sequence) FILTER "
                         "(WHERE state > 0), 0) FROM place GROUP BY sender, lane");
  std::vector<LaneGaps> lanes;
  while (find.executeStep()) {
    LaneGaps lane{.sender = find.getColumn(0).getString(),
                  .received = static_cast<uint64_t>(find.getColumn(2).getInt64()),
                  .highest = static_cast<uint64_t>(find.getColumn(3).getInt64())};
    if (!read_bytes(find.getColumn(1), lane.lane)) continue;
    lane.gaps = gaps_of_lane(database, lane.sender, lane.lane);
    const uint64_t last = static_cast<uint64_t>(find.getColumn(4).getInt64());
    if (last < lane.highest) lane.gaps.push_back({last + 1, lane.highest});
    lanes.push_back(std::move(lane));
  }
  return lanes;
}

}  // namespace garita::exchange
