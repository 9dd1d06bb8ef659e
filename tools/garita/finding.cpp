// garita finding FILE none|CATEGORY: what was found when it was searched. garita correct FILE --field PATH
// --value V: what the record should have said; the package keeps what it had.
#include <charconv>

#include "core/record/dictionary.hpp"
#include "tools/garita/addenda.hpp"

namespace garita::cli {
namespace {

// "12.5 kg", "12.5kg", "3": a number and its unit.
bool set_quantity(v1::Finding& finding, const std::string& given) {
  double quantity = 0;
  const char* end = given.data() + given.size();
  const auto [rest, error] = std::from_chars(given.data(), end, quantity);
  if (error != std::errc{} || quantity < 0) return false;
  finding.set_quantity(quantity);
  std::string unit(rest, end);
  unit.erase(0, unit.find_first_not_of(' '));
  if (!unit.empty()) finding.set_quantity_unit(unit);
  return true;
}

// As the type of the field wants it.
std::optional<v1::TypedValue> typed(const record::FieldInfo& field, const std::string& given) {
  v1::TypedValue value;
  const char* end = given.data() + given.size();
  const auto all_of_it = [&](auto& number) {
    const auto [rest, error] = std::from_chars(given.data(), end, number);
    return error == std::errc{} && rest == end;
  };
  if (field.type == "i64" || field.type == "u64") {
    int64_t number = 0;
    if (!all_of_it(number)) return std::nullopt;
    value.set_integer(number);
  } else if (field.type == "f64") {
    double number = 0;
    if (!all_of_it(number)) return std::nullopt;
    value.set_real(number);
  } else if (field.type == "bool") {
    if (given != "true" && given != "false") return std::nullopt;
    value.set_truth(given == "true");
  } else if (field.type == "word") {
    if (!record::number_of(*field.field, given)) return std::nullopt;
    value.set_text(given);
  } else if (field.type == "text") {
    value.set_text(given);
  } else {
    return std::nullopt;
  }
  return value;
}

}  // namespace

int finding_command(const Terminal& terminal, const Arguments& arguments) {
  Arguments rest = arguments;
  const std::string word = take_second(rest);
  Options options(terminal, "finding");
  options.positional("file", "FILE none|CATEGORY").value("quantity", "\"12.5 kg\"").value("place", "TEXT");
  options.value("state", "FOLDER");
  auto parsed = options.parse(rest);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;

  v1::Addendum content;
  v1::Finding& finding = *content.mutable_finding();
  finding.set_found(word != "none");
  if (finding.found()) {
    const auto category = record::number_of(*v1::Finding::descriptor()->FindFieldByName("category"), word);
    if (!category || *category == v1::CATEGORY_UNSPECIFIED)
      return fail(terminal, usage_error("cli.bad_category", {{"given", word}}));
    finding.set_category(static_cast<v1::Category>(*category));
  }
  if (options.has("quantity") && !set_quantity(finding, options.get("quantity")))
    return fail(terminal, usage_error("cli.bad_quantity", {{"given", options.get("quantity")}}));
  if (options.has("place")) finding.set_place(options.get("place"));
  return add_addendum(terminal, options, content);
}

int correct_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "correct");
  options.positional("file")
      .value("field", "PATH")
      .value("value")
      .value("reason", "TEXT")
      .value("state", "FOLDER");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  for (const char* option : {"field", "value", "reason"})
    if (auto given = options.required(option); !given) return fail(terminal, given.error());

  const std::string path = options.get("field");
  const record::FieldInfo* field = record::find_field(path);
  if (field == nullptr) return fail(terminal, usage_error("cli.bad_field", {{"given", path}}));
  auto value = typed(*field, options.get("value"));
  if (!value)
    return fail(terminal, usage_error("cli.bad_value", {{"given", options.get("value")}, {"field", path}}));
  v1::Addendum content;
  content.mutable_correction()->set_path(path);
  *content.mutable_correction()->mutable_value() = std::move(*value);
  content.mutable_correction()->set_reason(options.get("reason"));
  return add_addendum(terminal, options, content);
}

}  // namespace garita::cli
