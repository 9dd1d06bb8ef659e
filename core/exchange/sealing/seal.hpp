// Makes content unreadable for everyone but its recipient, and opens it again. CMS AuthEnvelopedData (RFC
// 5083) with AES-256-GCM (RFC 5084); the content key is agreed with each certificate of the recipient (ECDH,
// X9.63 KDF with SHA-256, AES key wrap; RFC 5753).
//
//   sealed     16 bytes  "garita.sealed/1\n"
//              segment …
//   segment    u32       size of the CMS message (little-endian)
//              …         CMS message, DER: AuthEnvelopedData over
//                0  16 bytes  id of the content, of chance; the same in all its segments
//               16  u64       number of the segment, from 0
//               24  u32       1 in the last segment, else 0
//               28  u32       0
//               32  …         content: 4 MiB in all but the last, which may be empty only where it is the
//               first
//
// So memory is bounded whatever the size, and a segment that is missing, moved, of another content or cut off
// is noticed, as a changed one is. Nothing is handed out before every tag was checked, the last segment's
// too. (Three numbers of CMS itself, two versions and the tag's size, are covered by no tag and change
// nothing: what opens is what was sealed.)
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/file.hpp"
#include "core/exchange/sealing/keys.hpp"

namespace garita::exchange {

inline constexpr size_t segment_bytes = 4u << 20;
inline constexpr size_t segment_head_bytes = 32;
inline constexpr size_t max_segment_message_bytes = segment_bytes + (64u << 10);
inline constexpr uint64_t max_sealed_bytes = uint64_t{8} << 30;  // of the content

using Sink = std::function<base::Result<void>(base::Bytes)>;

// Reads `content` once, from front to end, and gives the sealed bytes to `out` piece by piece. `recipients`:
// all certificates of one recipient that hold now (valid_certificates). Errors: exchange.seal_failed, those
// of content and out.
base::Result<void> seal(const base::RandomAccessFile& content, std::span<const SealingCertificate> recipients,
                        const Sink& out);
base::Result<std::vector<std::byte>> seal(base::Bytes content,
                                          std::span<const SealingCertificate> recipients);

// Plaintext that has no name: in memory (memfd), or in an unlinked file of a folder of the state (O_TMPFILE)
// for what is larger. It is gone with its last descriptor, also after a kill -9. One thread at a time.
class Plain {
 public:
  static base::Result<Plain> in_memory();
  // "base.file_failed" where the file system has no O_TMPFILE: then nothing is written there.
  static base::Result<Plain> in_folder(const std::filesystem::path& folder);
  Plain(Plain&& other) noexcept;
  Plain& operator=(Plain&& other) noexcept;
  ~Plain();

  base::Result<void> append(base::Bytes bytes);
  int descriptor() const { return descriptor_; }
  uint64_t size_bytes() const { return size_bytes_; }
  // Readable as a file for as long as this lives: "/proc/self/fd/N".
  std::filesystem::path path() const;

 private:
  explicit Plain(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
  uint64_t size_bytes_ = 0;
};

// Opens what seal() wrote into `plain`, which the caller then has; after an error it is destroyed unread.
// Errors: exchange.not_sealed (no such file, or its form is wrong), exchange.not_for_us (sealed for none of
// the keys), exchange.seal_broken {segment} (changed, moved, or cut off).
base::Result<Plain> unseal(const base::RandomAccessFile& sealed, std::span<const OpeningKey> keys,
                           Plain plain);
base::Result<std::vector<std::byte>> unseal(base::Bytes sealed, std::span<const OpeningKey> keys);

}  // namespace garita::exchange
