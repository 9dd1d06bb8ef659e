#include "core/load/manifest.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/base/file.hpp"
#include "core/load/manifest_reader.hpp"

namespace garita::load {
namespace {

constexpr std::string_view schema_id = "garita.manifest/1";

uint32_t parse_abi(const std::string& text) {
  const size_t dot = text.find('.');
  uint32_t major = 0, minor = 0;
  if (dot == std::string::npos) return 0;
  std::from_chars(text.data(), text.data() + dot, major);
  std::from_chars(text.data() + dot + 1, text.data() + text.size(), minor);
  return major > 0xFFFF || minor > 0xFFFF ? 0 : GARITA_ABI_VERSION(major, minor);
}

DriverLimits limits(Reader& read, const Json& root) {
  DriverLimits own;
  const Json* given = read.find(root, "", "limits", false);
  if (!given || !read.is(*given, given->is_object(), "limits")) return own;
  const std::string where = "limits.";
  read.number(*given, where, "max_call_ms", 100, 60000, own.max_call_ms);
  read.number(*given, where, "decode_ms", 1, 60000, own.decode_ms);
  read.number(*given, where, "max_threads", 0, 64, own.max_threads);
  read.number(*given, where, "memory_mb", 1, 65536, own.memory_mb);
  read.number(*given, where, "max_scan_rows", 1, uint64_t{1} << 32, own.max_scan_rows);
  read.number(*given, where, "max_strip_bytes", 65536, GARITA_MAX_STRIP_BYTES, own.max_strip_bytes);
  read.number(*given, where, "held_strips", 1, 4096, own.held_strips);
  if (own.decode_ms > own.max_call_ms)
    read.fail("manifest_range", "limits.decode_ms", std::to_string(own.decode_ms));
  return own;
}

PackageFile package_file(Reader& read, const Json& given, const std::string& field, const char* path_key) {
  PackageFile own;
  if (!read.is(given, given.is_object(), field)) return own;
  own.path = read.text(given, field + ".", path_key, is_plain_path, true);
  const std::string digest = read.text(given, field + ".", "sha256", has_form<sha_pattern, 64>, true);
  own.sha256 = base::parse_digest(digest).value_or(base::Digest{});
  return own;
}

void abi_range(Reader& read, const Json& root, Manifest& own) {
  const Json* given = read.find(root, "", "abi", true);
  if (!given || !read.is(*given, given->is_object(), "abi")) return;
  own.abi_min = parse_abi(read.text(*given, "abi.", "min", has_form<abi_pattern, 11>, true));
  own.abi_max = parse_abi(read.text(*given, "abi.", "max", has_form<abi_pattern, 11>, true));
  if (own.abi_min == 0 || own.abi_max < own.abi_min) read.fail("manifest_form", "abi");
}

Manifest manifest(Reader& read, const Json& root) {
  Manifest own;
  if (!read.is(root, root.is_object(), "the whole")) return own;
  const std::string schema = read.text(root, "", "schema", is_any, true);
  if (schema != schema_id) return read.fail("manifest_schema", "schema", schema), own;
  own.id = read.text(root, "", "id", has_form<reverse_dns_pattern, 128>, true);
  own.name = read.text(root, "", "name", has_form<name_pattern, 64>, true);
  own.vendor = read.text(root, "", "vendor", is_line, true);
  own.version = read.text(root, "", "version", has_form<version_pattern, 64>, true);
  own.licence = read.text(root, "", "licence", is_line, true);
  abi_range(read, root, own);
  own.models = read.texts(root, "", "models", is_line, 1, 256, true);
  own.profiles = read.texts(root, "", "profiles", has_form<word_pattern, 128>, 0, 16, false);
  own.capabilities = read.texts(root, "", "capabilities", has_form<word_pattern, 128>, 0, 256, true);
  own.extensions = read.texts(root, "", "extensions", has_form<extension_pattern, 128>, 0, 64, false);
  std::vector<std::string> names;
  read.array(root, "", "streams", 0, 64, false, [&](const Json& element, const std::string& field) {
    own.streams.push_back(stream_declaration(read, element, field));
    read.unique(names, own.streams.back().name, field + ".name");
    names.push_back(own.streams.back().name);
  });
  names.clear();
  read.array(root, "", "granted_connects", 0, 16, false, [&](const Json& element, const std::string& field) {
    own.granted_connects.push_back(granted_connect(read, element, field, own));
    read.unique(names, own.granted_connects.back().address, field + ".address");
    names.push_back(own.granted_connects.back().address);
  });
  names.clear();
  read.array(root, "", "config", 0, 256, false, [&](const Json& element, const std::string& field) {
    own.config.push_back(config_key(read, element, field));
    read.unique(names, own.config.back().key, field + ".key");
    names.push_back(own.config.back().key);
  });
  own.limits = limits(read, root);
  if (const Json* driver = read.find(root, "", "driver", true))
    own.driver = package_file(read, *driver, "driver", "file");
  names.assign(1, own.driver.path);
  read.array(root, "", "files", 0, 256, false, [&](const Json& element, const std::string& field) {
    own.files.push_back(package_file(read, element, field, "path"));
    read.unique(names, own.files.back().path, field + ".path");
    names.push_back(own.files.back().path);
  });
  return own;
}

}  // namespace

const StreamDeclaration* Manifest::stream(std::string_view stream_name) const {
  const auto found = std::find_if(streams.begin(), streams.end(),
                                  [&](const auto& declared) { return declared.name == stream_name; });
  return found == streams.end() ? nullptr : &*found;
}

const ConfigKey* Manifest::key(std::string_view config_key) const {
  const auto found = std::find_if(config.begin(), config.end(),
                                  [&](const auto& declared) { return declared.key == config_key; });
  return found == config.end() ? nullptr : &*found;
}

base::Result<Manifest> parse_manifest(std::string_view json, std::string_view origin) {
  if (json.size() > max_manifest_bytes)
    return base::Error{base::Outcome::not_loaded,
                       "load.manifest_too_large",
                       {{"path", std::string(origin)}, {"limit", std::to_string(max_manifest_bytes)}},
                       0};
  GARITA_TRY_ASSIGN(root, parse_json(json, origin));
  Reader read(origin);
  Manifest own = manifest(read, root);
  if (read.error) return *std::move(read.error);
  own.sha256 = base::sha256(json);
  return own;
}

base::Result<Manifest> read_manifest(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, max_manifest_bytes));
  GARITA_TRY_ASSIGN(own, parse_manifest(text, path.string()));
  if (path.filename() != own.name + std::string(manifest_suffix))
    return base::Error{
        base::Outcome::not_loaded, "load.manifest_name", {{"path", path.string()}, {"name", own.name}}, 0};
  own.folder = path.parent_path();
  return own;
}

}  // namespace garita::load
