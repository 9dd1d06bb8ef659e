// A subcommand's arguments into the variables of its options: one way for all, and one refusal.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace garita::conformance {

// The refusal of `option`: conform.bad_option, usage.
base::Error bad_option(std::string option);

// An argument without a name is the value of the option `positional`; "": there is no such argument.
base::Result<void> parse_command_line(const boost::program_options::options_description& options,
                                      const std::vector<std::string>& arguments, const char* positional = "");

}  // namespace garita::conformance
