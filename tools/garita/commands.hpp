// The commands of `garita`; each takes its own arguments and returns the exit code.
#pragma once

#include <string>
#include <vector>

#include "tools/garita/terminal.hpp"

namespace garita::cli {

using Arguments = std::vector<std::string>;

int drivers_command(const Terminal& terminal, const Arguments& arguments);
int scan_command(const Terminal& terminal, const Arguments& arguments);
int show_command(const Terminal& terminal, const Arguments& arguments);
int view_command(const Terminal& terminal, const Arguments& arguments);
int verify_command(const Terminal& terminal, const Arguments& arguments);
int export_command(const Terminal& terminal, const Arguments& arguments);
int find_command(const Terminal& terminal, const Arguments& arguments);
int decide_command(const Terminal& terminal, const Arguments& arguments);
int finding_command(const Terminal& terminal, const Arguments& arguments);
int correct_command(const Terminal& terminal, const Arguments& arguments);
int catalog_command(const Terminal& terminal, const Arguments& arguments);
int quarantine_command(const Terminal& terminal, const Arguments& arguments);
int run_command(const Terminal& terminal, const Arguments& arguments);
int driver_command(const Terminal& terminal, const Arguments& arguments);
int config_command(const Terminal& terminal, const Arguments& arguments);
int calibrate_command(const Terminal& terminal, const Arguments& arguments);
int trust_command(const Terminal& terminal, const Arguments& arguments);
int policy_command(const Terminal& terminal, const Arguments& arguments);
int fleet_command(const Terminal& terminal, const Arguments& arguments);
int audit_command(const Terminal& terminal, const Arguments& arguments);
int new_driver_command(const Terminal& terminal, const Arguments& arguments);

}  // namespace garita::cli
