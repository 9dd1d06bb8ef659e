// The options of one command: Boost.Program_options with help from the text catalogue and errors as Result.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tools/garita/terminal.hpp"

namespace garita::cli {

// The text id of a command's one line: "scan" -> "cli.scan_about".
std::string about_id(std::string_view command);

class Options {
 public:
  // command: "scan"; its help texts are cli.scan_about and, for each option, cli.scan_<option with _>.
  Options(const Terminal& terminal, std::string command);

  Options& flag(std::string_view name);
  Options& value(std::string_view name, std::string_view placeholder = "VALUE");
  Options& list(std::string_view name, std::string_view placeholder = "VALUE");  // may be given more than once
  Options& positional(std::string_view name, std::string_view placeholder = "FILE");  // one, named in the errors

  // What --help shows behind the command's name, where its positional arguments do not say it.
  Options& usage(std::string_view line);

  // False after --help was printed: the command is done.
  base::Result<bool> parse(const std::vector<std::string>& arguments);

  bool has(std::string_view name) const;
  std::string get(std::string_view name, std::string_view fallback = "") const;
  std::vector<std::string> all(std::string_view name) const;
  base::Result<std::string> required(std::string_view name) const;
  base::Error missing(std::string_view name) const;
  // A whole number in [low, high]; `fallback` where the option is not given.
  base::Result<int64_t> number(std::string_view name, int64_t fallback, int64_t low, int64_t high) const;

 private:
  std::string help_of(std::string_view name) const;

  const Terminal& terminal_;
  std::string command_;
  boost::program_options::options_description description_;
  boost::program_options::positional_options_description positional_;
  std::string positional_name_, positional_placeholder_, usage_;
  boost::program_options::variables_map values_;
};

}  // namespace garita::cli
