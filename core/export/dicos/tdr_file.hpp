// What is written with DCMTK: a library of its own, loaded with the first DICOS file, so that commands that
// write none start without it (decisions/0016).
#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/export/dicos/tdr.hpp"

namespace garita::exporter::dicos {

// The file's bytes: preamble, meta header (0002,0004) V03, explicit little endian.
// Errors: export.dicos_refused {tag, reason}: DCMTK does not take a value, or a required one is empty.
base::Result<std::string> tdr_file(const Report& report);

// One of the exported symbols. Both ends come from one build: the types may be C++.
using TdrFunction = void (*)(const Report& report, std::optional<base::Result<std::string>>& out);
inline constexpr const char* tdr_symbol = "garita_tdr_file";
inline constexpr const char* dicos_library = "garita_dicos_export.so";  // in <prefix>/lib/garita

}  // namespace garita::exporter::dicos
