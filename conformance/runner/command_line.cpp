#include "conformance/runner/command_line.hpp"

#include <boost/program_options.hpp>
#include <utility>

namespace garita::conformance {

namespace po = boost::program_options;

base::Error bad_option(std::string option) {
  return {base::Outcome::usage, "conform.bad_option", {{"option", std::move(option)}}};
}

base::Result<void> parse_command_line(const po::options_description& options,
                                      const std::vector<std::string>& arguments, const char* positional) {
  try {
    po::positional_options_description names;
    if (*positional) names.add(positional, 1);
    po::variables_map values;
    po::store(po::command_line_parser(arguments).options(options).positional(names).run(), values);
    po::notify(values);
  } catch (const po::error_with_option_name& error) {
    return bad_option(error.get_option_name());
  } catch (const po::error& error) {
    return bad_option(error.what());
  }
  return {};
}

}  // namespace garita::conformance
