// The tables of outbox.db. Private to core/exchange/outbox.
#pragma once

#include "core/exchange/outbox/database.hpp"

namespace garita::exchange {

// entry.state: 0 waits, 1 received. A line outlives its content: its key keeps a second put from being a
// second entry, its receipt is the proof that it arrived.
inline constexpr Form outbox_form = {0x4752544f /* GRTO */, 1, R"(
CREATE TABLE lane (
  id INTEGER PRIMARY KEY,
  recipient TEXT NOT NULL,
  name TEXT NOT NULL,
  number BLOB NOT NULL UNIQUE,
  last INTEGER NOT NULL DEFAULT 0,
  UNIQUE (recipient, name)
);
CREATE TABLE entry (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  lane INTEGER NOT NULL REFERENCES lane (id),
  sequence INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  key TEXT NOT NULL,
  priority INTEGER NOT NULL,
  content BLOB NOT NULL,
  size_bytes INTEGER NOT NULL,
  chunks BLOB NOT NULL,
  since INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0,
  tried INTEGER NOT NULL DEFAULT 0,
  received INTEGER,
  receipt BLOB,
  UNIQUE (lane, sequence),
  UNIQUE (recipient, key)
);
CREATE INDEX entry_waiting ON entry (recipient, id) WHERE state = 0;
CREATE INDEX entry_content ON entry (content) WHERE state = 0;
)"};

}  // namespace garita::exchange
