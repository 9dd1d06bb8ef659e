// The manifest beside a driver's binary (`<name>.garita.json`, sdk/schema): all that a catalogue or a site
// must know of a driver without running it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/image/event.hpp"
#include "garita/host.h"

namespace garita::load {

inline constexpr uint64_t max_manifest_bytes = 1u << 20;
inline constexpr unsigned max_manifest_depth = 16;
inline constexpr std::string_view manifest_suffix = ".garita.json";

// For the person who configures a site; empty where the manifest has none.
struct LocalText {
  std::string en, es;
};

enum class Direction : uint8_t { in, out, inout };  // as the driver sees it

struct StreamDeclaration {
  struct Sibling {
    std::string pattern;
    bool required = true;
  };

  std::string name;
  uint32_t kind = GARITA_STREAM_BYTES;
  Direction direction = Direction::in;
  bool required = true;
  std::vector<std::string> patterns;  // of objects; empty: every file that is nobody's sibling
  std::vector<Sibling> siblings;
  LocalText text;
};

struct ConfigKey {
  std::string key;
  uint32_t type = GARITA_VALUE_TEXT;
  std::optional<image::Value> default_value;  // of `type`
  bool required = false;
  std::optional<std::array<double, 2>> range;  // of i64 and f64: lowest and highest, both allowed
  std::vector<std::string> choices;            // of text; empty: any
  std::string unit;
  bool secret = false;
  LocalText text;
};

struct DriverLimits {
  uint32_t max_call_ms = 2000;
  uint32_t decode_ms = 100;
  uint32_t max_threads = 0;
  uint32_t memory_mb = 256;
  uint64_t max_scan_rows = 1000000;
  uint64_t max_strip_bytes = 4u << 20;
  uint32_t held_strips = 8;
};

struct PackageFile {
  std::string path;  // plain, relative to the manifest's folder
  base::Digest sha256{};
};

// For a driver whose closed library opens its own sockets: a TCP connect to exactly this address is answered with the
// stream. All other connects stay what they are, an attempt to leave.
struct GrantedConnect {
  std::string address;  // "192.168.7.20:7001", "[fd00::20]:7001": numbers alone, as inet_ntop writes them
  std::string stream;   // one of the manifest's, of kind bytes
};

// Checked: every field has the form that the schema asks.
struct Manifest {
  std::string id, name, vendor, version, licence;
  uint32_t abi_min = 0, abi_max = 0;
  std::vector<std::string> models, profiles, capabilities, extensions;
  std::vector<StreamDeclaration> streams;
  std::vector<GrantedConnect> granted_connects;
  std::vector<ConfigKey> config;
  DriverLimits limits;
  std::vector<PackageFile> files;
  PackageFile driver;
  base::Digest sha256{};         // of the very text that it was read from
  std::filesystem::path folder;  // where it lies; empty for one that was parsed from memory

  std::filesystem::path binary() const { return folder / driver.path; }
  const StreamDeclaration* stream(std::string_view stream_name) const;  // nullptr: not declared
  const ConfigKey* key(std::string_view config_key) const;              // nullptr: not declared
  const GrantedConnect* granted_connect(std::string_view address) const;  // nullptr: not granted; exactly, or not at all
};

// `origin` names the text in errors: a path. Never reads more than max_manifest_bytes, never deeper than
// max_manifest_depth; fields that the schema does not name are passed over.
base::Result<Manifest> parse_manifest(std::string_view json, std::string_view origin);

// The manifest at `path`, which must be called NAME.garita.json after the name in it.
base::Result<Manifest> read_manifest(const std::filesystem::path& path);

// One manifest that was found: usable, or why not.
struct Found {
  std::filesystem::path path;
  base::Result<Manifest> manifest;
};

inline constexpr size_t max_found_drivers = 4096;

// Every FOLDER/NAME.garita.json and FOLDER/*/NAME.garita.json of the search path, sorted by path. No code is
// loaded. Two drivers of one id or one name are both refused: which one runs must not depend on an order.
std::vector<Found> find_drivers(std::span<const std::filesystem::path> search_path);

// The one driver called `name` (or the manifest at `name`, where that is a path that ends in .garita.json).
base::Result<Manifest> find_driver(std::string_view name, std::span<const std::filesystem::path> search_path);

// "1.0" of GARITA_ABI_VERSION(1, 0).
std::string abi_text(uint32_t version);

}  // namespace garita::load
