#include "drivers/dicos/metadata.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "drivers/dicos/decode.hpp"

namespace garita::dicos {
namespace {

struct Key {
  DcmTagKey tag;
  const char* key;
  DcmTagKey sequence = {0, 0};  // in whose first item it lies; 0: in none
};

// Fields of the record.
const Key record_keys[] = {
    {{0x0008, 0x0070}, "device.vendor"},
    {{0x0008, 0x1090}, "device.model"},
    {{0x0018, 0x1000}, "device.serial"},
    {{0x0018, 0x1020}, "device.firmware"},
    {{0x0018, 0x7050}, "beam.filtration[0].material"},
};

// Facts without a field of the record, under the names of the elements.
const Key own_keys[] = {
    {{0x0008, 0x0008}, "org.nema.dicom.image_type"},
    {{0x0008, 0x0060}, "org.nema.dicom.modality"},
    {{0x0008, 0x0068}, "org.nema.dicom.presentation_intent_type"},
    {{0x0008, 0x0080}, "org.nema.dicom.institution_name"},
    {{0x0008, 0x0081}, "org.nema.dicom.institution_address"},
    {{0x0008, 0x1010}, "org.nema.dicom.station_name"},
    {{0x0018, 0x1200}, "org.nema.dicom.date_of_last_calibration"},
    {{0x0018, 0x1201}, "org.nema.dicom.time_of_last_calibration"},
    {{0x0018, 0x7004}, "org.nema.dicom.detector_type"},
    {{0x0018, 0x7005}, "org.nema.dicom.detector_configuration"},
    {{0x0020, 0x000D}, "org.nema.dicom.study_instance_uid"},
    {{0x0020, 0x000E}, "org.nema.dicom.series_instance_uid"},
    {{0x0020, 0x0010}, "org.nema.dicom.study_id"},
    {{0x0020, 0x0013}, "org.nema.dicom.instance_number"},
    {{0x0028, 0x0004}, "org.nema.dicom.photometric_interpretation"},
    {{0x0028, 0x0120}, "org.nema.dicom.pixel_padding_value"},
    {{0x0028, 0x1040}, "org.nema.dicom.pixel_intensity_relationship"},
    {{0x0028, 0x1054}, "org.nema.dicom.rescale_type"},
    {{0x0028, 0x2110}, "org.nema.dicom.lossy_image_compression"},
    {{0x4010, 0x103A}, "org.nema.dicos.version"},
    {{0x4010, 0x1042}, "org.nema.dicos.ooi_type"},
    {{0x4010, 0x1068}, "org.nema.dicos.ooi_type_descriptor"},
    {{0x4010, 0x1044}, "org.nema.dicos.acquisition_status"},
    {{0x4010, 0x1046}, "org.nema.dicos.phantom_type"},
    {{0x4010, 0x1048}, "org.nema.dicos.scan_type"},
    {{0x4010, 0x1039}, "org.nema.dicos.tip_type"},
    {{0x4010, 0x1051}, "org.nema.dicos.itinerary_id"},
    {{0x4010, 0x1052}, "org.nema.dicos.itinerary_id_type"},
    {{0x4010, 0x1053}, "org.nema.dicos.itinerary_id_assigning_authority"},
    {{0x4010, 0x1054}, "org.nema.dicos.route_id"},
    {{0x4010, 0x1055}, "org.nema.dicos.route_id_assigning_authority"},
    {{0x4010, 0x1056}, "org.nema.dicos.inbound_arrival_type"},
    {{0x4010, 0x1058}, "org.nema.dicos.carrier_id"},
    {{0x4010, 0x1059}, "org.nema.dicos.carrier_id_assigning_authority"},
    {{0x4010, 0x1009}, "org.nema.dicos.ooi_owner_type", {0x4010, 0x1047}},
    {{0x4010, 0x1067}, "org.nema.dicos.transport_classification", {0x4010, 0x1047}},
    {{0x4010, 0x1007}, "org.nema.dicos.route_segment_id", {0x4010, 0x100A}},
    {{0x4010, 0x101E}, "org.nema.dicos.route_segment_start_location_id", {0x4010, 0x100A}},
    {{0x4010, 0x101F}, "org.nema.dicos.route_segment_end_location_id", {0x4010, 0x100A}},
    {{0x4010, 0x1027}, "org.nema.dicos.tdr_type"},
    {{0x4010, 0x1029}, "org.nema.dicos.algorithm_and_version"},
    {{0x4010, 0x102B}, "org.nema.dicos.alarm_decision_time"},
    {{0x4010, 0x1031}, "org.nema.dicos.alarm_decision"},
    {{0x4010, 0x1024}, "org.nema.dicos.abort_flag"},
    {{0x4010, 0x1021}, "org.nema.dicos.abort_reason"},
    {{0x4010, 0x1033}, "org.nema.dicos.number_of_total_objects"},
    {{0x4010, 0x1034}, "org.nema.dicos.number_of_alarm_objects"},
};

const Key ooi_keys[] = {
    {{0x0010, 0x0020}, "org.nema.dicos.ooi_id"},
    {{0x0010, 0x0021}, "org.nema.dicos.ooi_id_assigning_authority"},
    {{0x0010, 0x0022}, "org.nema.dicos.ooi_id_type"},
};

template <size_t count>
void add_texts(const Tags& tags, const Key (&keys)[count], std::vector<Attribute>& out) {
  for (const Key& key : keys) {
    const bool nested = key.sequence != DcmTagKey(0, 0);
    std::string value = (nested ? tags.item(key.sequence) : tags).texts(key.tag);
    if (!value.empty()) out.push_back(attribute(key.key, value));
  }
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What was scanned, and the ids that have a field of their own: ten digits of a bag tag, a container's number.
void add_object_id(const Tags& tags, std::vector<Attribute>& out) {
  const std::string id = tags.text({0x0010, 0x0020}), type = tags.text({0x4010, 0x1042});
  constexpr std::pair<std::string_view, const char*> subjects[] = {{"BAGGAGE", "bag"}, {"CARGO", "cargo"}, {"PERSON", "person"}};
  for (const auto& [word, subject] : subjects)
    if (type == word) out.push_back(attribute("identity.subject", subject));
  if (type == "BAGGAGE" && id.size() == 10 && all_digits(id))
    out.push_back(attribute("conveyance.air.bag_tags[0]", id));
  if (type == "CARGO" && id.size() == 11 && all_digits(std::string_view(id).substr(4)))
    out.push_back(attribute("conveyance.containers[0].number", id));
}

void add_beam(const Tags& tags, std::vector<Attribute>& out) {
  if (const auto kvp = tags.number({0x0018, 0x0060}); kvp && *kvp > 0)
    out.push_back(attribute("beam.energies_kev[0]", *kvp));
  if (const auto ua = tags.number({0x0018, 0x8151}); ua && *ua > 0)
    out.push_back(attribute("beam.tube_current_ma", *ua / 1000));
  else if (const auto ma = tags.number({0x0018, 0x1151}); ma && *ma > 0)
    out.push_back(attribute("beam.tube_current_ma", *ma));
  if (const auto mm = tags.number({0x0018, 0x7054}); mm && *mm > 0 && !tags.text({0x0018, 0x7050}).empty())
    out.push_back(attribute("beam.filtration[0].thickness_mm", *mm));
}

std::optional<int> digits(std::string_view text, size_t at, size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + count, value);
  if (error != std::errc() || end != text.data() + at + count || value < 0) return std::nullopt;
  return value;
}

// "+0130" in seconds east.
std::optional<int32_t> zone_of(std::string_view text) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hours = digits(text, 1, 2), minutes = digits(text, 3, 2);
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (*hours * 3600 + *minutes * 60);
}

// "20101005" and "120000.5", local.
std::optional<int64_t> local_ns(std::string_view date, std::string_view clock) {
  const auto year = digits(date, 0, 4), month = digits(date, 4, 2), day = digits(date, 6, 2);
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day when{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!when.ok() || *year < 1900 || *year > 2200) return std::nullopt;
  const int hour = digits(clock, 0, 2).value_or(0), minute = digits(clock, 2, 2).value_or(0),
            second = digits(clock, 4, 2).value_or(0);
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  int64_t fraction_ns = 0;
  if (clock.size() > 7 && clock[6] == '.')
    for (size_t i = 7, unit = 100'000'000; i < clock.size() && unit > 0; ++i, unit /= 10)
      fraction_ns += digits(clock, i, 1).value_or(0) * static_cast<int64_t>(unit);
  const int64_t days = std::chrono::sys_days(when).time_since_epoch().count();
  return ((days * 24 + hour) * 3600 + minute * 60 + second) * 1'000'000'000 + fraction_ns;
}

}  // namespace

std::vector<Attribute> attributes_of(const Tags& tags, bool dicos) {
  std::vector<Attribute> out;
  add_texts(tags, record_keys, out);
  add_texts(tags, own_keys, out);
  if (dicos) {
    add_texts(tags, ooi_keys, out);
    add_object_id(tags, out);
  }
  add_beam(tags, out);
  return out;
}

Time time_of(const Tags& tags) {
  std::string date, clock, zone = tags.text({0x0008, 0x0201});
  if (std::string moment = tags.text({0x0008, 0x002A}); moment.size() >= 8) {
    const size_t sign = moment.find_first_of("+-");
    if (sign != std::string::npos) zone = moment.substr(sign);
    date = moment.substr(0, 8);
    clock = moment.substr(8, sign == std::string::npos ? std::string::npos : sign - 8);
  }
  for (const int element : {0x22, 0x23, 0x21, 0x20}) {
    if (local_ns(date, clock)) break;
    date = tags.text({0x0008, static_cast<uint16_t>(element)});
    clock = tags.text({0x0008, static_cast<uint16_t>(element + 0x10)});
  }
  const auto local = local_ns(date, clock);
  if (!local) return {};
  const auto offset_s = zone_of(zone);
  Time time = file_time(*local - int64_t{offset_s.value_or(0)} * 1'000'000'000);
  if (offset_s)
    time.offset_s = *offset_s;
  else
    time.uncertainty_ns = unknown_zone_ns;
  return time;
}

std::string charset_of(const Tags& tags) {
  const std::string name = tags.text({0x0008, 0x0005});
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"ISO_IR 192", "UTF-8"},      {"ISO_IR 100", "ISO-8859-1"}, {"ISO_IR 101", "ISO-8859-2"},
      {"ISO_IR 109", "ISO-8859-3"}, {"ISO_IR 110", "ISO-8859-4"}, {"ISO_IR 144", "ISO-8859-5"},
      {"ISO_IR 127", "ISO-8859-6"}, {"ISO_IR 126", "ISO-8859-7"}, {"ISO_IR 138", "ISO-8859-8"},
      {"ISO_IR 148", "ISO-8859-9"}, {"ISO_IR 13", "Shift_JIS"},   {"ISO_IR 166", "TIS-620"},
      {"GB18030", "GB18030"},       {"GBK", "GBK"},
  };
  for (const auto& [own, iana] : known)
    if (name == own) return std::string(iana);
  return {};
}

}  // namespace garita::dicos
