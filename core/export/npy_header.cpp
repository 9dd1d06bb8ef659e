// The dictionary in front of the samples: one fixed shape of Python literal, read by hand and nothing
// evaluated.
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

#include "core/export/npy.hpp"
#include "garita/status.h"

namespace garita::exporter {
namespace {

using base::Error;
using base::Outcome;

constexpr std::string_view magic = "\x93NUMPY";
constexpr size_t max_dimensions = 4;

struct Type {
  uint32_t sample_type;
  std::string_view code;  // without the mark of byte order
  uint32_t bytes;
};
constexpr Type types[] = {
    {GARITA_SAMPLE_U8, "u1", 1},  {GARITA_SAMPLE_U16, "u2", 2}, {GARITA_SAMPLE_I16, "i2", 2},
    {GARITA_SAMPLE_U32, "u4", 4}, {GARITA_SAMPLE_I32, "i4", 4}, {GARITA_SAMPLE_U64, "u8", 8},
    {GARITA_SAMPLE_F32, "f4", 4}, {GARITA_SAMPLE_F64, "f8", 8},
};

const Type* find_type(uint32_t sample_type) {
  for (const Type& type : types)
    if (type.sample_type == sample_type) return &type;
  return nullptr;
}

Error bad(const char* id, const std::string& path, garita_status status = GARITA_DATA_CORRUPT) {
  return {Outcome::not_loaded, id, {{"path", path}}, status};
}

bool fits(const NpyHeader& header) {
  uint64_t bytes = header.sample_bytes();
  if (bytes == 0 || header.shape.empty() || header.shape.size() > max_dimensions) return false;
  for (const uint64_t count : header.shape) {
    if (count == 0 || count > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) / bytes)
      return false;
    bytes *= count;
  }
  return true;
}

// What is left of the dictionary; every take_* moves on only where it found what it was asked for.
class Literal {
 public:
  explicit Literal(std::string_view text) : rest_(text) {}

  bool take(std::string_view word) {
    skip_spaces();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  std::optional<std::string_view> take_text() {
    skip_spaces();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) return std::nullopt;
    const size_t end = rest_.find(rest_[0], 1);
    if (end == rest_.npos) return std::nullopt;
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }

  std::optional<uint64_t> take_number() {
    skip_spaces();
    uint64_t number = 0;
    const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (error != std::errc{}) return std::nullopt;
    rest_.remove_prefix(static_cast<size_t>(stop - rest_.data()));
    return number;
  }

  bool at_end() const { return rest_.find_first_not_of(" \n") == rest_.npos; }

 private:
  void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }
  std::string_view rest_;
};

struct Dictionary {
  std::optional<std::string_view> descr;
  std::optional<bool> fortran_order;
  std::optional<std::vector<uint64_t>> shape;
};

std::optional<std::vector<uint64_t>> take_shape(Literal& literal) {
  std::vector<uint64_t> shape;
  if (!literal.take("(")) return std::nullopt;
  while (!literal.take(")")) {
    const auto count = literal.take_number();
    if (!count || shape.size() > max_dimensions) return std::nullopt;
    shape.push_back(*count);
    if (literal.take(",")) continue;
    if (shape.size() == 1 || !literal.take(")")) return std::nullopt;  // (5) is a number, (5,) a shape
    break;
  }
  return shape;
}

bool take_entry(Literal& literal, Dictionary& dictionary) {
  const auto key = literal.take_text();
  if (!key || !literal.take(":")) return false;
  if (*key == "descr" && !dictionary.descr) return (dictionary.descr = literal.take_text()).has_value();
  if (*key == "shape" && !dictionary.shape) return (dictionary.shape = take_shape(literal)).has_value();
  if (*key != "fortran_order" || dictionary.fortran_order) return false;
  const bool yes = literal.take("True");
  if (!yes && !literal.take("False")) return false;
  dictionary.fortran_order = yes;
  return true;
}

std::optional<Dictionary> parse_dictionary(std::string_view text) {
  Literal literal(text);
  Dictionary dictionary;
  if (!literal.take("{")) return std::nullopt;
  while (!literal.take("}")) {
    if (!take_entry(literal, dictionary)) return std::nullopt;
    if (literal.take(",")) continue;
    if (!literal.take("}")) return std::nullopt;
    break;
  }
  if (!literal.at_end() || !dictionary.descr || !dictionary.shape || !dictionary.fortran_order)
    return std::nullopt;
  return dictionary;
}

// 0 where the ABI has no such type, or its bytes stand the other way round.
uint32_t sample_type_of(std::string_view descr) {
  for (const Type& type : types)
    if (descr.size() == 3 && descr.substr(1) == type.code &&
        (descr[0] == '<' || (type.bytes == 1 && descr[0] == '|')))
      return type.sample_type;
  return 0;
}

}  // namespace

uint32_t NpyHeader::sample_bytes() const {
  const Type* type = find_type(sample_type);
  return type ? type->bytes : 0;
}

uint64_t NpyHeader::data_bytes() const {
  uint64_t bytes = sample_bytes();
  for (const uint64_t count : shape) bytes *= count;
  return bytes;
}

base::Result<NpyLayout> parse_npy_header(base::Bytes front, const std::string& path) {
  const std::string_view text = front.text();
  if (!text.starts_with(magic)) return bad("export.npy_not", path);
  if (text.size() < 8) return bad("export.npy_short", path, GARITA_DATA_TRUNCATED);
  const auto byte = [&](size_t at) { return static_cast<uint32_t>(front[at]); };
  const uint32_t major = byte(6);
  if (major < 1 || major > 3 || byte(7) != 0) return bad("export.npy_version", path, GARITA_DATA_UNSUPPORTED);
  const size_t begin = major == 1 ? 10 : 12;
  if (text.size() < begin) return bad("export.npy_short", path, GARITA_DATA_TRUNCATED);
  const uint64_t length = byte(8) | byte(9) << 8 | (major == 1 ? 0 : byte(10) << 16 | byte(11) << 24);
  if (length > npy_max_front_bytes - 12) return bad("export.npy_header", path);
  if (length > text.size() - begin) return bad("export.npy_short", path, GARITA_DATA_TRUNCATED);

  const auto dictionary = parse_dictionary(text.substr(begin, length));
  if (!dictionary) return bad("export.npy_header", path);
  if (*dictionary->fortran_order) return bad("export.npy_fortran", path, GARITA_DATA_UNSUPPORTED);
  NpyLayout layout;
  layout.header.sample_type = sample_type_of(*dictionary->descr);
  layout.header.shape = *dictionary->shape;
  layout.data_offset = begin + length;
  if (layout.header.sample_type == 0) {
    Error error = bad("export.npy_type", path, GARITA_DATA_UNSUPPORTED);
    error.fields.push_back({"type", std::string(*dictionary->descr)});
    return error;
  }
  if (!fits(layout.header)) return bad("export.npy_shape", path, GARITA_DATA_UNSUPPORTED);
  return layout;
}

base::Result<std::string> npy_front(const NpyHeader& header, const std::string& path) {
  if (!fits(header)) return bad("export.npy_shape", path, GARITA_DATA_UNSUPPORTED);
  const Type& type = *find_type(header.sample_type);
  std::string dictionary = "{'descr': '";
  (dictionary += type.bytes == 1 ? '|' : '<') += type.code;
  dictionary += "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < header.shape.size(); ++i) {
    if (i > 0) dictionary += ", ";
    dictionary += std::to_string(header.shape[i]);
  }
  dictionary += header.shape.size() == 1 ? ",), }" : "), }";
  dictionary.resize((10 + dictionary.size() + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  dictionary += '\n';
  std::string front(magic);
  front += {1, 0, static_cast<char>(dictionary.size() & 0xff), static_cast<char>(dictionary.size() >> 8)};
  return front + dictionary;
}

}  // namespace garita::exporter
