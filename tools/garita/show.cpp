// garita show: the record of a package, for a person or a program.
#include <algorithm>

#include "core/host/open_package.hpp"
#include "core/host/scan_freshness.hpp"
#include "core/record/describe.hpp"
#include "core/record/json.hpp"
#include "tools/garita/addenda.hpp"
#include "tools/garita/look.hpp"

namespace garita::cli {
namespace {

constexpr const char* bold = "\033[1m";
constexpr const char* red = "\033[31m";
constexpr const char* plain = "\033[0m";

void print_record(const Terminal& terminal, const v1::Inspection& record) {
  std::string group;
  for (const record::Row& row : record::describe(record, terminal.language)) {
    if (row.group != group) {
      if (!group.empty()) terminal.out << '\n';
      group = row.group;
      terminal.out << (terminal.colour ? bold : "") << group << (terminal.colour ? plain : "") << '\n';
    }
    terminal.out << "  " << padded(row.label, 34) << ' ';
    if (row.suspect)
      terminal.out << (terminal.colour ? red : "") << row.value << "  "
                   << terminal.text("cli.suspect", {{"reason", row.reason}})
                   << (terminal.colour ? plain : "");
    else
      terminal.out << row.value;
    terminal.out << '\n';
  }
}

// The record, with a member `addenda` behind it where there are any.
void print_json(const Terminal& terminal, const v1::Inspection& record, const package::Addenda& addenda) {
  auto json = nlohmann::ordered_json::parse(record::to_json(record, 0));
  if (!addenda.entries.empty() || addenda.fault) json["addenda"] = to_json(addenda);
  terminal.out << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

// A field whose name is withheld too is counted: nothing more is known of it.
void print_withheld(const Terminal& terminal, const std::vector<std::string>& places) {
  for (const std::string& place : places)
    if (place != "?") terminal.err << "garita: " << terminal.text("cli.withheld", {{"place", place}}) << '\n';
  if (const auto nameless = std::count(places.begin(), places.end(), "?"); nameless > 0)
    terminal.err << "garita: "
                 << terminal.text("cli.withheld_nameless", {{"count", std::to_string(nameless)}}) << '\n';
}

}  // namespace

int show_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "show");
  options.positional("file").flag("schema").value("state", "FOLDER");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  if (options.has("schema")) {
    terminal.out << record::json_schema() << '\n';
    return 0;
  }
  auto file = options.required("file");
  if (!file) return fail(terminal, file.error());
  auto package = host::open_package(*file);
  if (!package) return fail(terminal, package.error());
  if (const auto may = ask_to_look(options, exchange::Act::show, *package, *file); !may)
    return fail(terminal, may.error());
  const package::Addenda addenda = package::read_addenda(*file, package->reader.root());
  if (terminal.json) {
    print_json(terminal, package->record, addenda);
  } else {
    print_record(terminal, package->record);
    if (const auto suspicion = host::suspicion_of(package->record))
      terminal.out << '\n'
                   << (terminal.colour ? red : "") << base::render(*suspicion, terminal.language)
                   << (terminal.colour ? plain : "") << '\n';
    print_addenda(terminal, addenda);
  }
  print_withheld(terminal, package->withheld);
  return tell_fault(terminal, addenda, *file);
}

}  // namespace garita::cli
