// Trust documents as people read them: before they sign one, and of a whole site.
#pragma once

#include "core/trust/store.hpp"
#include "tools/garita/terminal.hpp"

namespace garita::cli {

// What a document says, field by field, and how many signatures it carries; with --json its content as it is.
// Errors: of a document that nobody could use.
base::Result<void> print_document(const Terminal& terminal, const trust::Envelope& envelope);

// Root, lists and certificates of a site, and what is wrong with them at this hour. False where something
// keeps certified drivers from running, or soon will.
bool print_site(const Terminal& terminal, const trust::Documents& documents, int64_t now_ns);

}  // namespace garita::cli
