// garita-open: descriptor 3 is a package that came from elsewhere; descriptor 1 gets one JSON object of what
// it holds (core/exchange/inbound/claims_text.hpp). Exit codes: 0 said; 3 the box could not be entered;
// killed: it tried something.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "core/base/file_error.hpp"
#include "core/base/signature.hpp"
#include "core/exchange/inbound/claims_text.hpp"
#include "core/package/verify.hpp"
#include "tools/garita-open/box.hpp"

namespace garita::opener {
namespace {

constexpr int package_descriptor = 3;

class PackageFile final : public base::RandomAccessFile {
 public:
  base::Result<void> read(uint64_t offset, std::span<std::byte> out) const override {
    GARITA_TRY_ASSIGN(got, read_some(offset, out));
    if (got == out.size()) return {};
    return base::Error{base::Outcome::not_loaded, "base.file_short", {{"path", "package"}}, 0};
  }
  base::Result<size_t> read_some(uint64_t offset, std::span<std::byte> out) const override {
    size_t done = 0;
    while (done < out.size()) {
      const ssize_t got =
          pread(package_descriptor, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return base::file_error(errno, "package");
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }
  base::Result<uint64_t> size_bytes() const override {
    const off_t size = lseek(package_descriptor, 0, SEEK_END);
    if (size < 0) return base::file_error(errno, "package");
    return static_cast<uint64_t>(size);
  }
};

// The one file that there is, and nothing that writes.
class OneFile final : public base::FileSystem {
 public:
  base::Result<std::unique_ptr<base::RandomAccessFile>> open(const Path&) override {
    return std::unique_ptr<base::RandomAccessFile>(std::make_unique<PackageFile>());
  }
  base::Result<std::unique_ptr<base::WritableFile>> create(const Path& path, mode_t) override {
    return no(path);
  }
  base::Result<std::unique_ptr<base::WritableFile>> append_to(const Path& path, mode_t) override {
    return no(path);
  }
  base::Result<void> rename(const Path& from, const Path&) override { return no(from); }
  base::Result<void> rename_new(const Path& from, const Path&) override { return no(from); }
  base::Result<void> remove(const Path& path) override { return no(path); }
  base::Result<void> sync_folder(const Path& path) override { return no(path); }
  base::Result<void> create_folders(const Path& path, mode_t) override { return no(path); }

 private:
  static base::Error no(const Path& path) { return base::file_error(EROFS, path); }
};

// What OpenSSL reads and starts on first use, it does now: a signature of each kind, made and checked.
bool warm_up() {
  for (const auto algorithm : {base::SignatureAlgorithm::ed25519, base::SignatureAlgorithm::ecdsa_p384}) {
    const auto key = base::SigningKey::generate(algorithm);
    if (!key.ok()) return false;
    const auto signature = key->sign("warm");
    if (!signature.ok() || !key->public_key().verify("warm", *signature)) return false;
    if (!base::PublicKey::from_der(key->public_key().der()).ok()) return false;
  }
  return true;
}

exchange::Claims opened() {
  OneFile files;
  const package::VerifyReport report = package::verify("package", {}, files);
  exchange::Claims claims;
  if (auto reader = package::Reader::open("package", {}, files); reader.ok()) {
    if (auto read = exchange::claims_of(*reader); read.ok())
      claims = *std::move(read);
    else
      claims.fault = read.error().id;
  } else {
    claims.fault = reader.error().id;
  }
  if (report.fault) claims.fault = report.fault->id;
  claims.whole = !claims.fault && !report.outcome();
  claims.withheld = report.withheld.size();
  return claims;
}

int run() {
  struct stat status {};
  if (fstat(package_descriptor, &status) != 0 || !S_ISREG(status.st_mode) || !warm_up() ||
      *enter_box() != '\0')
    return 3;
  std::string said;
  try {
    said = exchange::to_json(opened());
  } catch (...) {  // no memory: the package says nothing then
    return 4;
  }
  for (size_t at = 0; at < said.size();) {
    const ssize_t wrote = write(STDOUT_FILENO, said.data() + at, said.size() - at);
    if (wrote <= 0) return 5;
    at += static_cast<size_t>(wrote);
  }
  return 0;
}

}  // namespace
}  // namespace garita::opener

int main() { _exit(garita::opener::run()); }
