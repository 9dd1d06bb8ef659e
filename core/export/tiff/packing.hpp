// How the strips of a TIFF are packed.
#pragma once

namespace garita::exporter {

// Every reader of the last twenty years unpacks deflate; zstd is younger, and several times faster.
enum class TiffPacking { none, deflate, zstd };

}  // namespace garita::exporter
