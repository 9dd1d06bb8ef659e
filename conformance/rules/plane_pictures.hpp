// Planes as PNG files, travel along the picture: for people, never for a verdict.
#pragma once

#include <filesystem>

#include "conformance/rules/viewing.hpp"

namespace garita::conformance {

// Stretched between its 1 % and 99 % values, made smaller by leaving pixels out. False: not written.
bool write_picture(const DeliveredPlane& plane, const std::filesystem::path& path);
bool write_picture(const CanonicalPlane& plane, const std::filesystem::path& path);

// a − b in transmission: grey where they agree, white where a is brighter, black where it is darker, by 0.05
// and more.
bool write_difference(const CanonicalPlane& a, const CanonicalPlane& b, const std::filesystem::path& path);

}  // namespace garita::conformance
