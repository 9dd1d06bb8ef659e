// What an officer says about a package: signed with the site's key, written beside the package, told to the
// site's log and to the catalog.
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/package/addenda.hpp"
#include "garita/v1/addendum.pb.h"

namespace garita::host {

struct AddendumWritten {
  package::SignedAddendum signed_addendum;
  std::vector<base::Error> notes;  // the addendum stands, but the catalog does not know of it yet
};

// content: a decision, a finding or a correction. Errors: those of open_package, package::append_addendum,
// base.state_*, and of the log, whose line is written before the addendum: what the log has and the file
// lacks was cut short or taken away.
base::Result<AddendumWritten> add_addendum(const std::filesystem::path& state,
                                           const std::filesystem::path& package, const v1::Addendum& content,
                                           const base::Clock& clock = base::system_clock());

}  // namespace garita::host
