// What a kept file says, as lines of text: the same today as on the day when it was kept.
#pragma once

#include <filesystem>
#include <string>

namespace garita::frozen {

// Everything that a reader can get out of a package: its root and signer, the hash of each plane, overview,
// calibration and attachment, what is withheld, each field of the record, and the addenda beside it. A field
// that this version does not understand any more is a line "lost …". Never fails: what cannot be read is a
// line that says so, in one sentence.
std::string describe_package(const std::filesystem::path& path);

// What the documents of `trust` (a folder with state/trust in it) say to the driver kept beside them, at that
// hour: "admitted", "admitted, trust.status_stale", "trust.certificate_expired".
std::string answer_at(const std::filesystem::path& version, const std::filesystem::path& trust,
                      int64_t utc_ns);

// "" where both are the same; else the first line that is not.
std::string first_difference(const std::string& kept, const std::string& now);

}  // namespace garita::frozen
