/* Views: the pictures of a scan, described before their first pixel arrives.
 *
 * A view has rows (along the travel), columns (across it) and, for a volume, slices. A row is one line of a line
 * detector, or one line of a frame. Columns are the detector's elements.
 */
#ifndef GARITA_VIEW_H
#define GARITA_VIEW_H

#include "garita/value.h"

/* Shape */
#define GARITA_SHAPE_SCAN 1u   /* rows unknown until the end: a line detector */
#define GARITA_SHAPE_FRAME 2u  /* rows x columns fixed: an area detector, a photograph */
#define GARITA_SHAPE_VOLUME 3u /* rows x columns x slices fixed: a computed volume */

/* Sample type, little-endian, one channel a strip */
#define GARITA_SAMPLE_U8 1u
#define GARITA_SAMPLE_U16 2u
#define GARITA_SAMPLE_I16 3u
#define GARITA_SAMPLE_U32 4u
#define GARITA_SAMPLE_I32 5u
#define GARITA_SAMPLE_U64 6u
#define GARITA_SAMPLE_F32 7u
#define GARITA_SAMPLE_F64 8u

/* Quantity: what is measured */
#define GARITA_QUANTITY_TRANSMISSION 1u
#define GARITA_QUANTITY_BACKSCATTER 2u
#define GARITA_QUANTITY_VISIBLE 3u
#define GARITA_QUANTITY_OTHER 4u

/* Fidelity: how far the values are from the detector; declared and never guessed.
 * RAW_COUNTS, TRANSMISSION and ATTENUATION come as u8, u16, u32 or f32. Every fidelity but RAW_COUNTS has
 * value = slope * stored + intercept and a unit. */
#define GARITA_FIDELITY_RAW_COUNTS 1u    /* the host corrects, with the calibration delivered */
#define GARITA_FIDELITY_TRANSMISSION 2u  /* t: 0 opaque, 1 open beam */
#define GARITA_FIDELITY_ATTENUATION 3u   /* -ln t */
#define GARITA_FIDELITY_RECONSTRUCTED 4u /* computed, such as CT */
#define GARITA_FIDELITY_DISPLAY 5u       /* processed for the eye */

/* Polarity of DISPLAY, BACKSCATTER and OTHER */
#define GARITA_POLARITY_UNKNOWN 0u
#define GARITA_POLARITY_BRIGHT_MORE 1u /* bright = more signal reached the detector */
#define GARITA_POLARITY_BRIGHT_LESS 2u

/* Unit of slope * stored + intercept */
#define GARITA_UNIT_NONE 0u
#define GARITA_UNIT_TRANSMISSION 1u /* t */
#define GARITA_UNIT_ATTENUATION 2u  /* -ln t */
#define GARITA_UNIT_HU 3u
#define GARITA_UNIT_PER_METRE 4u
#define GARITA_UNIT_GRAM_PER_CM3 5u
#define GARITA_UNIT_Z 6u
#define GARITA_UNIT_CPS 7u             /* counts per second */
#define GARITA_UNIT_COUNTS 8u
#define GARITA_UNIT_MICROSIEVERT_PER_H 9u
#define GARITA_UNIT_VENDOR 0x80000000u /* first of the vendors' own range */

/* Where column 0 lies, for a side view top or bottom; left and right as seen by someone looking along the travel. */
#define GARITA_COLUMN_ZERO_UNKNOWN 0u
#define GARITA_COLUMN_ZERO_TOP 1u
#define GARITA_COLUMN_ZERO_BOTTOM 2u
#define GARITA_COLUMN_ZERO_LEFT 3u
#define GARITA_COLUMN_ZERO_RIGHT 4u

/* Where row 0 lies: the end that leads in the direction of travel is the front. */
#define GARITA_ROW_ZERO_UNKNOWN 0u
#define GARITA_ROW_ZERO_FRONT 1u
#define GARITA_ROW_ZERO_REAR 2u

/* Where the source stands, seen by someone looking along the travel. */
#define GARITA_SOURCE_UNKNOWN 0u
#define GARITA_SOURCE_LEFT 1u
#define GARITA_SOURCE_RIGHT 2u
#define GARITA_SOURCE_TOP 3u
#define GARITA_SOURCE_BOTTOM 4u

/* Kind of a channel */
#define GARITA_CHANNEL_SINGLE 1u
#define GARITA_CHANNEL_HIGH 2u /* the higher of two energies */
#define GARITA_CHANNEL_LOW 3u
#define GARITA_CHANNEL_RED 4u
#define GARITA_CHANNEL_GREEN 5u
#define GARITA_CHANNEL_BLUE 6u
#define GARITA_CHANNEL_VENDOR 0x80000000u /* first of the vendors' own range */

#define GARITA_MAX_VIEWS 16u
#define GARITA_MAX_CHANNELS 16u
#define GARITA_MAX_COLUMNS 65536u
#define GARITA_MAX_NAME_BYTES 64u

/* One channel of a view.
 *
 * kind                GARITA_CHANNEL_*.
 * nominal_energy_kev  Of the generator (6000 for a 6 MV beam); 0 where it has none.
 * calibration_id      Of the CALIBRATION events that correct it; 0 where the fidelity is not RAW_COUNTS.
 * row_offset_um       How far its rows lie behind the view's, along the travel: interlaced energies.
 */
typedef struct garita_channel {
  uint32_t kind;
  uint32_t nominal_energy_kev;
  uint64_t calibration_id;
  int64_t row_offset_um;
} garita_channel;
GARITA_FROZEN(sizeof(garita_channel) == 24);

/* One view, an element of garita_scan_begin.views.
 *
 * name            ≤ 64 bytes of [a-z0-9_-], unique in the scan: "side", "top", "backscatter".
 * bits_used       Of the sample; 1 … its width; 0: all of it.
 * columns         1 … GARITA_MAX_COLUMNS.
 * rows, slices    0 and 0 or 1 for SCAN; both given for FRAME (slices 1) and VOLUME.
 * pitch_*_um      Distance between columns, rows and slices at the object plane, µm; 0: unknown.
 * source_angle_mdeg  Of the beam's central ray against the horizontal, 1/1000 degree; INT32_MIN: unknown.
 * slope, intercept   value = slope * stored + intercept in unit; 1 and 0 for RAW_COUNTS.
 * channels        garita_channel; 1 … GARITA_MAX_CHANNELS, each kind once (vendor kinds differ).
 */
typedef struct garita_view {
  garita_text name;
  uint32_t shape;
  uint32_t sample_type;
  uint32_t bits_used;
  uint32_t quantity;
  uint32_t fidelity;
  uint32_t columns;
  uint64_t rows;
  uint32_t slices;
  uint32_t column_zero;
  uint32_t row_zero;
  uint32_t source_side;
  int32_t source_angle_mdeg;
  uint32_t polarity;
  uint32_t pitch_across_um;
  uint32_t pitch_along_um;
  uint32_t pitch_slice_um;
  uint32_t unit;
  double slope;
  double intercept;
  garita_array channels;
} garita_view;
GARITA_FROZEN(offsetof(garita_view, rows) == 40 && offsetof(garita_view, slope) == 88);
GARITA_FROZEN(sizeof(garita_view) == 120);

#endif
