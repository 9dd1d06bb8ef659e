#include "tools/garita/terminal.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

namespace garita::cli {

std::string Terminal::text(std::string_view id, std::initializer_list<base::Field> fields) const {
  const std::vector<base::Field> list(fields);
  return base::text(language, id, list);
}

std::string sentence_of(const Terminal& terminal, const base::Error& error) {
  const std::string sentence = base::render(error, terminal.language);
  const std::string_view report = error.field("report");
  return report.empty() ? sentence : sentence + ' ' + terminal.text("cli.report", {{"path", std::string(report)}});
}

int fail(const Terminal& terminal, const base::Error& error) {
  const std::string sentence = sentence_of(terminal, error);
  terminal.err << "garita: " << sentence << '\n';
  if (terminal.json) {
    nlohmann::json fields = nlohmann::json::object();
    for (const base::Field& field : error.fields) fields[field.name] = field.value;
    const nlohmann::json report = {{"error", {{"id", error.id}, {"fields", fields}, {"text", sentence}}}};
    terminal.out << report.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  }
  return static_cast<int>(error.outcome);
}

base::Error usage_error(std::string id, std::vector<base::Field> fields) {
  return {base::Outcome::usage, std::move(id), std::move(fields)};
}

std::string padded(std::string_view text, size_t width) {
  const auto starts_code_point = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const size_t length = static_cast<size_t>(std::count_if(text.begin(), text.end(), starts_code_point));
  std::string result(text);
  if (length < width) result.append(width - length, ' ');
  return result;
}

}  // namespace garita::cli
