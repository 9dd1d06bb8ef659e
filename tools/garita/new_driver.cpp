// garita new-driver: a driver of one's own to begin with, copied from share/garita/template with the names filled in.
//
// The template is itself a driver that builds and scans, called acme-x1; the new one has its own name wherever that one
// says acme-x1, AcmeX1 or ACME-X1, in files and in their names.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/base/file.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t max_name_bytes = 48;
constexpr uint64_t max_file_bytes = 4 << 20;

struct Replacement {
  std::string_view of_template;
  std::string ours;
};
using Replacements = std::vector<Replacement>;

// Lower-case words of letters and digits, joined by single dashes or underscores; the first begins with a letter.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > max_name_bytes || name.front() < 'a' || name.front() > 'z') return false;
  const auto joins = [](char c) { return c == '-' || c == '_'; };
  const auto allowed = [&](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || joins(c); };
  const auto twice = [&](char a, char b) { return joins(a) && joins(b); };
  return std::all_of(name.begin(), name.end(), allowed) && !joins(name.back()) &&
         std::adjacent_find(name.begin(), name.end(), twice) == name.end();
}

char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

std::string class_name(std::string_view name) {
  std::string result;
  bool first = true;
  for (const char c : name) {
    if (c != '-' && c != '_') result += first ? upper(c) : c;
    first = c == '-' || c == '_';
  }
  return result;
}

Replacements replacements_for(const std::string& name) {
  std::string model(name);
  std::transform(model.begin(), model.end(), model.begin(), upper);
  return {{"acme-x1", name}, {"AcmeX1", class_name(name)}, {"ACME-X1", model}};
}

// In one pass, so that what was filled in is not taken for the template's.
std::string filled(std::string_view text, const Replacements& replacements) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    const auto here = std::find_if(replacements.begin(), replacements.end(),
                                   [&](const Replacement& r) { return text.substr(at).starts_with(r.of_template); });
    if (here == replacements.end()) {
      result += text[at++];
    } else {
      result += here->ours;
      at += here->of_template.size();
    }
  }
  return result;
}

base::Result<void> copy_file(const fs::path& from, const fs::path& to, const Replacements& replacements) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(from, max_file_bytes));
  const bool binary = text.find('\0') != std::string::npos;  // a recorded session stays as it was recorded
  GARITA_TRY(base::real_file_system().create_folders(to.parent_path(), 0777));
  const std::string content = binary ? text : filled(text, replacements);
  return base::write_file(to, std::as_bytes(std::span(content)));
}

// Adds the files of one part of the template; `made` gets their names.
base::Result<void> copy_part(const fs::path& part, const fs::path& folder, const Replacements& replacements,
                             std::vector<std::string>& made) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator entry(part, error), end; !error && entry != end; entry.increment(error))
    if (entry->is_regular_file(error)) files.push_back(entry->path());
  if (error || files.empty())
    return base::Error{base::Outcome::not_loaded, "cli.new_driver_no_template", {{"folder", part.string()}}};
  for (const fs::path& file : files) {
    made.push_back(filled(file.lexically_relative(part).generic_string(), replacements));
    GARITA_TRY(copy_file(file, folder / made.back(), replacements));
  }
  return {};
}

// The folder above bin/: of an installed tree, or of a build.
fs::path root_folder() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path().parent_path();
}

// Where find_package(Garita) will find it; empty where this program was not installed.
fs::path package_prefix() {
  for (const fs::path& prefix : {root_folder(), root_folder() / "install"})
    if (fs::exists(prefix / "lib/cmake/Garita/GaritaConfig.cmake")) return prefix;
  return {};
}

// The new folder with all its files, or nothing of it.
base::Result<std::vector<std::string>> make_driver(const std::string& name, const std::string& language,
                                                   const fs::path& folder) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder, error)))
    return usage_error("cli.new_driver_exists", {{"folder", folder.string()}});
  const Replacements replacements = replacements_for(name);
  std::vector<std::string> made;
  for (const std::string& part : {std::string("common"), language}) {
    auto copied = copy_part(root_folder() / "share/garita/template" / part, folder, replacements, made);
    if (copied) continue;
    fs::remove_all(folder, error);
    return std::move(copied).error();
  }
  std::sort(made.begin(), made.end());
  return made;
}

void print_next(const Terminal& terminal, const fs::path& folder, const std::string& language) {
  const std::string prefix = package_prefix().string();
  terminal.out << terminal.text("cli.new_driver_made", {{"folder", folder.string()}, {"language", language}}) << "\n\n"
               << "  cd " << folder.string() << '\n'
               << "  cmake -B build" << (prefix.empty() ? "" : " -DCMAKE_PREFIX_PATH=" + prefix) << '\n'
               << "  cmake --build build\n"
               << "  ctest --test-dir build\n\n"
               << terminal.text("cli.new_driver_next") << '\n';
}

}  // namespace

int new_driver_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "new-driver");
  options.positional("name", "NAME").value("language", "c++|c").value("out", "FOLDER");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;

  auto name = options.required("name");
  if (!name) return fail(terminal, name.error());
  if (!is_name(*name)) return fail(terminal, usage_error("cli.new_driver_bad_name", {{"given", *name}}));
  const std::string language = options.get("language", "c++");
  if (language != "c++" && language != "c")
    return fail(terminal, usage_error("cli.new_driver_bad_language", {{"given", language}}));

  const fs::path folder = fs::path(options.get("out", ".")) / *name;
  auto made = make_driver(*name, language, folder.lexically_normal());
  if (!made) return fail(terminal, made.error());
  if (terminal.json) {
    const nlohmann::json report = {{"folder", folder.lexically_normal().string()}, {"name", *name},
                                   {"id", "com.example." + *name}, {"language", language}, {"files", *made}};
    terminal.out << report.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    print_next(terminal, folder.lexically_normal(), language);
  }
  return 0;
}

}  // namespace garita::cli
