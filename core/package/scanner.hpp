// Walks through a package from its first byte to its last and believes nothing: below verify, redact and a
// Reader of torn files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/package/contents.hpp"

namespace garita::package {

struct Chunk {
  Frame frame;
  uint64_t offset = 0;
  base::Bytes body;  // all of it
  base::Bytes salt;  // of a leaf that is there (HEAD, DATA, TAIL), checked against its hash
  base::Bytes value;
};

class Visitor {
 public:
  virtual ~Visitor() = default;
  // Once the chunk has been checked and `contents` holds it. The bytes are valid during the call. An error
  // ends the walk.
  virtual base::Result<void> visit(const Chunk& chunk, const Contents& contents) = 0;
};

// What the last good statement vouches for.
struct Vouched {
  uint64_t bytes = 0;  // from the front
  base::Digest root{};
  Signer signer;
  std::vector<uint64_t> leaves;  // of each part that there was
  bool sealed = false;
};

enum class Depth {
  hashes,  // leaves of bodies are taken by the hash they carry
  values,  // and their values are read and hashed
};

class Scanner {
 public:
  Scanner(const base::RandomAccessFile& file, std::filesystem::path path, Depth depth)
      : file_(file), path_(std::move(path)), depth_(depth) {}

  // ok: sealed, indexed, to the last byte. "package.torn" where the bytes end early; else the first fault
  // with its place.
  base::Result<void> run(Visitor* visitor = nullptr);

  const Contents& contents() const { return contents_; }
  const std::optional<Vouched>& vouched() const { return vouched_; }
  uint32_t checkpoints() const { return checkpoints_; }
  uint64_t size_bytes() const { return size_bytes_; }
  // What the last statement vouches for, and no more. Only if vouched().
  Contents take_vouched();

 private:
  struct PartState {
    uint64_t rows = 0;                // in the tiles seen
    bool ended_short = false;         // a tile or block had less than its place holds: it must be the last
    bool rows_known = true;           // the last tile was not withheld
    std::optional<std::string> name;  // record: of the field whose value comes next
  };

  base::Result<void> read_header();
  base::Result<void> step(Visitor* visitor);
  base::Result<void> read_body(Chunk& chunk);
  base::Result<void> check(Chunk& chunk);
  base::Result<void> check_head(Chunk& chunk);
  base::Result<void> check_data(Chunk& chunk);
  base::Result<void> check_tail(Chunk& chunk);
  base::Result<void> check_hide(Chunk& chunk);
  base::Result<void> check_statement(const Chunk& chunk);
  base::Result<void> check_index(const Chunk& chunk);
  base::Result<void> check_footer(const Chunk& chunk);
  base::Result<void> check_leaf(Chunk& chunk, std::string_view path);  // fills salt and value
  base::Result<std::string> path_of(const Chunk& chunk);
  bool note_value(const Chunk& chunk, const Part& part, PartState& state);
  std::string place(const Chunk& chunk) const { return contents_.place(chunk.frame, chunk.offset); }
  base::Error bad(const Chunk& chunk) const;
  bool is_open(uint32_t part) const;

  const base::RandomAccessFile& file_;
  const std::filesystem::path path_;
  const Depth depth_;
  uint64_t size_bytes_ = 0, offset_ = 0;
  Contents contents_;
  std::vector<PartState> states_;
  std::optional<Vouched> vouched_;
  std::optional<base::PublicKey> key_;  // of the first statement, and so of all
  uint32_t checkpoints_ = 0;
  uint64_t index_offset_ = 0;
  std::array<uint8_t, 16> index_check_{};
  bool ended_ = false;  // the footer was met
  std::vector<std::byte> buffer_;
};

// Counts of a tail that fit its head: tiles to rows, blocks to bytes, leaves in pairs.
bool fits(const Head& head, const Tail& tail);
// An overview names a plane before it.
bool has_source(const Head& head, const Contents& contents);
// "package.hash_mismatch", "package.signature_wrong". `key`: as read from an earlier statement; filled in
// where empty.
base::Result<Signer> check_signature(const SignedStatement& statement, const base::Digest& root,
                                     const std::filesystem::path& path, const std::string& place,
                                     std::optional<base::PublicKey>& key);

}  // namespace garita::package
