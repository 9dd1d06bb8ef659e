/* CALIBRATION: the dark and air (open-beam) lines that turn raw counts into transmission. */
#ifndef GARITA_CALIBRATION_H
#define GARITA_CALIBRATION_H

#include "garita/value.h"

#define GARITA_CALIBRATION_DARK 1u /* beam off */
#define GARITA_CALIBRATION_AIR 2u  /* beam on, nothing in it */

#define GARITA_MAX_CALIBRATIONS 16u /* ids the host keeps; the oldest goes first */

/* Rows of one role of one calibration id.
 *
 * id                One number for a dark and air pair of one channel; a channel of SCAN_BEGIN names it. A new
 *                   measurement takes a new id, or is sent whole again under the same one.
 * view, channel     The channel it was measured for, as in later scans: a hint for people; the id binds.
 * sample_type       U32 in 1/256 counts for u8 and u16 raw; F64 in counts for u32 and f32 raw.
 * first_row, rows, total_rows  total_rows is 1 for a line detector, the frame's rows for an area detector; a large one
 *                   comes in pieces, first_row counting from 0 without gaps.
 * averaged          How many lines or frames the mean was taken over; 0: not known.
 * row_stride_bytes  ≥ columns × sample size.
 * strip             Handle of the host's memory that holds the rows, as in garita_strip.
 */
typedef struct garita_calibration {
  uint32_t struct_size;
  uint32_t role; /* GARITA_CALIBRATION_* */
  uint64_t id;
  uint32_t view;
  uint32_t channel;
  uint32_t columns;
  uint32_t sample_type;
  uint32_t first_row;
  uint32_t rows;
  uint32_t total_rows;
  uint32_t averaged;
  uint64_t row_stride_bytes;
  uint64_t strip;
  garita_time time;
} garita_calibration;
GARITA_FROZEN(offsetof(garita_calibration, row_stride_bytes) == 48);
GARITA_FROZEN(sizeof(garita_calibration) == 96);

#endif
