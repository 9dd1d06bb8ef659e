#include "drivers/vm250/wire.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace garita::vm250 {
namespace {

constexpr size_t max_fields = 16;
constexpr uint32_t largest_count = 999'999;
constexpr uint32_t day_ms = 86'400'000;
constexpr double largest_speed = 99'999;  // of each unit: what is more was never measured

struct Code {
  std::string_view code;
  size_t fields;
};
constexpr Code codes[] = {{"GB", 4}, {"GH", 4},  {"GL", 4},  {"GS", 4},  {"GA", 4},  {"NB", 4},
                          {"NH", 4}, {"NS", 4},  {"NA", 4},  {"GX", 4},  {"SP", 4},  {"TC", 4},
                          {"TT", 4}, {"SG1", 6}, {"SG2", 6}, {"SG3", 5}, {"SN1", 6}, {"SN2", 5}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

std::optional<uint32_t> count_of(std::string_view text) {
  uint32_t value = 0;
  if (text.size() != 6 || !all_digits(text)) return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "07.0", "0.2249": digits and at most one point.
std::optional<double> decimal_of(std::string_view text) {
  if (text.empty() || text.size() > 12 || text.find_first_not_of("0123456789.") != std::string_view::npos)
    return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// HH-MM-SS.mmm
std::optional<uint32_t> stamp_of(std::string_view text) {
  if (text.size() != 12 || text[2] != '-' || text[5] != '-' || text[8] != '.') return std::nullopt;
  const auto part = [&](size_t at, size_t size) -> uint32_t {
    uint32_t value = UINT32_MAX;
    if (all_digits(text.substr(at, size))) std::from_chars(text.data() + at, text.data() + at + size, value);
    return value;
  };
  const uint32_t hours = part(0, 2), minutes = part(3, 2), seconds = part(6, 2), ms = part(9, 3);
  if (hours > 23 || minutes > 59 || seconds > 59 || ms > 999) return std::nullopt;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
}

// Cuts at commas; a field may stand in quotation marks, as spreadsheets write it. False: a mark without its
// partner.
bool cut(std::string_view line, std::vector<std::string_view>& fields) {
  while (true) {
    size_t comma = line.find(',');
    std::string_view field = line.substr(0, comma);
    if (!line.empty() && line.front() == '"') {
      const size_t mark = line.find('"', 1);
      if (mark == std::string_view::npos) return false;
      field = line.substr(1, mark - 1);
      comma = line.find(',', mark);
    }
    if (field.find('"') != std::string_view::npos) return false;
    if (fields.size() < max_fields) fields.push_back(field);
    if (comma == std::string_view::npos) return true;
    line.remove_prefix(comma + 1);
  }
}

std::string in_words(size_t count) { return std::to_string(count) + (count == 1 ? " field" : " fields"); }

bool take_four(const std::vector<std::string_view>& fields, Four& out) {
  for (size_t i = 0; i < panels; ++i) {
    const auto count = count_of(fields[i]);
    if (!count) return false;
    out[i] = *count;
  }
  return true;
}

Message counts_of(std::string_view code, const std::vector<std::string_view>& fields) {
  using State = Counts::State;
  Counts counts;
  counts.neutron = code[0] == 'N';
  counts.state = code[1] == 'B'   ? State::background
                 : code[1] == 'H' ? State::high_fault
                 : code[1] == 'L' ? State::low_fault
                 : code[1] == 'S' ? State::scan
                                  : State::alarm;
  return take_four(fields, counts.counts) ? Message(counts) : Message();
}

Message end_of(const std::vector<std::string_view>& fields) {
  OccupancyEnd end;
  if (!fields.empty()) end.number = count_of(fields[0]);
  if (fields.size() > 1)
    if (const auto thousandths = count_of(fields[1])) end.neutron_background = *thousandths / 1000.0;
  return end;
}

Message speed_of(const std::vector<std::string_view>& fields) {
  const auto s_per_ft = decimal_of(fields[0]), mph = decimal_of(fields[1]), kph = decimal_of(fields[2]);
  if (!s_per_ft || !mph || !kph || std::max({*s_per_ft, *mph, *kph}) > largest_speed) return {};
  return Speed{*s_per_ft, *mph, *kph};
}

// Everything between first and last is a number or a short word; which, the field's own reader decides.
Message setup_of(std::string_view code, const std::vector<std::string_view>& fields) {
  SetupLine line{std::string(code), {}, {}};
  for (const std::string_view field : fields) {
    if (field.empty() || field.size() > 16) return {};
    line.text += (line.text.empty() ? "" : ",") + std::string(field);
    line.fields.emplace_back(field);
  }
  if (code == "SG1" && (!decimal_of(fields[2]) || !decimal_of(fields[4]))) return {};
  if (code == "SG2" && (fields[0].size() != panels || fields[4].size() != 4 || !all_digits(fields[0]) ||
                        !all_digits(fields[4])))
    return {};
  return line;
}

Message message_of(std::string_view code, const std::vector<std::string_view>& fields) {
  if (code == "GX") {
    for (const std::string_view field : fields)
      if (!count_of(field)) return {};
    return end_of(fields);
  }
  if (code == "SP") return speed_of(fields);
  if (code[0] == 'T') return Tamper{code == "TT"};
  if (code[0] == 'S') return setup_of(code, fields);
  return counts_of(code, fields);
}

void take_stamps(std::vector<std::string_view>& fields, Stamps& stamps) {
  std::vector<uint32_t> found;
  while (found.size() < 2 && fields.size() > 1) {
    const auto stamp = stamp_of(fields.back());
    if (!stamp) break;
    found.insert(found.begin(), *stamp);
    fields.pop_back();
  }
  if (!found.empty()) stamps.local_ms = found[0];
  if (found.size() > 1) stamps.utc_ms = found[1];
}

Parsed refused(Refusal refusal, std::string detail) { return {refusal, std::move(detail), {}, {}}; }

Parsed parse_fields(std::vector<std::string_view> fields) {
  const std::string_view code = fields.front();
  const auto* known =
      std::find_if(std::begin(codes), std::end(codes), [&](const Code& each) { return each.code == code; });
  if (known == std::end(codes))
    return refused(Refusal::unknown_code,
                   "'" + std::string(code.substr(0, 16)) + "' is no code of this family");
  Parsed parsed;
  take_stamps(fields, parsed.stamps);
  fields.erase(fields.begin());
  if (fields.size() != known->fields) {
    parsed.refusal = Refusal::field_count;
    parsed.detail = std::string(code) + " with " + in_words(fields.size()) + " where " +
                    std::to_string(known->fields) + " belong";
    if (code == "GX" && fields.size() < known->fields) parsed.message = end_of(fields);
    return parsed;
  }
  parsed.message = message_of(code, fields);
  if (!std::holds_alternative<std::monostate>(parsed.message)) return parsed;
  parsed.refusal = Refusal::field_form;
  parsed.detail = std::string(code) + " with a field that is no number of its form";
  if (code == "GX") parsed.message = end_of(fields);
  return parsed;
}

std::string six(double value) {
  char text[16];
  const double whole = std::clamp(std::round(value), 0.0, double{largest_count});
  std::snprintf(text, sizeof text, ",%06u", static_cast<unsigned>(whole));
  return text;
}

std::string four(const Four& counts) {
  std::string text;
  for (const uint32_t count : counts) text += six(count);
  return text;
}

std::string stamp(uint32_t ms) {
  char text[24];
  ms %= day_ms;
  std::snprintf(text, sizeof text, ",%02u-%02u-%02u.%03u", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60,
                ms % 1000);
  return text;
}

std::string fields_text(const std::monostate&) { return {}; }
std::string fields_text(const Counts& in) {
  constexpr const char* gamma[] = {"GB", "GH", "GL", "GS", "GA"};
  constexpr const char* neutron[] = {"NB", "NH", "NH", "NS", "NA"};
  return (in.neutron ? neutron : gamma)[static_cast<size_t>(in.state)] + four(in.counts);
}
std::string fields_text(const OccupancyEnd& in) {
  if (!in.neutron_background) return "GX" + six(in.number.value_or(0));
  return "GX" + six(in.number.value_or(0)) + six(*in.neutron_background * 1000) + ",000000,000000";
}
std::string fields_text(const Tamper& in) {
  return std::string(in.set ? "TT" : "TC") + ",111111,111111,111111,111111";
}
std::string fields_text(const Speed& in) {
  char text[64];
  std::snprintf(text, sizeof text, "SP,%06.4f,%06.3f,%06.2f,000000", in.s_per_ft, in.mph, in.kph);
  return text;
}
std::string fields_text(const SetupLine& in) { return in.code + "," + in.text; }

}  // namespace

std::string_view name(Panel panel) {
  constexpr std::string_view names[] = {"master_upper", "master_lower", "secondary_lower", "secondary_upper"};
  return names[static_cast<size_t>(panel)];
}

std::string_view name(Refusal refusal) {
  constexpr std::string_view names[] = {
      "good line",          "blank line",   "line too long",          "not text",
      "unterminated quote", "unknown code", "wrong number of fields", "malformed field"};
  return names[static_cast<size_t>(refusal)];
}

void Setup::take(const SetupLine& line) {
  if (line.code == "SG1" && line.fields.size() == 6) {
    intervals = static_cast<uint32_t>(std::min(decimal_of(line.fields[2]).value_or(0), 1000.0));
    sigmas = decimal_of(line.fields[4]).value_or(0);
  }
  if (line.code == "SG2" && line.fields.size() == 6) {
    for (size_t i = 0; i < panels; ++i) detectors[i] = line.fields[0][i] == '1';
    const std::string& bits = line.fields[4];
    sum = bits[0] == '1', horizontal = bits[1] == '1', vertical = bits[2] == '1', single = bits[3] == '1';
  }
}

Parsed parse(std::string_view line) {
  if (line.size() > max_line_bytes)
    return refused(Refusal::too_long, "a line of " + std::to_string(line.size()) + " bytes");
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
  if (line.empty()) return refused(Refusal::blank, "a blank line");
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (!std::all_of(line.begin(), line.end(), printable))
    return refused(Refusal::not_text, "a line of bytes that are not printable");
  std::vector<std::string_view> fields;
  if (!cut(line, fields)) return refused(Refusal::quote, "a quotation mark without its partner");
  return parse_fields(std::move(fields));
}

bool is_spectroscopic(std::string_view line) {
  return line.starts_with("S1,") || line.starts_with("S2,") || line.starts_with("BX,") ||
         line.starts_with("GX,Red") || line.starts_with("GX,Yellow") || line.starts_with("GX,Green");
}

std::string format(const Message& message, const Stamps& stamps) {
  std::string text = std::visit([](const auto& body) { return fields_text(body); }, message);
  if (stamps.local_ms) text += stamp(*stamps.local_ms);
  if (stamps.local_ms && stamps.utc_ms) text += stamp(*stamps.utc_ms);
  return text;
}

}  // namespace garita::vm250
