// The errors of this room, made in one way: which file, where in it.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.hpp"

namespace garita::package {

inline base::Error error_at(base::Outcome outcome, const char* id, const std::filesystem::path& path,
                            std::string place) {
  return {outcome, id, {{"path", path.string()}, {"place", std::move(place)}}};
}

// A hash that is not that of the bytes.
inline base::Error hash_mismatch(const std::filesystem::path& path, std::string place) {
  return error_at(base::Outcome::no, "package.hash_mismatch", path, std::move(place));
}
// Bytes that contradict the format or each other.
inline base::Error malformed(const std::filesystem::path& path, std::string place) {
  return error_at(base::Outcome::no, "package.malformed", path, std::move(place));
}
inline base::Error signature_wrong(const std::filesystem::path& path, std::string place) {
  return error_at(base::Outcome::no, "package.signature_wrong", path, std::move(place));
}
// The bytes end before the package does.
inline base::Error torn(const std::filesystem::path& path, std::string place) {
  return error_at(base::Outcome::incomplete, "package.torn", path, std::move(place));
}
inline base::Error not_a_package(const std::filesystem::path& path) {
  return error_at(base::Outcome::not_loaded, "package.not_a_package", path, "header");
}
inline base::Error other_version(const std::filesystem::path& path, unsigned version) {
  base::Error error = error_at(base::Outcome::not_loaded, "package.other_version", path, "header");
  error.fields.push_back({"version", std::to_string(version)});
  return error;
}

}  // namespace garita::package
