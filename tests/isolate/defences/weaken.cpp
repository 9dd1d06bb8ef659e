#include "tests/isolate/defences/weaken.hpp"

#include <unistd.h>

#include <string_view>

#include "core/base/weaken.hpp"

namespace garita::base {
namespace {

std::string own_name() {
  char path[4096];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  const std::string_view name(path, size > 0 ? static_cast<size_t>(size) : 0);
  const size_t comma = name.rfind('/') == name.npos ? name.npos : name.find(',', name.rfind('/'));
  return comma == name.npos ? "" : std::string(name.substr(comma + 1));
}

std::string switched_off = own_name();  // before main: in the box there is no /proc

}  // namespace

void weaken(const std::string& defences) { switched_off = defences; }

// Allocates nothing: it is asked in a process that shares its maker's memory.
bool weakened(std::string_view defence) {
  for (std::string_view rest = switched_off; !rest.empty();) {
    const size_t comma = rest.find(',');
    if (rest.substr(0, comma) == defence) return true;
    rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 1);
  }
  return false;
}

}  // namespace garita::base
