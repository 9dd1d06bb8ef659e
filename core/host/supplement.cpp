#include "core/host/supplement.hpp"

#include <algorithm>
#include <cstring>

namespace garita::host {
namespace {

// Cuts first … first + count to below `limit`. False: nothing is left.
template <typename Number>
bool cut_to(Number& first, Number& count, uint64_t limit, bool& cut) {
  if (count == 0 || first >= limit) return false;
  const auto most = static_cast<Number>(std::min<uint64_t>(count, limit - first));
  cut = cut || most != count;
  count = most;
  return true;
}

}  // namespace

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

Placed place(image::Detection& detection, const image::View& view, uint64_t rows) {
  if (detection.view != GARITA_NO_VIEW || (detection.rows == 0 && detection.columns == 0)) return Placed::whole;
  image::Detection inside = detection;
  bool cut = false;
  const bool any = cut_to(inside.first_row, inside.rows, rows, cut) &&
                   cut_to(inside.first_column, inside.columns, view.columns, cut) &&
                   (view.shape != GARITA_SHAPE_VOLUME || cut_to(inside.first_slice, inside.slices, view.slices, cut));
  if (!any) return Placed::outside;
  inside.view = 0;
  detection = std::move(inside);
  return cut ? Placed::cut : Placed::whole;
}

}  // namespace garita::host
