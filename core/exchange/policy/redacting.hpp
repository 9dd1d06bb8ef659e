// A sharing policy applied to a package: what of it goes, and the copy that holds no more.
//
// Whatever the policy says, a copy tells: how many parts and fields the package has, when the file was begun
// and sealed, and the key that signed it. The format binds these (FORMAT.md), and without them nothing could
// be verified.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/exchange/policy/sharing.hpp"
#include "core/package/redact.hpp"

namespace garita::exchange {

// One thing of a package. It tells no value.
struct Explained {
  std::string kind;   // "field", "plane", "overview", "raw", "calibration", "attachment"
  std::string place;  // "conveyance.plates[0].number", "side/high", "side/high 1:16", "scene 0"
  std::string of;     // a field's redaction class
  Decision decision;
};

// In the order of the file: the record first. "exchange.no_rule" {to, purpose, path}.
base::Result<std::vector<Explained>> explain(package::Reader& package, const SharingPolicy& policy,
                                             std::string_view to, std::string_view purpose);

// The rule outlives what is returned.
package::RedactPolicy redact_policy(const SharingRule& rule);

// The copy at `out`; verified before it is told about, so that what goes is what the recipient will accept.
// Its name is the caller's: package_name() says nothing. Errors: exchange.no_rule, those of package::redact
// and verify.
base::Result<void> redact_for(const std::filesystem::path& in, const std::filesystem::path& out,
                              const SharingPolicy& policy, std::string_view to, std::string_view purpose,
                              base::FileSystem& files = base::real_file_system());

// "<first 32 hex digits of the root>.garita": a name of chance for whoever does not know the package.
std::string package_name(const base::Digest& root);

}  // namespace garita::exchange
