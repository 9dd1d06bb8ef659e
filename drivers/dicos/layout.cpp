// A DICOM file:
//
//   128 bytes preamble | "DICM" | header: elements of group 0002, always explicit little endian | data set
//
// An element: group u16, element u16, then, explicit: two letters VR, and a length of u16, or of u32 behind two
// bytes for the VRs of long values; implicit: a length of u32. Length FFFFFFFF: items until a delimiter.
#include "drivers/dicos/layout.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "garita/error.hpp"
#include "garita/wire.hpp"

namespace garita::dicos {
namespace {

constexpr uint32_t undefined = 0xFFFFFFFF;
constexpr uint32_t item_tag = 0xFFFEE000, item_end_tag = 0xFFFEE00D, sequence_end_tag = 0xFFFEE0DD;
constexpr size_t preamble_bytes = 128;

struct Element {
  uint32_t tag = 0;
  std::string_view vr;  // empty: implicit
  uint32_t length = 0;
  size_t value = 0;  // offset
};

bool is_letters(std::span<const std::byte> bytes, size_t at) {
  const auto is_upper = [](std::byte b) { return b >= std::byte{'A'} && b <= std::byte{'Z'}; };
  return at + 2 <= bytes.size() && is_upper(bytes[at]) && is_upper(bytes[at + 1]);
}

bool has_long_length(std::string_view vr) {
  constexpr std::string_view long_ones[] = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ",
                                            "SV", "UC", "UN", "UR", "UT", "UV"};
  return std::find(std::begin(long_ones), std::end(long_ones), vr) != std::end(long_ones);
}

// False: its head lies beyond the last byte.
bool read_element(std::span<const std::byte> bytes, size_t at, const Coding& coding, Element& out) {
  const std::endian order = coding.big_endian ? std::endian::big : std::endian::little;
  if (bytes.size() < 8 || at > bytes.size() - 8) return false;
  const auto group = read_as<uint16_t>(bytes.data() + at, order);
  out.tag = uint32_t{group} << 16 | read_as<uint16_t>(bytes.data() + at + 2, order);
  out.vr = {};
  if (coding.explicit_vr && group != 0xFFFE && is_letters(bytes, at + 4)) {
    out.vr = {reinterpret_cast<const char*>(bytes.data()) + at + 4, 2};
    if (!has_long_length(out.vr)) {
      out.length = read_as<uint16_t>(bytes.data() + at + 6, order);
      out.value = at + 8;
      return true;
    }
    if (bytes.size() - at < 12) return false;
    out.length = read_as<uint32_t>(bytes.data() + at + 8, order);
    out.value = at + 12;
    return true;
  }
  out.length = read_as<uint32_t>(bytes.data() + at + 4, order);
  out.value = at + 8;
  return true;
}

std::string uid_of(std::span<const std::byte> bytes, const Element& element) {
  std::string uid(reinterpret_cast<const char*>(bytes.data()) + element.value, std::min<size_t>(element.length, 64));
  while (!uid.empty() && (uid.back() == '\0' || uid.back() == ' ')) uid.pop_back();
  return uid;
}

// Reads the header from `at`; answers where the data set begins.
size_t read_header(std::span<const std::byte> file, size_t at, Layout& out) {
  Element element;
  Coding coding;
  for (int count = 0; count < 64 && read_element(file, at, coding, element) && element.tag >> 16 == 2; ++count) {
    if (element.length > file.size() - element.value)
      fail(GARITA_DATA_TRUNCATED, "the file ends inside its header");
    if (element.tag == 0x00020003) out.instance_uid = uid_of(file, element);
    if (element.tag == 0x00020010) out.transfer_syntax = uid_of(file, element);
    at = element.value + element.length;
  }
  return at;
}

bool starts_with(std::span<const std::byte> file, size_t at, std::string_view text) {
  return file.size() >= at + text.size() && std::memcmp(file.data() + at, text.data(), text.size()) == 0;
}

// What the first element of a data set looks like.
enum class Look : uint8_t { nothing, implicit_little, explicit_little, explicit_big };

Look look_at(std::span<const std::byte> file, size_t at) {
  if (file.size() < 8 || at > file.size() - 8) return Look::nothing;
  const auto little = read_as<uint16_t>(file.data() + at);
  const auto big = read_as<uint16_t>(file.data() + at, std::endian::big);
  const bool letters = is_letters(file, at + 4);
  if (letters && little != 0 && little < 0x0100) return Look::explicit_little;
  if (letters && big != 0 && big < 0x0100) return Look::explicit_big;
  if (!letters && little == 0x0008 && read_as<uint32_t>(file.data() + at + 4) < 0x10000) return Look::implicit_little;
  return Look::nothing;
}

// Of a file without header: where a data set may begin. Some writers leave a rest of the header before it.
size_t find_bare_data_set(std::span<const std::byte> file) {
  for (size_t at = 0; at < preamble_bytes + 8; ++at) {
    const Look look = look_at(file, at);
    const auto group = at + 2 <= file.size() ? read_as<uint16_t>(file.data() + at) : 0;
    const bool bare = look == Look::explicit_big ? read_as<uint16_t>(file.data() + at, std::endian::big) == 8
                                                 : group == 0x0008;
    if (look != Look::nothing && bare && (at == 0 || look == Look::explicit_little)) return at;
  }
  fail(GARITA_DATA_UNSUPPORTED, "it is not a DICOM file");
}

Coding coding_of(const std::string& transfer_syntax) {
  if (transfer_syntax == "1.2.840.10008.1.2") return {.explicit_vr = false};
  if (transfer_syntax == "1.2.840.10008.1.2.2") return {.big_endian = true};
  if (transfer_syntax == "1.2.840.10008.1.2.1.99") return {.deflated = true};
  return {.encapsulated = !transfer_syntax.empty() && transfer_syntax != "1.2.840.10008.1.2.1"};
}

}  // namespace

Layout find_data_set(std::span<const std::byte> file) {
  Layout out;
  if (starts_with(file, preamble_bytes, "DICM"))
    out.data_set_offset = read_header(file, preamble_bytes + 4, out);
  else if (starts_with(file, 0, "DICM"))
    out.data_set_offset = read_header(file, 4, out);
  else if (starts_with(file, 0, std::string_view("\x02\0", 2)))
    out.data_set_offset = read_header(file, 0, out);
  else
    out.data_set_offset = find_bare_data_set(file);
  if (file.size() - out.data_set_offset < 8) fail(GARITA_DATA_TRUNCATED, "the file ends before its data set");
  out.coding = coding_of(out.transfer_syntax);
  if (out.coding.deflated || out.coding.encapsulated) return out;
  switch (look_at(file, out.data_set_offset)) {
    case Look::implicit_little: out.coding = {.explicit_vr = false}; break;
    case Look::explicit_little: out.coding = {}; break;
    case Look::explicit_big: out.coding = {.big_endian = true}; break;
    case Look::nothing: break;
  }
  return out;
}

namespace {

struct Container {
  uint64_t end = UINT64_MAX;  // UINT64_MAX: until its delimiter
  Coding coding;
};

void enter(std::vector<Container>& containers, const Element& element, Coding coding) {
  if (containers.size() > max_nesting)
    fail(GARITA_DATA_CORRUPT, "its sequences are nested deeper than " + std::to_string(max_nesting) + " levels");
  containers.push_back({element.length == undefined ? UINT64_MAX : element.value + uint64_t{element.length}, coding});
}

// An element whose value is elements or items. In implicit coding a sequence shows by its first item.
bool holds_items(std::span<const std::byte> bytes, const Element& element, const Coding& coding) {
  if (element.tag == item_tag || element.length == undefined || element.vr == "SQ") return true;
  if (!element.vr.empty() && element.vr != "UN") return false;
  Element first;
  return element.length >= 8 && read_element(bytes, element.value, coding, first) && first.tag == item_tag;
}

}  // namespace

Structure check_structure(std::span<const std::byte> bytes, const Coding& coding) {
  Structure out;
  std::vector<Container> open = {{UINT64_MAX, coding}};
  size_t pixel_level = SIZE_MAX;  // in fragments, which hold no elements
  for (size_t at = 0; at < bytes.size();) {
    while (open.size() > 1 && at >= open.back().end) open.pop_back();
    if (open.size() <= pixel_level) pixel_level = SIZE_MAX;
    Element element;
    if (!read_element(bytes, at, open.back().coding, element)) {
      out.truncated = bytes.size() - at > 1;  // one byte behind the last element is padding
      return out;
    }
    if (++out.elements > max_elements)
      fail(GARITA_DATA_CORRUPT, "it has more than " + std::to_string(max_elements) + " elements");
    at = element.value;
    if (element.tag == item_end_tag || element.tag == sequence_end_tag) {
      if (open.size() > 1) open.pop_back();
      continue;
    }
    const bool in_fragments = pixel_level != SIZE_MAX;
    if (!in_fragments && holds_items(bytes, element, open.back().coding)) {
      Coding inner = open.back().coding;
      if (element.vr == "UN") inner.explicit_vr = false;
      if (element.tag >> 16 == 0x7FE0 && element.length == undefined) pixel_level = open.size();
      enter(open, element, inner);
      continue;
    }
    if (element.length > bytes.size() - at) {
      out.truncated = true;
      return out;
    }
    at += element.length;
  }
  out.truncated = pixel_level != SIZE_MAX && open.size() > pixel_level;
  return out;
}

std::vector<std::byte> inflated(std::span<const std::byte> data_set) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) fail(GARITA_OUT_OF_MEMORY, "the driver is out of memory");
  struct End {
    z_stream& own;
    ~End() { inflateEnd(&own); }
  } const end{stream};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(data_set.data()));
  stream.avail_in = static_cast<uInt>(data_set.size());
  std::vector<std::byte> out;
  int status = Z_OK;
  while (status == Z_OK) {
    const size_t have = out.size(), step = std::max<size_t>(64 << 10, have / 2);
    if (have > max_inflated_bytes)
      fail(GARITA_DATA_UNSUPPORTED, "its deflated data set holds more than " +
                                        std::to_string(max_inflated_bytes >> 20) + " MiB");
    out.resize(have + step);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + have);
    stream.avail_out = static_cast<uInt>(step);
    status = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  if (status == Z_STREAM_END) return out;
  if (status == Z_BUF_ERROR) fail(GARITA_DATA_TRUNCATED, "its deflated data set ends early");
  fail(GARITA_DATA_CORRUPT, "its deflated data set is damaged");
}

}  // namespace garita::dicos
