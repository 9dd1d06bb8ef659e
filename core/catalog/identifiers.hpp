// What people ask for an inspection by: numbers on containers, plates, papers and bags, all in one form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "garita/v1/inspection.pb.h"

namespace garita::catalog {

// The numbers stand in the database.
enum class IdentifierKind : uint8_t {
  container = 1,
  plate = 2,
  pedimento = 3,
  awb = 4,
  bag_tag = 5,
  vin = 6,
  rail_car = 7,
  uld = 8,
  imo = 9,
  bill_of_lading = 10,
  cbp_entry = 11,
  ace_trip = 12,
};

std::string_view name_of(IdentifierKind kind);  // "container", "bag_tag"; "?" for none
std::optional<IdentifierKind> identifier_kind_of(std::string_view name);

struct Identifier {
  IdentifierKind kind{};
  std::string value;  // in its one form

  bool operator==(const Identifier&) const = default;
};

inline constexpr size_t max_identifier_bytes = 64;
inline constexpr size_t max_identifiers = 1024;  // of one inspection

// The one form: capital letters and digits, without blanks, dashes, dots and slashes. So a printed pedimento
// ("26  24  3021  6001234"), a waybill with its dash and a plate in any spelling are found. Letters beyond
// ASCII stay as they are. What is longer than max_identifier_bytes is cut.
std::string normalized(std::string_view identifier);

// All of a record, each once, in the record's order; the first max_identifiers.
std::vector<Identifier> identifiers_of(const v1::Inspection& inspection);
// Where the record's field at `path` is an identifier, its kind: "conveyance.plates[0].number".
std::optional<IdentifierKind> kind_of_field(std::string_view path);

}  // namespace garita::catalog
