// garita-sim leidos: the mobile gantry of drivers/leidos, by way of its export folder.
#include <boost/program_options.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "tools/garita-sim/given.hpp"
#include "tools/garita-sim/leidos/export_folder.hpp"
#include "tools/garita-sim/leidos/files.hpp"
#include "tools/garita-sim/leidos/gantry.hpp"
#include "tools/garita-sim/leidos/sidecar_text.hpp"
#include "tools/garita-sim/marks.hpp"
#include "tools/garita-sim/papers.hpp"
#include "tools/garita-sim/report.hpp"
#include "tools/garita-sim/scenes.hpp"
#include "tools/garita-sim/simulator.hpp"

namespace garita::sim {
namespace leidos {
namespace {

namespace po = boost::program_options;

// Baja California keeps the daylight time of the USA.
constexpr const char *zone = "America/Tijuana", *zone_rules = "PST8PDT,M3.2.0,M11.1.0";
constexpr uint64_t paper_stream = uint64_t{1} << 40;
constexpr int64_t second_ns = 1'000'000'000;

struct Command {
  std::string dir, radiation_dir, scene = "lorry", truth, mark, key_prefix;
  std::vector<std::string> marks;
  uint64_t seed = 1, count = 0, first = 1;
  int64_t start_s = 0;
  double rate = 0, pitch_in = 0.2;
  uint32_t part_ms = 20;
  bool json = false, help = false;
};

po::options_description options_of(Command& c, base::Language language) {
  po::options_description all;
  const auto option = [&](const char* name, const char* id, const po::value_semantic* value) {
    all.add_options()(name, value, base::text(language, std::string("sim.option_") + id).c_str());
  };
  option("dir", "dir", po::value(&c.dir)->value_name("DIR"));
  option("radiation-dir", "radiation_dir", po::value(&c.radiation_dir)->value_name("DIR"));
  option("seed", "seed", po::value(&c.seed)->value_name("N"));
  option("count", "export_count", po::value(&c.count)->value_name("N"));
  option("first", "first", po::value(&c.first)->value_name("N"));
  option("rate", "rate", po::value(&c.rate)->value_name("X"));
  option("scene", "scene", po::value(&c.scene)->value_name("NAME"));
  option("pitch-in", "pitch_in", po::value(&c.pitch_in)->value_name("X"));
  option("start", "start", po::value(&c.start_s)->value_name("S"));
  option("part-ms", "part_ms", po::value(&c.part_ms)->value_name("N"));
  option("mark", "mark", po::value(&c.mark)->value_name("CODE"));
  option("key-prefix", "key_prefix", po::value(&c.key_prefix)->value_name("TEXT"));
  option("truth", "truth", po::value(&c.truth)->value_name("DIR"));
  option("json", "json", po::bool_switch(&c.json));
  option("help,h", "help", po::bool_switch(&c.help));
  return all;
}

base::Error usage(const char* id, std::string name, std::string value) {
  return {base::Outcome::usage, id, {{std::move(name), std::move(value)}}};
}

base::Result<void> parse(const std::vector<std::string>& arguments, const po::options_description& all) {
  try {
    po::variables_map values;
    po::positional_options_description none;
    po::store(po::command_line_parser(arguments).options(all).positional(none).run(), values);
    po::notify(values);
  } catch (const po::error& error) {
    return usage("sim.bad_option", "reason", error.what());
  }
  return {};
}

base::Result<void> check(const Command& c) {
  if (c.dir.empty()) return usage("sim.bad_value", "option", "--dir");
  if (!is_scene(c.scene)) return usage("sim.unknown_scene", "name", c.scene);
  if (!(c.pitch_in >= 0.04 && c.pitch_in <= 10)) return usage("sim.bad_value", "option", "--pitch-in");
  if (!(c.rate >= 0 && c.rate <= 1e6)) return usage("sim.bad_value", "option", "--rate");
  if (c.key_prefix.size() > 32 || c.key_prefix.find_first_of("\"<>&' ") != std::string::npos)
    return usage("sim.bad_value", "option", "--key-prefix");
  if (c.part_ms > 10'000) return usage("sim.bad_value", "option", "--part-ms");
  return {};
}

class Machine {
 public:
  Machine(const Command& command, const Report& report)
      : c_(command),
        report_(report),
        gantry_(command.seed, command.pitch_in),
        folder_(command.dir, command.part_ms),
        radiation_folder_(command.radiation_dir, command.part_ms) {
    char text[24];
    std::snprintf(text, sizeof text, "SG6B-%05u", static_cast<unsigned>(command.seed % 100'000));
    serial_ = serial_or(text);
  }

  base::Result<void> run() {
    GARITA_TRY(folder_.create());
    if (!c_.radiation_dir.empty()) GARITA_TRY(radiation_folder_.create());
    for (uint64_t i = 0; c_.count == 0 || i < c_.count; ++i) {
      const auto began = std::chrono::steady_clock::now();
      GARITA_TRY(pass(c_.first + i));
      if (c_.rate > 0 && i + 1 != c_.count)
        std::this_thread::sleep_until(began + std::chrono::duration_cast<std::chrono::nanoseconds>(
                                                  std::chrono::duration<double>(3600 / c_.rate)));
    }
    return {};
  }

 private:
  base::Result<void> pass(uint64_t number) {
    Random random(c_.seed, paper_stream + number);
    PassageText text = describe(number, random);
    GARITA_TRY_ASSIGN(exposure, gantry_.pass(number, c_.scene, c_.truth, text.id));
    text.facts = draw_papers(random, exposure.truck);
    text.marks = marks_of(exposure, c_.marks, random);
    text.stop_utc_ns =
        text.start_utc_ns +
        static_cast<int64_t>(exposure.truck.length_m / (text.speed_mph * 0.44704) * 1e3) * 1'000'000;
    const bool alarm = random.chance(0.1);
    std::vector<PassageFile> files = files_of(text, exposure, alarm, random);
    std::vector<PassageFile> beside = files;
    if (!c_.radiation_dir.empty())
      std::erase_if(beside, [](const PassageFile& file) { return file.suffix == "_rpm.n42"; });
    const std::string sidecar = sidecar_of(text, exposure, beside);
    GARITA_TRY(write(text.id, files, sidecar, random));
    if (!c_.truth.empty()) GARITA_TRY(keep_truth(text, exposure, alarm));
    report_.say("exported", {{"key", text.id}, {"lines", std::to_string(exposure.transmission.width)}});
    return {};
  }

  PassageText describe(uint64_t number, Random& random) {
    PassageText text;
    char digits[16];
    std::snprintf(digits, sizeof digits, "-%06llu", static_cast<unsigned long long>(number));
    text.id = serial_ + digits;
    text.key = (c_.key_prefix.empty() ? "P-" + serial_ : c_.key_prefix) + digits;
    text.serial = serial_;
    text.zone = zone;
    text.start_utc_ns =
        c_.start_s == 0
            ? now_utc_ns() / 1'000'000 * 1'000'000
            : c_.start_s * second_ns + static_cast<int64_t>(number - c_.first) * 60 * second_ns + 250'000'000;
    text.north = random.chance(0.5);
    text.speed_mph = random.uniform(3, 9);
    text.ambient_f = random.uniform(28, 115);
    text.pitch_in = c_.pitch_in;
    text.weight_lb = 18'000 + static_cast<int>(random.below(62'000));
    return text;
  }

  std::vector<PassageFile> files_of(const PassageText& text, const Exposure& exposure, bool alarm,
                                    Random& random) {
    std::vector<PassageFile> files;
    files.push_back({"_tx.tif", tiff_of(exposure.transmission, random)});
    files.push_back({"_bs.tif", tiff_of(exposure.backscatter, random)});
    std::string plate;
    for (const auto& [tag, value] : text.facts)
      if (tag == static_cast<uint8_t>(portal::Fact::plate)) plate = value;
    files.push_back({"_plate.jpg", plate_photo(plate, random)});
    const Radiation radiation{text.key, "SRP-" + serial_.substr(5), text.start_utc_ns,
                              6,        text.speed_mph * 0.44704,   alarm};
    files.push_back({"_rpm.n42", n42_of(radiation, random)});
    return files;
  }

  // In the order of the lot; the N42 file goes where the portal's own computer puts it.
  base::Result<void> write(const std::string& id, std::vector<PassageFile>& files, const std::string& sidecar,
                           Random& random) {
    for (size_t i = files.size(); i > 1; --i)
      std::swap(files[i - 1], files[random.below(static_cast<uint32_t>(i))]);
    for (const PassageFile& file : files) {
      const std::string name = id + file.suffix;
      const bool elsewhere = file.suffix == "_rpm.n42" && !c_.radiation_dir.empty();
      if (elsewhere) GARITA_TRY(radiation_folder_.renamed_in(name, file.bytes));
      if (file.suffix.ends_with(".tif"))
        GARITA_TRY(folder_.header_last(name, file.bytes));
      else if (file.suffix.ends_with(".jpg"))
        GARITA_TRY(folder_.renamed_in(name, file.bytes));
      else if (!elsewhere)
        GARITA_TRY(folder_.in_parts(name, file.bytes));
    }
    return random.chance(0.5) ? folder_.renamed_in(id + ".xml", sidecar)
                              : folder_.in_parts(id + ".xml", sidecar);
  }

  base::Result<void> keep_truth(const PassageText& text, const Exposure& exposure, bool alarm) {
    const Geometry& geometry = exposure.geometry;
    nlohmann::json truth = {{"key", text.id},
                            {"passage_key", text.key},
                            {"scene", c_.scene},
                            {"goods", exposure.truck.goods},
                            {"hides", exposure.truck.hides},
                            {"lines", exposure.transmission.width},
                            {"columns", geometry.columns},
                            {"pitch_along_mm", geometry.pitch_along_m * 1000},
                            {"pitch_across_mm", geometry.pitch_across_m * 1000},
                            {"source_height_mm", geometry.source_height_m * 1000},
                            {"source_distance_mm", geometry.source_distance_m * 1000},
                            {"nose_left", exposure.nose_left},
                            {"opaque", exposure.opaque},
                            {"open", exposure.open},
                            {"start_utc_ns", text.start_utc_ns},
                            {"stop_utc_ns", text.stop_utc_ns},
                            {"speed_mph", text.speed_mph},
                            {"length_m", exposure.truck.length_m},
                            {"radiation_alarm", alarm},
                            {"marks", nlohmann::json::array()}};
    for (const Mark& mark : text.marks)
      truth["marks"].push_back({{"code", mark.code}, {"label", mark.label}});
    return write_truth(c_.truth, text.id, truth.dump(1));
  }

  const Command& c_;
  const Report& report_;
  Gantry gantry_;
  ExportFolder folder_, radiation_folder_;
  std::string serial_;
};

base::Result<void> run(const std::vector<std::string>& arguments, base::Language language) {
  Command command;
  const po::options_description all = options_of(command, language);
  GARITA_TRY(parse(arguments, all));
  if (command.help) {
    std::ostringstream options;
    options << all;
    std::printf("%s\n\n%s", base::text(language, "sim.leidos_usage").c_str(), options.str().c_str());
    return {};
  }
  GARITA_TRY(check(command));
  GARITA_TRY_ASSIGN(marks, parse_marks(command.mark));
  command.marks = std::move(marks);
  ::setenv("TZ", zone_rules, 1);
  ::tzset();
  const Report report(language, command.json);
  return Machine(command, report).run();
}

}  // namespace
}  // namespace leidos

const Simulator leidos_simulator{"leidos", "sim.leidos_help", leidos::run};

}  // namespace garita::sim
