#include "conformance/runner/bundle_commands.hpp"

#include <boost/program_options.hpp>

#include "conformance/runner/command_line.hpp"
#include "conformance/report/html.hpp"
#include "conformance/report/junit.hpp"
#include "conformance/runner/verify.hpp"
#include "core/base/file.hpp"

namespace garita::conformance {
namespace {

namespace po = boost::program_options;
using nlohmann::json;

constexpr uint64_t max_lines_bytes = 256u << 20;

struct Options {
  std::string file, signer, html, junit;
  bool json = false, help = false;
};

base::Result<Options> parse(const Terminal& terminal, const std::string& command,
                            const std::vector<std::string>& arguments) {
  Options own;
  po::options_description all;
  const auto add = [&](const char* name, const char* id, const po::value_semantic* value) {
    all.add_options()(name, value, terminal.text(std::string("conform.option_") + id).c_str());
  };
  add("file", "bundle", po::value(&own.file)->value_name("FILE"));
  if (command == "verify") {
    add("signer", "signer", po::value(&own.signer)->value_name("KEYID"));
    add("json", "json", po::bool_switch(&own.json));
  } else {
    add("html", "html", po::value(&own.html)->value_name("FILE"));
    add("junit", "junit", po::value(&own.junit)->value_name("FILE"));
  }
  add("help,h", "help", po::bool_switch(&own.help));
  GARITA_TRY(parse_command_line(all, arguments, "file"));
  if (own.help)
    terminal.out << terminal.text("conform." + command + "_about") << "\n\ngarita-conform " << command << '\n'
                 << all;
  else if (own.file.empty())
    return bad_option("FILE");
  else if (command == "report" && own.html.empty() && own.junit.empty())
    return bad_option("--html");
  return own;
}

std::string key_of(const Bundle& bundle) {
  return bundle.signer ? base::to_text(bundle.signer->key_id()) : "";
}

void print(const Terminal& terminal, const Options& options, const Bundle& bundle, const Verified& verified) {
  for (const base::Error& each : verified.differences)
    terminal.out << base::render(each, terminal.language) << '\n';
  if (bundle.signer)
    terminal.out << terminal.text("evidence.signed_by", {{"key", key_of(bundle)}}) << '\n';
  else
    terminal.out << terminal.text("evidence.unsigned") << '\n';
  if (!verified.differences.empty()) {
    terminal.out << terminal.text(
                        "evidence.not_verified",
                        {{"path", options.file}, {"count", std::to_string(verified.differences.size())}})
                 << std::endl;
    return;
  }
  const json& driver = bundle.head["driver"];  // judged: it has an id and a version
  terminal.out << terminal.text("evidence.verified", {{"path", options.file},
                                                      {"attempts", std::to_string(verified.attempts)},
                                                      {"rules", std::to_string(verified.rules)},
                                                      {"verdict", verified.total.verdict()},
                                                      {"driver", driver["id"].get<std::string>()},
                                                      {"version", driver["version"].get<std::string>()}})
               << std::endl;
}

void print_json(const Terminal& terminal, const Options& options, const Bundle& bundle,
                const Verified& verified) {
  json differences = json::array();
  for (const base::Error& each : verified.differences)
    differences.push_back(
        {{"rule", each.field("rule")}, {"told", each.field("told")}, {"found", each.field("found")}});
  terminal.out << canonical({{"path", options.file},
                             {"driver", bundle.head["driver"]},
                             {"suite", bundle.head["suite"]},
                             {"verdict", verified.total.verdict()},
                             {"attempts", verified.attempts},
                             {"rules", verified.rules},
                             {"differences", differences},
                             {"signer", key_of(bundle)}})
               << std::endl;
}

// A bundle, or the lines of `run --out`.
base::Result<RunReport> read_run(const std::string& file) {
  auto bundle = read_bundle(file);
  if (bundle) {
    GARITA_TRY_ASSIGN(run, run_of(bundle->events, file));
    run.about = std::move(bundle->head);
    run.pictures = std::move(bundle->pictures);
    return run;
  }
  if (bundle.error().id != "evidence.frame") return bundle.error();
  GARITA_TRY_ASSIGN(text, base::read_text_file(file, max_lines_bytes));
  return run_of_lines(text, file);
}

}  // namespace

int verify_bundle(const Terminal& terminal, const std::vector<std::string>& arguments) {
  const auto options = parse(terminal, "verify", arguments);
  if (!options) return fail(terminal, options.error());
  if (options->help) return 0;
  const auto bundle = read_bundle(options->file);
  if (!bundle) return fail(terminal, bundle.error());
  if (!options->signer.empty() && key_of(*bundle) != options->signer)
    return fail(terminal,
                {base::Outcome::no,
                 "evidence.signer",
                 {{"path", options->file}, {"wanted", options->signer}, {"found", key_of(*bundle)}}});
  const auto verified = judge_again(*bundle, options->file);
  if (!verified) return fail(terminal, verified.error());
  if (options->json)
    print_json(terminal, *options, *bundle, *verified);
  else
    print(terminal, *options, *bundle, *verified);
  return verified->differences.empty() ? 0 : static_cast<int>(base::Outcome::no);
}

int report_run(const Terminal& terminal, const std::vector<std::string>& arguments) {
  const auto options = parse(terminal, "report", arguments);
  if (!options) return fail(terminal, options.error());
  if (options->help) return 0;
  const auto run = read_run(options->file);
  if (!run) return fail(terminal, run.error());
  base::Result<void> written;
  if (!options->html.empty()) written = base::write_file(options->html, html(*run, terminal.language));
  if (written && !options->junit.empty()) written = write_junit(*run, terminal.language, options->junit);
  return written ? 0 : fail(terminal, written.error());
}

}  // namespace garita::conformance
