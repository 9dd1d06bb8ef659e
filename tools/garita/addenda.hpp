// What addenda look like on a terminal and in JSON; and the one way in which commands write one.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/package/addenda.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {

nlohmann::json to_json(const package::Addenda& addenda);
// A block an addendum; the fault, if any, is for the caller to tell.
void print_addenda(const Terminal& terminal, const package::Addenda& addenda);
// Whether all of them hold: 0, or the exit code after a sentence on err. A torn tail is said and is 4.
int tell_fault(const Terminal& terminal, const package::Addenda& addenda,
               const std::filesystem::path& package);

// FILE, then WORD, stand first: takes WORD out, "" where there is none.
std::string take_second(Arguments& arguments);
// Writes it with the key of --state, and says so.
int add_addendum(const Terminal& terminal, const Options& options, const v1::Addendum& content);
base::Result<std::filesystem::path> state_folder(const Options& options);

}  // namespace garita::cli
