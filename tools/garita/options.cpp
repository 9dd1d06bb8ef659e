#include "tools/garita/options.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace garita::cli {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

std::string key_of(std::string_view name) {
  std::string key(name);
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

}  // namespace

std::string about_id(std::string_view command) { return "cli." + key_of(command) + "_about"; }

Options::Options(const Terminal& terminal, std::string command)
    : terminal_(terminal), command_(std::move(command)) {
  description_.add_options()("help", terminal_.text("cli.help").c_str());
}

std::string Options::help_of(std::string_view name) const {
  return terminal_.text("cli." + key_of(command_) + "_" + key_of(name));
}

Options& Options::flag(std::string_view name) {
  description_.add_options()(std::string(name).c_str(), help_of(name).c_str());
  return *this;
}

Options& Options::value(std::string_view name, std::string_view placeholder) {
  description_.add_options()(std::string(name).c_str(),
                             po::value<std::string>()->value_name(std::string(placeholder)),
                             help_of(name).c_str());
  return *this;
}

Options& Options::list(std::string_view name, std::string_view placeholder) {
  description_.add_options()(std::string(name).c_str(),
                             po::value<Texts>()->value_name(std::string(placeholder)), help_of(name).c_str());
  return *this;
}

Options& Options::positional(std::string_view name, std::string_view placeholder) {
  positional_name_ = name;
  positional_placeholder_ = placeholder;
  positional_.add(positional_name_.c_str(), 1);
  return value(name, placeholder);
}

Options& Options::usage(std::string_view line) {
  usage_ = line;
  return *this;
}

base::Result<bool> Options::parse(const std::vector<std::string>& arguments) {
  try {
    po::store(po::command_line_parser(arguments).options(description_).positional(positional_).run(),
              values_);
    po::notify(values_);
  } catch (const po::error_with_option_name& e) {
    return usage_error("cli.bad_option", {{"command", command_}, {"option", e.get_option_name()}});
  } catch (const po::error&) {  // too many positional arguments
    return usage_error("cli.bad_arguments", {{"command", command_}});
  }
  if (!has("help")) return true;
  std::string usage = usage_;
  if (usage.empty() && !positional_name_.empty()) usage = positional_placeholder_;
  terminal_.out << terminal_.text(about_id(command_)) << "\n\ngarita " << command_
                << (usage.empty() ? "" : " ") << usage << "\n"
                << description_;
  return false;
}

bool Options::has(std::string_view name) const { return values_.count(std::string(name)) > 0; }

std::string Options::get(std::string_view name, std::string_view fallback) const {
  return has(name) ? values_[std::string(name)].as<std::string>() : std::string(fallback);
}

std::vector<std::string> Options::all(std::string_view name) const {
  return has(name) ? values_[std::string(name)].as<Texts>() : Texts{};
}

base::Result<std::string> Options::required(std::string_view name) const {
  if (has(name)) return get(name);
  return missing(name);
}

base::Error Options::missing(std::string_view name) const {
  std::string option = "--" + std::string(name);
  for (unsigned i = 0; i < positional_.max_total_count(); ++i)
    if (positional_.name_for_position(i) == name) {
      option = name;
      std::transform(option.begin(), option.end(), option.begin(),
                     [](unsigned char c) { return std::toupper(c); });
    }
  return usage_error("cli.missing_option", {{"command", command_}, {"option", option}});
}

base::Result<int64_t> Options::number(std::string_view name, int64_t fallback, int64_t low,
                                      int64_t high) const {
  if (!has(name)) return fallback;
  const std::string given = get(name);
  int64_t value = 0;
  const auto [end, code] = std::from_chars(given.data(), given.data() + given.size(), value);
  if (code != std::errc() || end != given.data() + given.size() || value < low || value > high)
    return usage_error("cli.bad_number", {{"option", std::string(name)},
                                          {"given", given},
                                          {"low", std::to_string(low)},
                                          {"high", std::to_string(high)}});
  return value;
}

}  // namespace garita::cli
