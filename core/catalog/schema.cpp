//  catalog.db, PRAGMA application_id = 0x47525441 ("GRTA"), user_version = the version of the tables:
//
//    folder       where packages lie
//    place        site, lane, vendor and model: which machine stood where, each combination once
//    package      a row a package
//      id            time of the scan, its last 20 bits those of the root; the next that is free
//                    (so the table, and each index, is in the order of time)
//      root          32 bytes, names the package
//      utc_ns        when it was scanned, to the nanosecond
//      alarm         bits: 1 gamma, 2 neutron, 4 other, 8 the scan is suspect
//      identifiers   lines "kind value": what to show, and what to delete with the row
//      category      bits of v1.Category: by machine << 0, by operator << 20, by finding << 40
//      decision      v1.Decision.Verdict; 0: none
//      removing      1: its file is about to go
//    identifier   value, kind -> package
//    category     category -> package
//
//  "The last fifty of this lane" reads fifty entries of an index. Alarms, cut scans, holds and secondary
//  inspections are few: their indexes hold nothing else. What was released has none: it is nearly all. Few
//  indexes are also what makes adding quick: each is a page more to write for every package.
#include "core/catalog/schema.hpp"

#include <array>

namespace garita::catalog {
namespace {

constexpr const char* packages = R"(
CREATE TABLE folder (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE place (
  id INTEGER PRIMARY KEY,
  site TEXT NOT NULL, lane TEXT NOT NULL, vendor TEXT NOT NULL, model TEXT NOT NULL,
  UNIQUE (site, lane, vendor, model));
CREATE TABLE package (
  id INTEGER PRIMARY KEY,
  root BLOB NOT NULL,
  folder INTEGER NOT NULL,
  name TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  utc_ns INTEGER NOT NULL,
  inspection TEXT NOT NULL,
  scan_key TEXT NOT NULL,
  place INTEGER NOT NULL,
  alarm INTEGER NOT NULL,
  incomplete INTEGER NOT NULL,
  category INTEGER NOT NULL,
  identifiers TEXT NOT NULL);
CREATE UNIQUE INDEX package_root ON package (root);
CREATE UNIQUE INDEX package_name ON package (name, folder);
CREATE INDEX package_place ON package (place);
CREATE INDEX package_alarm ON package (utc_ns) WHERE alarm <> 0;
CREATE INDEX package_incomplete ON package (utc_ns) WHERE incomplete <> 0;
CREATE TABLE identifier (
  value TEXT NOT NULL, kind INTEGER NOT NULL, package INTEGER NOT NULL,
  PRIMARY KEY (value, kind, package)) WITHOUT ROWID;
CREATE TABLE category (
  category INTEGER NOT NULL, package INTEGER NOT NULL,
  PRIMARY KEY (category, package)) WITHOUT ROWID;
)";

// Addenda, and removal in two steps.
constexpr const char* addenda = R"(
ALTER TABLE package ADD COLUMN decision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE package ADD COLUMN found INTEGER NOT NULL DEFAULT 0;
ALTER TABLE package ADD COLUMN addenda_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE package ADD COLUMN removing INTEGER NOT NULL DEFAULT 0;
CREATE INDEX package_decision ON package (decision, utc_ns) WHERE decision > 1;
CREATE INDEX package_removing ON package (utc_ns) WHERE removing <> 0;
)";

constexpr std::array steps = {packages, addenda};

}  // namespace

std::span<const char* const> schema_steps() { return steps; }

}  // namespace garita::catalog
