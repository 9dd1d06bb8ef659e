// One inspection as one HTML page that needs nothing else: no network, no font, no file beside it. An officer
// opens it in a browser and has the 16-bit planes, their window, the radiation trace, photos and the record.
//
//   <head>   policy (nothing but this very script and style may run), style
//   <body>   what stands around the picture; no word of the record is markup
//   <script type="application/json">           the record and what the planes are (model.hpp)
//   <script type="application/octet-stream">   overviews, small, so that a picture is there at once
//   <script>                                   the page's own
//   <script type="application/octet-stream">   tiles (tile_code.hpp), then photos, decoded as they come
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/base/text.hpp"
#include "core/host/open_package.hpp"

namespace garita::host {

struct PageRequest {
  base::Language language = base::Language::en;  // the one that is shown first
  uint64_t max_plane_bytes =
      512u << 20;  // of all planes together: beyond it they are averaged, and it is said
  uint64_t max_photo_bytes = 16u << 20;  // of each; a larger one is named, not shown
};

struct PageSummary {
  uint64_t size_bytes = 0;
  std::vector<base::Error> notes;  // what is not in the page, or not whole; sentences of the page too
};

// Writes PATH at once or not at all. Memory: one band of 512 rows of a plane, one overview. Reads each plane
// twice. A view without a plane is a note, not an error: record and radiation are shown all the same. Errors:
// base.file_*; host.page_memory; what reading gives for a tile that is not as it was signed.
base::Result<PageSummary> write_page(OpenPackage& package, const std::filesystem::path& path,
                                     const PageRequest& request = {},
                                     base::FileSystem& files = base::real_file_system());

}  // namespace garita::host
