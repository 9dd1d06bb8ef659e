// garita decide FILE release|hold|secondary: an officer's decision, signed and kept beside the package.
#include "core/record/dictionary.hpp"
#include "tools/garita/addenda.hpp"

namespace garita::cli {

int decide_command(const Terminal& terminal, const Arguments& arguments) {
  Arguments rest = arguments;
  const std::string word = take_second(rest);
  Options options(terminal, "decide");
  options.positional("file", "FILE release|hold|secondary").value("reason", "CODE").value("officer", "ID");
  options.value("on-screen", "SECONDS").value("state", "FOLDER");
  auto parsed = options.parse(rest);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;

  const auto* field = v1::Decision::descriptor()->FindFieldByName("verdict");
  const auto verdict = record::number_of(*field, word);
  if (!verdict || *verdict == v1::Decision::VERDICT_UNSPECIFIED)
    return fail(terminal, usage_error("cli.bad_verdict", {{"given", word}}));
  auto reason = options.required("reason");
  if (!reason) return fail(terminal, reason.error());
  auto officer = options.required("officer");
  if (!officer) return fail(terminal, officer.error());

  v1::Addendum content;
  content.mutable_decision()->set_verdict(static_cast<v1::Decision::Verdict>(*verdict));
  content.mutable_decision()->set_reason_code(*reason);
  content.mutable_decision()->set_officer_id(*officer);
  if (options.has("on-screen")) {
    auto seconds = options.number("on-screen", 0, 0, 86'400);
    if (!seconds) return fail(terminal, seconds.error());
    content.mutable_decision()->set_on_screen_s(static_cast<double>(*seconds));
  }
  return add_addendum(terminal, options, content);
}

}  // namespace garita::cli
