#include "core/record/format.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace garita::record {
namespace {

Verdict check(std::string_view format, std::string_view value) {
  const Format* found = find_format(format);
  EXPECT_NE(found, nullptr) << format;
  return found == nullptr ? Verdict::bad_format : found->check(value);
}

void expect_good(std::string_view format, std::initializer_list<std::string_view> values) {
  for (auto value : values) EXPECT_EQ(check(format, value), Verdict::good) << format << " " << value;
}
void expect_bad(std::string_view format, std::initializer_list<std::string_view> values) {
  for (auto value : values)
    EXPECT_EQ(check(format, value), Verdict::bad_format) << format << " '" << value << "'";
}
void expect_misread(std::string_view format, std::initializer_list<std::string_view> values) {
  for (auto value : values)
    EXPECT_EQ(check(format, value), Verdict::bad_check_digit) << format << " " << value;
}

TEST(Format, every_example_is_good_and_the_table_is_sorted) {
  for (const Format& format : formats())
    if (format.name != "sha256") expect_good(format.name, {format.example});
  EXPECT_TRUE(std::ranges::is_sorted(formats(), {}, &Format::name));
  EXPECT_EQ(find_format("iso9999"), nullptr);
}

TEST(Format, nothing_accepts_an_empty_text_or_an_embedded_nul) {
  for (const Format& format : formats()) {
    EXPECT_EQ(format.check(""), Verdict::bad_format) << format.name;
    std::string with_nul(format.example);
    with_nul[with_nul.size() / 2] = '\0';
    const bool any_byte = format.name == "sha256";
    EXPECT_TRUE(any_byte || format.check(with_nul) == Verdict::bad_format) << format.name;
  }
}

TEST(Format, container_check_digit_is_computed_as_iso_6346_says) {
  expect_good("iso6346", {"CSQU3054383", "TEXU3070079"});
  expect_misread("iso6346", {"CSQU3054384", "CSQU3054373", "CQSU3054383"});
  expect_bad("iso6346",
             {"CSQU305438", "CSQX3054383", "csqu3054383", "CSQU 305438 3", "CSQU305438A", "CSQU30543833"});
}

TEST(Format, container_remainder_ten_is_written_as_zero) {
  int zeros_from_ten = 0;  // such numbers exist, and exactly one check digit fits each serial number
  for (int serial = 0; serial < 300; ++serial) {
    char text[12];
    int good = 0;
    for (int check_digit = 0; check_digit < 10; ++check_digit) {
      std::snprintf(text, sizeof text, "TEXU%06d%d", serial, check_digit);
      good += check("iso6346", text) == Verdict::good;
    }
    EXPECT_EQ(good, 1) << serial;
    std::snprintf(text, sizeof text, "TEXU%06d0", serial);
    zeros_from_ten += check("iso6346", text) == Verdict::good;
  }
  EXPECT_GT(zeros_from_ten, 40);  // 0 and 10 together: about 2 in 11
}

TEST(Format, vin_check_digit_counts_only_where_it_is_one) {
  expect_good("vin", {"1M8GDM9AXKP042788", "11111111111111111", "WVWZZZ1JZXW000001"});
  expect_misread("vin", {"1M8GDM9A1KP042788", "1M8GDM9AXKP042789"});
  expect_bad("vin", {"1M8GDM9AXKP04278", "1M8GDM9AXKPO42788", "1m8gdm9axkp042788", "1M8GDM9AXKPI42788",
                     "1M8GDM9AXKPQ42788"});
}

TEST(Format, ship_and_waybill_numbers_have_check_digits) {
  expect_good("imo", {"9074729", "8814275"});
  expect_misread("imo", {"9074728"});
  expect_bad("imo", {"907472", "IMO9074729"});
  expect_good("awb", {"12312345675", "00112345675"});
  expect_misread("awb", {"12312345676"});
  expect_bad("awb", {"123-12345675", "1231234567"});
}

TEST(Format, things_that_fly_are_told_from_things_that_do_not) {
  expect_good("uld", {"AKE12345DL", "PMC1234AA", "AKE12345DLH"});
  expect_bad("uld", {"AKE123DL", "1KE12345DL", "AKE1234512", "AKE12345"});
  expect_good("flight", {"AM404", "AA1", "DAL1234", "AM404A", "7C123"});
  expect_bad("flight", {"AM", "12345", "AM40404", "am404", "A"});
  expect_good("bag_tag", {"0220208212"});
  expect_bad("bag_tag", {"022020821", "02202082123", "022020821A"});
}

TEST(Format, rail_cars_have_marks_or_twelve_digits) {
  expect_good("rail_car", {"TTGX987654", "UP1", "BNSF123456", "218124712173"});
  expect_misread("rail_car", {"218124712174"});
  expect_bad("rail_car", {"T1", "TTGXX123", "TTGX", "TTGX1234567", "TTGX 987654"});
}

TEST(Format, pedimento_has_fifteen_digits_and_prints_in_four_groups) {
  expect_good("pedimento", {"262438014000123"});
  expect_bad("pedimento", {"26243801400012", "26  24  3801  4000123", "2624380140001234", "26243801400012A"});
  EXPECT_EQ(printed("pedimento", "262438014000123"), "26  24  3801  4000123");
  EXPECT_EQ(printed("pedimento", "2624"), "2624");
}

TEST(Format, customs_keys_have_their_lengths) {
  expect_good("cbp_entry", {"ABC-1234567-8", "1A2-0000000-0"});
  expect_bad("cbp_entry", {"ABC12345678", "ABC-123456-78", "AB-1234567-8", "ABC-1234567-X"});
  expect_good("cbp_port", {"2304", "2506"});
  expect_bad("cbp_port", {"230", "23044", "23O4"});
  expect_good("aduana", {"07", "24", "80"});
  expect_bad("aduana", {"7", "240"});
  expect_good("aduana_section", {"0", "4"});
  expect_good("hs_code", {"870899", "87089999", "8708999900"});
  expect_bad("hs_code", {"8708", "8708.99", "8708999"});
}

TEST(Format, carriers_codes_begin_what_they_number) {
  expect_good("scac", {"ABCD", "AB"});
  expect_bad("scac", {"A", "ABCDE", "AB1", "abcd"});
  expect_good("ace_trip", {"ABCD0001234"});
  expect_good("shipment_control_number", {"ABCD000000123", "AB123"});
  expect_bad("shipment_control_number", {"1BCD0001", "ABCD", "ABCD-000123", "ABCD0123456789ABC"});
}

TEST(Format, places_are_countries_and_locations_of_them) {
  expect_good("country", {"MX", "US", "CA"});
  expect_bad("country", {"XX", "MEX", "mx", "M"});
  expect_good("locode", {"USLRD", "MXNLD", "USCXL", "MXTIJ"});
  expect_bad("locode", {"XXLRD", "USLR", "USLR0", "USLR1", "uslrd"});
  expect_good("state", {"TX", "BCN", "7"});
  expect_bad("state", {"TEXA", "tx"});
  expect_good("time_zone", {"America/Matamoros", "UTC"});
  expect_bad("time_zone", {"../etc/passwd", "America/ Matamoros", "/usr"});
}

TEST(Format, plates_are_capital_and_printable) {
  expect_good("plate", {"ABC-1234", "A 1", "ÑU 123", "京A12345"});
  expect_bad("plate", {"abc", " ABC", "ABC ", "<B>", "ABC\n", std::string_view("A\0B", 3)});
}

TEST(Format, names_of_files_hold_no_path) {
  expect_good("file_name", {"scene.jpg", "plate 1.png", "informe-ñ.pdf"});
  expect_bad("file_name", {"../x", "a/b", "a\\b", ".hidden", "..", std::string_view("a\0b", 3), "a\x7F"});
  expect_good("media_type", {"image/jpeg", "application/vnd.x+json"});
  expect_bad("media_type", {"image", "image/", "/jpeg", "image/jpeg; q=1", "image/jp eg"});
  expect_good("view_name", {"side", "top-2", "view_1"});
  expect_bad("view_name", {"Side", "a b", "a/b"});
}

TEST(Format, nuclides_are_element_and_mass) {
  expect_good("nuclide", {"Cs-137", "Co-60", "K-40", "Tc-99m"});
  expect_bad("nuclide", {"cs-137", "Cs137", "Cs-", "Cs-0137", "Csx-1", "Cs-1377", "-137"});
}

TEST(Format, ids_are_lower_case_uuids_of_their_version) {
  expect_good("uuid", {"0192f0c1-8a3e-4b44-9c0d-1a2b3c4d5e6f"});
  expect_bad("uuid", {"0192F0C1-8a3e-4b44-9c0d-1a2b3c4d5e6f", "0192f0c18a3e4b449c0d1a2b3c4d5e6f"});
  expect_good("uuid7", {"0192f0c1-8a3e-7b44-9c0d-1a2b3c4d5e6f"});
  expect_bad("uuid7", {"0192f0c1-8a3e-4b44-9c0d-1a2b3c4d5e6f", "0192f0c1-8a3e-7b44-0c0d-1a2b3c4d5e6f"});
  EXPECT_EQ(check("sha256", std::string(32, '\0')), Verdict::good);
  EXPECT_EQ(check("sha256", std::string(31, 'x')), Verdict::bad_format);
}

TEST(Format, containers_and_waybills_are_printed_in_groups) {
  EXPECT_EQ(printed("iso6346", "CSQU3054383"), "CSQU 305438 3");
  EXPECT_EQ(printed("awb", "12312345675"), "123-12345675");
  EXPECT_EQ(printed("vin", "1M8GDM9AXKP042788"), "1M8GDM9AXKP042788");
  EXPECT_EQ(printed("", "as it is"), "as it is");
}

}  // namespace
}  // namespace garita::record
