// What is said about a package afterwards: decisions, findings, corrections. The package never changes; they
// lie beside it in `<package>.addenda`, each signed and each vouching for all before it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/base/signature.hpp"
#include "garita/v1/addendum.pb.h"

namespace garita::package {

inline constexpr uint64_t max_addenda_bytes = 8u << 20;
inline constexpr size_t max_addendum_bytes = 256u << 10;  // of a line
inline constexpr size_t max_addenda = 4096;

struct SignedAddendum {
  v1::Addendum addendum;  // content_case() 0: of a kind that this version does not know
  base::SignatureAlgorithm algorithm{};
  base::Digest key_id{};  // whose signature holds; whether that is somebody to believe is for others to say
};

struct Addenda {
  std::vector<SignedAddendum> entries;  // in the order written, up to the first fault
  base::Digest head{};                  // hash of the last good line; the package's root where there is none
  uint64_t good_bytes = 0;              // of good lines, from the front
  uint64_t torn_bytes =
      0;  // behind the last line feed: a line that a crash cut, which nobody was told to be written
  // The first bad line: "package.addendum_malformed", "package.addendum_chain", "package.addendum_signature",
  // "package.addendum_other" (of another package), "package.addenda_too_large", or why the file cannot be
  // read.
  std::optional<base::Error> fault;
};

std::filesystem::path addenda_path(const std::filesystem::path& package);

// Pure. `path` is for errors.
Addenda parse_addenda(base::Bytes bytes, const base::Digest& root, const std::filesystem::path& path);
// Empty where there are none.
Addenda read_addenda(const std::filesystem::path& package, const base::Digest& root,
                     base::FileSystem& files = base::real_file_system());

// Whether its values are such as the record allows: "package.addendum_refused" {field, value, limit}.
base::Result<void> check_addendum(const v1::Addendum& content);

// `content` has a decision, a finding or a correction; id, package_root and made are filled in. On the disk
// when it returns; a torn tail is cut off. "package.addendum_refused" {field, value} for a value that the
// record does not allow; the fault where the addenda that are there do not hold: nothing is written behind
// them.
base::Result<SignedAddendum> append_addendum(const std::filesystem::path& package, const base::Digest& root,
                                             v1::Addendum content, const base::SigningKey& key,
                                             const base::Clock& clock = base::system_clock(),
                                             base::FileSystem& files = base::real_file_system());

}  // namespace garita::package
