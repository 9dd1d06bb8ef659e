#include "conformance/runner/quality.hpp"

#include <boost/program_options.hpp>
#include <cstdio>
#include <filesystem>

#include "conformance/runner/command_line.hpp"
#include "conformance/quality/plot.hpp"
#include "conformance/quality/report.hpp"
#include "core/base/file.hpp"
#include "core/host/plane_maker.hpp"

namespace garita::conformance {
namespace {

namespace po = boost::program_options;

struct Wish {
  std::string file, object, profile, out, plane, low;  // boost reads paths in quotes, strings as they are
  std::vector<std::string> anchors;
  bool json = false, help = false;
};

po::options_description options_of(const Terminal& terminal, Wish& wish) {
  po::options_description all;
  const auto add = [&](const char* name, const char* id, const po::value_semantic* value) {
    all.add_options()(name, value, terminal.text(std::string("quality.option_") + id).c_str());
  };
  add("object", "object", po::value(&wish.object)->value_name("FILE"));
  add("profile", "profile", po::value(&wish.profile)->value_name("FILE"));
  add("plane", "plane", po::value(&wish.plane)->value_name("NAME"));
  add("low", "low", po::value(&wish.low)->value_name("NAME"));
  add("anchor", "anchor", po::value(&wish.anchors)->value_name("X,Y=COLUMN,ROW")->composing());
  add("out", "out", po::value(&wish.out)->value_name("FOLDER"));
  add("json", "json", po::bool_switch(&wish.json));
  add("help,h", "help", po::bool_switch(&wish.help));
  return all;
}

base::Result<Wish> wish_of(const Terminal& terminal, const std::vector<std::string>& arguments) {
  Wish own;
  const po::options_description seen = options_of(terminal, own);
  po::options_description all(seen);
  all.add_options()("file", po::value(&own.file));
  GARITA_TRY(parse_command_line(all, arguments, "file"));
  if (own.help) {
    terminal.out << terminal.text("quality.about") << "\n\ngarita-conform quality FILE\n" << seen;
    return own;
  }
  if (own.file.empty()) return bad_option("FILE");
  if (own.object.empty()) return bad_option("--object");
  return own;
}

base::Result<void> take_anchors(const Wish& wish, quality::Object& object) {
  if (wish.anchors.empty()) return {};
  object.anchors.clear();
  for (const std::string& text : wish.anchors) {
    quality::Anchor anchor;
    char rest = 0;
    if (std::sscanf(text.c_str(), "%lf,%lf=%lf,%lf%c", &anchor.x_mm, &anchor.y_mm, &anchor.column,
                    &anchor.row, &rest) != 4)
      return bad_option("--anchor " + text);
    object.anchors.push_back(anchor);
  }
  return {};
}

struct Outcome {
  quality::Planes planes;
  quality::Measured measured;
  std::vector<quality::Judged> limits;
  quality::About about;
};

base::Result<void> write(const std::filesystem::path& folder, const Outcome& outcome,
                         base::Language language) {
  GARITA_TRY(base::real_file_system().create_folders(folder, 0755));
  const auto put = [&](const std::string& name, const std::string& text) {
    return base::write_file(folder / name, base::Bytes(text));
  };
  GARITA_TRY(put("quality.json", json_of(outcome.measured, outcome.limits, outcome.about)));
  GARITA_TRY(put("quality.txt", table(outcome.measured, outcome.limits, outcome.about, language)));
  for (const quality::Plot& plot : plots_of(outcome.measured, language)) {
    GARITA_TRY(put(plot.name + ".svg", svg_of(plot)));
    GARITA_TRY(picture::write_png(folder / (plot.name + ".png"), png_of(plot)));
  }
  return picture::write_png(folder / "regions.png",
                            quality::regions_picture(outcome.planes.image, outcome.measured.regions));
}

int exit_code(const std::vector<quality::Judged>& limits) {
  switch (worst(limits)) {
    case quality::Verdict::pass:
      return 0;
    case quality::Verdict::fail:
      return static_cast<int>(base::Outcome::no);
    default:
      return static_cast<int>(base::Outcome::incomplete);
  }
}

base::Result<Outcome> outcome_of(const Wish& wish) {
  GARITA_TRY_ASSIGN(object, quality::read_object(wish.object));
  GARITA_TRY(take_anchors(wish, object));
  quality::Profile profile;
  if (!wish.profile.empty()) {
    GARITA_TRY_ASSIGN(read, quality::read_profile(wish.profile));
    profile = std::move(read);
  }
  quality::Thresholds thresholds;
  thresholds.bsnr = profile.bsnr_threshold.value_or(thresholds.bsnr);
  thresholds.wire = profile.wire_threshold.value_or(thresholds.wire);
  GARITA_TRY_ASSIGN(planes, quality::read_planes(wish.file, {wish.plane, wish.low, host::make_planes_readable}));
  GARITA_TRY_ASSIGN(measured,
                    quality::measure(planes.image, planes.low ? &*planes.low : nullptr, object, thresholds));
  const quality::About about{object.name, profile.name, profile.rule, planes.image.bridged};
  auto limits = judged(profile, measured);
  return Outcome{std::move(planes), std::move(measured), std::move(limits), about};
}

base::Result<int> go(const Terminal& terminal, const Wish& wish) {
  GARITA_TRY_ASSIGN(outcome, outcome_of(wish));
  if (!wish.out.empty()) GARITA_TRY(write(wish.out, outcome, terminal.language));
  terminal.out << (wish.json ? json_of(outcome.measured, outcome.limits, outcome.about)
                             : table(outcome.measured, outcome.limits, outcome.about, terminal.language));
  return exit_code(outcome.limits);
}

}  // namespace

int measure_quality(const Terminal& terminal, const std::vector<std::string>& arguments) {
  const auto wish = wish_of(terminal, arguments);
  if (!wish) return fail(terminal, wish.error());
  if (wish->help) return 0;
  const auto code = go(terminal, *wish);
  return code ? *code : fail(terminal, code.error());
}

}  // namespace garita::conformance
