// The XML of a sidecar, with limits; and what it says in words, strictly.
#pragma once

#include <cstddef>
#include <optional>
#include <pugixml.hpp>
#include <span>
#include <string>
#include <string_view>

#include "drivers/leidos/sidecar.hpp"

namespace garita::leidos {

// Overwrites `bytes`, which must outlive `document`. Throws Stop.
void load(std::span<std::byte> bytes, pugi::xml_document& document);

// Values without the white space around them.
std::string_view attribute_of(const pugi::xml_node& node, const char* name);
std::string_view text_of(const pugi::xml_node& node);

// The value in quotes for a sentence: printable ASCII, cut.
std::string quoted(std::string_view text);

// A whole number that must be there. Throws Stop.
uint64_t need_number(const pugi::xml_node& node, const char* name, uint64_t least, uint64_t most);

// The file that an element names. Throws Stop where that is no plain name or its size is missing.
Named need_file(const pugi::xml_node& node);

}  // namespace garita::leidos
