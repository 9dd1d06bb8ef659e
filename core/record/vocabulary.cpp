#include "core/record/vocabulary.hpp"

#include <algorithm>

namespace garita::record {
namespace {

// The codes of nuctech, rapiscan, leidos and astrophysics belong to our simulated protocols; none is a
// vendor's. A driver for a real device of such a family brings the rows of its own manual.
constexpr VendorCode codes[] = {
    {"astrophysics", "0x10", v1::CATEGORY_EXPLOSIVE},
    {"astrophysics", "0x20", v1::CATEGORY_FIREARM},
    {"astrophysics", "0x21", v1::CATEGORY_AMMUNITION},
    {"astrophysics", "0x31", v1::CATEGORY_CASH},
    {"astrophysics", "0x40", v1::CATEGORY_SYNTHETIC_DRUG},
    {"astrophysics", "0x41", v1::CATEGORY_FENTANYL},
    {"astrophysics", "0x42", v1::CATEGORY_METHAMPHETAMINE},
    {"astrophysics", "0x48", v1::CATEGORY_PRECURSOR_CHEMICAL},
    {"astrophysics", "0x50", v1::CATEGORY_OTHER_CONTRABAND},
    {"astrophysics", "0x60", v1::CATEGORY_PROHIBITED_ITEM},
    {"astrophysics", "0x7F", v1::CATEGORY_ANOMALY},

    {"leidos", "LX.EXPLOSIVE", v1::CATEGORY_EXPLOSIVE},
    {"leidos", "LX.FIREARM", v1::CATEGORY_FIREARM},
    {"leidos", "LX.AMMO", v1::CATEGORY_AMMUNITION},
    {"leidos", "LX.CURRENCY", v1::CATEGORY_CASH},
    {"leidos", "LX.NARC.SYN", v1::CATEGORY_SYNTHETIC_DRUG},
    {"leidos", "LX.NARC.FEN", v1::CATEGORY_FENTANYL},
    {"leidos", "LX.NARC.MET", v1::CATEGORY_METHAMPHETAMINE},
    {"leidos", "LX.PRECURSOR", v1::CATEGORY_PRECURSOR_CHEMICAL},
    {"leidos", "LX.CONTRABAND", v1::CATEGORY_OTHER_CONTRABAND},
    {"leidos", "LX.PROHIBITED", v1::CATEGORY_PROHIBITED_ITEM},
    {"leidos", "LX.ANOMALY", v1::CATEGORY_ANOMALY},
    {"leidos", "LX.RAD", v1::CATEGORY_RADIOACTIVE},

    {"nuctech", "NT-EXP-01", v1::CATEGORY_EXPLOSIVE},
    {"nuctech", "NT-GUN-01", v1::CATEGORY_FIREARM},
    {"nuctech", "NT-AMM-01", v1::CATEGORY_AMMUNITION},
    {"nuctech", "NT-CUR-01", v1::CATEGORY_CASH},
    {"nuctech", "NT-DRG-01", v1::CATEGORY_SYNTHETIC_DRUG},
    {"nuctech", "NT-DRG-02", v1::CATEGORY_FENTANYL},
    {"nuctech", "NT-DRG-03", v1::CATEGORY_METHAMPHETAMINE},
    {"nuctech", "NT-PRE-01", v1::CATEGORY_PRECURSOR_CHEMICAL},
    {"nuctech", "NT-CON-01", v1::CATEGORY_OTHER_CONTRABAND},
    {"nuctech", "NT-PRO-01", v1::CATEGORY_PROHIBITED_ITEM},
    {"nuctech", "NT-ANO-01", v1::CATEGORY_ANOMALY},

    {"rapiscan", "R17", v1::CATEGORY_EXPLOSIVE},
    {"rapiscan", "R21", v1::CATEGORY_FIREARM},
    {"rapiscan", "R22", v1::CATEGORY_AMMUNITION},
    {"rapiscan", "R31", v1::CATEGORY_CASH},
    {"rapiscan", "R40", v1::CATEGORY_SYNTHETIC_DRUG},
    {"rapiscan", "R41", v1::CATEGORY_FENTANYL},
    {"rapiscan", "R42", v1::CATEGORY_METHAMPHETAMINE},
    {"rapiscan", "R48", v1::CATEGORY_PRECURSOR_CHEMICAL},
    {"rapiscan", "R50", v1::CATEGORY_OTHER_CONTRABAND},
    {"rapiscan", "R60", v1::CATEGORY_PROHIBITED_ITEM},
    {"rapiscan", "R90", v1::CATEGORY_ANOMALY},
};

struct CategoryRow {
  v1::Category category;
  std::string_view word;
  std::string_view dicos;  // V03
  bool is_dicos_meaning;   // the DICOS word, read back, means this category
};

constexpr CategoryRow rows[] = {
    {v1::CATEGORY_EXPLOSIVE, "explosive", "EXPLOSIVE", true},
    {v1::CATEGORY_FIREARM, "firearm", "PI", false},
    {v1::CATEGORY_AMMUNITION, "ammunition", "PI", false},
    {v1::CATEGORY_CASH, "cash", "CONTRABAND", false},
    {v1::CATEGORY_SYNTHETIC_DRUG, "synthetic_drug", "CONTRABAND", false},
    {v1::CATEGORY_FENTANYL, "fentanyl", "CONTRABAND", false},
    {v1::CATEGORY_METHAMPHETAMINE, "methamphetamine", "CONTRABAND", false},
    {v1::CATEGORY_PRECURSOR_CHEMICAL, "precursor_chemical", "CONTRABAND", false},
    {v1::CATEGORY_OTHER_CONTRABAND, "other_contraband", "CONTRABAND", true},
    {v1::CATEGORY_PROHIBITED_ITEM, "prohibited_item", "PI", true},
    {v1::CATEGORY_ANOMALY, "anomaly", "ANOMALY", true},
    {v1::CATEGORY_RADIOACTIVE, "radioactive", "OTHER", false},
};

const CategoryRow* row_of(v1::Category category) {
  const auto* const found = std::find_if(std::begin(rows), std::end(rows),
                                         [&](const CategoryRow& row) { return row.category == category; });
  return found == std::end(rows) ? nullptr : found;
}

bool is_same_word(std::string_view given, std::string_view lower) {
  const auto to_lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(given.begin(), given.end(), lower.begin(), lower.end(),
                    [&](char a, char b) { return to_lower(a) == b; });
}

}  // namespace

std::span<const VendorCode> vendor_codes() { return codes; }

std::optional<v1::Category> category_of_code(std::string_view family, std::string_view code) {
  for (const VendorCode& row : codes)
    if (row.family == family && row.code == code) return row.category;
  return std::nullopt;
}

std::optional<v1::Category> category_of_word(std::string_view word) {
  for (const CategoryRow& row : rows)
    if (is_same_word(word, row.word)) return row.category;
  return std::nullopt;
}

std::string_view word_of(v1::Category category) {
  const CategoryRow* const row = row_of(category);
  return row == nullptr ? std::string_view() : row->word;
}

std::string_view dicos_word_of(v1::Category category) {
  const CategoryRow* const row = row_of(category);
  return row == nullptr ? "OTHER" : row->dicos;
}

std::optional<v1::Category> category_of_dicos(std::string_view word) {
  if (word == "PROHIBITED ITEM") return v1::CATEGORY_PROHIBITED_ITEM;  // V02A
  for (const CategoryRow& row : rows)
    if (row.is_dicos_meaning && row.dicos == word) return row.category;
  return std::nullopt;
}

}  // namespace garita::record
