// garita view: pictures of a package's views, or one page with all of them.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/host/page/page.hpp"
#include "core/host/render.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/look.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {
namespace {

using Style = host::RenderRequest::Style;

base::Result<Style> style_of(const std::string& word) {
  if (word.empty()) return Style::automatic;
  if (word == "grey") return Style::grey;
  if (word == "pseudo") return Style::pseudo;
  if (word == "colour" || word == "color") return Style::dual;
  return usage_error("cli.bad_style", {{"given", word}});
}

// Numbers parted by `marks`, one mark after each but the last: "2,60" for ",".
std::optional<std::vector<double>> numbers_of(const std::string& word, std::string_view marks) {
  std::vector<double> numbers;
  const char *at = word.data(), *const end = at + word.size();
  for (size_t i = 0; i <= marks.size(); ++i) {
    double number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc{} || (i < marks.size() ? next == end || *next != marks[i] : next != end))
      return std::nullopt;
    numbers.push_back(number);
    if (next != end) at = next + 1;
  }
  return numbers;
}

base::Result<picture::Window> window_of(const Options& options) {
  picture::Window window;
  const std::string scale = options.get("scale"), range = options.get("window"), gamma = options.get("gamma");
  if (!scale.empty() && scale != "log" && scale != "linear") return usage_error("cli.bad_scale", {{"given", scale}});
  if (scale == "linear") window.scale = picture::Window::Scale::linear;
  if (!range.empty()) {
    const auto ends = numbers_of(range, ",");
    if (!ends || !((*ends)[0] < (*ends)[1]) || (*ends)[0] < -100 || (*ends)[1] > 1000)
      return usage_error("cli.bad_window", {{"given", range}});
    window.automatic = false;
    window.low = (*ends)[0] / 100;
    window.high = (*ends)[1] / 100;
  }
  if (!gamma.empty()) {
    const auto number = numbers_of(gamma, "");
    if (!number || !((*number)[0] >= picture::least_gamma && (*number)[0] <= picture::most_gamma))
      return usage_error("cli.bad_gamma", {{"given", gamma}});
    window.gamma = (*number)[0];
  }
  window.inverse = options.has("inverse");
  return window;
}

// "1200,80,600x300": from row 1200 and column 80 on, 600 rows and 300 columns.
base::Result<std::optional<picture::Region>> region_of(const std::string& word) {
  if (word.empty()) return std::optional<picture::Region>();
  const auto numbers = numbers_of(word, ",,x");
  const auto whole = [](double number) { return number >= 0 && number < 4294967296.0 && number == std::floor(number); };
  if (!numbers || !std::all_of(numbers->begin(), numbers->end(), whole))
    return usage_error("cli.bad_region", {{"given", word}});
  const std::vector<double>& n = *numbers;
  return std::optional(picture::Region{static_cast<uint64_t>(n[0]), static_cast<uint64_t>(n[2]),
                                       static_cast<uint32_t>(n[1]), static_cast<uint32_t>(n[3])});
}

base::Result<host::RenderRequest> request_of(const Terminal& terminal, const Options& options) {
  host::RenderRequest request;
  GARITA_TRY_ASSIGN(style, style_of(options.get("style")));
  GARITA_TRY_ASSIGN(width, options.number("width", 2048, 64, 16384));
  GARITA_TRY_ASSIGN(window, window_of(options));
  GARITA_TRY_ASSIGN(region, region_of(options.get("region")));
  request.style = style;
  request.max_length = static_cast<uint32_t>(width);
  request.window = window;
  request.region = region;
  request.furniture = !options.has("bare");
  if (const std::string caption = options.get("caption"); !caption.empty()) request.caption = caption;
  request.steel = options.has("steel");
  request.material = options.has("material");
  request.language = terminal.language;
  return request;
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

base::Result<std::vector<std::string>> draw(host::OpenPackage& package, const std::filesystem::path& target,
                                            const std::string& only, const host::RenderRequest& request) {
  const bool one = target.extension() == ".png";
  GARITA_TRY_ASSIGN(views, chosen_views(package.record, only, one));
  if (!one) GARITA_TRY(base::real_file_system().create_folders(target, 0755));
  std::vector<std::string> written;
  for (const int view : views) {
    GARITA_TRY_ASSIGN(image, host::render_view(package, view, request));
    const auto path = target_of(target, package.record.views(view).name());
    GARITA_TRY(picture::write_png(path, image));
    written.push_back(path.string());
  }
  return written;
}

int tell(const Terminal& terminal, const base::Result<std::vector<std::string>>& pictures, const std::string& page) {
  if (!pictures) return fail(terminal, pictures.error());
  if (terminal.json) {
    nlohmann::json told{{"pictures", *pictures}};
    if (!page.empty()) told["page"] = page;
    terminal.out << told.dump() << '\n';
    return 0;
  }
  for (const std::string& path : *pictures) terminal.out << path << '\n';
  if (!page.empty()) terminal.out << page << '\n';
  return 0;
}

}  // namespace

int view_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "view");
  options.positional("file").value("out", "PATH").value("html", "PAGE").value("view", "NAME").value("style");
  options.value("window", "LOW,HIGH").value("scale").value("gamma", "NUMBER").flag("inverse");
  options.value("region", "ROW,COLUMN,ROWSxCOLUMNS").value("width", "PIXELS").flag("steel").flag("material");
  options.value("caption", "TEXT").flag("bare").value("state", "FOLDER");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  auto file = options.required("file");
  auto request = request_of(terminal, options);
  const std::string page = options.get("html"), out = options.get("out");
  if (!file) return fail(terminal, file.error());
  if (!request) return fail(terminal, request.error());
  if (page.empty() && out.empty()) return fail(terminal, options.required("out").error());

  auto package = host::open_package(*file);
  if (!package) return fail(terminal, package.error());
  if (const auto may = ask_to_look(options, exchange::Act::view, *package, *file); !may)
    return fail(terminal, may.error());
  base::Result<std::vector<std::string>> pictures = std::vector<std::string>();
  if (!out.empty()) pictures = draw(*package, out, options.get("view"), *request);
  if (pictures && !page.empty()) {
    auto written = host::write_page(*package, page, {.language = terminal.language});
    if (!written) return fail(terminal, written.error());
    for (const base::Error& note : written->notes) terminal.err << "garita: " << base::render(note, terminal.language) << '\n';
  }
  return tell(terminal, pictures, page);
}

}  // namespace garita::cli
