/* A scan: SCAN_BEGIN, strips of pixels, SCAN_END. */
#ifndef GARITA_SCAN_H
#define GARITA_SCAN_H

#include "garita/value.h"

#define GARITA_MAX_SCAN_KEY_BYTES 128u

/* Relation of a scan to others */
#define GARITA_RELATION_NEW 1u
#define GARITA_RELATION_SUPPLEMENT 2u /* joins the scan of related_key if that was seen in this run, else stands alone */

/* SCAN_BEGIN
 *
 * key          ≤ 128 bytes of UTF-8, unique per device for ever: the host removes duplicates by it. Empty: the host
 *              makes one and removes none.
 * related_key  For SUPPLEMENT: the key of the scan it joins.
 * passage_key  Equal for everything the devices of a lane saw of one passage; empty where the device knows none.
 * time         When the scan began.
 * attributes   garita_attribute: metadata known by now.
 * views        garita_view, ≤ 16; none for a scan without pictures (a radiation portal).
 * objects      uint64_t handles of inbox objects this scan came from: the host consumes an object once every scan
 *              that names it is durable, refused by policy, or a known duplicate.
 */
typedef struct garita_scan_begin {
  uint32_t struct_size;
  uint32_t relation;
  garita_text key;
  garita_text related_key;
  garita_text passage_key;
  garita_time time;
  garita_array attributes;
  garita_array views;
  garita_array objects;
} garita_scan_begin;
GARITA_FROZEN(sizeof(garita_scan_begin) == 136);

#define GARITA_MAX_STRIP_BYTES (16u << 20)
#define GARITA_MAX_STRIP_ROWS 16384u
#define GARITA_DOSE_ONE 65536u     /* the air lines' mean dose */
#define GARITA_MAX_CHANNEL_SKEW 1024u /* rows that the channels of a view may run apart */

/* STRIP: some consecutive rows of one channel of one view.
 *
 * view, channel     Indices into garita_scan_begin.views and that view's channels.
 * slice             Of a VOLUME; else 0.
 * first_row         Delivered rows of (view, channel, slice), without gaps or repeats. Rows of a view's channels
 *                   correspond by first_row; channels may run apart by ≤ 1024 rows.
 * rows              1 … min(16384, max_strip_bytes / row_stride_bytes).
 * row_stride_bytes  ≥ columns × sample size. Rows start at strip + i × row_stride_bytes.
 * strip             Handle of the host's memory that holds the pixels. From delivery on the driver has no right to it.
 * time              When the first row was measured.
 * line_index        NULL, or rows numbers that the device counted its lines by: strictly increasing (the driver
 *                   unwraps counters); a gap is a number of lost lines.
 * time_utc_ns       NULL, or rows times, GARITA_UTC_UNKNOWN where unknown.
 * position_um       NULL, or rows positions along the travel, µm; may fall.
 * dose_q16          NULL, or rows doses, 65536 = the air lines' mean; 0 = the line was lost.
 */
typedef struct garita_strip {
  uint32_t struct_size;
  uint32_t view;
  uint32_t channel;
  uint32_t slice;
  uint64_t first_row;
  uint32_t rows;
  uint32_t reserved; /* 0 */
  uint64_t row_stride_bytes;
  uint64_t strip;
  garita_time time;
  const uint64_t* line_index;
  const int64_t* time_utc_ns;
  const int64_t* position_um;
  const uint32_t* dose_q16;
} garita_strip;
GARITA_FROZEN(offsetof(garita_strip, strip) == 40 && offsetof(garita_strip, line_index) == 80);
GARITA_FROZEN(sizeof(garita_strip) == 112);

/* Outcome of a scan as the device or driver saw it */
#define GARITA_SCAN_COMPLETE 1u
#define GARITA_SCAN_ABORTED 2u /* stopped: the operator, the interlock, cancel */
#define GARITA_SCAN_FAULT 3u   /* the device or the data failed */

/* Rows delivered of one channel of one view, all slices together. */
typedef struct garita_total {
  uint32_t view;
  uint32_t channel;
  uint64_t rows;
} garita_total;
GARITA_FROZEN(sizeof(garita_total) == 16);

/* SCAN_END
 *
 * outcome  GARITA_SCAN_*.
 * reason   One sentence where outcome is not COMPLETE.
 * time     When the scan ended.
 * totals   garita_total of every (view, channel): the host compares with what it received.
 * code     A status of the data or device class that says why, or 0.
 */
typedef struct garita_scan_end {
  uint32_t struct_size;
  uint32_t outcome;
  garita_text reason;
  garita_time time;
  garita_array totals;
  uint32_t code;
  uint32_t reserved; /* 0 */
} garita_scan_end;
GARITA_FROZEN(sizeof(garita_scan_end) == 80);

#endif
