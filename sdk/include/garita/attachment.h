/* ATTACHMENT: a photograph, the original file, a report. Stored whole, hashed, never parsed by the host. */
#ifndef GARITA_ATTACHMENT_H
#define GARITA_ATTACHMENT_H

#include "garita/value.h"

#define GARITA_ATTACHMENT_SCENE 1u
#define GARITA_ATTACHMENT_PLATE 2u
#define GARITA_ATTACHMENT_ORIGINAL 3u
#define GARITA_ATTACHMENT_REPORT 4u

#define GARITA_MAX_ATTACHMENT_BYTES (64u << 20)
#define GARITA_MAX_ATTACHMENTS 64u

/* One piece of an attachment, or the whole as an inbox object's own bytes.
 *
 * index        Of the attachment in its scan, counted from 0.
 * media_type   "image/jpeg"; the same in every piece.
 * name         A plain file name, no path; the same in every piece.
 * offset, size_bytes, total_bytes  This piece of total_bytes ≤ 64 MiB; pieces come in order without gaps.
 * strip        Handle of the memory that holds the piece; 0 where object is given.
 * object       Handle of an inbox object: the host takes the object's own bytes, nothing to forge; else 0.
 */
typedef struct garita_attachment {
  uint32_t struct_size;
  uint32_t role; /* GARITA_ATTACHMENT_* */
  uint32_t index;
  uint32_t reserved; /* 0 */
  garita_text media_type;
  garita_text name;
  uint64_t offset;
  uint64_t size_bytes;
  uint64_t total_bytes;
  uint64_t strip;
  uint64_t object;
} garita_attachment;
GARITA_FROZEN(offsetof(garita_attachment, offset) == 48);
GARITA_FROZEN(sizeof(garita_attachment) == 88);

#endif
