#include "drivers/dicos/tags.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "garita/text.hpp"

namespace garita::dicos {
namespace {

std::string trimmed(const OFString& value) {
  std::string text(value.c_str(), std::min(value.size(), max_text_bytes));
  const auto is_padding = [](char c) { return c == ' ' || c == '\0'; };
  while (!text.empty() && is_padding(text.back())) text.pop_back();
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  return text.substr(0, text.find('\0'));
}

// nullptr: missing, or too long to be what is asked for.
DcmElement* find(DcmItem* item, DcmTagKey tag) {
  DcmElement* element = nullptr;
  if (item == nullptr || item->findAndGetElement(tag, element).bad() || element == nullptr) return nullptr;
  return element->getLengthField() <= 1 << 20 ? element : nullptr;
}

// Every bit of it: DCMTK's own text of a number is not exact in the last place.
std::optional<double> binary_number(DcmElement& element, unsigned long place) {
  Float64 wide = 0;
  Float32 narrow = 0;
  const bool is_wide = element.ident() == EVR_FD;
  const bool there = is_wide ? element.getFloat64(wide, place).good() : element.getFloat32(narrow, place).good();
  const double value = is_wide ? wide : static_cast<double>(narrow);
  return there && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string Tags::text(DcmTagKey tag) const {
  DcmElement* const element = find(item_, tag);
  OFString value;
  return element != nullptr && element->getOFString(value, 0).good() ? trimmed(value) : std::string();
}

std::string Tags::texts(DcmTagKey tag) const {
  DcmElement* const element = find(item_, tag);
  OFString value;
  return element != nullptr && element->getOFStringArray(value).good() ? trimmed(value) : std::string();
}

std::optional<double> Tags::number(DcmTagKey tag, unsigned long place) const {
  DcmElement* const element = find(item_, tag);
  OFString value;
  if (element == nullptr) return std::nullopt;
  if (element->ident() == EVR_FD || element->ident() == EVR_FL) return binary_number(*element, place);
  if (element->getOFString(value, place).bad()) return std::nullopt;
  const std::string text = trimmed(value);
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::vector<double> Tags::numbers(DcmTagKey tag, size_t limit) const {
  std::vector<double> out;
  DcmElement* const element = find(item_, tag);
  if (element == nullptr) return out;
  const size_t count = std::min<size_t>(element->getVM(), limit);
  for (unsigned long place = 0; place < count; ++place) {
    const auto value = number(tag, place);
    if (!value) return {};
    out.push_back(*value);
  }
  return out;
}

Tags Tags::item(DcmTagKey sequence, long place) const {
  DcmItem* found = nullptr;
  if (item_ == nullptr || item_->findAndGetSequenceItem(sequence, found, place).bad()) return Tags(nullptr);
  return Tags(found);
}

size_t Tags::items(DcmTagKey sequence) const {
  DcmSequenceOfItems* found = nullptr;
  if (item_ == nullptr || item_->findAndGetSequence(sequence, found).bad() || found == nullptr) return 0;
  return found->card();
}

}  // namespace garita::dicos
