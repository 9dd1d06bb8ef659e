#include "core/host/supplement.hpp"

#include <cstring>

namespace garita::host {

bool keep_event(Supplement& supplement, const image::Event& event) {
  if (supplement.events.size() >= max_supplement_events) return false;
  image::Event kept = event;
  if (auto* piece = std::get_if<image::Attachment>(&kept); piece && piece->memory) {
    if (piece->size_bytes > max_supplement_bytes - supplement.bytes) return false;
    std::shared_ptr<std::byte[]> copy(new std::byte[piece->size_bytes]);
    std::memcpy(copy.get(), piece->memory.get(), piece->size_bytes);
    piece->memory = {copy, copy.get()};
    supplement.bytes += piece->size_bytes;
  }
  supplement.events.push_back(std::move(kept));
  return true;
}

}  // namespace garita::host
