// The tables of the catalog, as steps from one version to the next. Private to core/catalog.
#pragma once

#include <span>

namespace garita::catalog {

// Step n brings version n to version n + 1; a new database takes all of them. Never changed once released: a
// version that is out there is what its steps made.
std::span<const char* const> schema_steps();

}  // namespace garita::catalog
