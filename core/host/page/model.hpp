// What the page knows beside pixels, as JSON for its script. Every word of the record stays a string in there
// and becomes text of an element, never markup.
//
//   language, texts {en, es}     the catalogue's section [page], ids without "page."
//   title                        what passed, where, when
//   views [...]                  size, pitch, what a number means, window's domain, steel curve, boxes
//   record {en, es}              rows of record/describe.hpp
//   readings [...]               series and spectra, thinned
//   photos, notes, seal
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "core/host/open_package.hpp"
#include "core/host/view_planes.hpp"

namespace garita::host {

// How one view lies in the page.
struct PageView {
  int index = 0;  // in record.views
  ViewPlanes planes;
  uint32_t level = 0;     // its planes are averaged so often (plane_rows.hpp); 0: as stored
  uint32_t overview = 0;  // the overview is averaged so often; 0: none, tiles are few
};

// An attachment that the page shows; the browser decodes it, in its own sandbox.
struct PagePhoto {
  size_t attachment = 0;   // in reader.attachments()
  std::string media_type;  // image/jpeg or image/png, ours and not the file's word
};

struct PageContent {
  std::vector<PageView> views;
  std::vector<PagePhoto> photos;
  std::vector<base::Error> notes;
};

nlohmann::json model_of(const OpenPackage& package, const PageContent& content, base::Language language);

nlohmann::json readings_of(const v1::Inspection& record);

inline constexpr size_t max_series = 48;    // of the page
inline constexpr size_t max_points = 2000;  // of a series; more are thinned, peaks stay
inline constexpr size_t max_boxes = 256;    // of a view
inline constexpr uint32_t tile_rows_of_page = 512, tile_columns_of_page = 1024;

}  // namespace garita::host
