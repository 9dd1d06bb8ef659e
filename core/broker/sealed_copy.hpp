// A file as it was at one moment: copied into memory that nobody can change, and hashed there. What the file becomes
// afterwards touches no reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"

namespace garita::broker {

// What tells one file from another under the same name, or from itself before it grew.
struct FileIdentity {
  uint64_t device = 0, inode = 0, size_bytes = 0;
  int64_t modified_ns = 0, changed_ns = 0;  // UTC: of the content; of content, name or owner
  bool operator==(const FileIdentity&) const = default;
};

class SealedCopy {
 public:
  struct Taken {
    std::shared_ptr<const SealedCopy> copy;  // null: the file is not what was expected (any more); look again
    bool too_large = false;
  };

  // Copies by chunks, asking `stop` in between (then the copy is null). Follows no link; a regular file only.
  // "broker.object_unreadable" {file, reason} where it cannot be read or memory is gone.
  static base::Result<Taken> take(const std::filesystem::path& path, const FileIdentity& expected, uint64_t max_bytes,
                                  const std::function<bool()>& stop);
  // One that is made of pieces. "broker.object_unreadable" where memory is gone.
  class Maker {
   public:
    static base::Result<Maker> create();
    base::Result<void> append(std::span<const std::byte> piece);
    base::Result<std::shared_ptr<const SealedCopy>> finish();

   private:
    explicit Maker(std::shared_ptr<SealedCopy> copy) : copy_(std::move(copy)) {}
    std::shared_ptr<SealedCopy> copy_;
    base::Sha256 hash_;
  };

  ~SealedCopy();
  SealedCopy(const SealedCopy&) = delete;
  SealedCopy& operator=(const SealedCopy&) = delete;

  uint64_t size_bytes() const { return size_bytes_; }
  const base::Digest& sha256() const { return sha256_; }

  // As much as is there, up to out.size(); 0 at and beyond the end. Any thread.
  size_t read_at(uint64_t offset, std::span<std::byte> out) const;
  // All of it, mapped; null where it is empty or address space is gone. The mapping keeps itself alive.
  std::shared_ptr<const std::byte> map() const;

 private:
  explicit SealedCopy(int memory) : memory_(memory) {}
  const int memory_;
  uint64_t size_bytes_ = 0;
  base::Digest sha256_{};
};

// Of what the descriptor is open on; nothing where it is no regular file.
bool identify(int file, FileIdentity& identity);
bool identify(const std::filesystem::path& path, FileIdentity& identity);  // follows no link

// False: some program has it open for writing. True: none has, or the system does not say.
bool is_closed(const std::filesystem::path& path);

}  // namespace garita::broker
