// What a boxed driver tried, from any arguments and any memory: always words that are fit to be read, never
// more than their limit, never a path that is not plain.
#include <linux/audit.h>

#include <cstdlib>
#include <cstring>

#include "core/base/text.hpp"
#include "core/isolate/box/decode.hpp"

namespace {

using garita::isolate::Decoded;

// The input's rest, from address 4096 on; nothing else can be read.
class Memory final : public garita::isolate::TargetMemory {
 public:
  explicit Memory(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  size_t read(uint64_t address, std::span<std::byte> out) const override {
    if (address < 4096 || address - 4096 >= bytes_.size()) return 0;
    const size_t size = std::min<size_t>(out.size(), bytes_.size() - (address - 4096));
    std::memcpy(out.data(), bytes_.data() + (address - 4096), size);
    return size;
  }

 private:
  std::span<const uint8_t> bytes_;
};

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  seccomp_data call{};
  if (size < sizeof call) return 0;
  std::memcpy(&call, data, sizeof call);
  if (call.arch % 4 != 0) call.arch = AUDIT_ARCH_X86_64;
  const Decoded decoded =
      garita::isolate::decode_call(call, Memory({data + sizeof call, size - sizeof call}));
  must(!decoded.call.empty() && decoded.call.size() < 64);
  must(decoded.target.size() <= garita::isolate::max_target_bytes + 8);
  must(garita::base::printable(decoded.target, garita::isolate::max_target_bytes + 8) == decoded.target);
  must(decoded.path.size() <= garita::isolate::max_decoded_path);
  must(!(decoded.opens && decoded.looks));
  if (!decoded.path.empty() && decoded.path[0] == '/') must(decoded.path.find("/../") == std::string::npos);
  return 0;
}
