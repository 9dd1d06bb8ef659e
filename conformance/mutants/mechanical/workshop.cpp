#include "conformance/mutants/mechanical/workshop.hpp"

#include <algorithm>

#include "conformance/mutants/mechanical/shell.hpp"
#include "core/base/file.hpp"

namespace garita::conformance::mechanical {
namespace {

namespace fs = std::filesystem;

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// What stands behind " -o " up to the next blank.
std::string output_of(const std::string& command) {
  const size_t at = command.find(" -o ");
  if (at == std::string::npos) return "";
  const size_t begin = command.find_first_not_of(' ', at + 4);
  return command.substr(begin, command.find(' ', begin) - begin);
}

base::Error no_build(const fs::path& path) {
  return {base::Outcome::not_loaded, "conform.mechanical_build", {{"path", path.string()}}};
}

}  // namespace

std::vector<Family> families(const fs::path& source_root) {
  std::vector<Family> all;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(source_root / "drivers", ignored)) {
    Family own{entry.path().filename().string(), {}};
    for (const char* name : {"driver.cpp", "wire.cpp"})
      if (fs::exists(entry.path() / name, ignored)) own.sources.push_back(entry.path() / name);
    if (!own.sources.empty() && fs::exists(entry.path() / "conform.toml", ignored))
      all.push_back(std::move(own));
  }
  std::sort(all.begin(), all.end(), [](const Family& a, const Family& b) { return a.name < b.name; });
  return all;
}

base::Result<Workshop> Workshop::open(const fs::path& build, const std::string& family) {
  Workshop own;
  own.build_ = build, own.family_ = family;
  const std::string library = "/" + family + ".so";
  const auto commands = run("ninja -C " + quoted(build.string()) + " -t commands driver_" + family);
  for (const std::string& line : commands.lines) {
    if (line.find(" -c ") != std::string::npos) own.compile_.push_back(line);
    if (line.find(" -shared ") != std::string::npos && output_of(line).ends_with(library)) own.link_ = line;
  }
  if (commands.exit_code != 0 || own.compile_.empty() || own.link_.empty()) return no_build(build);
  return own;
}

base::Result<Workshop::Made> Workshop::make(const fs::path& source, const std::string& text,
                                            const fs::path& folder) const {
  const std::string ending = " -c " + source.string();
  const auto found = std::find_if(compile_.begin(), compile_.end(),
                                  [&](const std::string& each) { return each.ends_with(ending); });
  if (found == compile_.end()) return no_build(source);
  const std::string object = output_of(*found), own_object = (folder / "changed.o").string();
  const fs::path changed = folder / source.filename();
  std::error_code failed;
  fs::remove_all(folder, failed);
  GARITA_TRY(base::real_file_system().create_folders(folder / family_, 0755));
  GARITA_TRY(base::write_file(changed, base::Bytes(text)));

  std::string compile = found->substr(0, found->size() - ending.size());
  replace_all(compile, object, own_object);
  // Its neighbours by their plain names; and a warning is no error here, a wrong driver often earns one.
  compile += " -w -iquote " + quoted(source.parent_path().string()) + " -c " + quoted(changed.string());
  const std::string there = "cd " + quoted(build_.string()) + " && ";
  if (run(there + "timeout 300 " + compile).exit_code != 0) return Made::stillborn;

  std::string link = link_;
  const std::string library = output_of(link), old_folder = fs::path(library).parent_path().string(),
                    new_folder = (folder / family_).string();
  replace_all(link, (build_ / old_folder).string() + "/", new_folder + "/");
  replace_all(link, " " + old_folder + "/", " " + new_folder + "/");
  if (link.find(object) != std::string::npos)
    replace_all(link, object, own_object);
  else  // in a library: what stands before it is taken instead
    replace_all(link, " -o " + new_folder + library.substr(old_folder.size()),
                " -o " + new_folder + library.substr(old_folder.size()) + " " + own_object);
  if (run(there + link).exit_code != 0 || !fs::exists(manifest(folder), failed)) return no_build(source);
  return Made::driver;
}

}  // namespace garita::conformance::mechanical
