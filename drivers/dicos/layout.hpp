// Where the data set lies in a DICOM file and how it is coded; and whether it is safe to hand it to a parser that
// recurses. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace garita::dicos {

inline constexpr size_t max_nesting = 64;              // of sequences in items
inline constexpr size_t max_elements = 2'000'000;      // of a file, those in items too
inline constexpr size_t max_inflated_bytes = 256 << 20;  // of a deflated data set

struct Coding {
  bool explicit_vr = true;
  bool big_endian = false;
  bool deflated = false;
  bool encapsulated = false;  // pixels in fragments
};

struct Layout {
  std::string transfer_syntax;  // UID as the header says; empty where it says none
  std::string instance_uid;     // as the header says, for a data set that lacks its own
  size_t data_set_offset = 0;
  Coding coding;  // what the data set's first bytes show goes before what the header says
};

// Accepts what real files do: no preamble, no header, a header without length or transfer syntax, a stray byte before
// the data set. Unwinds with DATA_UNSUPPORTED where the bytes are no DICOM file, DATA_TRUNCATED where they end before
// the data set.
Layout find_data_set(std::span<const std::byte> file);

struct Structure {
  bool truncated = false;  // an element reaches beyond the last byte
  size_t elements = 0;
};

// Walks the elements without recursion and without reading values. Unwinds with DATA_CORRUPT beyond max_nesting or
// max_elements.
Structure check_structure(std::span<const std::byte> data_set, const Coding& coding);

// A deflated data set as it was before. Unwinds with DATA_CORRUPT, DATA_TRUNCATED, or DATA_UNSUPPORTED beyond
// max_inflated_bytes.
std::vector<std::byte> inflated(std::span<const std::byte> data_set);

}  // namespace garita::dicos
