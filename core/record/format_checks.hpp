// The checks behind the table of formats. Private to core/record.
#pragma once

#include <algorithm>
#include <string_view>

#include "core/record/format.hpp"

namespace garita::record {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
inline bool is_upper_or_digit(char c) { return is_digit(c) || is_upper(c); }
inline int digit(char c) { return c - '0'; }

template <typename Test>
bool all_of(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}
inline bool all_digits(std::string_view text, size_t size) {
  return text.size() == size && all_of(text, is_digit);
}
inline Verdict good_if(bool condition) { return condition ? Verdict::good : Verdict::bad_format; }

// Means of transport
Verdict check_iso6346(std::string_view value);
Verdict check_iso6346_type(std::string_view value);
Verdict check_vin(std::string_view value);
Verdict check_imo(std::string_view value);
Verdict check_awb(std::string_view value);
Verdict check_uld(std::string_view value);
Verdict check_flight(std::string_view value);
Verdict check_bag_tag(std::string_view value);
Verdict check_rail_car(std::string_view value);
Verdict check_plate(std::string_view value);

// Customs and places
Verdict check_ace_trip(std::string_view value);
Verdict check_aduana(std::string_view value);
Verdict check_aduana_section(std::string_view value);
Verdict check_cbp_entry(std::string_view value);
Verdict check_cbp_port(std::string_view value);
Verdict check_country(std::string_view value);
Verdict check_hs_code(std::string_view value);
Verdict check_locode(std::string_view value);
Verdict check_pedimento(std::string_view value);
Verdict check_scac(std::string_view value);
Verdict check_shipment_control_number(std::string_view value);
Verdict check_state(std::string_view value);

// General
Verdict check_file_name(std::string_view value);
Verdict check_media_type(std::string_view value);
Verdict check_nuclide(std::string_view value);
Verdict check_sha256(std::string_view value);
Verdict check_time_zone(std::string_view value);
Verdict check_uuid(std::string_view value);
Verdict check_uuid7(std::string_view value);
Verdict check_view_name(std::string_view value);

}  // namespace garita::record
