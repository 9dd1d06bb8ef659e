// garita_error across the ABI: what a driver wrote, read with bounds; what we write, cut and closed.
#pragma once

#include <string>
#include <string_view>

#include "garita/status.h"

namespace garita::load {

// An empty struct, ready to be handed to a driver.
garita_error empty_error();

// The driver's sentence as valid UTF-8; never reads beyond the struct, also where the NUL is missing.
std::string message_of(const garita_error& error);

// Fills a driver's struct: message cut at a code point, always NUL-terminated. NULL, or one whose struct_size
// is too small, stays untouched.
void fill_error(garita_error* error, garita_status status, std::string_view message);

}  // namespace garita::load
