// The words for what was found, in every language that a detection comes in: the codes of each device family,
// the record's categories, and DICOS's (4010,1012). One table; a driver of a family in it may deliver its
// device's code alone.
//
// A code stands for exactly one category; codes are compared byte for byte. One that is not here is none of
// our business to guess: the detection keeps it verbatim and has no category.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "garita/v1/detection.pb.h"

namespace garita::record {

struct VendorCode {
  std::string_view family;  // the name in the driver's manifest
  std::string_view code;    // as DETECTION's vendor_code
  v1::Category category;
};

// All rows, those of a family side by side.
std::span<const VendorCode> vendor_codes();

// nullopt: not in the table.
std::optional<v1::Category> category_of_code(std::string_view family, std::string_view code);

// The record's own word, "precursor_chemical" in any case of its letters; nullopt: none of the record's.
std::optional<v1::Category> category_of_word(std::string_view word);

// "precursor_chemical"; "" of CATEGORY_UNSPECIFIED.
std::string_view word_of(v1::Category category);

// DICOS V03's word for a category, wider than most of ours ("CONTRABAND" for cash); "OTHER" of
// CATEGORY_UNSPECIFIED.
std::string_view dicos_word_of(v1::Category category);

// The category that a DICOS word means by itself, also V02A's; nullopt: "OTHER", "LAPTOP", … are none of the
// record's.
std::optional<v1::Category> category_of_dicos(std::string_view word);

}  // namespace garita::record
