// Tiles of pixels become bodies of leaves, coded and hashed: beside the thread that writes the file, and in
// the order given.
//
//   give ─> [ tile 7 | tile 6 | tile 5 ] ─> take, oldest first
//              waits   a thread   done
//
// Whoever takes a tile that is not done yet does not wait idly: it codes the next one that nobody has begun.
// So one thread beside the caller makes two cores busy, whichever of them has more to do.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/codec/codec.hpp"
#include "core/package/layout.hpp"
#include "core/package/plane.hpp"

namespace garita::package {

// Codec 2, where wanted, for samples of 8 and 16 bits; codec 1 for all others. One thread at a time.
class Encoders {
 public:
  static base::Result<Encoders> create(bool predictive);

  codec::Encoder& of(uint32_t sample_bytes) {
    return predictive_ && sample_bytes <= 2 ? *predictive_ : *byte_planes_;
  }

 private:
  std::unique_ptr<codec::Encoder> predictive_, byte_planes_;  // the first may be null
};

// One tile on its way. Pixels are shared: the writer may still read them while they are coded.
struct Tile {
  uint32_t part = 0;
  codec::Shape shape;
  std::string path;  // of its leaf
  std::array<uint8_t, salt_bytes> salt{};
  std::shared_ptr<std::vector<std::byte>> pixels;

  std::vector<std::byte> chunk;  // once it is coded: leaf_room bytes, then the leaf's value
  base::Digest hash{};           // the leaf's, likewise
};

// Fills chunk and hash. Errors: the codec's.
base::Result<void> code(Tile& tile, base::Bytes pixels, Encoders& encoders);

// Called by one thread. What it keeps: at most max_waiting tiles, and of their pixels max_waiting_bytes or
// one tile; the same again of spare buffers.
class TileStage {
 public:
  static constexpr size_t max_waiting = 8;
  static constexpr uint64_t max_waiting_bytes = 16u << 20;

  // threads beside the caller's, which start with the first tile; where the system gives none, the caller
  // codes all.
  static base::Result<std::unique_ptr<TileStage>> create(unsigned threads, bool predictive);
  ~TileStage();  // tiles that were not taken are dropped

  bool is_empty() const { return tiles_.empty(); }
  bool oldest_is_done();  // false where there is none
  bool is_full() const { return tiles_.size() >= max_waiting || waiting_bytes_ >= max_waiting_bytes; }
  void give(Tile tile);
  // The oldest, coded; there is one. Errors: the codec's.
  base::Result<Tile> take();

  // An empty buffer that was used before, where there is one: faulting in fresh pages costs more than
  // copying. And back.
  std::vector<std::byte> spare();
  void give_back(std::vector<std::byte> buffer);

 private:
  enum class State { waiting, begun, done };
  struct Entry {
    Tile tile;
    State state = State::waiting;
    std::optional<base::Error> error;
  };

  TileStage(Encoders own, std::vector<Encoders> encoders)
      : own_(std::move(own)), encoders_(std::move(encoders)) {}
  void start();
  void work(Encoders& encoders);
  Entry* next_waiting();
  void run(std::unique_lock<std::mutex>& lock, Entry& entry, Encoders& encoders);  // both with the lock held

  Encoders own_;                    // the caller's
  std::vector<Encoders> encoders_;  // one a thread
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable given_, done_;
  std::deque<std::unique_ptr<Entry>> tiles_;  // oldest first; the deque is the caller's and the lock's
  uint64_t waiting_bytes_ = 0;
  std::vector<std::vector<std::byte>> spare_;  // the caller's, as is how much they hold:
  uint64_t spare_bytes_ = 0;
  bool started_ = false, ending_ = false;
};

}  // namespace garita::package
