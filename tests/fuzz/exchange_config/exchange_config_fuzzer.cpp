// exchange.toml from whoever wrote it: taken whole within its limits, or refused with one sentence; which
// books and keys it names is then asked, whatever lies there.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/exchange/transport/way.hpp"
#include "core/host/exchange/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace garita;
  const int file = memfd_create("exchange.toml", MFD_CLOEXEC);
  if (file < 0 || write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
  const auto config = host::load_exchange("/proc/self/fd/" + std::to_string(file), base::Language::es);
  close(file);
  if (!config) {
    if (base::render(config.error(), base::Language::en).empty()) std::abort();
    return 0;
  }
  const config::ExchangeFile& said = config->said;
  if (!exchange::is_site_name(said.site()) || said.folder().empty() || said.key().empty()) std::abort();
  if (said.peers_size() > 256 || said.authorities_size() > 256 || said.opening_size() > 8) std::abort();
  for (const auto& [name, peer] : said.peers())
    if (!exchange::is_site_name(name) || peer.keys().empty() || peer.keys_size() > 4) std::abort();
  if (host::books_of(*config).trust.has_value() != said.has_trust()) std::abort();
  (void)host::limits_of(*config);
  (void)host::keyring_of(*config);
  (void)host::opening_keys_of(*config);
  return 0;
}
