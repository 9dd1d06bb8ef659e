/* One driver, broken in one way: MUTANT_ROW says in which (mutants.def). The good one delivers a calibration, a short
 * dual-energy scan with metadata, reading, detection and attachment, and ends. Every fault stands where it happens:
 * if (IS(row)). Written in what C99 and C++ share, as the rows that throw are C++. */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "garita/garita.h"

enum mutant_row {
#define MUTANT(id, requirement, stage, status, text) MUTANT_##id,
#include "mutants.def"
#undef MUTANT
  MUTANT_rows
};
#define IS(id) (MUTANT_ROW == MUTANT_##id)

#ifdef __cplusplus
#define THROW_IF(id) \
  if (IS(id)) throw 1
#else
#define THROW_IF(id) (void)0
#endif

#ifndef MUTANT_COLUMNS /* a row that needs more to strike at says so */
#define MUTANT_COLUMNS 8
#define MUTANT_PIECE_BYTES 100
#endif
enum { columns = MUTANT_COLUMNS, strip_rows = 4, scan_rows = 8, piece_bytes = MUTANT_PIECE_BYTES };

static garita_text text(const char* words) {
  garita_text own = {words, (uint32_t)strlen(words), 0};
  return own;
}

static garita_text sized_text(const char* bytes, uint32_t size_bytes) {
  garita_text own = {bytes, size_bytes, 0};
  return own;
}

static garita_array array(const void* data, uint32_t count, uint32_t element_size_bytes) {
  garita_array own = {data, count, element_size_bytes};
  return own;
}

static garita_time at(int64_t utc_ns) {
  garita_time own = {utc_ns, 0, 0, GARITA_OFFSET_UNKNOWN, GARITA_TIME_DEVICE};
  return own;
}

static garita_status fail(garita_error* error, garita_status status, const char* message) {
  if (error) {
    error->code = status;
    strncpy(error->message, message, sizeof error->message - 1);
  }
  return status;
}

/* ---- the device ---- */

static const garita_host_api* host;
static uint64_t host_handle;
static int step;
static uint64_t last_strip;

static const int64_t noon_ns = INT64_C(1741000000000000000);

/* Memory of the host's for size_bytes, filled; 0 where it gives none. */
static void* last_data;

static uint64_t take_strip(uint64_t size_bytes) {
  garita_strip_memory memory;
  if (host->strip_alloc(host_handle, size_bytes, 1, UINT64_MAX, &memory, NULL) != GARITA_OK) return 0;
  memset(memory.data, 0x40, (size_t)memory.capacity_bytes);
  last_strip = memory.handle;
  last_data = memory.data;
  return memory.handle;
}

static garita_calibration calibration;

static garita_status give_calibration(garita_event* event, uint32_t role) {
  uint32_t i;
  memset(&calibration, 0, sizeof calibration);
  calibration.struct_size = sizeof calibration;
  calibration.role = role;
  calibration.id = 7;
  calibration.columns = columns;
  calibration.sample_type = GARITA_SAMPLE_U32;
  calibration.rows = 1;
  calibration.total_rows = 1;
  calibration.averaged = 64;
  calibration.row_stride_bytes = columns * 4;
  calibration.time = at(noon_ns);
  if (IS(calibration_role_unknown)) calibration.role = 9;
  if (IS(calibration_type_unknown)) calibration.sample_type = 99;
  if (IS(calibration_misshapen)) calibration.columns = columns - 1;
  if (IS(calibration_columns_zero)) calibration.columns = 0;
  if (IS(calibration_stride_short)) calibration.row_stride_bytes = columns * 4 - 1;
  if (IS(calibration_overrun)) calibration.rows = calibration.total_rows = 16384;
  if (IS(calibration_rows_outside)) calibration.first_row = 1;
  if (IS(calibration_gap)) calibration.first_row = 2, calibration.total_rows = 3;
  calibration.strip = take_strip(columns * 4);
  for (i = 0; calibration.strip != 0 && i < columns; ++i) /* 100 and 40000 counts, in 1/256 */
    ((uint32_t*)last_data)[i] = (role == GARITA_CALIBRATION_DARK ? 100u : 40000u) * 256u;
  event->kind = GARITA_EVENT_CALIBRATION;
  event->body = &calibration;
  return GARITA_OK;
}

/* ---- metadata ---- */

static garita_attribute attributes[5000];
static char large_text[10 << 20];

static void set_text(garita_attribute* attribute, const char* key, garita_text value) {
  memset(attribute, 0, sizeof *attribute);
  attribute->key = text(key);
  attribute->value.type = GARITA_VALUE_TEXT;
  attribute->value.text = value;
}

static void set_real(garita_attribute* attribute, const char* key, double value) {
  memset(attribute, 0, sizeof *attribute);
  attribute->key = text(key);
  attribute->value.type = GARITA_VALUE_F64;
  attribute->value.real = value;
}

static garita_array fill_attributes(void) {
  uint32_t count = 2, i;
  set_text(&attributes[0], "conveyance.containers[0].number", text("CSQU3054383"));
  set_real(&attributes[1], "conveyance.speed_mps", 1.5);
  if (IS(attribute_nan)) attributes[1].value.real = NAN;
  if (IS(attribute_infinite)) attributes[1].value.real = HUGE_VAL;
  if (IS(attribute_not_utf8)) attributes[0].value.text = text("CSQU\xC3\x28");
  if (IS(attribute_nul)) attributes[0].value.text = sized_text("CSQU\0" "305438", 11);
  if (IS(attribute_markup)) attributes[0].value.text = text("<script>alert('x')</script>");
  if (IS(attribute_check_digit)) attributes[0].value.text = text("CSQU3054384");
  if (IS(attribute_wrong_type)) set_real(&attributes[0], "conveyance.containers[0].number", 7);
  if (IS(attribute_type_unknown)) attributes[1].value.type = 77;
  if (IS(attribute_key_unknown)) attributes[1].key = text("conveyance.smell");
  if (IS(attribute_key_doubled)) set_text(&attributes[1], "conveyance.containers[0].number", text("MSKU0000006"));
  if (IS(attribute_key_empty)) attributes[1].key = text("");
  if (IS(attribute_key_long)) attributes[1].key = sized_text(large_text, 257);
  if (IS(attribute_key_not_utf8)) attributes[1].key = text("com.vendor.\xFF");
  if (IS(attribute_key_nul)) attributes[1].key = sized_text("com.vendor\0x", 12);
  if (IS(text_null)) attributes[0].value.text = sized_text(NULL, 11);
  if (IS(attribute_10_mb)) {
    memset(large_text, 'A', sizeof large_text);
    attributes[0].value.text = sized_text(large_text, sizeof large_text);
  }
  if (IS(attributes_too_many)) {
    count = 5000;
    for (i = 0; i < count; ++i) set_real(&attributes[i], "com.vendor.value", i);
  }
  if (IS(attributes_too_large)) {
    count = 20;
    memset(large_text, 'A', sizeof large_text);
    for (i = 0; i < count; ++i) set_text(&attributes[i], "com.vendor.text", sized_text(large_text, 65536));
  }
  return array(attributes, count, sizeof attributes[0]);
}

/* ---- the scan ---- */

static garita_scan_begin begin;
static garita_channel channels[2];
/* A view as a newer minor version may have it: longer. */
typedef struct newer_view {
  garita_view view;
  uint64_t future;
} newer_view;
static newer_view newer_views[2];
static garita_view views[2];

/* Is the view of this row one of a fixed size? */
static int is_frame(void) {
  return IS(view_frame_rows_zero) || IS(view_frame_rows_huge) || IS(view_size_overflow) || IS(frame_torn) ||
         IS(strip_beyond_frame);
}

static void break_view(garita_view* view) {
  if (is_frame()) view->shape = GARITA_SHAPE_FRAME, view->rows = scan_rows, view->slices = 1;
  if (IS(view_frame_rows_zero)) view->rows = 0;
  if (IS(view_frame_rows_huge)) view->rows = UINT64_MAX;
  if (IS(view_size_overflow))
    view->shape = GARITA_SHAPE_VOLUME, view->columns = 65536, view->rows = 1000, view->slices = 65536;
  if (IS(strip_beyond_frame)) view->rows = strip_rows - 1;
  if (IS(view_columns_zero)) view->columns = 0;
  if (IS(view_columns_huge)) view->columns = UINT32_MAX;
  if (IS(view_scan_with_rows)) view->rows = 5;
  if (IS(view_shape_unknown)) view->shape = 4;
  if (IS(view_type_unknown)) view->sample_type = 9;
  if (IS(view_fidelity_unknown)) view->fidelity = 0;
  if (IS(view_sides_unknown))
    view->quantity = 99, view->column_zero = 99, view->row_zero = 99, view->source_side = 99, view->polarity = 99;
  if (IS(view_bits_too_many)) view->bits_used = 17;
  if (IS(view_raw_as_f64)) view->sample_type = GARITA_SAMPLE_F64, view->bits_used = 0;
  if (IS(view_slope_nan)) view->fidelity = GARITA_FIDELITY_DISPLAY, view->slope = NAN;
  if (IS(view_slope_zero)) view->fidelity = GARITA_FIDELITY_DISPLAY, view->slope = 0;
  if (IS(view_name_path)) view->name = text("../../etc/passwd");
  if (IS(view_name_not_utf8)) view->name = text("s\xED" "de");
  if (IS(view_name_long)) view->name = sized_text(large_text, 65);
  if (IS(view_channels_none)) view->channels.count = 0;
  if (IS(view_channel_twice)) channels[1].kind = GARITA_CHANNEL_HIGH;
  if (IS(view_channel_unknown)) channels[1].kind = 42;
}

static void fill_view(garita_view* view) {
  memset(view, 0, sizeof *view);
  memset(channels, 0, sizeof channels);
  channels[0].kind = GARITA_CHANNEL_HIGH;
  channels[1].kind = GARITA_CHANNEL_LOW;
  channels[0].calibration_id = channels[1].calibration_id = 7;
  view->name = text("side");
  view->shape = GARITA_SHAPE_SCAN;
  view->sample_type = GARITA_SAMPLE_U16;
  view->bits_used = 16;
  view->quantity = GARITA_QUANTITY_TRANSMISSION;
  view->fidelity = GARITA_FIDELITY_RAW_COUNTS;
  view->columns = columns;
  view->column_zero = GARITA_COLUMN_ZERO_BOTTOM;
  view->row_zero = GARITA_ROW_ZERO_FRONT;
  view->source_angle_mdeg = INT32_MIN;
  view->pitch_across_um = view->pitch_along_um = 4000;
  view->slope = 1;
  view->channels = array(channels, 2, sizeof channels[0]);
  break_view(view);
}

static garita_array fill_views(void) {
  uint32_t count = 1;
  fill_view(&views[0]);
  views[1] = views[0];
  newer_views[0].view = views[0];
  if (IS(view_name_twice)) count = 2;
  if (IS(views_null)) return array(NULL, 1, sizeof views[0]);
  if (IS(views_element_zero)) return array(views, 1, 0);
  if (IS(views_element_huge)) return array(views, 1, UINT32_MAX);
  if (IS(views_count_huge)) return array(views, UINT32_MAX, sizeof views[0]);
  if (IS(views_element_newer)) return array(newer_views, 1, sizeof newer_views[0]);
  return array(views, count, sizeof views[0]);
}

static garita_status give_begin(garita_event* event, const char* key) {
  static const uint64_t never_held = 12345;
  memset(&begin, 0, sizeof begin);
  begin.struct_size = sizeof begin;
  begin.relation = GARITA_RELATION_NEW;
  begin.key = text(key);
  begin.time = at(noon_ns);
  begin.attributes = fill_attributes();
  begin.views = fill_views();
  if (IS(body_size_zero)) begin.struct_size = 0;
  if (IS(body_size_small)) begin.struct_size = sizeof begin - 1;
  if (IS(body_size_huge)) begin.struct_size = UINT32_MAX;
  if (IS(relation_unknown)) begin.relation = 12;
  if (IS(object_unknown)) begin.objects = array(&never_held, 1, sizeof never_held);
  if (IS(scan_key_long)) begin.key = sized_text(large_text, 129);
  if (IS(scan_key_not_utf8)) begin.key = text("\xC0\xAF");
  if (IS(scan_key_nul)) begin.key = sized_text("a\0b", 3);
  if (IS(time_1970)) begin.time = at(0);
  event->kind = GARITA_EVENT_SCAN_BEGIN;
  event->body = &begin;
  if (IS(event_body_null)) event->body = NULL;
  return GARITA_OK;
}

/* A strip as a newer minor version may have it: longer. */
static struct newer_strip {
  garita_strip strip;
  uint64_t future;
} strip;
static uint64_t line_index[16384];
static uint32_t dose[16384];

static void break_strip(garita_strip* own) {
  const uint64_t stride = own->row_stride_bytes;
  if (IS(body_newer)) own->struct_size = sizeof strip;
  if (IS(strip_overrun)) own->rows = strip_rows + 1024;
  if (IS(strip_stride_overflow)) own->row_stride_bytes = UINT64_MAX / 2 + 2;
  if (IS(strip_stride_short)) own->row_stride_bytes = stride - 1;
  if (IS(strip_rows_zero)) own->rows = 0;
  if (IS(strip_rows_huge)) own->rows = UINT32_MAX;
  if (IS(strip_never_given)) own->strip = UINT64_C(0xFFFFFFFF00000001);
  if (IS(strip_null)) own->strip = 0;
  if (IS(strip_discarded)) host->strip_discard(host_handle, own->strip, NULL);
  if (IS(strip_view_unknown)) own->view = 1;
  if (IS(strip_channel_unknown)) own->channel = 2;
  if (IS(strip_slice_unknown)) own->slice = 1;
  if (IS(strip_first_row_huge)) own->first_row = UINT64_MAX;
  if (IS(line_index_falls)) line_index[2] = 0;
  if (IS(line_index_repeats)) line_index[2] = line_index[1];
  if (IS(dose_zero)) dose[1] = 0;
}

static garita_status give_strip(garita_event* event, uint32_t channel, uint64_t first_row, uint32_t rows) {
  const uint64_t before = last_strip;
  uint32_t i;
  memset(&strip, 0, sizeof strip);
  strip.strip.struct_size = sizeof strip.strip;
  strip.strip.channel = channel;
  strip.strip.first_row = first_row;
  strip.strip.rows = rows;
  strip.strip.row_stride_bytes = columns * 2;
  strip.strip.time = at(noon_ns);
  if (IS(strip_delivered_twice) && first_row != 0)
    strip.strip.strip = before;
  else
    strip.strip.strip = take_strip((uint64_t)rows * columns * 2);
  for (i = 0; i < rows; ++i) {
    line_index[i] = 1000 + first_row + i + (IS(line_index_gap) && first_row != 0 ? 100 : 0);
    dose[i] = GARITA_DOSE_ONE;
  }
  strip.strip.line_index = line_index;
  strip.strip.dose_q16 = dose;
  break_strip(&strip.strip);
  event->kind = GARITA_EVENT_STRIP;
  event->body = &strip;
  return GARITA_OK;
}

static garita_reading reading;
static double values[GARITA_MAX_READING_VALUES + 1];

static garita_status give_reading(garita_event* event) {
  memset(&reading, 0, sizeof reading);
  reading.struct_size = sizeof reading;
  reading.kind = IS(reading_kind_unknown) ? 77 : GARITA_READING_GAMMA;
  reading.panel = text("master_upper");
  reading.time = at(noon_ns);
  reading.interval_ns = 100000000;
  reading.unit = GARITA_UNIT_CPS;
  values[0] = IS(reading_nan) ? NAN : 100;
  reading.values = array(values, IS(reading_too_many) ? GARITA_MAX_READING_VALUES + 1 : 3, sizeof values[0]);
  event->kind = GARITA_EVENT_READING;
  event->body = &reading;
  return GARITA_OK;
}

static garita_detection detection;

static garita_status give_detection(garita_event* event) {
  static double polygon[] = {1, 1, 3, 1, 3, 3};
  memset(&detection, 0, sizeof detection);
  detection.struct_size = sizeof detection;
  detection.first_row = 1;
  detection.rows = 3;
  detection.first_column = 2;
  detection.columns = 4;
  detection.slices = 1;
  detection.category = text("firearm");
  detection.confidence = 0.5;
  detection.source = GARITA_FOUND_BY_MACHINE;
  detection.polygon = array(polygon, IS(detection_polygon_odd) ? 5 : 6, sizeof polygon[0]);
  if (IS(detection_polygon_nan)) polygon[3] = NAN;
  if (IS(detection_outside_columns)) detection.columns = columns;
  if (IS(detection_outside_rows)) detection.rows = scan_rows;
  if (IS(detection_overflow)) detection.first_row = UINT64_MAX, detection.rows = 2;
  if (IS(detection_view_unknown)) detection.view = 3;
  if (IS(detection_confidence)) detection.confidence = 1.5;
  if (IS(detection_confidence_nan)) detection.confidence = NAN;
  if (IS(detection_category_not_utf8)) detection.category = text("fire\xFF");
  if (IS(detection_label_not_utf8)) detection.label = text("caf\xE9");
  event->kind = GARITA_EVENT_DETECTION;
  event->body = &detection;
  return GARITA_OK;
}

static garita_attachment attachment;

/* Piece 0 or 1 of an attachment of 2 pieces. */
static garita_status give_attachment(garita_event* event, uint32_t piece) {
  memset(&attachment, 0, sizeof attachment);
  attachment.struct_size = sizeof attachment;
  attachment.role = GARITA_ATTACHMENT_SCENE;
  attachment.media_type = text("image/jpeg");
  attachment.name = text("scene.jpg");
  attachment.offset = (uint64_t)piece_bytes * piece;
  attachment.size_bytes = piece_bytes;
  attachment.total_bytes = 2 * piece_bytes + (IS(attachment_torn) ? 1 : 0);
  attachment.strip = IS(attachment_neither) ? 0 : take_strip(piece_bytes);
  if (IS(attachment_gap) && piece == 1) attachment.offset = piece_bytes + 1, attachment.size_bytes = piece_bytes - 1;
  if (IS(attachment_repeat) && piece == 1) attachment.offset = 0;
  if (IS(attachment_changed) && piece == 1) attachment.name = text("other.jpg");
  if (IS(attachment_overrun)) attachment.size_bytes = UINT64_MAX;
  if (IS(attachment_huge)) attachment.total_bytes = GARITA_MAX_ATTACHMENT_BYTES + 1;
  if (IS(attachment_both)) attachment.object = 1;
  if (IS(attachment_index_skipped)) attachment.index = 1;
  if (IS(attachment_name_path)) attachment.name = text("../../etc/cron.d/x");
  if (IS(attachment_name_not_utf8)) attachment.name = text("caf\xE9.jpg");
  event->kind = GARITA_EVENT_ATTACHMENT;
  event->body = &attachment;
  return GARITA_OK;
}

static garita_scan_end end;
static garita_total totals[2];

static garita_status give_end(garita_event* event) {
  uint32_t i;
  memset(&end, 0, sizeof end);
  end.struct_size = sizeof end;
  end.outcome = GARITA_SCAN_COMPLETE;
  end.time = at(noon_ns + 1000000000);
  for (i = 0; i < 2; ++i) totals[i].view = 0, totals[i].channel = i, totals[i].rows = scan_rows;
  if (IS(totals_more)) totals[1].rows = scan_rows + 1;
  if (IS(totals_fewer)) totals[1].rows = scan_rows - 1;
  if (IS(totals_doubled)) totals[1].channel = 0;
  if (IS(totals_view_unknown)) totals[1].view = 1;
  if (IS(scan_torn) || IS(frame_torn)) totals[1].rows = strip_rows;
  end.totals = array(totals, IS(totals_missing) ? 1 : 2, sizeof totals[0]);
  if (IS(scan_aborted)) end.outcome = GARITA_SCAN_ABORTED, end.reason = text("The operator stopped it.");
  if (IS(outcome_unknown)) end.outcome = 77;
  if (IS(reason_not_utf8)) end.reason = text("parada\xFF\xFE");
  event->kind = GARITA_EVENT_SCAN_END;
  event->body = &end;
  return GARITA_OK;
}

/* ---- next: the faults that are about the call or the order ---- */

static garita_health health;

static garita_status give_health(garita_event* event) {
  memset(&health, 0, sizeof health);
  health.struct_size = sizeof health;
  health.state = GARITA_HEALTH_READY;
  health.device_time = at(noon_ns);
  event->kind = GARITA_EVENT_HEALTH;
  event->body = &health;
  return GARITA_OK;
}

static garita_status broken_status(garita_error* error) {
  if (IS(next_status_unknown)) return 7777;
  if (IS(next_status_newer_flow)) return step == 1 ? 42 : GARITA_OK;
  if (IS(next_status_newer_driver)) return fail(error, 299, "new");
  if (IS(next_status_newer_device)) return fail(error, 399, "new");
  if (IS(next_status_vendor)) return fail(error, 0x80000007u, "own");
  if (IS(next_without_nul)) {
    memset(error->message, 'x', sizeof error->message);
    return GARITA_PROTOCOL_ERROR;
  }
  return GARITA_OK;
}

/* Events at a moment when they are not legal; 0: this row has none at this step. */
static int give_out_of_order(garita_event* event) {
  if (IS(event_kind_flood)) return event->kind = 4711, event->body = &health, step < 5000;
  if (step == 1 && IS(event_kind_unknown)) return event->kind = 0x80000001u, event->body = &health, 1;
  if (step == 1 && IS(event_untouched)) return 1;
  if (step == 1 && IS(scan_end_without_begin)) return give_end(event), 1;
  if (step == 1 && IS(strip_without_scan)) return give_strip(event, 0, 0, strip_rows), 1;
  if (step == 1 && IS(detection_without_scan)) return give_detection(event), 1;
  if (step == 1 && IS(attachment_without_scan)) return give_attachment(event, 0), 1;
  return 0;
}

static garita_status give_script(garita_event* event, int line) {
  switch (line) {
    case 0: return give_health(event);
    case 1: return give_calibration(event, IS(calibration_missing) ? GARITA_CALIBRATION_AIR : GARITA_CALIBRATION_DARK);
    case 2: return give_calibration(event, GARITA_CALIBRATION_AIR);
    case 3: return give_begin(event, "scan-1");
    case 4: return IS(scan_begin_twice) ? give_begin(event, "scan-2") : give_strip(event, 0, 0, strip_rows);
    case 5: return give_strip(event, 1, 0, strip_rows);
    case 6: return give_strip(event, 0, IS(strip_gap) ? strip_rows + 1 : IS(strip_repeat) ? 0 : strip_rows, strip_rows);
    case 7:
      if (IS(scan_torn) || IS(frame_torn)) return give_health(event);
      return give_strip(event, 1, strip_rows, strip_rows);
    case 8: return give_detection(event);
    case 9: return give_reading(event);
    case 10: return give_attachment(event, 0);
    case 11: return give_attachment(event, 1);
    case 12: return give_end(event);
    default: return GARITA_END;
  }
}

static garita_status GARITA_CALL mutant_next(uint64_t device, uint64_t deadline_ns, garita_event* event,
                                             garita_error* error) {
  garita_status status;
  int line;
  (void)device;
  (void)deadline_ns;
  THROW_IF(next_throws);
  ++step;
  status = broken_status(error);
  if (status != GARITA_OK) return status;
  if (give_out_of_order(event)) return GARITA_OK;
  line = step - 1;
  if (IS(event_kind_flood)) line = step - 5000;
  if (IS(scan_end_twice) && line == 13) return give_end(event);
  if (IS(scan_key_doubled) && line > 12 && line < 23) line -= 10;
  if ((IS(strip_skew) || IS(strip_beyond_manifest)) && line == 4)
    return give_strip(event, 0, 0, IS(strip_skew) ? 1025 : 1024);
  if (IS(strip_beyond_manifest) && line > 4)
    return give_strip(event, (uint32_t)(line - 4) % 2, (uint64_t)((line - 4) / 2) * 1024, 1024);
  return give_script(event, line);
}

static garita_status GARITA_CALL mutant_cancel(uint64_t device) {
  (void)device;
  return GARITA_OK;
}

static garita_status GARITA_CALL mutant_close(uint64_t device, uint64_t deadline_ns, garita_error* error) {
  (void)device;
  (void)deadline_ns;
  THROW_IF(close_throws);
  if (IS(close_fails)) return fail(error, GARITA_DEVICE_FAULT, "The portal does not answer.");
  return GARITA_OK;
}

static garita_status GARITA_CALL mutant_extension(uint64_t device, garita_text id, const void** table,
                                                  garita_error* error) {
  (void)device;
  (void)id;
  *table = NULL;
  return fail(error, GARITA_NOT_SUPPORTED, "no such extension");
}

/* ---- opening ---- */

static garita_device_api device_api = {sizeof(garita_device_api), 0, mutant_next, mutant_cancel, mutant_close,
                                       mutant_extension};

static void break_device_table(void) {
  if (IS(device_table_size_zero)) device_api.struct_size = 0;
  if (IS(device_table_size_small)) device_api.struct_size = 24;
  if (IS(device_table_size_huge)) device_api.struct_size = UINT32_MAX;
  if (IS(device_table_short)) device_api.struct_size = 32;
  if (IS(slot_extension_null)) device_api.extension = NULL;
  if (IS(slot_next_null)) device_api.next = NULL;
  if (IS(slot_cancel_null)) device_api.cancel = NULL;
  if (IS(slot_close_null)) device_api.close = NULL;
}

static garita_status GARITA_CALL mutant_open(const garita_open* given, garita_device* device, garita_error* error) {
  THROW_IF(open_throws);
  if (IS(open_lost)) return fail(error, GARITA_DEVICE_LOST, "The portal does not answer.");
  if (IS(open_silent)) return GARITA_UNKNOWN_MODEL;
  if (IS(open_without_nul)) {
    memset(error->message, 'x', sizeof error->message);
    return GARITA_PROTOCOL_ERROR;
  }
  if (IS(open_message_not_utf8)) return fail(error, GARITA_PROTOCOL_ERROR, "caf\xE9");
  if (IS(device_untouched)) return GARITA_OK;
  break_device_table();
  host = given->host;
  host_handle = given->host_handle;
  step = 0;
  device->handle = 1;
  device->api = &device_api;
  return GARITA_OK;
}

/* ---- the driver ---- */

static garita_text models[1];
static garita_text words[2];

static garita_status GARITA_CALL mutant_describe(garita_description* description, garita_error* error) {
  if (IS(describe_fails)) return fail(error, GARITA_OUT_OF_MEMORY, "No memory.");
  if (IS(describe_untouched)) return GARITA_OK;
  models[0] = text(IS(describe_models) ? "M2" : "M1");
  words[0] = text("shape.scan");
  words[1] = text("fidelity.raw");
  description->id = text(IS(describe_id) ? "org.garita.other" : "org.garita.mutant");
  description->version = text(IS(describe_version) ? "1.0.1" : "1.0.0");
  description->models = array(models, 1, sizeof models[0]);
  description->capabilities = array(words, IS(describe_capability_more) ? 2 : 1, sizeof words[0]);
  if (IS(describe_extension_more)) description->extensions = array(words, 1, sizeof words[0]);
  if (IS(describe_text_null)) description->id = sized_text(NULL, 5);
  if (IS(describe_text_huge)) description->id.size_bytes = UINT32_MAX;
  if (IS(describe_list_huge)) description->models.count = 1000000000;
  return GARITA_OK;
}

static garita_driver_api driver_api = {sizeof(garita_driver_api), 0, mutant_describe, mutant_open};

static garita_status answer_entry(const garita_negotiation* negotiation, garita_answer* answer, garita_error* error) {
  const uint32_t newest = IS(range_wider) ? GARITA_ABI_VERSION(1, 1) : GARITA_ABI_1_0;
  THROW_IF(entry_throws);
  if (IS(entry_refuses)) return fail(error, GARITA_OUT_OF_MEMORY, "No memory.");
  if (IS(entry_status_unknown)) return 7777;
  if (IS(answer_untouched)) return GARITA_OK;
  if (IS(entry_older) || negotiation->abi_min > newest || negotiation->abi_max < GARITA_ABI_1_0)
    return fail(error, GARITA_VERSION_MISMATCH, "This driver speaks another ABI.");
  if (IS(table_size_zero)) driver_api.struct_size = 0;
  if (IS(table_size_small)) driver_api.struct_size = 16;
  if (IS(table_size_huge)) driver_api.struct_size = UINT32_MAX;
  if (IS(slot_describe_null)) driver_api.describe = NULL;
  if (IS(slot_open_null)) driver_api.open = NULL;
  answer->abi = negotiation->abi_max < newest ? negotiation->abi_max : newest;
  if (IS(answer_older)) answer->abi = GARITA_ABI_VERSION(0, 9);
  if (IS(answer_newer)) answer->abi = GARITA_ABI_VERSION(2, 0);
  if (IS(answer_size_zero)) answer->struct_size = 0;
  if (IS(answer_size_huge)) answer->struct_size = UINT32_MAX;
  answer->api = IS(table_null) ? NULL : &driver_api;
  return GARITA_OK;
}

#ifdef MUTANT_WITHOUT_ENTRY
/* Something must use the functions above. */
extern garita_status (*mutant_unused)(const garita_negotiation*, garita_answer*, garita_error*);
garita_status (*mutant_unused)(const garita_negotiation*, garita_answer*, garita_error*) = answer_entry;
#else
garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation, garita_answer* answer,
                                              garita_error* error) {
  return answer_entry(negotiation, answer, error);
}
#endif

/* ---- at load, before anybody asked for anything ---- */

__attribute__((constructor)) static void at_load(void) {
  if (IS(constructor_aborts)) abort();
  if (IS(constructor_exits)) _Exit(0);
  THROW_IF(constructor_throws);
}
