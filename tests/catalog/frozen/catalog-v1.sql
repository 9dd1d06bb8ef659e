-- A catalog as version 1 made it. Never changed: that it opens is what is tested.
PRAGMA application_id = 1196577857;
PRAGMA user_version = 1;
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
INSERT INTO folder VALUES (1, '/srv/garita/packages');
INSERT INTO place VALUES (1, 'mexicali', 'lane1', 'Acme Scanners', 'G-1');
INSERT INTO package VALUES
  (1772323199999086865, x'1111111111111111111111111111111111111111111111111111111111111111', 1, '20260301T000000Z-lane1-a.garita', 1000, 1772323200000000000, '', 'scan-a', 1, 0, 0, 0,
   '1 CSQU3054383' || char(10) || '2 AB123C' || char(10)),
  (1772409599999222306, x'2222222222222222222222222222222222222222222222222222222222222222', 1, '20260302T000000Z-lane1-b.garita', 2000, 1772409600000000000, '', 'scan-b', 1, 1, 1, 64,
   '1 MSKU1234565' || char(10));
INSERT INTO identifier VALUES ('CSQU3054383', 1, 1772323199999086865), ('AB123C', 2, 1772323199999086865), ('MSKU1234565', 1, 1772409599999222306);
INSERT INTO category VALUES (6, 1772409599999222306);
