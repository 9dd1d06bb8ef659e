#include "conformance/runner/options.hpp"

#include <boost/program_options.hpp>

#include "conformance/runner/command_line.hpp"
#include "conformance/requirements/requirement.hpp"

namespace garita::conformance {
namespace {

namespace po = boost::program_options;

constexpr uint64_t official_repeat = 5;

po::options_description options_of(const Terminal& terminal, const std::string& command, Options& o) {
  po::options_description all;
  const auto add = [&](const char* name, const char* id, const po::value_semantic* value) {
    all.add_options()(name, value, terminal.text(std::string("conform.option_") + id).c_str());
  };
  if (command == "run") {
    add("driver", "driver", po::value(&o.driver)->value_name("NAME|FILE"));
    add("source", "source", po::value(&o.sources)->value_name("NAME=ADDRESS")->composing());
    add("config", "config", po::value(&o.config)->value_name("KEY=VALUE")->composing());
    add("input", "input", po::value(&o.input)->value_name("FILE"));
    add("model", "model", po::value(&o.model)->value_name("TEXT"));
    add("scans", "scans", po::value(&o.scans)->value_name("N"));
    add("driver-path", "driver_path", po::value(&o.driver_path)->value_name("FOLDER"));
    add("smoke", "smoke", po::bool_switch(&o.smoke));
    add("jobs", "jobs", po::value(&o.jobs)->value_name("N"));
    add("seed", "seed", po::value(&o.seed)->value_name("N"));
    add("time-limit-s", "time_limit", po::value(&o.time_limit_s)->value_name("N"));
    add("out", "out", po::value(&o.out)->value_name("FILE"));
    add("junit", "junit", po::value(&o.junit)->value_name("FILE"));
    add("evidence", "evidence", po::value(&o.evidence)->value_name("FILE.tar.zst"));
    add("redact-payload", "redact_payload", po::bool_switch(&o.redact_payload));
    add("sign-key", "sign_key", po::value(&o.sign_key)->value_name("FILE.pem"));
    add("repeat", "repeat", po::value(&o.repeat)->value_name("N"));
    add("official", "official", po::bool_switch(&o.official));
    add("twin", "twin", po::value(&o.twin)->value_name("twin.toml"));
    add("object", "object", po::value(&o.object)->value_name("recording.toml"));
    add("waivers", "waivers", po::value(&o.waivers)->value_name("FILE.toml"));
  } else {
    add("markdown", "markdown", po::bool_switch(&o.markdown));
    add("capabilities", "capabilities", po::bool_switch(&o.capabilities));
  }
  add("filter", "filter", po::value(&o.filter)->value_name("GLOB"));
  add("profile", "profile", po::value(&o.profile)->value_name("NAME"));
  add("level", "level", po::value(&o.level)->value_name("1-3"));
  add("json", "json", po::bool_switch(&o.json));
  add("help,h", "help", po::bool_switch(&o.help));
  return all;
}

}  // namespace

base::Result<Options> parse_options(const Terminal& terminal, const std::string& command,
                                    const std::vector<std::string>& arguments) {
  Options own;
  const po::options_description all = options_of(terminal, command, own);
  GARITA_TRY(parse_command_line(all, arguments, command == "run" ? "driver" : ""));
  if (own.help) {
    terminal.out << terminal.text("conform." + command + "_about") << "\n\ngarita-conform " << command << '\n'
                 << all;
    return own;
  }
  if (own.level < 0 || own.level > max_level) return bad_option("--level");
  if (own.jobs > 256) return bad_option("--jobs");
  if (own.repeat == 0 || own.repeat > 100) return bad_option("--repeat");
  if (own.official && own.repeat < official_repeat) own.repeat = official_repeat;
  if (own.official && (own.smoke || !own.filter.empty())) return bad_option("--official");
  if (!own.sign_key.empty() && own.evidence.empty()) return bad_option("--sign-key");
  if (own.scans == 0 || own.scans > 1000) return bad_option("--scans");
  if (command == "run" && own.driver.empty()) return bad_option("--driver");
  if (!own.input.empty() && !own.sources.empty()) return bad_option("--input");
  return own;
}

std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                          "._-/=:@%+,") == std::string::npos;
  if (plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

std::string replay_command(const Options& options, const std::string& rule, uint64_t seed) {
  std::string text = "garita-conform run --driver " + quoted(options.driver);
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) text += std::string(" --") + name + ' ' + quoted(value);
  };
  for (const std::string& source : options.sources) add("source", source);
  for (const std::string& config : options.config) add("config", config);
  add("input", options.input);
  add("model", options.model);
  add("driver-path", options.driver_path);
  add("twin", options.twin.string());
  add("object", options.object.string());
  if (options.scans != 1) add("scans", std::to_string(options.scans));
  add("seed", std::to_string(seed));
  add("filter", rule);
  return text;
}

}  // namespace garita::conformance
