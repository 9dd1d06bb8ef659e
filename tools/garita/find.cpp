// garita find: which inspections? By what people know of them: a container, a plate, a paper, a place, an
// hour.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/base/clock.hpp"
#include "core/catalog/reader.hpp"
#include "core/host/catalog_index.hpp"
#include "core/record/dictionary.hpp"
#include "core/record/format.hpp"
#include "tools/garita/addenda.hpp"

namespace garita::cli {
namespace {

using catalog::Entry;
using catalog::IdentifierKind;

constexpr int64_t ns_a_day = 86'400'000'000'000;

const google::protobuf::FieldDescriptor& category_field() {
  return *v1::Detection::descriptor()->FindFieldByName("category");
}
const google::protobuf::FieldDescriptor& verdict_field() {
  return *v1::Decision::descriptor()->FindFieldByName("verdict");
}

// A moment with seconds, or a day: of `to`, the day still counts.
base::Result<std::optional<int64_t>> time_of(const Options& options, const char* name, bool to) {
  if (!options.has(name)) return std::optional<int64_t>();
  const std::string given = options.get(name);
  if (const auto moment = base::parse_utc(given)) return std::optional(*moment);
  const auto day = base::parse_utc(given + "T00:00:00Z");
  if (!day) return usage_error("cli.bad_time", {{"option", name}, {"given", given}});
  return std::optional(*day + (to ? ns_a_day : 0));
}

base::Result<void> add_words(const Options& options, catalog::Query& query) {
  constexpr std::array<std::pair<std::string_view, uint32_t>, 4> alarms = {
      {{"any", catalog::alarm_gamma | catalog::alarm_neutron | catalog::alarm_other},
       {"gamma", catalog::alarm_gamma},
       {"neutron", catalog::alarm_neutron},
       {"other", catalog::alarm_other}}};
  if (options.has("alarm")) {
    for (const auto& [name, bits] : alarms)
      if (name == options.get("alarm")) query.alarms = bits;
    if (query.alarms == 0) return usage_error("cli.bad_alarm", {{"given", options.get("alarm")}});
  }
  if (options.has("category")) {
    const auto number = record::number_of(category_field(), options.get("category"));
    if (!number || *number == 0) return usage_error("cli.bad_category", {{"given", options.get("category")}});
    query.category = static_cast<v1::Category>(*number);
  }
  if (options.has("decision")) {
    const auto number = record::number_of(verdict_field(), options.get("decision"));
    if (!number || *number == 0) return usage_error("cli.bad_verdict", {{"given", options.get("decision")}});
    query.decision = static_cast<v1::Decision::Verdict>(*number);
  }
  return {};
}

base::Result<catalog::Query> query_of(const Options& options) {
  catalog::Query query;
  const std::pair<const char*, std::optional<IdentifierKind>> identifiers[] = {
      {"container", IdentifierKind::container}, {"plate", IdentifierKind::plate},
      {"pedimento", IdentifierKind::pedimento}, {"awb", IdentifierKind::awb},
      {"bag", IdentifierKind::bag_tag},         {"any", std::nullopt}};
  for (const auto& [option, kind] : identifiers)
    if (options.has(option)) query.identifiers.push_back({kind, options.get(option)});
  GARITA_TRY_ASSIGN(from, time_of(options, "from", false));
  GARITA_TRY_ASSIGN(to, time_of(options, "to", true));
  query.from_utc_ns = from;
  query.to_utc_ns = to;
  query.site = options.get("site");
  query.lane = options.get("lane");
  query.vendor = options.get("vendor");
  query.incomplete = options.has("incomplete");
  query.suspect = options.has("suspect");
  GARITA_TRY(add_words(options, query));
  return query;
}

// ---- What is shown

std::vector<int> numbers_of(uint32_t bits) {
  std::vector<int> numbers;
  for (int number = 1; number < 32; ++number)
    if (bits & (1u << number)) numbers.push_back(number);
  return numbers;
}

nlohmann::json to_json(const Entry& entry) {
  nlohmann::json identifiers = nlohmann::json::array(), categories = nlohmann::json::array(),
                 alarms = nlohmann::json::array();
  for (const auto& each : entry.identifiers)
    identifiers.push_back({{"kind", name_of(each.kind)}, {"value", each.value}});
  for (const int number : numbers_of(entry.categories.all()))
    categories.push_back(record::word_of(category_field(), number));
  if (entry.alarms & catalog::alarm_gamma) alarms.push_back("gamma");
  if (entry.alarms & catalog::alarm_neutron) alarms.push_back("neutron");
  if (entry.alarms & catalog::alarm_other) alarms.push_back("other");
  nlohmann::json json = {{"package", entry.path.string()},
                         {"root", base::to_text(entry.root)},
                         {"size_bytes", entry.size_bytes},
                         {"utc", base::format_utc(entry.utc_ns)},
                         {"inspection", entry.inspection_id},
                         {"scan_key", entry.scan_key},
                         {"site", entry.site},
                         {"lane", entry.lane},
                         {"vendor", entry.vendor},
                         {"model", entry.model},
                         {"identifiers", identifiers},
                         {"categories", categories},
                         {"alarms", alarms},
                         {"suspect", (entry.alarms & catalog::alarm_suspect) != 0},
                         {"complete", !entry.incomplete},
                         {"found", entry.found}};
  if (entry.decision != 0) json["decision"] = record::word_of(verdict_field(), entry.decision);
  return json;
}

std::string printed(const catalog::Identifier& identifier) {
  switch (identifier.kind) {
    case IdentifierKind::container:
      return record::printed("iso6346", identifier.value);
    case IdentifierKind::pedimento:
      return record::printed("pedimento", identifier.value);
    case IdentifierKind::awb:
      return record::printed("awb", identifier.value);
    default:
      return identifier.value;
  }
}

std::string marks_of(const Terminal& terminal, const Entry& entry) {
  std::string marks;
  const auto add = [&](const std::string& mark) { marks += (marks.empty() ? "" : ", ") + mark; };
  if (entry.incomplete) add(terminal.text("cli.find_mark_incomplete"));
  if (entry.alarms & catalog::alarm_suspect) add(terminal.text("cli.find_mark_suspect"));
  if (entry.alarms & catalog::alarm_gamma) add(terminal.text("cli.find_mark_gamma"));
  if (entry.alarms & catalog::alarm_neutron) add(terminal.text("cli.find_mark_neutron"));
  if (entry.alarms & catalog::alarm_other) add(terminal.text("cli.find_mark_alarm"));
  for (const int number : numbers_of(entry.categories.all()))
    add(record::label_of(category_field(), number, terminal.language));
  if (entry.found) add(terminal.text("cli.find_mark_found"));
  if (entry.decision != 0) add(record::label_of(verdict_field(), entry.decision, terminal.language));
  return marks;
}

using Line = std::array<std::string, 6>;

Line line_of(const Terminal& terminal, const Entry& entry) {
  constexpr size_t shown = 4;
  std::string identifiers;
  for (size_t i = 0; i < std::min(shown, entry.identifiers.size()); ++i)
    identifiers += (i == 0 ? "" : "  ") + printed(entry.identifiers[i]);
  if (entry.identifiers.size() > shown) identifiers += " …";
  const std::string place = entry.site + (entry.site.empty() || entry.lane.empty() ? "" : " / ") + entry.lane;
  return {base::format_utc(entry.utc_ns, 0), base::printable(place),    base::printable(entry.vendor),
          base::printable(identifiers),      marks_of(terminal, entry), base::printable(entry.path.string())};
}

size_t width_of(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// Columns as wide as they need to be; the path stands last, so that it can be copied.
void print_table(const Terminal& terminal, const std::vector<Entry>& entries) {
  std::vector<Line> lines = {{terminal.text("cli.find_time"), terminal.text("cli.find_place"),
                              terminal.text("cli.find_maker"), terminal.text("cli.find_identifiers"),
                              terminal.text("cli.find_marks"), terminal.text("cli.find_package")}};
  for (const Entry& entry : entries) lines.push_back(line_of(terminal, entry));
  std::array<size_t, 6> widths{};
  for (const Line& line : lines)
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  for (const Line& line : lines) {
    for (size_t i = 0; i + 1 < line.size(); ++i)
      if (widths[i] > 0) terminal.out << padded(line[i], widths[i]) << "  ";
    terminal.out << line.back() << '\n';
  }
}

void print(const Terminal& terminal, const catalog::FindResult& result) {
  if (terminal.json) {
    nlohmann::json found = nlohmann::json::array();
    for (const Entry& entry : result.entries) found.push_back(to_json(entry));
    terminal.out << nlohmann::json{{"found", found}, {"more", result.more}}.dump(
                        2, ' ', false, nlohmann::json::error_handler_t::replace)
                 << '\n';
  } else if (result.entries.empty()) {
    terminal.out << terminal.text("cli.find_none") << '\n';
  } else {
    print_table(terminal, result.entries);
  }
  if (result.more && !terminal.json)
    terminal.err << "garita: "
                 << terminal.text("cli.find_more", {{"count", std::to_string(result.entries.size())}})
                 << '\n';
}

}  // namespace

int find_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "find");
  options.value("container", "NUMBER")
      .value("plate", "NUMBER")
      .value("pedimento", "NUMBER")
      .value("awb", "NUMBER");
  options.value("bag", "NUMBER").value("any", "NUMBER").value("from", "TIME").value("to", "TIME");
  options.value("site")
      .value("lane")
      .value("vendor")
      .value("alarm", "any|gamma|neutron|other")
      .value("category", "WORD");
  options.value("decision", "release|hold|secondary")
      .flag("incomplete")
      .flag("suspect")
      .value("limit", "N")
      .value("state", "FOLDER");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  auto query = query_of(options);
  if (!query) return fail(terminal, query.error());
  auto limit = options.number("limit", 50, 1, static_cast<int64_t>(catalog::max_limit));
  if (!limit) return fail(terminal, limit.error());
  auto state = state_folder(options);
  if (!state) return fail(terminal, state.error());
  auto reader = catalog::Reader::open(host::catalog_path(*state));
  if (!reader) return fail(terminal, reader.error());
  auto result = reader->find(*query, static_cast<size_t>(*limit));
  if (!result) return fail(terminal, result.error());
  print(terminal, *result);
  return result->entries.empty() ? 1 : 0;
}

}  // namespace garita::cli
