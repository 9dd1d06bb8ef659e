// Shuts the worker in. Called after exec and before the first byte of a vendor's code runs, constructors included, while the
// process still has one thread.
#pragma once

namespace garita::isolate {

// The box reached today is B0, a process and no more: descriptors, environment, core dumps and the parent's death were seen
// to by the launcher. Namespaces, Landlock and seccomp have their place here.
inline bool enter_box() { return true; }

}  // namespace garita::isolate
