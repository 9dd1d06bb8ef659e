// garita exchange; its verbs are in exchange.cpp and exchange_answers.cpp.
#pragma once

#include "tools/garita/commands.hpp"

namespace garita::cli {

int exchange_command(const Terminal& terminal, const Arguments& arguments);

}  // namespace garita::cli
