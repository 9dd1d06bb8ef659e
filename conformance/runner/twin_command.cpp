#include "conformance/runner/twin_command.hpp"

#include <boost/program_options.hpp>
#include <filesystem>

#include "conformance/runner/command_line.hpp"
#include "core/base/file.hpp"
#include "core/host/grants.hpp"
#include "core/load/manifest.hpp"

namespace garita::conformance {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

constexpr uint64_t max_template_bytes = 1u << 20;

struct Options {
  std::string driver, out;
  bool help = false;
};

base::Result<Options> parse(const Terminal& terminal, const std::vector<std::string>& arguments) {
  Options own;
  po::options_description all;
  const auto add = [&](const char* name, const char* id, const po::value_semantic* value) {
    all.add_options()(name, value, terminal.text(std::string("conform.option_") + id).c_str());
  };
  add("driver", "driver", po::value(&own.driver)->value_name("NAME|FILE"));
  add("out", "twin_out", po::value(&own.out)->value_name("FOLDER"));
  add("help,h", "help", po::bool_switch(&own.help));
  GARITA_TRY(parse_command_line(all, arguments));
  if (own.help)
    terminal.out << terminal.text("conform.twin_about") << "\n\ngarita-conform twin\n" << all;
  else if (own.driver.empty())
    return bad_option("--driver");
  else if (own.out.empty())
    return bad_option("--out");
  return own;
}

// share/garita/twin of the tree that this program is in.
fs::path template_folder() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path().parent_path() / "share/garita/twin";
}

using Fillings = std::vector<std::pair<std::string, std::string>>;

std::string filled(std::string text, const Fillings& fillings) {
  for (const auto& [name, value] : fillings)
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
      text.replace(at, name.size(), value);
  return text;
}

base::Result<void> copy_filled(const fs::path& from, const fs::path& to, const Fillings& fillings) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(from, max_template_bytes));
  return base::write_file(to, filled(std::move(text), fillings));
}

base::Result<void> write_twin(const load::Manifest& manifest, const fs::path& out) {
  std::error_code ignored;
  if (fs::exists(out, ignored) && !fs::is_empty(out, ignored))
    return base::Error{base::Outcome::usage, "conform.twin_exists", {{"path", out.string()}}};
  GARITA_TRY(base::real_file_system().create_folders(out, 0777));
  std::string stream = "scanner";
  for (const load::StreamDeclaration& each : manifest.streams)
    if (each.kind == GARITA_STREAM_BYTES) {
      stream = each.name;
      break;
    }
  const Fillings fillings = {{"@NAME@", manifest.name},
                             {"@ID@", manifest.id},
                             {"@VENDOR@", manifest.vendor},
                             {"@LICENCE@", manifest.licence},
                             {"@MODEL@", manifest.models.front()},
                             {"@STREAM@", stream}};
  const fs::path from = template_folder() / "template";
  GARITA_TRY(copy_filled(from / "twin.cpp", out / "twin.cpp", fillings));
  GARITA_TRY(copy_filled(from / "twin.toml", out / "twin.toml", fillings));
  GARITA_TRY(copy_filled(from / "CMakeLists.txt.in", out / "CMakeLists.txt", fillings));
  GARITA_TRY(copy_filled(from / "twin.garita.json.in", out / (manifest.name + "-twin.garita.json.in"), fillings));
  return copy_filled(template_folder() / "include/garita_twin.hpp", out / "garita_twin.hpp", {});
}

}  // namespace

int make_twin(const Terminal& terminal, const std::vector<std::string>& arguments) {
  const auto options = parse(terminal, arguments);
  if (!options) return fail(terminal, options.error());
  if (options->help) return 0;
  const auto folders = host::driver_search_path("");
  const auto manifest = load::find_driver(options->driver, folders);
  if (!manifest) return fail(terminal, manifest.error());
  if (auto written = write_twin(*manifest, options->out); !written) return fail(terminal, written.error());
  terminal.out << terminal.text("conform.twin_made", {{"path", options->out}}) << '\n';
  return 0;
}

}  // namespace garita::conformance
