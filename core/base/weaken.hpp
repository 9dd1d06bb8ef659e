// Is this defence switched off? Never: in every program but one this is the constant false, and the compiler takes
// it for that. The table of defences (tests/isolate/defences) compiles the few sources that ask with GARITA_WEAKEN,
// switches one defence off after the other, and fails where nothing notices.
#pragma once

#include <string_view>

namespace garita::base {

#ifdef GARITA_WEAKEN
bool weakened(std::string_view defence);
#else
inline namespace standing {  // another name for the linker: the two never stand for each other
constexpr bool weakened(std::string_view /*defence*/) { return false; }
}  // namespace standing
#endif

}  // namespace garita::base
