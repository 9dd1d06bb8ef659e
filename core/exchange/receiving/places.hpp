// The tables of inbox.db: which place of which lane holds which content. Private to core/exchange/receiving.
#pragma once

#include <optional>

#include "core/exchange/outbox/database.hpp"
#include "core/exchange/receiving/inbox.hpp"

namespace garita::exchange {

// place.state: 0 announced, 1 whole, 2 released. A line stays: a message that is played again years later
// finds it.
inline constexpr Form inbox_form = {0x47525449 /* GRTI */, 1, R"(
CREATE TABLE place (
  sender TEXT NOT NULL,
  lane BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  content BLOB NOT NULL,
  size_bytes INTEGER NOT NULL,
  state INTEGER NOT NULL,
  received INTEGER,
  PRIMARY KEY (sender, lane, sequence)
) WITHOUT ROWID;
CREATE INDEX place_content ON place (content);
CREATE INDEX place_announced ON place (sender) WHERE state = 0;
CREATE INDEX place_whole ON place (received) WHERE state = 1;
)"};

struct PlaceLine {
  base::Digest content{};
  int state = 0;
  int64_t received_utc_ns = 0;
};

std::optional<PlaceLine> find_place(SQLite::Database& database, const std::string& sender,
                                    const Place& place);
// False where the sender has announced too much that never came.
bool announce(SQLite::Database& database, const std::string& sender, const Manifest& manifest);
void mark_whole(SQLite::Database& database, const std::string& sender, const Manifest& manifest,
                int64_t utc_ns);
void mark_released(SQLite::Database& database, const std::string& sender, const base::Digest& content);
bool is_whole(SQLite::Database& database, const std::string& sender, const base::Digest& content);
// Some place still waits for it, or holds it.
bool is_wanted(SQLite::Database& database, const base::Digest& content);
uint64_t bytes_held(SQLite::Database& database, const std::string& sender);
std::vector<LaneGaps> gaps(SQLite::Database& database);

}  // namespace garita::exchange
