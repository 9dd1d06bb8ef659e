#include "tools/garita/addenda.hpp"

#include "core/base/state.hpp"
#include "core/host/addenda.hpp"
#include "core/record/describe.hpp"
#include "core/record/json.hpp"

namespace garita::cli {
namespace {

nlohmann::json to_json(const package::SignedAddendum& each) {
  return {{"addendum", nlohmann::json::parse(record::to_json(each.addendum, 0))},
          {"algorithm", std::string(base::name_of(each.algorithm))},
          {"key_id", base::to_text(each.key_id)}};
}

std::string time_of(const v1::Addendum& addendum) { return base::format_utc(addendum.made().utc_ns(), 0); }

void print_rows(const Terminal& terminal, const package::SignedAddendum& each) {
  for (const record::Row& row : record::describe(each.addendum, terminal.language)) {
    if (row.path == "id" || row.path == "package_root" || row.path.starts_with("made")) continue;
    terminal.out << "  " << padded(row.label, 34) << ' ' << row.value << '\n';
  }
}

}  // namespace

nlohmann::json to_json(const package::Addenda& addenda) {
  nlohmann::json entries = nlohmann::json::array();
  for (const package::SignedAddendum& each : addenda.entries) entries.push_back(to_json(each));
  return {{"holds", !addenda.fault}, {"torn_bytes", addenda.torn_bytes}, {"entries", entries}};
}

void print_addenda(const Terminal& terminal, const package::Addenda& addenda) {
  for (const package::SignedAddendum& each : addenda.entries) {
    terminal.out << '\n'
                 << terminal.text("cli.addendum", {{"time", time_of(each.addendum)},
                                                   {"algorithm", std::string(base::name_of(each.algorithm))},
                                                   {"key", base::to_text(each.key_id).substr(0, 16)}})
                 << '\n';
    print_rows(terminal, each);
  }
}

int tell_fault(const Terminal& terminal, const package::Addenda& addenda,
               const std::filesystem::path& package) {
  if (addenda.fault) {
    terminal.err << "garita: " << base::render(*addenda.fault, terminal.language) << '\n';
    return static_cast<int>(addenda.fault->outcome);
  }
  if (addenda.torn_bytes == 0) return 0;
  terminal.err << "garita: "
               << terminal.text("cli.addenda_torn", {{"path", package::addenda_path(package).string()},
                                                     {"bytes", std::to_string(addenda.torn_bytes)}})
               << '\n';
  return static_cast<int>(base::Outcome::incomplete);
}

std::string take_second(Arguments& arguments) {
  if (arguments.size() < 2 || arguments[0].starts_with('-') || arguments[1].starts_with('-')) return "";
  std::string word = arguments[1];
  arguments.erase(arguments.begin() + 1);
  return word;
}

base::Result<std::filesystem::path> state_folder(const Options& options) {
  std::optional<std::filesystem::path> given;
  if (options.has("state")) given = options.get("state");
  return base::find_state_folder(given);
}

int add_addendum(const Terminal& terminal, const Options& options, const v1::Addendum& content) {
  auto file = options.required("file");
  if (!file) return fail(terminal, file.error());
  auto state = state_folder(options);
  if (!state) return fail(terminal, state.error());
  auto written = host::add_addendum(*state, *file, content);
  if (!written) return fail(terminal, written.error());
  for (const base::Error& note : written->notes)
    terminal.err << "garita: " << base::render(note, terminal.language) << '\n';
  if (terminal.json)
    terminal.out
        << to_json(written->signed_addendum).dump(2, ' ', false, nlohmann::json::error_handler_t::replace)
        << '\n';
  else
    terminal.out << terminal.text("cli.addendum_written",
                                  {{"path", package::addenda_path(*file).string()},
                                   {"key", base::to_text(written->signed_addendum.key_id).substr(0, 16)}})
                 << '\n';
  return 0;
}

}  // namespace garita::cli
