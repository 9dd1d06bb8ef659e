// A TOML file into a message, held against the message's descriptor: names, types, ranges, forms, lengths and
// counts come from the .proto alone. Every mistake is found, each with its place.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace google::protobuf {
class Message;
}

namespace garita::host {

inline constexpr uint64_t max_config_bytes = 4u << 20;
inline constexpr size_t max_config_problems = 200;

// Counted from 1; 0: the file as a whole.
struct Place {
  uint32_t line = 0, column = 0;
};

struct ConfigProblem {
  Place place;
  base::Error error;
  bool warning = false;  // it can run nevertheless
};

// Where each key stands, by its path: "lanes.north.devices.portal.driver".
class Places {
 public:
  void set(std::string path, Place place) { places_[std::move(path)] = place; }
  bool has(std::string_view path) const { return places_.find(path) != places_.end(); }
  // That of the path, else of the nearest table above it.
  Place find(std::string_view path) const;

 private:
  std::map<std::string, Place, std::less<>> places_;
};

struct ReadConfig {
  Places places;
  std::vector<ConfigProblem> problems;  // in the order of the file, at most max_config_problems
};

// Fills `out` with all that is right. Keys of maps are names: letters, digits, '-' and '_', at most 64 bytes.
// Problems: config.syntax {what}, config.unknown_key {key, known}, config.unknown_key_near {key, near},
// config.wrong_type {key, wanted}, config.unknown_word {key, given, known}, config.out_of_range {key, given,
// low, high}, config.bad_format {key, given, example}, config.too_long {key, limit}, config.too_many {key,
// limit}, config.bad_name {key}, config.control_character {key}.
ReadConfig read_config(std::string_view toml, google::protobuf::Message& out);

// The one of `known` that `given` may have been meant to be; empty: none is near.
std::string nearest(std::string_view given, const std::vector<std::string>& known);

// "a, b, c"
std::string listed(const std::vector<std::string>& names);

}  // namespace garita::host
