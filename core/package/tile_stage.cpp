#include "core/package/tile_stage.hpp"

#include <algorithm>
#include <csignal>
#include <new>
#include <system_error>

#include "core/package/contents.hpp"
#include "core/package/head.hpp"

namespace garita::package {
namespace {

// Nothing may be thrown out of a thread.
base::Result<void> coded_here(Tile& tile, Encoders& encoders) {
  try {
    return code(tile, *tile.pixels, encoders);
  } catch (const std::bad_alloc&) {
    return base::Error{base::Outcome::no, "codec.encoder", {}};
  }
}

}  // namespace

base::Result<Encoders> Encoders::create(bool predictive) {
  Encoders encoders;
  GARITA_TRY_ASSIGN(byte_planes, codec::make_encoder(codec::Id::zstd_planes));
  encoders.byte_planes_ = std::move(byte_planes);
  if (!predictive) return encoders;
  GARITA_TRY_ASSIGN(second, codec::make_encoder(codec::Id::predictive));
  encoders.predictive_ = std::move(second);
  return encoders;
}

base::Result<void> code(Tile& tile, base::Bytes pixels, Encoders& encoders) {
  codec::Encoder& encoder = encoders.of(tile.shape.sample_bytes);
  tile.chunk.assign(leaf_room, std::byte{0});
  encode(TileHead{static_cast<uint16_t>(encoder.id()), tile.shape.rows}, tile.chunk);
  GARITA_TRY(encoder.encode(pixels, tile.shape, tile.chunk));
  tile.hash = salted_leaf(tile.salt, tile.path, base::Bytes(tile.chunk).subspan(leaf_room));
  return {};
}

base::Result<std::unique_ptr<TileStage>> TileStage::create(unsigned threads, bool predictive) {
  GARITA_TRY_ASSIGN(own, Encoders::create(predictive));
  std::vector<Encoders> encoders;
  for (unsigned i = 0; i < threads; ++i) {
    GARITA_TRY_ASSIGN(one, Encoders::create(predictive));
    encoders.push_back(std::move(one));
  }
  return std::unique_ptr<TileStage>(new TileStage(std::move(own), std::move(encoders)));
}

TileStage::~TileStage() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  given_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void TileStage::start() {
  started_ = true;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the program's own threads
  try {
    for (Encoders& encoders : encoders_) threads_.emplace_back([this, &encoders] { work(encoders); });
  } catch (const std::system_error&) {  // no thread is given: take() does what they would have done
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void TileStage::give(Tile tile) {
  if (!started_) start();
  auto entry = std::make_unique<Entry>();
  tile.chunk = spare();
  entry->tile = std::move(tile);
  waiting_bytes_ += entry->tile.pixels->size();
  {
    const std::lock_guard lock(mutex_);
    tiles_.push_back(std::move(entry));
  }
  given_.notify_one();
}

bool TileStage::oldest_is_done() {
  const std::lock_guard lock(mutex_);
  return !tiles_.empty() && tiles_.front()->state == State::done;
}

base::Result<Tile> TileStage::take() {
  std::unique_lock lock(mutex_);
  const Entry& oldest = *tiles_.front();
  while (oldest.state != State::done) {
    if (Entry* next = next_waiting())
      run(lock, *next, own_);
    else
      done_.wait(lock);
  }
  const std::unique_ptr<Entry> entry = std::move(tiles_.front());
  tiles_.pop_front();
  lock.unlock();
  waiting_bytes_ -= entry->tile.pixels->size();
  if (entry->error) return std::move(*entry->error);
  return std::move(entry->tile);
}

TileStage::Entry* TileStage::next_waiting() {
  const auto found = std::find_if(tiles_.begin(), tiles_.end(),
                                  [](const auto& entry) { return entry->state == State::waiting; });
  return found == tiles_.end() ? nullptr : found->get();
}

void TileStage::run(std::unique_lock<std::mutex>& lock, Entry& entry, Encoders& encoders) {
  entry.state = State::begun;
  lock.unlock();
  auto coded = coded_here(entry.tile, encoders);
  lock.lock();
  if (!coded) entry.error = coded.error();
  entry.state = State::done;
  done_.notify_all();
}

void TileStage::work(Encoders& encoders) {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (Entry* next = next_waiting())
      run(lock, *next, encoders);
    else
      given_.wait(lock);
  }
}

std::vector<std::byte> TileStage::spare() {
  if (spare_.empty()) return {};
  std::vector<std::byte> buffer = std::move(spare_.back());
  spare_.pop_back();
  spare_bytes_ -= buffer.capacity();
  buffer.clear();
  return buffer;
}

void TileStage::give_back(std::vector<std::byte> buffer) {
  if (!spare_.empty() && spare_bytes_ + buffer.capacity() > max_waiting_bytes) return;
  spare_bytes_ += buffer.capacity();
  spare_.push_back(std::move(buffer));
}

}  // namespace garita::package
