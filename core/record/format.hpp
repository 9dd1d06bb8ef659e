// Formats of identifiers: what `format` of a record field names. Pure functions; no locale, no allocation to
// check.
//
// Sources: ISO 6346 (containers), ISO 3779 and 49 CFR 565 (VIN), IMO A.1117(30), IATA 1600-series resolutions
// (waybill, ULD, bag tag), Anexo 22 of the Mexican customs rules (pedimento, aduana), CATAIR (CBP entry),
// UN/LOCODE, ISO 3166, HS.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace garita::record {

enum class Verdict : uint8_t {
  good,
  bad_format,       // not the letters and digits that the format has
  bad_check_digit,  // the right letters and digits, but one was misread
};

struct Format {
  std::string_view name;     // as proto fields name it: "iso6346"
  std::string_view example;  // a good value
  Verdict (*check)(std::string_view value);
  bool ascii_only;  // false: any UTF-8 that check accepts
};

// Sorted by name; for ever.
std::span<const Format> formats();
const Format* find_format(std::string_view name);  // nullptr where there is none

// As people print it: pedimento "YY  AA  PPPP  NNNNNNN", container "CSQU 305438 3", waybill "000-00000000". A
// value that is not good, and a format without a printed form, come back as they are.
std::string printed(std::string_view format, std::string_view value);

}  // namespace garita::record
