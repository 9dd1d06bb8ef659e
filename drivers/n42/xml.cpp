#include "drivers/n42/xml.hpp"

#include <algorithm>

#include "drivers/n42/text.hpp"

namespace garita::n42 {
namespace {

bool is_element(const Element& node) { return node.type() == pugi::node_element; }

Element first_element(const Element& parent) {
  for (Element node = parent.first_child(); node; node = node.next_sibling())
    if (is_element(node)) return node;
  return {};
}

Element next_element(Element node) {
  do node = node.next_sibling();
  while (node && !is_element(node));
  return node;
}

// By what a tree must be made of, before it is made: every node needs a '<' or lies behind one.
std::string too_much(std::span<const std::byte> bytes) {
  if (bytes.size() > max_file_bytes) return "has more than " + std::to_string(max_file_bytes >> 20) + " MiB";
  const auto tags = static_cast<size_t>(std::count(bytes.begin(), bytes.end(), std::byte{'<'}));
  const auto attributes = static_cast<size_t>(std::count(bytes.begin(), bytes.end(), std::byte{'='}));
  if (tags > 2 * max_elements) return "has more than " + std::to_string(max_elements) + " elements";
  if (attributes > max_attributes) return "has more than " + std::to_string(max_attributes) + " attributes";
  return {};
}

bool is_deep(const Element& root) {
  for (Element at = next_in(root, root); at; at = next_in(root, at)) {
    if (first_element(at)) continue;
    int depth = 0;
    for (Element above = at; above != root; above = above.parent())
      if (++depth > max_depth) return true;
  }
  return false;
}

}  // namespace

std::string load(std::span<std::byte> bytes, pugi::xml_document& document) {
  if (bytes.empty()) return "is empty";
  if (std::string why = too_much(bytes); !why.empty()) return why;
  constexpr unsigned options =
      pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_doctype;
  const pugi::xml_parse_result result = document.load_buffer_inplace(bytes.data(), bytes.size(), options);
  for (const Element& node : document.children())
    if (node.type() == pugi::node_doctype)
      return "has a DOCTYPE, which N42 does not have and this driver does not follow";
  if (!result)
    return "is not well-formed XML at byte " + std::to_string(result.offset) + ": " + result.description();
  if (is_deep(document)) return "nests elements deeper than " + std::to_string(max_depth);
  return {};
}

std::string_view local_name(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

bool is(const Element& element, std::string_view name) { return same_word(local_name(element.name()), name); }

Element child(const Element& parent, std::string_view name) {
  for (Element node = first_element(parent); node; node = next_element(node))
    if (is(node, name)) return node;
  return {};
}

std::string text_of(const Element& element) {
  std::string text;  // in pieces where comments stand in between
  for (Element node = element.first_child(); node; node = node.next_sibling())
    if (node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata)
      text.append(text.empty() ? "" : " ").append(node.value());
  return std::string(trim(text));
}

std::string child_text(const Element& parent, std::string_view name) { return text_of(child(parent, name)); }

std::string_view attribute_of(const Element& element, std::string_view name) {
  for (const pugi::xml_attribute& attribute : element.attributes())
    if (same_word(local_name(attribute.name()), name)) return trim(attribute.value());
  return {};
}

Element next_in(const Element& root, const Element& at) {
  if (Element inner = first_element(at)) return inner;
  return next_beside(root, at);
}

Element next_beside(const Element& root, Element at) {
  for (; at && at != root; at = at.parent())
    if (Element next = next_element(at)) return next;
  return {};
}

Element next_named(const Element& root, Element at, std::string_view name) {
  do at = next_in(root, at);
  while (at && !is(at, name));
  return at;
}

}  // namespace garita::n42
