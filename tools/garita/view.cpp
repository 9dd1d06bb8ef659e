// garita view: pictures of a package's views.
#include <nlohmann/json.hpp>

#include "core/host/render.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {
namespace {

using Style = host::RenderRequest::Style;

base::Result<Style> style_of(const std::string& word) {
  if (word.empty()) return Style::automatic;
  if (word == "grey") return Style::grey;
  if (word == "colour" || word == "color") return Style::dual;
  return usage_error("cli.bad_style", {{"given", word}});
}

// X.png where one view is drawn, else FOLDER/VIEW.png.
std::filesystem::path target_of(const std::filesystem::path& out, const std::string& view) {
  return out.extension() == ".png" ? out : out / (view + ".png");
}

base::Result<std::vector<int>> chosen_views(const v1::Inspection& record, const std::string& name, bool one) {
  std::vector<int> chosen;
  std::string names;
  for (int i = 0; i < record.views_size(); ++i) {
    names += (names.empty() ? "" : ", ") + record.views(i).name();
    if (name.empty() || record.views(i).name() == name) chosen.push_back(i);
  }
  if (chosen.empty()) return base::Error{base::Outcome::no, "cli.no_view", {{"view", name}, {"views", names}}};
  if (one && chosen.size() > 1) return usage_error("cli.many_views", {{"views", names}});
  return chosen;
}

}  // namespace

int view_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "view");
  options.positional("file").value("out", "PATH").value("view", "NAME").value("style").value("width", "PIXELS").flag("steel");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  auto file = options.required("file");
  auto out = options.required("out");
  auto style = style_of(options.get("style"));
  auto width = options.number("width", 2048, 64, 16384);
  if (!file) return fail(terminal, file.error());
  if (!out) return fail(terminal, out.error());
  if (!style) return fail(terminal, style.error());
  if (!width) return fail(terminal, width.error());

  auto package = host::open_package(*file);
  if (!package) return fail(terminal, package.error());
  const std::filesystem::path target = *out;
  auto views = chosen_views(package->record, options.get("view"), target.extension() == ".png");
  if (!views) return fail(terminal, views.error());
  if (target.extension() != ".png")
    if (auto made = base::real_file_system().create_folders(target, 0755); !made) return fail(terminal, made.error());

  nlohmann::json written = nlohmann::json::array();
  for (int view : *views) {
    auto image = host::render_view(*package, view, {.style = *style, .max_length = static_cast<uint32_t>(*width),
                                                    .steel = options.has("steel"), .language = terminal.language});
    if (!image) return fail(terminal, image.error());
    const auto path = target_of(target, package->record.views(view).name());
    if (auto saved = picture::write_png(path, *image); !saved) return fail(terminal, saved.error());
    written.push_back(path.string());
    if (!terminal.json) terminal.out << path.string() << '\n';
  }
  if (terminal.json) terminal.out << nlohmann::json{{"pictures", written}}.dump() << '\n';
  return 0;
}

}  // namespace garita::cli
