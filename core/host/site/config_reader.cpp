#include "core/host/site/config_reader.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <numeric>

#include "core/base/toml.hpp"
#include "core/record/dictionary.hpp"
#include "core/record/format.hpp"
#include "garita/config/site.pb.h"

namespace garita::host {
namespace {

namespace pb = google::protobuf;
using Type = pb::FieldDescriptor::CppType;

constexpr size_t max_name_bytes = 64;

std::string short_number(double value) {
  char text[32];
  const auto [end, code] = std::to_chars(text, text + sizeof text, value);
  return std::string(text, code == std::errc() ? end : text);
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= max_name_bytes &&
         std::isalnum(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

std::vector<std::string> names_of(const pb::Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) names.push_back(message.field(i)->name());
  return names;
}

std::vector<std::string> words_of(const pb::FieldDescriptor& field) {
  std::vector<std::string> words;
  for (int i = 0; i < field.enum_type()->value_count(); ++i)
    if (const int number = field.enum_type()->value(i)->number(); number != 0)
      words.push_back(record::word_of(field, number));
  return words;
}

Place place_of(const toml::source_region& region) { return {region.begin.line, region.begin.column}; }

class Reader {
 public:
  explicit Reader(ReadConfig& read) : read_(read) {}

  void table(const toml::table& from, pb::Message& to, const std::string& path) {
    for (const auto& [key, node] : from) {
      const std::string name(key.str()), below = path.empty() ? name : path + '.' + name;
      const Place place = place_of(key.source());
      read_.places.set(below, place);
      const pb::FieldDescriptor* field = to.GetDescriptor()->FindFieldByName(name);
      if (!field) {
        unknown(place, below, name, names_of(*to.GetDescriptor()));
      } else if (field->is_map()) {
        map(node, place, to, *field, below);
      } else if (field->is_repeated()) {
        list(node, place, to, *field, below);
      } else if (field->cpp_type() == Type::CPPTYPE_MESSAGE) {
        if (const toml::table* inner = node.as_table())
          table(*inner, *to.GetReflection()->MutableMessage(&to, field), below);
        else
          wrong_type(place, below, "table");
      } else {
        scalar(node, place, to, *field, record::rule_of(*field), below);
      }
    }
  }

  void problem(Place place, std::string id, std::vector<base::Field> fields) {
    if (read_.problems.size() < max_config_problems)
      read_.problems.push_back({place, {base::Outcome::usage, std::move(id), std::move(fields)}});
  }

 private:
  void unknown(Place place, const std::string& path, const std::string& name,
               const std::vector<std::string>& known) {
    const std::string near = nearest(name, known);
    if (near.empty())
      problem(place, "config.unknown_key", {{"key", path}, {"known", listed(known)}});
    else
      problem(place, "config.unknown_key_near", {{"key", path}, {"near", near}});
  }

  void wrong_type(Place place, const std::string& path, const char* wanted) {
    problem(place, "config.wrong_type", {{"key", path}, {"wanted", wanted}});
  }

  void map(const toml::node& node, Place place, pb::Message& to, const pb::FieldDescriptor& field,
           const std::string& path) {
    const toml::table* entries = node.as_table();
    if (!entries) return wrong_type(place, path, "table");
    const record::FieldRule rule = record::rule_of(field);
    if (entries->size() > rule.max_count)
      return problem(place, "config.too_many", {{"key", path}, {"limit", std::to_string(rule.max_count)}});
    const pb::FieldDescriptor* key_field = field.message_type()->map_key();
    const pb::FieldDescriptor* value_field = field.message_type()->map_value();
    for (const auto& [key, value] : *entries) {
      const std::string name(key.str()), below = path + '.' + name;
      const Place at = place_of(key.source());
      read_.places.set(below, at);
      if (!is_name(name)) {
        problem(at, "config.bad_name", {{"key", below}});
        continue;
      }
      pb::Message& entry = *to.GetReflection()->AddMessage(&to, &field);
      entry.GetReflection()->SetString(&entry, key_field, name);
      if (value_field->cpp_type() != Type::CPPTYPE_MESSAGE) {
        scalar(value, at, entry, *value_field, rule, below);
        continue;
      }
      pb::Message& inner = *entry.GetReflection()->MutableMessage(&entry, value_field);
      if (auto* any = dynamic_cast<config::Setting*>(&inner))
        setting(value, at, *any, rule, below);
      else if (const toml::table* more = value.as_table())
        table(*more, inner, below);
      else
        wrong_type(at, below, "table");
    }
  }

  // Of texts: no configuration has another list yet.
  void list(const toml::node& node, Place place, pb::Message& to, const pb::FieldDescriptor& field,
            const std::string& path) {
    const toml::array* items = node.as_array();
    if (!items || field.cpp_type() != Type::CPPTYPE_STRING) return wrong_type(place, path, "list of texts");
    const record::FieldRule rule = record::rule_of(field);
    if (items->size() > rule.max_count)
      return problem(place, "config.too_many", {{"key", path}, {"limit", std::to_string(rule.max_count)}});
    for (const toml::node& item : *items) {
      const auto* text = item.as_string();
      if (!text)
        wrong_type(place, path, "list of texts");
      else if (is_text(text->get(), place, rule, path) && is_formed(text->get(), place, rule, path))
        to.GetReflection()->AddString(&to, &field, text->get());
    }
  }

  // A driver's own: its type is the manifest's affair.
  void setting(const toml::node& node, Place place, config::Setting& to, const record::FieldRule& rule,
               const std::string& path) {
    if (const auto* text = node.as_string()) {
      if (is_text(text->get(), place, rule, path)) to.set_text(text->get());
    } else if (const auto* whole = node.as_integer()) {
      to.set_whole(whole->get());
    } else if (const auto* real = node.as_floating_point()) {
      to.set_real(real->get());
    } else if (const auto* truth = node.as_boolean()) {
      to.set_truth(truth->get());
    } else {
      wrong_type(place, path, "text, number, true|false");
    }
  }

  bool is_text(const std::string& text, Place place, const record::FieldRule& rule, const std::string& path) {
    const bool control =
        std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    if (control)
      problem(place, "config.control_character", {{"key", path}});
    else if (text.size() > rule.max_bytes)
      problem(place, "config.too_long", {{"key", path}, {"limit", std::to_string(rule.max_bytes)}});
    return !control && text.size() <= rule.max_bytes;
  }

  void scalar(const toml::node& node, Place place, pb::Message& to, const pb::FieldDescriptor& field,
              const record::FieldRule& rule, const std::string& path) {
    const pb::Reflection& set = *to.GetReflection();
    switch (field.cpp_type()) {
      case Type::CPPTYPE_STRING:
        if (const auto* text = node.as_string()) {
          if (is_text(text->get(), place, rule, path) && is_formed(text->get(), place, rule, path))
            set.SetString(&to, &field, text->get());
          return;
        }
        return wrong_type(place, path, "text");
      case Type::CPPTYPE_BOOL:
        if (const auto* truth = node.as_boolean()) return set.SetBool(&to, &field, truth->get());
        return wrong_type(place, path, "true|false");
      case Type::CPPTYPE_UINT32:
        if (const auto* whole = node.as_integer()) return number(whole->get(), place, to, field, rule, path);
        return wrong_type(place, path, "whole number");
      case Type::CPPTYPE_DOUBLE:
        if (const auto real = node.value<double>(); real && node.is_number())
          return number(*real, place, to, field, rule, path);
        return wrong_type(place, path, "number");
      case Type::CPPTYPE_ENUM:
        if (const auto* word = node.as_string()) return enumerated(word->get(), place, to, field, path);
        return wrong_type(place, path, "text");
      default:
        return wrong_type(place, path,
                          field.cpp_type_name());  // a kind of field that no configuration has yet
    }
  }

  bool is_formed(const std::string& text, Place place, const record::FieldRule& rule,
                 const std::string& path) {
    const record::Format* format = record::find_format(rule.format);
    if (!format || format->check(text) == record::Verdict::good) return true;
    problem(place, "config.bad_format",
            {{"key", path}, {"given", text}, {"example", std::string(format->example)}});
    return false;
  }

  void number(double value, Place place, pb::Message& to, const pb::FieldDescriptor& field,
              const record::FieldRule& rule, const std::string& path) {
    if (value >= rule.min && value <= rule.max) return to.GetReflection()->SetDouble(&to, &field, value);
    problem(place, "config.out_of_range",
            {{"key", path},
             {"given", short_number(value)},
             {"low", short_number(rule.min)},
             {"high", short_number(rule.max)}});
  }

  void number(int64_t value, Place place, pb::Message& to, const pb::FieldDescriptor& field,
              const record::FieldRule& rule, const std::string& path) {
    const double low = std::max(rule.min, 0.0), high = std::min(rule.max, 4294967295.0);
    if (static_cast<double>(value) >= low && static_cast<double>(value) <= high)
      return to.GetReflection()->SetUInt32(&to, &field, static_cast<uint32_t>(value));
    problem(place, "config.out_of_range",
            {{"key", path},
             {"given", std::to_string(value)},
             {"low", short_number(low)},
             {"high", short_number(high)}});
  }

  void enumerated(std::string word, Place place, pb::Message& to, const pb::FieldDescriptor& field,
                  const std::string& path) {
    const std::string given = word;
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      const int number = field.enum_type()->value(i)->number();
      if (number != 0 && record::word_of(field, number) == word)
        return to.GetReflection()->SetEnumValue(&to, &field, number);
    }
    problem(place, "config.unknown_word",
            {{"key", path}, {"given", given}, {"known", listed(words_of(field))}});
  }

  ReadConfig& read_;
};

size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest(std::string_view given, const std::vector<std::string>& known) {
  std::string best;
  size_t fewest = std::max<size_t>(given.size() / 3, 1) + 1;
  for (const std::string& name : known) {
    const size_t edits = edits_between(given.substr(0, max_name_bytes), name);
    if (edits < fewest) fewest = edits, best = name;
  }
  return best;
}

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list.empty() ? "-" : list;
}

Place Places::find(std::string_view path) const {
  for (;;) {
    if (const auto found = places_.find(path); found != places_.end()) return found->second;
    const size_t dot = path.rfind('.');
    if (dot == std::string_view::npos) return {};
    path = path.substr(0, dot);
  }
}

ReadConfig read_config(std::string_view toml, pb::Message& out) {
  ReadConfig read;
  Reader reader(read);
  try {
    reader.table(base::parse_toml(toml), out, "");
  } catch (const toml::parse_error& error) {
    reader.problem(place_of(error.source()), "config.syntax", {{"what", std::string(error.description())}});
  }
  std::stable_sort(
      read.problems.begin(), read.problems.end(),
      [](const ConfigProblem& a, const ConfigProblem& b) { return a.place.line < b.place.line; });
  return read;
}

}  // namespace garita::host
