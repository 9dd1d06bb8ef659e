// What this host calls itself in records and to drivers.
#pragma once

namespace garita::host {

inline constexpr char version[] = "0.1.0";

}  // namespace garita::host
