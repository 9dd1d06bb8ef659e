// Any bytes as an evidence bundle: read or refused with a sentence, within the limits. The first byte says
// whether the rest is the file itself ('f'), or the tar inside it, which is then packed as ours is, so that
// mutations get behind zstd's checksum.
#include <zstd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "conformance/evidence/bundle.hpp"
#include "core/base/text.hpp"

namespace {

using namespace garita;

class Memory final : public base::RandomAccessFile {
 public:
  explicit Memory(std::string bytes) : bytes_(std::move(bytes)) {}
  base::Result<void> read(uint64_t offset, std::span<std::byte> out) const override {
    GARITA_TRY_ASSIGN(got, read_some(offset, out));
    if (got == out.size()) return {};
    return base::Error{base::Outcome::no, "base.file_short", {{"path", "fuzz"}}};
  }
  base::Result<size_t> read_some(uint64_t offset, std::span<std::byte> out) const override {
    const size_t size = offset >= bytes_.size() ? 0 : std::min<uint64_t>(out.size(), bytes_.size() - offset);
    if (size != 0) std::memcpy(out.data(), bytes_.data() + offset, size);
    return size;
  }
  base::Result<uint64_t> size_bytes() const override { return uint64_t{bytes_.size()}; }

 private:
  const std::string bytes_;
};

std::string frame_of(const char* tar, size_t size) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string to(ZSTD_compressBound(size), '\0');
  to.resize(ZSTD_compress2(context, to.data(), to.size(), tar, size));
  ZSTD_freeCCtx(context);
  return to;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  if (size_bytes == 0) return 0;
  const char* rest = reinterpret_cast<const char*>(data) + 1;
  const Memory file(data[0] == 'f' ? std::string(rest, size_bytes - 1) : frame_of(rest, size_bytes - 1));
  const conformance::BundleLimits limits{
      .total_bytes = 4u << 20, .text_bytes = 1u << 20, .kept_bytes = 1u << 20, .members = 64};
  const auto bundle = conformance::read_bundle(file, "fuzz", limits);
  if (!bundle) {
    if (base::render(bundle.error(), base::Language::es).empty()) std::abort();
    return 0;
  }
  for (const auto& [name, member] : bundle->members)
    if (!conformance::member_kind(name) || name.find("..") == 0 || name.front() == '/') std::abort();
  if (bundle->manifest.empty() || !bundle->head.is_object()) std::abort();
  return 0;
}
