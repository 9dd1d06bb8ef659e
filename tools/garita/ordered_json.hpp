// JSON for a program that reads what a command says: names in the order in which they were said.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace garita::cli {

using Json = nlohmann::ordered_json;

// Bytes that are no UTF-8 become U+FFFD.
inline std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace); }

}  // namespace garita::cli
