#include "core/catalog/identifiers.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/utf8.hpp"

namespace garita::catalog {
namespace {

using Kind = IdentifierKind;

constexpr std::array<std::pair<Kind, std::string_view>, 12> names = {{
    {Kind::container, "container"},
    {Kind::plate, "plate"},
    {Kind::pedimento, "pedimento"},
    {Kind::awb, "awb"},
    {Kind::bag_tag, "bag_tag"},
    {Kind::vin, "vin"},
    {Kind::rail_car, "rail_car"},
    {Kind::uld, "uld"},
    {Kind::imo, "imo"},
    {Kind::bill_of_lading, "bill_of_lading"},
    {Kind::cbp_entry, "cbp_entry"},
    {Kind::ace_trip, "ace_trip"},
}};

class Collector {
 public:
  void add(Kind kind, std::string_view value) {
    Identifier identifier{kind, normalized(value)};
    if (identifier.value.empty() || found_.size() == max_identifiers) return;
    if (std::find(found_.begin(), found_.end(), identifier) == found_.end())
      found_.push_back(std::move(identifier));
  }
  std::vector<Identifier> take() { return std::move(found_); }

 private:
  std::vector<Identifier> found_;
};

void add_conveyance(const v1::Conveyance& conveyance, Collector& to) {
  for (const auto& container : conveyance.containers()) to.add(Kind::container, container.number());
  for (const auto& plate : conveyance.plates()) to.add(Kind::plate, plate.number());
  to.add(Kind::vin, conveyance.vin());
  to.add(Kind::rail_car, conveyance.rail().car());
  to.add(Kind::awb, conveyance.air().awb());
  to.add(Kind::uld, conveyance.air().uld());
  for (const auto& tag : conveyance.air().bag_tags()) to.add(Kind::bag_tag, tag);
  to.add(Kind::imo, conveyance.sea().imo());
  to.add(Kind::bill_of_lading, conveyance.sea().bill_of_lading());
}

void add_documents(const v1::Documents& documents, Collector& to) {
  for (const auto& pedimento : documents.pedimentos()) to.add(Kind::pedimento, pedimento);
  for (const auto& entry : documents.cbp_entries()) to.add(Kind::cbp_entry, entry);
  to.add(Kind::ace_trip, documents.ace_trip());
  for (const auto& line : documents.manifest()) to.add(Kind::container, line.container());
}

}  // namespace

std::string_view name_of(Kind kind) {
  for (const auto& [each, name] : names)
    if (each == kind) return name;
  return "?";
}

std::optional<Kind> identifier_kind_of(std::string_view name) {
  for (const auto& [kind, each] : names)
    if (each == name) return kind;
  return std::nullopt;
}

std::string normalized(std::string_view identifier) {
  std::string value;
  for (char c : identifier) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || c == '-' || c == '.' || c == '/') continue;
    value += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return std::string(base::cut_at_code_point(base::valid_utf8(value), max_identifier_bytes));
}

std::vector<Identifier> identifiers_of(const v1::Inspection& inspection) {
  Collector found;
  add_conveyance(inspection.conveyance(), found);
  add_documents(inspection.documents(), found);
  return found.take();
}

std::optional<Kind> kind_of_field(std::string_view path) {
  const auto is = [&](std::string_view before, std::string_view after) {
    return path.starts_with(before) && path.ends_with(after) && path.size() >= before.size() + after.size();
  };
  if (is("conveyance.containers[", "].number") || is("documents.manifest[", "].container"))
    return Kind::container;
  if (is("conveyance.plates[", "].number")) return Kind::plate;
  if (is("documents.pedimentos[", "]")) return Kind::pedimento;
  if (is("documents.cbp_entries[", "]")) return Kind::cbp_entry;
  if (is("conveyance.air.bag_tags[", "]")) return Kind::bag_tag;
  if (path == "conveyance.air.awb") return Kind::awb;
  if (path == "conveyance.air.uld") return Kind::uld;
  if (path == "conveyance.vin") return Kind::vin;
  if (path == "conveyance.rail.car") return Kind::rail_car;
  if (path == "conveyance.sea.imo") return Kind::imo;
  if (path == "conveyance.sea.bill_of_lading") return Kind::bill_of_lading;
  if (path == "documents.ace_trip") return Kind::ace_trip;
  return std::nullopt;
}

}  // namespace garita::catalog
