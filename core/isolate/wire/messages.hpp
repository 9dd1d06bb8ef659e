// What host and worker say to each other. The protocol is one conversation, strictly nested:
//
//   host    command ------------------------------------------------------------------> worker
//   host    <------ host call (a driver calls its host) ------                           worker
//   host    ------- result ----------------------------------->                          worker    any number
//   of times host    <--------------------------------------------------------------------- answer worker
//
// One side has the word at any time. A message is a kind, a size, and a payload in the sender's area of the
// region (region.hpp). Every message of the worker begins with the strips that its driver gave back:
//
//   u32 count, u64 offset[count]
//
// While the host looks at a strip the worker may already be at the next event: then next is commanded ahead,
// and a stock of strips goes with it, so that filling one needs no word of the host.
//
// Results begin with u32 status, text message; bulk data lies at data_offset of the area.
#pragma once

#include <cstdint>

#include "core/base/result.hpp"
#include "core/isolate/wire/bytes.hpp"
#include "core/load/manifest.hpp"
#include "core/load/session.hpp"

namespace garita::isolate {

enum class Command : uint32_t {
  load = 1,  // manifest, file count                   -> error?
  open,      // model, instance, deadline, limits      -> error?
  next,      // deadline, capacity, offset[]: strips ahead -> status, counts, strips left, event | error?
  stored,    // key, outcome, deadline                 -> status
  message,   // id, data, deadline                     -> error?, text
  close,     // deadline                               -> error?
};

enum class HostCall : uint32_t {
  stream_open = 100,  // name, deadline                -> info, stream
  stream_read,        // stream, capacity, deadline    -> info; data
  stream_write,       // stream, deadline, data        -> written
  stream_wait,        // streams, deadline             -> bits, oldest[]
  stream_close,       // stream
  object_next,        // stream, deadline              -> info
  object_sibling,     // object, name                  -> info
  object_read_at,     // object, offset, capacity      -> size; data
  object_done,        // object
  object_reject,      // object, code, message
  strip_alloc,        // size, count, deadline         -> capacity, offset[]
  config_get,         // key                           -> declared, value
  text_piece,         // first, data: a text to convert, in pieces
  text_convert,       // charset                       -> size
  text_take,          // offset, capacity              -> size; data
};

inline constexpr uint32_t answer_kind = 1;
inline constexpr uint32_t result_kind = 2;
inline constexpr uint32_t data_offset = 4096 - 16;        // of bulk data in a result
inline constexpr uint64_t strip_page_bytes = 4096;        // strips are whole pages
inline constexpr uint32_t max_stock = 2;                  // strips that a worker has before its driver asks
inline constexpr uint32_t max_released = 4096;            // strips in one message
inline constexpr uint32_t max_text_in_bytes = 16u << 20;  // of a text to convert, as load limits it

// What a worker ends with where nobody killed it. A driver's own exit has its own code.
inline constexpr int exit_thread_ended = 113;  // the driver ended the thread that called it
inline constexpr int exit_bad_start = 114;     // started by hand, or without what it needs

// What the worker is told of a manifest.
void put_manifest(Writer& out, const load::Manifest& manifest);
load::Manifest get_manifest(Reader& in);

void put_error(Writer& out, const base::Error& error);
// An error that a worker reports: only what the host has a sentence for, and of a class that an error can
// have. nullopt: it is none.
std::optional<base::Error> get_error(OutsideReader& in);

// u8 0: as in the last message that had them; else u8 1 and the counts.
void put_counts(Writer& out, const load::Counts& counts, load::Counts& last);
void get_counts(OutsideReader& in, load::Counts& last);

void put_value(Writer& out, const image::Value& value);
image::Value get_value(Reader& in);

}  // namespace garita::isolate
