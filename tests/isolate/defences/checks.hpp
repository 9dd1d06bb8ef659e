// What the table of defences looks at. Each check answers "" where the defence stands, else what was seen.
#pragma once

#include <functional>
#include <string>

#include "core/isolate/session.hpp"
#include "tests/isolate/defences/defences.hpp"

namespace garita::isolate::defences {

using Check = std::function<std::string(const Setup&)>;

// A row of the fault table is caught as it says.
Check row(const std::string& id);
// The driver that trespasses says `wanted` of an order.
Check says(const std::string& order, const std::string& wanted);
Check says(const std::string& order, std::function<bool(const std::string& said)> right);
// One system call says that.
Check call(uint32_t number, uint64_t first, uint64_t second, const std::string& wanted);
// A limit of the worker: RLIMIT_…; at most so much.
Check limit(uint32_t resource, uint64_t most);
// The worker's namespace is not this process's.
Check own_namespace(const std::string& name);
// An order ends in isolate.breach.
Check breach(const std::string& order);

std::string never_as_root(const Setup& setup);
std::string worker_ends_with_its_launcher(const Setup& setup);
std::string flood_ends(const Setup& setup);
std::string evidence_is_capped(const Setup& setup);
std::string sealed_driver_cannot_be_written(const Setup& setup);
std::string strips_cannot_shrink(const Setup& setup);
std::string overrun_is_no_event(const Setup& setup);
std::string breach_closes_the_door(const Setup& setup);
std::string other_address_is_a_breach(const Setup& setup);
std::string worker_is_in_its_group(const Setup& setup);

}  // namespace garita::isolate::defences
