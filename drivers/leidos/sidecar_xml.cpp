#include "drivers/leidos/sidecar_xml.hpp"

#include <algorithm>
#include <charconv>

#include "drivers/leidos/tiff.hpp"
#include "drivers/leidos/units.hpp"
#include "garita/error.hpp"

namespace garita::leidos {
namespace {

constexpr size_t max_name_bytes = 200, sha256_bytes = 32;

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// A name and no path: nothing that a file system could take for more.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= max_name_bytes && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                  c == '_' || c == '-';
         });
}

std::vector<std::byte> digest_of(std::string_view hex) {
  if (hex.empty()) return {};
  std::vector<std::byte> digest;
  for (size_t i = 0; i + 1 < hex.size() && digest.size() < sha256_bytes; i += 2) {
    uint8_t byte = 0;
    const auto [end, error] = std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    if (error != std::errc{} || end != hex.data() + i + 2) break;
    digest.push_back(std::byte{byte});
  }
  if (digest.size() != sha256_bytes || hex.size() != 2 * sha256_bytes)
    fail(GARITA_DATA_CORRUPT, "states a SHA-256 that is none: " + quoted(hex));
  return digest;
}

}  // namespace

void load(std::span<std::byte> bytes, pugi::xml_document& document) {
  if (bytes.empty()) fail(GARITA_DATA_TRUNCATED, "is empty");
  if (bytes.size() > max_sidecar_bytes)
    fail(GARITA_DATA_UNSUPPORTED, "has more than " + std::to_string(max_sidecar_bytes >> 20) + " MiB");
  if (static_cast<size_t>(std::count(bytes.begin(), bytes.end(), std::byte{'<'})) > max_tags)
    fail(GARITA_DATA_UNSUPPORTED, "has more than " + std::to_string(max_tags) + " tags");
  constexpr unsigned options =
      pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_doctype;
  const pugi::xml_parse_result result =
      document.load_buffer_inplace(bytes.data(), bytes.size(), options, pugi::encoding_utf8);
  for (const pugi::xml_node& node : document.children())
    if (node.type() == pugi::node_doctype)
      fail(GARITA_DATA_UNSUPPORTED, "has a DOCTYPE, which a sidecar does not have");
  if (!result)
    fail(GARITA_DATA_CORRUPT,
         "is not well-formed XML at byte " + std::to_string(result.offset) + ": " + result.description());
}

std::string_view attribute_of(const pugi::xml_node& node, const char* name) {
  return trim(node.attribute(name).value());
}
std::string_view text_of(const pugi::xml_node& node) { return trim(node.child_value()); }

std::string quoted(std::string_view text) {
  constexpr size_t most = 80;
  std::string out = "'";
  for (const char c : text.substr(0, most)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > most ? "…'" : "'");
}

uint64_t need_number(const pugi::xml_node& node, const char* name, uint64_t least, uint64_t most) {
  const auto value = whole_number(attribute_of(node, name), most);
  if (!value || *value < least)
    fail(GARITA_DATA_CORRUPT, "says " + quoted(attribute_of(node, name)) + " for " + name + " of " +
                                  node.name() + "; that is no number from " + std::to_string(least) + " to " +
                                  std::to_string(most));
  return *value;
}

Named need_file(const pugi::xml_node& node) {
  Named file{std::string(attribute_of(node, "file")), 0, {}};
  if (!is_plain_name(file.name))
    fail(GARITA_DATA_CORRUPT, "names the file " + quoted(file.name) + ", which is no plain name");
  file.size_bytes = need_number(node, "bytes", 1, max_tiff_bytes);
  file.sha256 = digest_of(attribute_of(node, "sha256"));
  return file;
}

}  // namespace garita::leidos
