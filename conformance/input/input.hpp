// What a driver reads while it is tested: recorded bytes of its streams and the files of its inboxes, in
// memory, so that every rule plays exactly the same.
//
// On disk an input is a folder:
//
//   input.json    {"title", "name", "like", "changed", "where", "repeat_from", "model", "config": {"key":
//                 "value"}, "scans", "goes_on", "streams": [{"name", "kind", "file", "chunks": [size, …],
//                 "order": [rank, …]}], "objects": [{"stream", "name", "file", "siblings": [{"name",
//                 "file"}]}]}
//   0.bin, 1.bin  the bytes of each stream, chunk after chunk as the driver's reads took them; files likewise
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/host/grants.hpp"
#include "core/load/manifest.hpp"

namespace garita::conformance {

inline constexpr uint64_t max_input_bytes = 512u << 20;  // of all streams and files of one input
inline constexpr size_t max_input_files = 4096;

struct StreamInput {
  std::string name;
  uint32_t kind = GARITA_STREAM_BYTES;
  std::vector<std::byte> bytes;
  std::vector<uint32_t> chunks;  // sizes; of DATAGRAMS: one a datagram
  std::vector<uint32_t>
      order;  // ranks of the chunks among those of all streams, as they arrived; may be fewer

  // Of a chunk; where it is not known, behind those that are.
  uint64_t rank(size_t chunk) const;
};

struct FileInput {
  std::string name;
  std::vector<std::byte> bytes;
};

struct ObjectInput {
  std::string stream;
  FileInput file;
  std::vector<FileInput> siblings;
};

struct Input {
  std::string title;  // for people: where it comes from
  // A variant: as the input of that name, but for one thing (plan.hpp has the words), which shows at `where`
  // alone.
  std::string name, like, changed;
  std::vector<uint64_t> where;  // first row, rows, first column, columns; empty: nowhere in the pixels
  int64_t repeat_from = -1;  // of each stream: what lies behind may be played again and again; -1: not known
  std::string model;
  host::Assignments config;
  uint64_t scans = 0;  // how many SCAN_ENDs were seen when it was recorded; 0: not known
  bool goes_on =
      false;  // the source had not ended when the recording did: what is behind the last scan is cut anywhere
  std::vector<StreamInput> streams;
  std::vector<ObjectInput> objects;
  uint64_t dropped = 0;  // datagrams that this machine lost while it was recorded; not saved

  const StreamInput* stream(std::string_view name) const;
  bool has_bytes() const;  // a stream of bytes that can be cut
};

// Errors: base.file_*, conform.bad_input {path, what}.
base::Result<void> save(const Input& input, const std::filesystem::path& folder);
base::Result<Input> load_input(const std::filesystem::path& folder);

// The input with what lies behind repeat_from, or all of its files, `times` in all; not more than
// max_input_bytes.
Input repeated(const Input& input, uint64_t times);

// Reads what needs no device: file: into the stream, dir: into objects, by the patterns of the manifest.
// False in `whole`: some source is a live one and has still to be recorded.
base::Result<Input> read_sources(const load::Manifest& manifest, const broker::Broker::Sources& sources,
                                 bool& whole);

}  // namespace garita::conformance
