#include <zstd.h>

#include <algorithm>
#include <array>

#include "conformance/evidence/bundle.hpp"
#include "conformance/evidence/hex.hpp"
#include "conformance/evidence/tar.hpp"

namespace garita::conformance {

using nlohmann::json;

struct BundleWriter::Inside {
  explicit Inside(base::AtomicFile own) : file(std::move(own)), context(ZSTD_createCCtx()) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    buffer.resize(ZSTD_CStreamOutSize());
  }
  ~Inside() { ZSTD_freeCCtx(context); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  base::Result<void> put(base::Bytes bytes, ZSTD_EndDirective how = ZSTD_e_continue) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (size_t left = 1; left != 0 || in.pos < in.size;) {
      ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
      left = ZSTD_compressStream2(context, &out, &in, how);
      if (ZSTD_isError(left))
        return base::Error{
            base::Outcome::incomplete, "evidence.not_written", {{"path", file.path().string()}}};
      GARITA_TRY(file.append({buffer.data(), out.pos}));
      if (how == ZSTD_e_continue && in.pos == in.size) break;
    }
    return {};
  }

  base::Result<void> pad(uint64_t size_bytes) {
    static constexpr TarBlock zeros{};
    return put({zeros.data(), tar_padding_bytes(size_bytes)});
  }

  void note(std::string_view name, uint64_t size_bytes, const base::Digest& digest) {
    members.push_back({{"name", name}, {"sha256", base::to_text(digest)}, {"size", size_bytes}});
  }

  base::AtomicFile file;
  ZSTD_CCtx* context;
  std::vector<char> buffer;
  json members = json::array();
};

BundleWriter::BundleWriter(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
BundleWriter::BundleWriter(BundleWriter&&) noexcept = default;
BundleWriter::~BundleWriter() = default;

base::Result<BundleWriter> BundleWriter::create(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(file, base::AtomicFile::create(path));
  return BundleWriter(std::make_unique<Inside>(std::move(file)));
}

base::Result<void> BundleWriter::add(std::string_view name, base::Bytes bytes) {
  GARITA_TRY(inside_->put(tar_header(name, bytes.size())));
  GARITA_TRY(inside_->put(bytes));
  inside_->note(name, bytes.size(), base::sha256(bytes));
  return inside_->pad(bytes.size());
}

base::Result<void> BundleWriter::add_file(std::string_view name, const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(file, base::real_file_system().open(path));
  GARITA_TRY_ASSIGN(size_bytes, file->size_bytes());
  GARITA_TRY(inside_->put(tar_header(name, size_bytes)));
  base::Sha256 hash;
  std::vector<std::byte> part(1u << 20);
  for (uint64_t at = 0; at < size_bytes;) {
    const std::span<std::byte> wanted(part.data(), std::min<uint64_t>(part.size(), size_bytes - at));
    GARITA_TRY(file->read(at, wanted));
    hash.update(wanted);
    GARITA_TRY(inside_->put(wanted));
    at += wanted.size();
  }
  inside_->note(name, size_bytes, hash.finish());
  return inside_->pad(size_bytes);
}

base::Result<void> BundleWriter::finish(const Chain& events, const base::SigningKey* key) {
  GARITA_TRY(add("events.jsonl", events.text()));
  const std::string seal = canonical({{"format", seal_format},
                                      {"head", base::to_text(events.head())},
                                      {"lines", events.lines()},
                                      {"members", inside_->members}});
  GARITA_TRY(add("seal.json", seal));
  if (key) {
    GARITA_TRY_ASSIGN(signature, key->sign(seal));
    const json own = {{"algorithm", base::name_of(key->algorithm())},
                      {"key", to_hex(key->public_key().der())},
                      {"signature", to_hex(signature)}};
    GARITA_TRY(add("signature.json", canonical(own)));
  }
  static constexpr std::array<char, 2 * tar_block_bytes> end{};
  GARITA_TRY(inside_->put({end.data(), end.size()}, ZSTD_e_end));
  return inside_->file.commit();
}

}  // namespace garita::conformance
