-- A catalog as version 1 made it. Never changed: that it opens is what is tested.
PRAGMA application_id = 1196577857;
PRAGMA user_version = 1;
CREATE TABLE folder (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE package (
  id INTEGER PRIMARY KEY,
  root BLOB NOT NULL,
  folder INTEGER NOT NULL,
  name TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  utc_ns INTEGER NOT NULL,
  inspection TEXT NOT NULL,
  scan_key TEXT NOT NULL,
  site INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  vendor INTEGER NOT NULL,
  model INTEGER NOT NULL,
  alarm INTEGER NOT NULL,
  incomplete INTEGER NOT NULL,
  category INTEGER NOT NULL,
  identifiers TEXT NOT NULL);
CREATE UNIQUE INDEX package_root ON package (root);
CREATE UNIQUE INDEX package_name ON package (name, folder);
CREATE INDEX package_time ON package (utc_ns);
CREATE INDEX package_site ON package (site, utc_ns);
CREATE INDEX package_lane ON package (lane, utc_ns);
CREATE INDEX package_vendor ON package (vendor, utc_ns);
CREATE INDEX package_alarm ON package (utc_ns) WHERE alarm <> 0;
CREATE INDEX package_incomplete ON package (utc_ns) WHERE incomplete <> 0;
CREATE TABLE identifier (
  value TEXT NOT NULL, kind INTEGER NOT NULL, package INTEGER NOT NULL,
  PRIMARY KEY (value, kind, package)) WITHOUT ROWID;
CREATE TABLE category (
  category INTEGER NOT NULL, utc_ns INTEGER NOT NULL, package INTEGER NOT NULL,
  PRIMARY KEY (category, utc_ns, package)) WITHOUT ROWID;
INSERT INTO folder VALUES (1, '/srv/garita/packages');
INSERT INTO word VALUES (1, 'mexicali'), (2, 'lane1'), (3, 'Acme Scanners'), (4, 'G-1');
INSERT INTO package VALUES
  (1, x'1111111111111111111111111111111111111111111111111111111111111111', 1, '20260301T000000Z-lane1-a.garita', 1000, 1772323200000000000, '', 'scan-a', 1, 2, 3, 4, 0, 0, 0,
   '1 CSQU3054383' || char(10) || '2 AB123C' || char(10)),
  (2, x'2222222222222222222222222222222222222222222222222222222222222222', 1, '20260302T000000Z-lane1-b.garita', 2000, 1772409600000000000, '', 'scan-b', 1, 2, 3, 4, 1, 1, 64,
   '1 MSKU1234565' || char(10));
INSERT INTO identifier VALUES ('CSQU3054383', 1, 1), ('AB123C', 2, 1), ('MSKU1234565', 1, 2);
INSERT INTO category VALUES (6, 1772409600000000000, 2);
