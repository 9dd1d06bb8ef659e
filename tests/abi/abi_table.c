/* Prints every struct of the ABI with its size, every field with its offset and size, and every number and text that
 * crosses: what abi-1.0.txt froze. A new minor version adds lines and a frozen file of its own; it changes none. */
#include <stdio.h>

#include "garita/garita.h"

#define NUMBER(name) printf("%s %lld\n", #name, (long long)(name))
#define TEXT(name) printf("%s %s\n", #name, name)
#define STRUCT(type) printf("%s %u\n", #type, (unsigned)sizeof(type))
#define FIELD(type, field) \
  printf("  %3u %3u %s\n", (unsigned)offsetof(type, field), (unsigned)sizeof(((type*)0)->field), #field)

static void garita_text_table(void) {
  STRUCT(garita_text);
  FIELD(garita_text, data);
  FIELD(garita_text, size_bytes);
  FIELD(garita_text, reserved);
}

static void garita_array_table(void) {
  STRUCT(garita_array);
  FIELD(garita_array, data);
  FIELD(garita_array, count);
  FIELD(garita_array, element_size_bytes);
}

static void garita_time_table(void) {
  STRUCT(garita_time);
  FIELD(garita_time, utc_ns);
  FIELD(garita_time, uncertainty_ns);
  FIELD(garita_time, received_ns);
  FIELD(garita_time, offset_s);
  FIELD(garita_time, source);
}

static void garita_value_table(void) {
  STRUCT(garita_value);
  FIELD(garita_value, type);
  FIELD(garita_value, reserved);
  FIELD(garita_value, integer);
  FIELD(garita_value, real);
  FIELD(garita_value, text);
}

static void garita_attribute_table(void) {
  STRUCT(garita_attribute);
  FIELD(garita_attribute, key);
  FIELD(garita_attribute, value);
}

static void garita_channel_table(void) {
  STRUCT(garita_channel);
  FIELD(garita_channel, kind);
  FIELD(garita_channel, nominal_energy_kev);
  FIELD(garita_channel, calibration_id);
  FIELD(garita_channel, row_offset_um);
}

static void garita_view_table(void) {
  STRUCT(garita_view);
  FIELD(garita_view, name);
  FIELD(garita_view, shape);
  FIELD(garita_view, sample_type);
  FIELD(garita_view, bits_used);
  FIELD(garita_view, quantity);
  FIELD(garita_view, fidelity);
  FIELD(garita_view, columns);
  FIELD(garita_view, rows);
  FIELD(garita_view, slices);
  FIELD(garita_view, column_zero);
  FIELD(garita_view, row_zero);
  FIELD(garita_view, source_side);
  FIELD(garita_view, source_angle_mdeg);
  FIELD(garita_view, polarity);
  FIELD(garita_view, pitch_across_um);
  FIELD(garita_view, pitch_along_um);
  FIELD(garita_view, pitch_slice_um);
  FIELD(garita_view, unit);
  FIELD(garita_view, slope);
  FIELD(garita_view, intercept);
  FIELD(garita_view, channels);
}

static void garita_scan_begin_table(void) {
  STRUCT(garita_scan_begin);
  FIELD(garita_scan_begin, struct_size);
  FIELD(garita_scan_begin, relation);
  FIELD(garita_scan_begin, key);
  FIELD(garita_scan_begin, related_key);
  FIELD(garita_scan_begin, passage_key);
  FIELD(garita_scan_begin, time);
  FIELD(garita_scan_begin, attributes);
  FIELD(garita_scan_begin, views);
  FIELD(garita_scan_begin, objects);
}

static void garita_strip_table(void) {
  STRUCT(garita_strip);
  FIELD(garita_strip, struct_size);
  FIELD(garita_strip, view);
  FIELD(garita_strip, channel);
  FIELD(garita_strip, slice);
  FIELD(garita_strip, first_row);
  FIELD(garita_strip, rows);
  FIELD(garita_strip, reserved);
  FIELD(garita_strip, row_stride_bytes);
  FIELD(garita_strip, strip);
  FIELD(garita_strip, time);
  FIELD(garita_strip, line_index);
  FIELD(garita_strip, time_utc_ns);
  FIELD(garita_strip, position_um);
  FIELD(garita_strip, dose_q16);
}

static void garita_total_table(void) {
  STRUCT(garita_total);
  FIELD(garita_total, view);
  FIELD(garita_total, channel);
  FIELD(garita_total, rows);
}

static void garita_scan_end_table(void) {
  STRUCT(garita_scan_end);
  FIELD(garita_scan_end, struct_size);
  FIELD(garita_scan_end, outcome);
  FIELD(garita_scan_end, reason);
  FIELD(garita_scan_end, time);
  FIELD(garita_scan_end, totals);
  FIELD(garita_scan_end, code);
  FIELD(garita_scan_end, reserved);
}

static void garita_calibration_table(void) {
  STRUCT(garita_calibration);
  FIELD(garita_calibration, struct_size);
  FIELD(garita_calibration, role);
  FIELD(garita_calibration, id);
  FIELD(garita_calibration, view);
  FIELD(garita_calibration, channel);
  FIELD(garita_calibration, columns);
  FIELD(garita_calibration, sample_type);
  FIELD(garita_calibration, first_row);
  FIELD(garita_calibration, rows);
  FIELD(garita_calibration, total_rows);
  FIELD(garita_calibration, averaged);
  FIELD(garita_calibration, row_stride_bytes);
  FIELD(garita_calibration, strip);
  FIELD(garita_calibration, time);
}

static void garita_reading_table(void) {
  STRUCT(garita_reading);
  FIELD(garita_reading, struct_size);
  FIELD(garita_reading, kind);
  FIELD(garita_reading, panel);
  FIELD(garita_reading, time);
  FIELD(garita_reading, interval_ns);
  FIELD(garita_reading, live_ns);
  FIELD(garita_reading, unit);
  FIELD(garita_reading, flags);
  FIELD(garita_reading, values);
  FIELD(garita_reading, energy_kev);
}

static void garita_detection_table(void) {
  STRUCT(garita_detection);
  FIELD(garita_detection, struct_size);
  FIELD(garita_detection, view);
  FIELD(garita_detection, first_row);
  FIELD(garita_detection, rows);
  FIELD(garita_detection, first_column);
  FIELD(garita_detection, columns);
  FIELD(garita_detection, first_slice);
  FIELD(garita_detection, slices);
  FIELD(garita_detection, category);
  FIELD(garita_detection, vendor_code);
  FIELD(garita_detection, label);
  FIELD(garita_detection, confidence);
  FIELD(garita_detection, source);
  FIELD(garita_detection, reserved);
  FIELD(garita_detection, polygon);
}

static void garita_attachment_table(void) {
  STRUCT(garita_attachment);
  FIELD(garita_attachment, struct_size);
  FIELD(garita_attachment, role);
  FIELD(garita_attachment, index);
  FIELD(garita_attachment, reserved);
  FIELD(garita_attachment, media_type);
  FIELD(garita_attachment, name);
  FIELD(garita_attachment, offset);
  FIELD(garita_attachment, size_bytes);
  FIELD(garita_attachment, total_bytes);
  FIELD(garita_attachment, strip);
  FIELD(garita_attachment, object);
}

static void garita_event_table(void) {
  STRUCT(garita_event);
  FIELD(garita_event, struct_size);
  FIELD(garita_event, kind);
  FIELD(garita_event, body);
}

static void garita_attributes_table(void) {
  STRUCT(garita_attributes);
  FIELD(garita_attributes, struct_size);
  FIELD(garita_attributes, reserved);
  FIELD(garita_attributes, attributes);
}

static void garita_health_table(void) {
  STRUCT(garita_health);
  FIELD(garita_health, struct_size);
  FIELD(garita_health, state);
  FIELD(garita_health, message);
  FIELD(garita_health, device_time);
  FIELD(garita_health, vendor_code);
  FIELD(garita_health, reserved);
}

static void garita_error_table(void) {
  STRUCT(garita_error);
  FIELD(garita_error, struct_size);
  FIELD(garita_error, code);
  FIELD(garita_error, vendor_code);
  FIELD(garita_error, retryable);
  FIELD(garita_error, message);
}

static void garita_limits_table(void) {
  STRUCT(garita_limits);
  FIELD(garita_limits, struct_size);
  FIELD(garita_limits, max_event_bytes);
  FIELD(garita_limits, max_strip_bytes);
  FIELD(garita_limits, max_attachment_bytes);
  FIELD(garita_limits, max_held_strips);
  FIELD(garita_limits, max_held_objects);
  FIELD(garita_limits, max_streams);
  FIELD(garita_limits, max_message_bytes);
}

static void garita_stream_info_table(void) {
  STRUCT(garita_stream_info);
  FIELD(garita_stream_info, struct_size);
  FIELD(garita_stream_info, kind);
  FIELD(garita_stream_info, max_datagram_bytes);
  FIELD(garita_stream_info, reserved);
}

static void garita_read_info_table(void) {
  STRUCT(garita_read_info);
  FIELD(garita_read_info, struct_size);
  FIELD(garita_read_info, size_bytes);
  FIELD(garita_read_info, received_ns);
  FIELD(garita_read_info, received_utc_ns);
  FIELD(garita_read_info, dropped);
}

static void garita_object_info_table(void) {
  STRUCT(garita_object_info);
  FIELD(garita_object_info, struct_size);
  FIELD(garita_object_info, siblings);
  FIELD(garita_object_info, handle);
  FIELD(garita_object_info, size_bytes);
  FIELD(garita_object_info, modified);
  FIELD(garita_object_info, name);
  FIELD(garita_object_info, sha256);
}

static void garita_strip_memory_table(void) {
  STRUCT(garita_strip_memory);
  FIELD(garita_strip_memory, handle);
  FIELD(garita_strip_memory, data);
  FIELD(garita_strip_memory, capacity_bytes);
}

static void garita_host_api_table(void) {
  STRUCT(garita_host_api);
  FIELD(garita_host_api, struct_size);
  FIELD(garita_host_api, reserved);
  FIELD(garita_host_api, stream_open);
  FIELD(garita_host_api, stream_read);
  FIELD(garita_host_api, stream_write);
  FIELD(garita_host_api, stream_wait);
  FIELD(garita_host_api, stream_close);
  FIELD(garita_host_api, object_next);
  FIELD(garita_host_api, object_sibling);
  FIELD(garita_host_api, object_read_at);
  FIELD(garita_host_api, object_done);
  FIELD(garita_host_api, object_reject);
  FIELD(garita_host_api, strip_alloc);
  FIELD(garita_host_api, strip_discard);
  FIELD(garita_host_api, now_ns);
  FIELD(garita_host_api, log);
  FIELD(garita_host_api, config_get);
  FIELD(garita_host_api, text_to_utf8);
  FIELD(garita_host_api, extension);
}

static void garita_device_api_table(void) {
  STRUCT(garita_device_api);
  FIELD(garita_device_api, struct_size);
  FIELD(garita_device_api, reserved);
  FIELD(garita_device_api, next);
  FIELD(garita_device_api, cancel);
  FIELD(garita_device_api, close);
  FIELD(garita_device_api, extension);
}

static void garita_open_table(void) {
  STRUCT(garita_open);
  FIELD(garita_open, struct_size);
  FIELD(garita_open, reserved);
  FIELD(garita_open, host);
  FIELD(garita_open, host_handle);
  FIELD(garita_open, limits);
  FIELD(garita_open, model);
  FIELD(garita_open, instance);
  FIELD(garita_open, deadline_ns);
}

static void garita_device_table(void) {
  STRUCT(garita_device);
  FIELD(garita_device, struct_size);
  FIELD(garita_device, reserved);
  FIELD(garita_device, handle);
  FIELD(garita_device, api);
}

static void garita_description_table(void) {
  STRUCT(garita_description);
  FIELD(garita_description, struct_size);
  FIELD(garita_description, reserved);
  FIELD(garita_description, id);
  FIELD(garita_description, version);
  FIELD(garita_description, models);
  FIELD(garita_description, capabilities);
  FIELD(garita_description, extensions);
}

static void garita_driver_api_table(void) {
  STRUCT(garita_driver_api);
  FIELD(garita_driver_api, struct_size);
  FIELD(garita_driver_api, reserved);
  FIELD(garita_driver_api, describe);
  FIELD(garita_driver_api, open);
}

static void garita_negotiation_table(void) {
  STRUCT(garita_negotiation);
  FIELD(garita_negotiation, struct_size);
  FIELD(garita_negotiation, abi_min);
  FIELD(garita_negotiation, abi_max);
  FIELD(garita_negotiation, reserved);
  FIELD(garita_negotiation, host_version);
}

static void garita_answer_table(void) {
  STRUCT(garita_answer);
  FIELD(garita_answer, struct_size);
  FIELD(garita_answer, abi);
  FIELD(garita_answer, api);
}

static void garita_message_1_table(void) {
  STRUCT(garita_message_1);
  FIELD(garita_message_1, struct_size);
  FIELD(garita_message_1, reserved);
  FIELD(garita_message_1, call);
}

static void garita_stored_1_table(void) {
  STRUCT(garita_stored_1);
  FIELD(garita_stored_1, struct_size);
  FIELD(garita_stored_1, reserved);
  FIELD(garita_stored_1, stored);
}

static void numbers(void) {
  NUMBER(GARITA_ABI_1_0);
  NUMBER(GARITA_UTC_UNKNOWN);
  NUMBER(GARITA_OFFSET_UNKNOWN);
  NUMBER(GARITA_TIME_UNKNOWN);
  NUMBER(GARITA_TIME_DEVICE);
  NUMBER(GARITA_TIME_HOST);
  NUMBER(GARITA_TIME_FILE);
  NUMBER(GARITA_VALUE_NONE);
  NUMBER(GARITA_VALUE_TEXT);
  NUMBER(GARITA_VALUE_I64);
  NUMBER(GARITA_VALUE_F64);
  NUMBER(GARITA_VALUE_BOOL);
  NUMBER(GARITA_VALUE_TIME);
  NUMBER(GARITA_VALUE_BYTES);
  NUMBER(GARITA_MAX_KEY_BYTES);
  NUMBER(GARITA_MAX_VALUE_BYTES);
  NUMBER(GARITA_MAX_ATTRIBUTES);
  NUMBER(GARITA_SHAPE_SCAN);
  NUMBER(GARITA_SHAPE_FRAME);
  NUMBER(GARITA_SHAPE_VOLUME);
  NUMBER(GARITA_SAMPLE_U8);
  NUMBER(GARITA_SAMPLE_U16);
  NUMBER(GARITA_SAMPLE_I16);
  NUMBER(GARITA_SAMPLE_U32);
  NUMBER(GARITA_SAMPLE_I32);
  NUMBER(GARITA_SAMPLE_U64);
  NUMBER(GARITA_SAMPLE_F32);
  NUMBER(GARITA_SAMPLE_F64);
  NUMBER(GARITA_QUANTITY_TRANSMISSION);
  NUMBER(GARITA_QUANTITY_BACKSCATTER);
  NUMBER(GARITA_QUANTITY_VISIBLE);
  NUMBER(GARITA_QUANTITY_OTHER);
  NUMBER(GARITA_FIDELITY_RAW_COUNTS);
  NUMBER(GARITA_FIDELITY_TRANSMISSION);
  NUMBER(GARITA_FIDELITY_ATTENUATION);
  NUMBER(GARITA_FIDELITY_RECONSTRUCTED);
  NUMBER(GARITA_FIDELITY_DISPLAY);
  NUMBER(GARITA_POLARITY_UNKNOWN);
  NUMBER(GARITA_POLARITY_BRIGHT_MORE);
  NUMBER(GARITA_POLARITY_BRIGHT_LESS);
  NUMBER(GARITA_UNIT_NONE);
  NUMBER(GARITA_UNIT_TRANSMISSION);
  NUMBER(GARITA_UNIT_ATTENUATION);
  NUMBER(GARITA_UNIT_HU);
  NUMBER(GARITA_UNIT_PER_METRE);
  NUMBER(GARITA_UNIT_GRAM_PER_CM3);
  NUMBER(GARITA_UNIT_Z);
  NUMBER(GARITA_UNIT_CPS);
  NUMBER(GARITA_UNIT_COUNTS);
  NUMBER(GARITA_UNIT_MICROSIEVERT_PER_H);
  NUMBER(GARITA_UNIT_VENDOR);
  NUMBER(GARITA_COLUMN_ZERO_UNKNOWN);
  NUMBER(GARITA_COLUMN_ZERO_TOP);
  NUMBER(GARITA_COLUMN_ZERO_BOTTOM);
  NUMBER(GARITA_COLUMN_ZERO_LEFT);
  NUMBER(GARITA_COLUMN_ZERO_RIGHT);
  NUMBER(GARITA_ROW_ZERO_UNKNOWN);
  NUMBER(GARITA_ROW_ZERO_FRONT);
  NUMBER(GARITA_ROW_ZERO_REAR);
  NUMBER(GARITA_SOURCE_UNKNOWN);
  NUMBER(GARITA_SOURCE_LEFT);
  NUMBER(GARITA_SOURCE_RIGHT);
  NUMBER(GARITA_SOURCE_TOP);
  NUMBER(GARITA_SOURCE_BOTTOM);
  NUMBER(GARITA_CHANNEL_SINGLE);
  NUMBER(GARITA_CHANNEL_HIGH);
  NUMBER(GARITA_CHANNEL_LOW);
  NUMBER(GARITA_CHANNEL_RED);
  NUMBER(GARITA_CHANNEL_GREEN);
  NUMBER(GARITA_CHANNEL_BLUE);
  NUMBER(GARITA_CHANNEL_VENDOR);
  NUMBER(GARITA_MAX_VIEWS);
  NUMBER(GARITA_MAX_CHANNELS);
  NUMBER(GARITA_MAX_COLUMNS);
  NUMBER(GARITA_MAX_NAME_BYTES);
  NUMBER(GARITA_MAX_SCAN_KEY_BYTES);
  NUMBER(GARITA_RELATION_NEW);
  NUMBER(GARITA_RELATION_SUPPLEMENT);
  NUMBER(GARITA_MAX_STRIP_BYTES);
  NUMBER(GARITA_MAX_STRIP_ROWS);
  NUMBER(GARITA_DOSE_ONE);
  NUMBER(GARITA_MAX_CHANNEL_SKEW);
  NUMBER(GARITA_SCAN_COMPLETE);
  NUMBER(GARITA_SCAN_ABORTED);
  NUMBER(GARITA_SCAN_FAULT);
  NUMBER(GARITA_CALIBRATION_DARK);
  NUMBER(GARITA_CALIBRATION_AIR);
  NUMBER(GARITA_MAX_CALIBRATIONS);
  NUMBER(GARITA_READING_GAMMA);
  NUMBER(GARITA_READING_NEUTRON);
  NUMBER(GARITA_READING_SPECTRUM);
  NUMBER(GARITA_READING_DOSE_RATE);
  NUMBER(GARITA_READING_BACKGROUND);
  NUMBER(GARITA_READING_OCCUPIED);
  NUMBER(GARITA_READING_ALARM);
  NUMBER(GARITA_READING_FAULT);
  NUMBER(GARITA_MAX_READING_VALUES);
  NUMBER(GARITA_NO_VIEW);
  NUMBER(GARITA_FOUND_BY_MACHINE);
  NUMBER(GARITA_FOUND_BY_OPERATOR);
  NUMBER(GARITA_ATTACHMENT_SCENE);
  NUMBER(GARITA_ATTACHMENT_PLATE);
  NUMBER(GARITA_ATTACHMENT_ORIGINAL);
  NUMBER(GARITA_ATTACHMENT_REPORT);
  NUMBER(GARITA_MAX_ATTACHMENT_BYTES);
  NUMBER(GARITA_MAX_ATTACHMENTS);
  NUMBER(GARITA_EVENT_SCAN_BEGIN);
  NUMBER(GARITA_EVENT_CALIBRATION);
  NUMBER(GARITA_EVENT_STRIP);
  NUMBER(GARITA_EVENT_READING);
  NUMBER(GARITA_EVENT_DETECTION);
  NUMBER(GARITA_EVENT_ATTRIBUTES);
  NUMBER(GARITA_EVENT_ATTACHMENT);
  NUMBER(GARITA_EVENT_SCAN_END);
  NUMBER(GARITA_EVENT_HEALTH);
  NUMBER(GARITA_MAX_EVENT_BYTES);
  NUMBER(GARITA_HEALTH_WARMING_UP);
  NUMBER(GARITA_HEALTH_READY);
  NUMBER(GARITA_HEALTH_SCANNING);
  NUMBER(GARITA_HEALTH_INTERLOCK_OPEN);
  NUMBER(GARITA_HEALTH_FAULT);
  NUMBER(GARITA_OK);
  NUMBER(GARITA_TIMEOUT);
  NUMBER(GARITA_CANCELLED);
  NUMBER(GARITA_END);
  NUMBER(GARITA_WORKING);
  NUMBER(GARITA_NOT_SUPPORTED);
  NUMBER(GARITA_NOT_CONFIGURED);
  NUMBER(GARITA_HOST_LIMIT);
  NUMBER(GARITA_HOST_FAILURE);
  NUMBER(GARITA_BUFFER_TOO_SMALL);
  NUMBER(GARITA_INVALID_ARGUMENT);
  NUMBER(GARITA_WRONG_STATE);
  NUMBER(GARITA_STALE_HANDLE);
  NUMBER(GARITA_DRIVER_FAULT);
  NUMBER(GARITA_OUT_OF_MEMORY);
  NUMBER(GARITA_VERSION_MISMATCH);
  NUMBER(GARITA_UNKNOWN_MODEL);
  NUMBER(GARITA_NOT_READY);
  NUMBER(GARITA_WARMING_UP);
  NUMBER(GARITA_DEVICE_LOST);
  NUMBER(GARITA_DEVICE_FAULT);
  NUMBER(GARITA_PROTOCOL_ERROR);
  NUMBER(GARITA_DATA_CORRUPT);
  NUMBER(GARITA_DATA_TRUNCATED);
  NUMBER(GARITA_DATA_UNSUPPORTED);
  NUMBER(GARITA_VENDOR_STATUS);
  NUMBER(GARITA_ERROR_MESSAGE_BYTES);
  NUMBER(GARITA_STREAM_BYTES);
  NUMBER(GARITA_STREAM_DATAGRAMS);
  NUMBER(GARITA_STREAM_OBJECTS);
  NUMBER(GARITA_MAX_WAIT_STREAMS);
  NUMBER(GARITA_LOG_DEBUG);
  NUMBER(GARITA_LOG_INFO);
  NUMBER(GARITA_LOG_WARNING);
  NUMBER(GARITA_LOG_ERROR);
  NUMBER(GARITA_MAX_MESSAGE_BYTES);
  NUMBER(GARITA_STORED_DURABLE);
  NUMBER(GARITA_STORED_DUPLICATE);
  NUMBER(GARITA_STORED_DROPPED);
  NUMBER(GARITA_STORED_NOT);
  TEXT(GARITA_DRIVER_ENTRY_NAME);
  TEXT(GARITA_MESSAGE_1);
  TEXT(GARITA_STORED_1);
}

int main(void) {
  garita_text_table();
  garita_array_table();
  garita_time_table();
  garita_value_table();
  garita_attribute_table();
  garita_channel_table();
  garita_view_table();
  garita_scan_begin_table();
  garita_strip_table();
  garita_total_table();
  garita_scan_end_table();
  garita_calibration_table();
  garita_reading_table();
  garita_detection_table();
  garita_attachment_table();
  garita_event_table();
  garita_attributes_table();
  garita_health_table();
  garita_error_table();
  garita_limits_table();
  garita_stream_info_table();
  garita_read_info_table();
  garita_object_info_table();
  garita_strip_memory_table();
  garita_host_api_table();
  garita_device_api_table();
  garita_open_table();
  garita_device_table();
  garita_description_table();
  garita_driver_api_table();
  garita_negotiation_table();
  garita_answer_table();
  garita_message_1_table();
  garita_stored_1_table();
  numbers();
  return 0;
}
