// The XML of a file, with limits; elements by their local names, in any case and under any prefix, because
// real files forget prefixes, invent them, and write names in lower case.
#pragma once

#include <cstddef>
#include <pugixml.hpp>
#include <span>
#include <string>
#include <string_view>

namespace garita::n42 {

inline constexpr size_t max_file_bytes = 64u << 20;
inline constexpr size_t max_elements = 1u << 20;    // tags, in fact: a closing one counts as well, twice this
inline constexpr size_t max_attributes = 1u << 20;  // of XML
inline constexpr int max_depth = 64;

using Element = pugi::xml_node;

// Reads `bytes`, which it overwrites and which must outlive `document`. Empty: good; else what is wrong, to
// stand behind "the file ".
std::string load(std::span<std::byte> bytes, pugi::xml_document& document);

// Without its prefix.
std::string_view local_name(std::string_view name);
bool is(const Element& element, std::string_view name);

// The first child element of a name; an empty one where there is none.
Element child(const Element& parent, std::string_view name);
// Its text, trimmed; empty where there is none.
std::string text_of(const Element& element);
std::string child_text(const Element& parent, std::string_view name);
std::string_view attribute_of(const Element& element, std::string_view name);

// The element behind `at` in the order of the file, within `root`; an empty one at the end.
Element next_in(const Element& root, const Element& at);
Element next_beside(const Element& root, Element at);  // the same, but not into `at`

// The next element of a name below `root`, behind `at`, which starts as `root`.
Element next_named(const Element& root, Element at, std::string_view name);

}  // namespace garita::n42
