#include "drivers/n42/parse.hpp"

#include "drivers/n42/document.hpp"
#include "drivers/n42/text.hpp"
#include "drivers/n42/xml.hpp"

namespace garita::n42 {
namespace {

constexpr std::string_view root_2006 = "N42InstrumentData", root_2012 = "RadInstrumentData";

bool is_root(const Element& at) { return is(at, root_2006) || is(at, root_2012); }

// Roots may be several in a file, or stand within a vendor's own elements.
std::vector<Element> roots_in(const Element& document) {
  std::vector<Element> roots;
  for (Element at = next_in(document, document); at && roots.size() < max_documents;) {
    const bool found = is_root(at);
    if (found) roots.push_back(at);
    at = found ? next_beside(document, at) : next_in(document, at);
  }
  return roots;
}

// A portal's Event holds results beside its only root.
Element whole_of(const Element& root, bool only_one) {
  Element at = root;
  while (only_one && at.parent().type() == pugi::node_element) at = at.parent();
  return at;
}

Parsed refused(garita_status status, std::string why) { return {{}, std::move(why), status}; }

std::string first_name(const Element& document) {
  const std::string name = clean(next_in(document, document).name(), 64);
  return name.empty() ? "no element" : "'" + name + "'";
}

}  // namespace

Parsed parse(std::span<std::byte> bytes) {
  pugi::xml_document xml;
  if (std::string why = load(bytes, xml); !why.empty()) return refused(GARITA_DATA_CORRUPT, std::move(why));
  const std::vector<Element> roots = roots_in(xml);
  if (roots.empty())
    return refused(GARITA_DATA_UNSUPPORTED, "is no N42: it begins with " + first_name(xml) +
                                                ", not with N42InstrumentData or RadInstrumentData");
  Parsed parsed;
  for (const Element& root : roots) {
    Builder builder;
    if (is(root, root_2012))
      read_2012(root, builder);
    else
      read_2006(whole_of(root, roots.size() == 1), builder);
    if (!builder.empty()) parsed.documents.push_back(builder.finish());
  }
  if (parsed.documents.empty())
    return refused(GARITA_DATA_CORRUPT,
                   "is N42 without a measurement: no spectrum, count, dose rate or result stands in it");
  return parsed;
}

}  // namespace garita::n42
