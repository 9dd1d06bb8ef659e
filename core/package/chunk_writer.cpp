#include "core/package/chunk_writer.hpp"

#include <algorithm>
#include <cstring>
#include <system_error>

namespace garita::package {
namespace {

base::Error full() { return {base::Outcome::no, "package.too_large", {}}; }

}  // namespace

ChunkWriter::ChunkWriter(base::FileSystem& files, std::filesystem::path path,
                         std::unique_ptr<base::WritableFile> file)
    : files_(&files), path_(std::move(path)), partial_path_(path_), file_(std::move(file)) {
  partial_path_ += ".partial";
}

ChunkWriter::~ChunkWriter() {
  if (!file_ || kept_) return;
  file_.reset();
  (void)files_->remove(partial_path_);
}

base::Result<ChunkWriter> ChunkWriter::create(base::FileSystem& files, const std::filesystem::path& path,
                                              const Header& header) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) {
    return base::Error{base::Outcome::not_loaded, "base.file_exists", {{"path", path.string()}}};
  }
  std::filesystem::path partial = path;
  partial += ".partial";
  GARITA_TRY_ASSIGN(file, files.create(partial, 0644));
  ChunkWriter writer(files, path, std::move(file));
  writer.contents_.header = header;
  writer.contents_.header_bytes_read = encode(header);
  GARITA_TRY(writer.file_->append(writer.contents_.header_bytes_read));
  writer.size_bytes_ = header_bytes;
  return writer;
}

// One append a chunk, so that a reader of the growing file rarely sees half of one.
base::Result<void> ChunkWriter::put(const Frame& frame, base::Bytes first, base::Bytes second,
                                    base::Bytes third) {
  Frame whole = frame;
  whole.body_bytes = first.size() + second.size() + third.size();
  const auto head = encode(whole, size_bytes_);
  buffer_.resize(frame_bytes + whole.body_bytes);
  auto at = std::copy(head.begin(), head.end(), buffer_.begin());
  for (const base::Bytes& piece : {first, second, third}) at = std::copy(piece.begin(), piece.end(), at);
  GARITA_TRY(file_->append(buffer_));
  size_bytes_ += buffer_.size();
  return {};
}

base::Result<void> ChunkWriter::head(const Head& head, base::Bytes salt, base::Bytes value) {
  if (contents_.parts.size() >= max_parts) return full();
  const auto number = static_cast<uint32_t>(contents_.parts.size());
  Part part;
  part.head = head;
  part.head_offset = size_bytes_;
  part.head_hash = salted_leaf(salt, head_path(number), value);
  GARITA_TRY(put({ChunkType::head, 0, number, 0, 0}, part.head_hash, salt, value));
  contents_.parts.push_back(std::move(part));
  return {};
}

base::Result<void> ChunkWriter::tail(uint32_t number, const Tail& tail, base::Bytes salt, base::Bytes value) {
  Part& part = contents_.parts[number];
  const uint64_t offset = size_bytes_;
  const base::Digest hash = salted_leaf(salt, tail_path(number), value);
  GARITA_TRY(put({ChunkType::tail, 0, number, 0, 0}, hash, salt, value));
  part.tail = tail;
  part.tail_hash = hash;
  part.tail_offset = offset;
  return {};
}

base::Result<void> ChunkWriter::hide_part(const base::Digest& root) {
  const auto number = static_cast<uint32_t>(contents_.parts.size());
  Part part;
  part.withheld = Withheld::whole;
  part.hide_offset = size_bytes_;
  part.hidden_root = root;
  GARITA_TRY(put({ChunkType::hide, 0, number, flag_withheld, 0}, root));
  contents_.parts.push_back(std::move(part));
  return {};
}

base::Result<void> ChunkWriter::hide_body(uint32_t number, const base::Digest& root) {
  Part& part = contents_.parts[number];
  part.withheld = Withheld::body;
  part.hide_offset = size_bytes_;
  part.hidden_root = root;
  return put({ChunkType::hide, 0, number, flag_withheld, 1}, root);
}

base::Result<void> ChunkWriter::hide_leaf(uint32_t number, const base::Digest& hash) {
  Part& part = contents_.parts[number];
  const uint64_t offset = size_bytes_;
  GARITA_TRY(put({ChunkType::data, 0, number, flag_withheld, part.leaves.size()}, hash));
  note_leaf(number, {offset, hash});
  return {};
}

base::Result<void> ChunkWriter::leaf(uint32_t number, std::string_view path, base::Bytes salt,
                                     base::Bytes value) {
  if (contents_.leaf_count >= max_leaves) return full();
  const base::Digest hash = salted_leaf(salt, path, value);
  const uint64_t offset = size_bytes_;
  GARITA_TRY(put({ChunkType::data, 0, number, 0, contents_.parts[number].leaves.size()}, hash, salt, value));
  note_leaf(number, {offset, hash});
  return {};
}

base::Result<void> ChunkWriter::leaf_in_place(uint32_t number, const base::Digest& hash, base::Bytes salt,
                                              std::span<std::byte> chunk) {
  if (contents_.leaf_count >= max_leaves) return full();
  const uint64_t offset = size_bytes_;
  const uint64_t ordinal = contents_.parts[number].leaves.size();
  const auto head = encode({ChunkType::data, chunk.size() - frame_bytes, number, 0, ordinal}, offset);
  const base::Bytes digest(hash);
  auto at = std::copy(head.begin(), head.end(), chunk.begin());
  at = std::copy(digest.begin(), digest.end(), at);
  std::copy(salt.begin(), salt.end(), at);
  GARITA_TRY(file_->append(chunk));
  size_bytes_ += chunk.size();
  note_leaf(number, {offset, hash});
  return {};
}

void ChunkWriter::note_leaf(uint32_t number, const StoredLeaf& leaf) {
  contents_.parts[number].add(leaf);
  ++contents_.leaf_count;
}

base::Result<void> ChunkWriter::statement(ChunkType type, uint64_t ordinal, base::Bytes body) {
  if (type == ChunkType::seal) contents_.seal_offset = size_bytes_;
  return put({type, 0, no_part, 0, ordinal}, body);
}

base::Result<void> ChunkWriter::end() {
  const std::vector<std::byte> index = encode_index(contents_);
  Footer footer;
  footer.index_offset = size_bytes_;
  const base::Digest check = base::sha256(index);
  std::copy_n(check.begin(), footer.index_check.size(), footer.index_check.begin());
  GARITA_TRY(put({ChunkType::index, 0, no_part, 0, 0}, index));
  footer.file_bytes = size_bytes_ + frame_bytes + footer_bytes;
  return put({ChunkType::footer, 0, no_part, 0, 0}, encode(footer));
}

base::Result<void> ChunkWriter::commit() {
  GARITA_TRY(file_->sync());
  GARITA_TRY(files_->rename_new(partial_path_, path_));
  file_.reset();  // from here on the file is whole under its name
  const std::filesystem::path folder = path_.parent_path();
  return files_->sync_folder(folder.empty() ? "." : folder);
}

}  // namespace garita::package
