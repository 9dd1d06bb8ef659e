// The picture of a file as a view: size, sample type, meaning.
#pragma once

#include "drivers/dicos/classes.hpp"
#include "drivers/dicos/tags.hpp"
#include "garita/events.hpp"

namespace garita::dicos {

// A view of what the file declares, and nothing that it does not: the README has the rules. Unwinds with
// DATA_UNSUPPORTED or DATA_CORRUPT. `pixel_tag`: the element that holds the samples.
View view_of(const Tags& tags, const Class& sop_class, DcmTagKey pixel_tag);

// The first element of the file that can hold samples; unwinds with DATA_CORRUPT where there is none.
DcmTagKey pixel_tag_of(const Tags& tags);

}  // namespace garita::dicos
