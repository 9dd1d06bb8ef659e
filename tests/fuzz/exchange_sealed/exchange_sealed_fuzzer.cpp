// What came sealed, in any form. The first byte says how the rest is taken:
//
//   even   bytes as they came, as a sealed content and as one CMS message
//   odd    changes of a content that was sealed for this site: 4 bytes each, u24 place (little-endian, modulo
//          the size; 0xFFFFFF: cut off here) and what is XORed into the byte there
//
// What was changed releases nothing. (The keys are made when the program starts: a finding repeats by its
// structure, not by its bytes.)
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/exchange/sealing/cms_form.hpp"
#include "core/exchange/sealing/seal.hpp"
#include "core/host/exchange/keys.hpp"

namespace {

using namespace garita;
namespace fs = std::filesystem;

struct Site {
  std::vector<exchange::OpeningKey> keys;
  std::vector<std::byte> sealed;
  const std::string content = "a scan that nobody between may read";

  Site() {
    std::string name = (fs::temp_directory_path() / "garita-fuzz-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr || !host::make_site_keys(name, "us", 1)) std::abort();
    const auto certificate = exchange::SealingCertificate::load(fs::path(name) / "us.seal.crt");
    auto key = exchange::OpeningKey::load((fs::path(name) / "us.seal.key").string(), *certificate);
    auto made = exchange::seal(base::Bytes(content), std::span(&*certificate, 1));
    if (!key || !made) std::abort();
    keys.push_back(*std::move(key));
    sealed = *std::move(made);
    const auto opened = exchange::unseal(base::Bytes(sealed), keys);
    if (!opened || base::Bytes(*opened).text() != content) std::abort();
    fs::remove_all(name);
  }
};

void take_changes(const Site& site, const uint8_t* data, size_t size) {
  std::vector<std::byte> changed = site.sealed;
  for (; size >= 4 && !changed.empty(); data += 4, size -= 4) {
    const uint32_t place = data[0] | uint32_t{data[1]} << 8 | uint32_t{data[2]} << 16;
    if (place == 0xFFFFFF)
      changed.resize(changed.size() - 1 - data[3] % changed.size());
    else
      changed[place % changed.size()] ^= std::byte{data[3]};
  }
  const auto opened = exchange::unseal(base::Bytes(changed), site.keys);
  if (opened.ok() != (changed == site.sealed)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Site site;
  if (size == 0) return 0;
  if (data[0] % 2 == 1) {
    take_changes(site, data + 1, size - 1);
    return 0;
  }
  const base::Bytes bytes(data + 1, size - 1);
  (void)exchange::is_sealed_form(bytes);
  if (exchange::unseal(bytes, site.keys)) std::abort();  // nobody sealed it for these keys
  return 0;
}
