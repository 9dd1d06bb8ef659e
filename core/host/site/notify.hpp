// What the service manager is told: sd_notify's protocol, datagrams to the socket that $NOTIFY_SOCKET names.
// Without one nothing happens.
#pragma once

#include <string_view>

namespace garita::host {

// "READY=1\nSTATUS=12 lanes". False where nobody listens.
bool notify_service(std::string_view state);

}  // namespace garita::host
