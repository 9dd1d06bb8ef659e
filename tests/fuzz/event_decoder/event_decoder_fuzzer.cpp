// What a worker may send for an event: any bytes. Either they are no event, or an event that can be encoded again to one that
// is decoded to the same bytes, and whose pixels all lie in memory that the driver held.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "core/isolate/wire/event_codec.hpp"

namespace {

using namespace garita;
using namespace garita::isolate;

constexpr uint64_t slice_bytes = 4096;
constexpr uint64_t slices = 4;

// A driver that holds four strips of 4 KiB and the objects 1 to 3.
class Book final : public Held, public StripPlaces {
 public:
  Book() : pool_(new std::byte[slice_bytes * slices]()) {}

  std::optional<load::StripMemory> take_strip(uint64_t offset) override {
    if (offset % slice_bytes != 0 || offset / slice_bytes >= slices) return std::nullopt;
    return load::StripMemory{std::shared_ptr<std::byte>(pool_, pool_.get() + offset), slice_bytes};
  }
  bool holds_object(uint64_t object) const override { return object >= 1 && object <= 3; }
  uint64_t deliver(const std::byte* memory) override { return static_cast<uint64_t>(memory - pool_.get()); }

 private:
  std::shared_ptr<std::byte[]> pool_;
};

void touch(const image::Memory& memory, uint64_t size_bytes) {
  if (memory && size_bytes != 0) (void)*static_cast<const volatile std::byte*>(memory.get() + size_bytes - 1);
}

void touch_pixels(const image::Event& event) {
  if (const auto* strip = std::get_if<image::Strip>(&event)) touch(strip->memory, strip->rows * strip->row_stride_bytes);
  if (const auto* own = std::get_if<image::Calibration>(&event)) touch(own->memory, own->rows * own->row_stride_bytes);
  if (const auto* piece = std::get_if<image::Attachment>(&event)) touch(piece->memory, piece->size_bytes);
}

std::vector<std::byte> encoded(image::Event& event, Book& book) {
  std::vector<std::byte> room(2u << 20);
  Writer out(room);
  encode_event(out, event, book);
  if (!out.ok()) std::abort();
  room.resize(out.size());
  return room;
}

// Every event that has the form is looked at here: there is no scan that it must fit into.
std::optional<image::Event> decoded(std::span<const std::byte> bytes, Book& book, std::string& what) {
  OutsideReader in(bytes);
  const auto event = decode_event(in, book, what);
  return event ? event->checked([](const image::Event&) { return true; }) : std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Book book;
  std::string what;
  std::optional<image::Event> event = decoded({reinterpret_cast<const std::byte*>(data), size}, book, what);
  if (!event) {
    if (what.empty()) std::abort();  // a refusal says why
    return 0;
  }
  touch_pixels(*event);
  const std::vector<std::byte> once = encoded(*event, book);
  std::optional<image::Event> again = decoded(once, book, what);
  if (!again || encoded(*again, book) != once) std::abort();
  return 0;
}
