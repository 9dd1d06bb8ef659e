// Which box can this machine give, and what is missing for the next one? Found out by doing: a worker without
// a driver enters the box and is thrown away.
#pragma once

#include <filesystem>
#include <optional>

#include "core/base/result.hpp"
#include "core/isolate/wire/box.hpp"

namespace garita::isolate {

// The sentence for a facility that was refused, with its mend: isolate.no_* {box, reason}, where reason is
// the system's word.
base::Error box_missing(Box box, BoxStep step, int error);

// Whether a worker of this program (empty: the one that is found) can enter exactly this box. Asked once in a
// process.
base::Result<void> try_box(const std::filesystem::path& program, Box box);

// The box for a driver: `wanted` if any, exactly; else the best that is reached, but none below `required`.
// Errors: those of box_missing.
base::Result<Box> choose_box(const std::filesystem::path& program, std::optional<Box> wanted,
                             Box required = Box::B1);

}  // namespace garita::isolate
