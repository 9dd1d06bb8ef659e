// The four messages between two sites, read and written: every size, count and hash is held against its limit
// before it is believed, and a message that cannot be believed is an error, never a crash.
//
//   sender                         receiver
//   Chunk 0 … n-1, Manifest  ──>   has all of it: Receipt; lacks some: Progress
//   from there on, Manifest  <──   Progress
//   forgets it               <──   Receipt
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/digest.hpp"
#include "core/base/result.hpp"

namespace garita::exchange {

inline constexpr size_t chunk_bytes = 512u << 10;
inline constexpr size_t max_message_bytes = 1u << 20;  // what every transport carries
inline constexpr uint32_t max_chunks = 16'384;         // a content of 8 GiB

// A lane as it travels: a number that says nothing, see Outbox.
using LaneId = std::array<uint8_t, 16>;

// Where a content stands in its lane.
struct Place {
  LaneId lane{};
  uint64_t sequence = 0;  // from 1
  auto operator<=>(const Place&) const = default;
};

struct Chunk {
  base::Digest content{};
  uint32_t index = 0;
  base::Digest hash{};    // leaf_hash of the bytes; read_message has checked it
  base::Bytes data = {};  // 1 … chunk_bytes; borrowed
};

struct Manifest {
  base::Digest content{};
  uint64_t size_bytes = 0;
  std::vector<base::Digest>
      chunks;  // 1 … max_chunks, as many as the size asks for, their root is the content
  Place place;
};

struct Receipt {
  base::Digest content{};
  Place place;
  int64_t received_utc_ns = 0;
};

// Why a receiver takes no more for now; the numbers travel.
enum class Hold : uint32_t { none = 0, disk_full = 1, quota = 2, sequence_reused = 3 };

struct Progress {
  base::Digest content{};
  Place place;
  uint32_t chunks = 0;  // so many from the first are there
  Hold hold = Hold::none;
};

using What = std::variant<Chunk, Manifest, Receipt, Progress>;

// Read, its form checked; whose it is, is not (keyring.hpp).
struct Message {
  base::Digest from{}, to{};
  What what;              // a chunk's data lies in `data`
  std::string body;       // as it was signed
  std::string signature;  // 64 bytes
  std::string data;       // of a chunk
};

// What is signed: the body behind a line that no other signature of ours begins with.
std::string signed_bytes(std::string_view body);

std::string write_body(const base::Digest& to, const What& what);
std::string write_message(const base::Digest& from, std::string_view body, std::string_view signature,
                          base::Bytes data);

// "exchange.message_malformed" {what}; "exchange.message_newer" {version}.
base::Result<Message> read_message(base::Bytes bytes);

// How many chunks a content of that size has; 0: there is no such content (empty, or beyond max_chunks).
uint32_t chunks_of(uint64_t size_bytes);

}  // namespace garita::exchange
