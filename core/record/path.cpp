#include "core/record/path.hpp"

#include "garita/v1/inspection.pb.h"

namespace garita::record {
namespace {

namespace pb = google::protobuf;

bool is_name_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

// What stands between the brackets; nullopt: not an index.
std::optional<Step> with_index(Step step, std::string_view digits) {
  step.indexed = true;
  if (digits.empty()) {
    step.any = true;
    return step;
  }
  if (digits.size() > 9 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  for (char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    step.index = step.index * 10 + static_cast<uint32_t>(c - '0');
  }
  return step;
}

std::optional<Step> parse_step(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && is_name_char(text[end])) ++end;
  Step step{text.substr(0, end)};
  if (end == 0) return std::nullopt;
  if (end == text.size()) return step;
  if (text[end] != '[' || text.back() != ']') return std::nullopt;
  return with_index(step, text.substr(end + 1, text.size() - end - 2));
}

}  // namespace

std::optional<std::vector<Step>> parse_path(std::string_view path) {
  std::vector<Step> steps;
  if (path.size() > max_path_bytes) return std::nullopt;
  for (;;) {
    const size_t dot = path.find('.');
    const auto step = parse_step(path.substr(0, dot));
    if (!step || steps.size() == max_path_depth) return std::nullopt;
    steps.push_back(*step);
    if (dot == std::string_view::npos) return steps;
    path.remove_prefix(dot + 1);
  }
}

std::optional<std::vector<Hop>> resolve(std::string_view path) {
  const auto steps = parse_path(path);
  if (!steps) return std::nullopt;
  const pb::Descriptor* message = v1::Inspection::descriptor();
  std::vector<Hop> hops;
  for (const Step& step : *steps) {
    if (message == nullptr) return std::nullopt;  // a step below a value
    const pb::FieldDescriptor* field = message->FindFieldByName(std::string(step.name));
    if (field == nullptr || (step.indexed && !field->is_repeated())) return std::nullopt;
    if (field->is_repeated() && !step.indexed && hops.size() + 1 < steps->size()) return std::nullopt;
    hops.push_back({field, step});
    message = field->message_type();  // nullptr of a value
  }
  return hops;
}

bool is_message(const pb::FieldDescriptor& field) {
  return field.cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE;
}

bool is_series(const pb::FieldDescriptor& field) {
  if (!field.is_repeated()) return false;
  if (is_message(field)) return rule_of(field).series;
  return field.cpp_type() != pb::FieldDescriptor::CPPTYPE_STRING;
}

bool driver_may_set(const std::vector<Hop>& hops) {
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    const v1::Rule& rule = hop->field->options().GetExtension(v1::rule);
    if (rule.has_driver()) return rule.driver();
  }
  return false;
}

v1::Redaction redaction_of(const std::vector<Hop>& hops) {
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    const v1::Rule& rule = hop->field->options().GetExtension(v1::rule);
    if (rule.has_redaction()) return rule.redaction();
  }
  return v1::REDACTION_UNSPECIFIED;
}

std::string element_path(std::string_view path, int index) {
  return std::string(path) + "[" + std::to_string(index) + "]";
}

std::string child_path(std::string_view path, std::string_view name) {
  std::string child(path);
  if (!child.empty()) child += '.';
  return child.append(name);
}

}  // namespace garita::record
