#include "core/record/format_checks.hpp"

namespace garita::record {
namespace {

// ISO 3166-1 alpha-2, officially assigned.
constexpr std::string_view countries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV "
    "BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ "
    "FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR "
    "IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML "
    "MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR "
    "PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ "
    "TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW ";

bool is_country(std::string_view value) {
  if (value.size() != 2 || !all_of(value, is_upper)) return false;
  for (size_t i = 0; i < countries.size(); i += 3)
    if (countries.substr(i, 2) == value) return true;
  return false;
}

// A carrier's code of two to four letters, then capital letters and digits up to `longest` characters in all.
bool begins_with_carrier(std::string_view value, size_t shortest, size_t longest) {
  return value.size() >= shortest && value.size() <= longest && is_upper(value[0]) && is_upper(value[1]) &&
         all_of(value, is_upper_or_digit);
}

}  // namespace

Verdict check_country(std::string_view value) { return good_if(is_country(value)); }

Verdict check_state(std::string_view value) {
  return good_if(!value.empty() && value.size() <= 3 && all_of(value, is_upper_or_digit));
}

// Country, then three letters or digits 2 … 9.
Verdict check_locode(std::string_view value) {
  const auto allowed = [](char c) { return is_upper(c) || (c >= '2' && c <= '9'); };
  return good_if(value.size() == 5 && is_country(value.substr(0, 2)) && all_of(value.substr(2), allowed));
}

Verdict check_cbp_port(std::string_view value) { return good_if(all_digits(value, 4)); }
Verdict check_aduana(std::string_view value) { return good_if(all_digits(value, 2)); }
Verdict check_aduana_section(std::string_view value) { return good_if(all_digits(value, 1)); }

// Anexo 22, field 1: year (2), aduana (2), patente (4), last digit of the current year (1), sequence (6). The
// year's digit may differ in consolidated and rectified ones, so the shape is all that can be checked.
Verdict check_pedimento(std::string_view value) { return good_if(all_digits(value, 15)); }

// CATAIR, appendix E: XXX-NNNNNNN-C. How C is computed is not public enough to be checked.
Verdict check_cbp_entry(std::string_view value) {
  return good_if(value.size() == 13 && all_of(value.substr(0, 3), is_upper_or_digit) && value[3] == '-' &&
                 all_digits(value.substr(4, 7), 7) && value[11] == '-' && is_digit(value[12]));
}

Verdict check_scac(std::string_view value) {
  return good_if(value.size() >= 2 && value.size() <= 4 && all_of(value, is_upper));
}

Verdict check_ace_trip(std::string_view value) { return good_if(begins_with_carrier(value, 5, 20)); }
Verdict check_shipment_control_number(std::string_view value) {
  return good_if(begins_with_carrier(value, 5, 16));
}

// Six digits of the Harmonized System, and two or four more of the country.
Verdict check_hs_code(std::string_view value) {
  return good_if(all_digits(value, 6) || all_digits(value, 8) || all_digits(value, 10));
}

}  // namespace garita::record
