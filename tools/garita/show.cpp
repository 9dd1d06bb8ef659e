// garita show: the record of a package, for a person or a program.
#include "core/host/open_package.hpp"
#include "core/record/describe.hpp"
#include "core/record/json.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"

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
      terminal.out << (terminal.colour ? red : "") << row.value << "  " << terminal.text("cli.suspect", {{"reason", row.reason}})
                   << (terminal.colour ? plain : "");
    else
      terminal.out << row.value;
    terminal.out << '\n';
  }
}

}  // namespace

int show_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "show");
  options.positional("file").flag("schema");
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
  if (terminal.json)
    terminal.out << record::to_json(package->record) << '\n';
  else
    print_record(terminal, package->record);
  for (const std::string& place : package->withheld)
    terminal.err << "garita: " << terminal.text("cli.withheld", {{"place", place}}) << '\n';
  return 0;
}

}  // namespace garita::cli
