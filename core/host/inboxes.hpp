// The inboxes of a run: folders of files, each with the journal of what became of them.
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/broker/broker.hpp"
#include "core/broker/inbox.hpp"
#include "core/load/manifest.hpp"

namespace garita::host {

// One for each source with a dir: address. The journal lies in state/journal, named for the driver, the inbox and the
// folder of the packages (its path, inode and birth): into a new or another folder everything goes again, and a package
// that was taken away from the old one does not come again.
// Errors: broker.inbox_*, broker.journal_*, base.file_locked (another run serves this inbox into this folder).
base::Result<broker::Broker::Inboxes> make_inboxes(const load::Manifest& manifest,
                                                   const broker::Broker::Sources& sources,
                                                   const std::filesystem::path& out,
                                                   const std::filesystem::path& state, bool until_empty,
                                                   const base::Clock& clock);

}  // namespace garita::host
