#include "core/record/format.hpp"

#include <array>

#include "core/base/ids.hpp"
#include "core/record/format_checks.hpp"

namespace garita::record {
namespace {

constexpr std::array<Format, 30> table = {{
    {"ace_trip", "ABCD0001234", check_ace_trip, true},
    {"aduana", "24", check_aduana, true},
    {"aduana_section", "0", check_aduana_section, true},
    {"awb", "12312345675", check_awb, true},
    {"bag_tag", "0220208212", check_bag_tag, true},
    {"cbp_entry", "ABC-1234567-8", check_cbp_entry, true},
    {"cbp_port", "2304", check_cbp_port, true},
    {"country", "MX", check_country, true},
    {"file_name", "scene.jpg", check_file_name, false},
    {"flight", "AM404", check_flight, true},
    {"hs_code", "870899", check_hs_code, true},
    {"imo", "9074729", check_imo, true},
    {"iso6346", "CSQU3054383", check_iso6346, true},
    {"iso6346_type", "45G1", check_iso6346_type, true},
    {"locode", "USLRD", check_locode, true},
    {"media_type", "image/jpeg", check_media_type, true},
    {"nuclide", "Cs-137", check_nuclide, true},
    {"pedimento", "262438014000123", check_pedimento, true},
    {"plate", "ABC-1234", check_plate, false},
    {"rail_car", "TTGX987654", check_rail_car, true},
    {"scac", "ABCD", check_scac, true},
    {"sha256", "32 bytes", check_sha256, false},
    {"shipment_control_number", "ABCD000000123", check_shipment_control_number, true},
    {"state", "TX", check_state, true},
    {"time_zone", "America/Matamoros", check_time_zone, true},
    {"uld", "AKE12345DL", check_uld, true},
    {"uuid", "0192f0c1-8a3e-7b44-9c0d-1a2b3c4d5e6f", check_uuid, true},
    {"uuid7", "0192f0c1-8a3e-7b44-9c0d-1a2b3c4d5e6f", check_uuid7, true},
    {"view_name", "side", check_view_name, true},
    {"vin", "1M8GDM9AXKP042788", check_vin, true},
}};

bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }

}  // namespace

std::span<const Format> formats() { return table; }

const Format* find_format(std::string_view name) {
  const auto found =
      std::lower_bound(table.begin(), table.end(), name,
                       [](const Format& format, std::string_view wanted) { return format.name < wanted; });
  return found != table.end() && found->name == name ? &*found : nullptr;
}

std::string printed(std::string_view format, std::string_view value) {
  const auto part = [&](size_t first, size_t size) { return std::string(value.substr(first, size)); };
  const Format* known = find_format(format);
  if (known == nullptr || known->check(value) != Verdict::good) return std::string(value);
  if (format == "pedimento") return part(0, 2) + "  " + part(2, 2) + "  " + part(4, 4) + "  " + part(8, 7);
  if (format == "iso6346") return part(0, 4) + " " + part(4, 6) + " " + part(10, 1);
  if (format == "awb") return part(0, 3) + "-" + part(3, 8);
  return std::string(value);
}

// A plain name: no path, nothing hidden, nothing that a shell or a file system reads as more.
Verdict check_file_name(std::string_view value) {
  const auto allowed = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F && c != '/' && c != '\\';
  };
  return good_if(!value.empty() && value.size() <= 255 && value.front() != '.' && all_of(value, allowed));
}

// type/subtype of RFC 6838, without parameters.
Verdict check_media_type(std::string_view value) {
  const auto allowed = [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
  };
  const size_t slash = value.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == value.size() || value.size() > 127)
    return Verdict::bad_format;
  return good_if(all_of(value.substr(0, slash), allowed) && all_of(value.substr(slash + 1), allowed));
}

// Element symbol, hyphen, mass number, "m" for a metastable state: "Tc-99m".
Verdict check_nuclide(std::string_view value) {
  if (!value.empty() && value.back() == 'm') value.remove_suffix(1);
  const size_t hyphen = value.find('-');
  if (hyphen == std::string_view::npos || hyphen == 0 || hyphen > 2 || !is_upper(value[0]))
    return Verdict::bad_format;
  if (hyphen == 2 && (value[1] < 'a' || value[1] > 'z')) return Verdict::bad_format;
  const std::string_view mass = value.substr(hyphen + 1);
  return good_if(!mass.empty() && mass.size() <= 3 && mass[0] != '0' && all_of(mass, is_digit));
}

Verdict check_sha256(std::string_view value) { return good_if(value.size() == 32); }

Verdict check_time_zone(std::string_view value) {
  const auto allowed = [](char c) {
    return is_letter(c) || is_digit(c) || c == '/' || c == '_' || c == '-' || c == '+';
  };
  return good_if(!value.empty() && value.size() <= 64 && is_letter(value[0]) && all_of(value, allowed));
}

Verdict check_uuid(std::string_view value) {
  return good_if(base::parse_uuid(value).has_value() && std::none_of(value.begin(), value.end(), is_upper));
}

Verdict check_uuid7(std::string_view value) {
  return good_if(check_uuid(value) == Verdict::good && value[14] == '7' &&
                 std::string_view("89ab").find(value[19]) != std::string_view::npos);
}

Verdict check_view_name(std::string_view value) {
  const auto allowed = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '-'; };
  return good_if(!value.empty() && value.size() <= 64 && all_of(value, allowed));
}

}  // namespace garita::record
