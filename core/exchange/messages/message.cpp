#include "core/exchange/messages/message.hpp"

#include <algorithm>

#include "core/base/merkle.hpp"
#include "core/exchange/messages/fixed_bytes.hpp"
#include "garita/wire/message.pb.h"

namespace garita::exchange {
namespace {

constexpr uint32_t version = 1;
constexpr size_t signature_bytes = 64;
constexpr uint64_t max_sequence = uint64_t{1} << 62;  // a number of SQLite has 63 bits

base::Error malformed_message(const char* what) {
  return {base::Outcome::no, "exchange.message_malformed", {{"what", what}}};
}

template <typename T>
bool copy_place(const T& from, Place& to) {
  to.sequence = from.sequence();
  return copy(from.lane(), to.lane) && to.sequence > 0 && to.sequence < max_sequence;
}

template <typename T>
void set_place(const Place& from, T& to) {
  to.set_lane(text_of(from.lane));
  to.set_sequence(from.sequence);
}

// ---- Reading, one function a message

base::Result<What> read(const wire::Chunk& from, std::string_view data) {
  Chunk chunk{.index = from.index()};
  if (!copy(from.content(), chunk.content)) return malformed_message("content");
  if (chunk.index >= max_chunks) return malformed_message("index");
  if (data.empty() || data.size() > chunk_bytes) return malformed_message("data");
  if (!copy(from.hash(), chunk.hash) || base::leaf_hash(data) != chunk.hash) return malformed_message("hash");
  return What(chunk);
}

base::Result<What> read(const wire::Manifest& from) {
  Manifest manifest{.size_bytes = from.size_bytes()};
  if (!copy(from.content(), manifest.content)) return malformed_message("content");
  if (!copy_place(from, manifest.place)) return malformed_message("place");
  const uint32_t count = chunks_of(manifest.size_bytes);
  if (count == 0) return malformed_message("size_bytes");
  if (from.chunks().size() != count * sizeof(base::Digest)) return malformed_message("chunks");
  manifest.chunks.resize(count);
  for (size_t i = 0; i < count; ++i)
    copy(std::string_view(from.chunks()).substr(i * sizeof(base::Digest), sizeof(base::Digest)),
         manifest.chunks[i]);
  if (base::merkle_root(manifest.chunks) != manifest.content) return malformed_message("chunks");
  return What(std::move(manifest));
}

base::Result<What> read(const wire::Receipt& from) {
  Receipt receipt{.received_utc_ns = from.received_utc_ns()};
  if (!copy(from.content(), receipt.content)) return malformed_message("content");
  if (!copy_place(from, receipt.place)) return malformed_message("place");
  return What(receipt);
}

base::Result<What> read(const wire::Progress& from) {
  Progress progress{.chunks = from.chunks()};
  if (!copy(from.content(), progress.content)) return malformed_message("content");
  if (!copy_place(from, progress.place)) return malformed_message("place");
  if (progress.chunks > max_chunks) return malformed_message("chunks");
  // A reason of a later version holds as much as one of ours.
  progress.hold = wire::Hold_IsValid(from.hold()) ? static_cast<Hold>(from.hold()) : Hold::quota;
  return What(progress);
}

base::Result<What> read(const wire::Body& body, std::string_view data) {
  if (body.has_chunk()) return read(body.chunk(), data);
  if (!data.empty()) return malformed_message("data");
  if (body.has_manifest()) return read(body.manifest());
  if (body.has_receipt()) return read(body.receipt());
  if (body.has_progress()) return read(body.progress());
  return malformed_message("what");
}

// ---- Writing

void set(const Chunk& from, wire::Body& body) {
  wire::Chunk& chunk = *body.mutable_chunk();
  chunk.set_content(text_of(from.content));
  chunk.set_index(from.index);
  chunk.set_hash(text_of(from.hash));
}

void set(const Manifest& from, wire::Body& body) {
  wire::Manifest& manifest = *body.mutable_manifest();
  manifest.set_content(text_of(from.content));
  manifest.set_size_bytes(from.size_bytes);
  for (const base::Digest& chunk : from.chunks) manifest.mutable_chunks()->append(text_of(chunk));
  set_place(from.place, manifest);
}

void set(const Receipt& from, wire::Body& body) {
  wire::Receipt& receipt = *body.mutable_receipt();
  receipt.set_content(text_of(from.content));
  receipt.set_received_utc_ns(from.received_utc_ns);
  set_place(from.place, receipt);
}

void set(const Progress& from, wire::Body& body) {
  wire::Progress& progress = *body.mutable_progress();
  progress.set_content(text_of(from.content));
  progress.set_chunks(from.chunks);
  progress.set_hold(static_cast<wire::Hold>(from.hold));
  set_place(from.place, progress);
}

}  // namespace

uint32_t chunks_of(uint64_t size_bytes) {
  if (size_bytes > uint64_t{max_chunks} * chunk_bytes) return 0;
  return static_cast<uint32_t>((size_bytes + chunk_bytes - 1) / chunk_bytes);
}

std::string signed_bytes(std::string_view body) {
  return std::string("garita.exchange.message/1\n").append(body);
}

std::string write_body(const base::Digest& to, const What& what) {
  wire::Body body;
  body.set_to(text_of(to));
  std::visit([&](const auto& each) { set(each, body); }, what);
  return body.SerializeAsString();
}

std::string write_message(const base::Digest& from, std::string_view body, std::string_view signature,
                          base::Bytes data) {
  wire::SignedMessage message;
  message.set_version(version);
  message.set_from(text_of(from));
  message.set_body(std::string(body));
  message.set_signature(std::string(signature));
  if (!data.empty()) message.set_data(data.data(), data.size());
  return message.SerializeAsString();
}

base::Result<Message> read_message(base::Bytes bytes) {
  if (bytes.size() > max_message_bytes) return malformed_message("size");
  wire::SignedMessage outer;
  if (!outer.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return malformed_message("form");
  if (outer.version() > version)
    return base::Error{
        base::Outcome::no, "exchange.message_newer", {{"version", std::to_string(outer.version())}}};
  if (outer.version() != version) return malformed_message("version");
  if (outer.signature().size() != signature_bytes) return malformed_message("signature");
  Message message;
  wire::Body body;
  if (!copy(outer.from(), message.from)) return malformed_message("from");
  if (!body.ParseFromString(outer.body())) return malformed_message("body");
  if (!copy(body.to(), message.to)) return malformed_message("to");
  GARITA_TRY_ASSIGN(what, read(body, outer.data()));
  message.what = std::move(what);
  message.body = std::move(*outer.mutable_body());
  message.signature = std::move(*outer.mutable_signature());
  message.data = std::move(*outer.mutable_data());
  return message;
}

}  // namespace garita::exchange
