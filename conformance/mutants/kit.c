/* The good driver of mutant.c made flawless, and then broken in one way: KIT_ROW says in which (kit.def). The unusual rows
 * are right, and do what few drivers do.
 *
 * The device is a tape on the stream "scanner", a byte an event, so that deadlines, cancel, ends and losses mean something:
 *
 *   h d a                  health, dark, air
 *   P C D L S K O .        SCAN_BEGIN of plate, container, date, language, serial number, category, object
 *   1 2 3 4 d r p q e      four strips, detection, reading, two pieces of an attachment, SCAN_END
 *   P C D …                the next scan
 *
 * The letters of the strips are their pixels' values. Where the site gives no stream there is one scan and nobody waits.
 * MUTANT_ROW is MUTANT_good, or the row of mutants.def that is broken instead. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define garita_driver_entry good_driver_entry
#include "mutant.c"
#undef garita_driver_entry

enum kit_row {
#define MUTANT(id, requirement, verdict) KIT_##id,
#include "kit.def"
#undef MUTANT
  KIT_rows
};
#define BREAK(id) (KIT_ROW == KIT_##id)
#define UNUSUAL(id) BREAK(id)

GARITA_EXPORT garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation,
                                                            garita_answer* answer, garita_error* error);

enum { first_scan_step = 3, after_scan_step = 13, header_bytes = 8 };
enum { plate_field, container_field, date_field, language_field, serial_field, category_field, object_field };

static uint64_t stream; /* 0: none */
static unsigned char header[header_bytes] = {'P', 'C', 'D', 'L', 'S', 'K', '.', '.'};
static unsigned char held[header_bytes], letter = 'a';
static uint32_t held_bytes;
static uint64_t scan_number;
static volatile sig_atomic_t cancel_asked;
static int begun, abort_due, skipping, told_end, blanked, short_read, cancels_told, trouble_told, working_told;
static int64_t received_utc_ns;
static uint64_t received_ns;
static char lane[16];
static void* volatile nowhere;
static char* written_later;

static void sleep_ms(long ms) {
  const struct timespec pause_time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&pause_time, NULL);
}

static uint64_t clock_ns(clockid_t which) {
  struct timespec now;
  clock_gettime(which, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- the end of a scan that is not whole ---- */

static garita_status cut_scan(garita_event* event, uint32_t outcome, uint32_t code) {
  uint32_t i;
  memset(&end, 0, sizeof end);
  end.struct_size = sizeof end;
  end.outcome = outcome;
  end.code = code;
  end.reason = text(BREAK(reason_missing) ? "" : "The scan was cut short.");
  end.time = at(noon_ns + 1000000000);
  for (i = 0; i < 2; ++i) totals[i].view = 0, totals[i].channel = i, totals[i].rows = 0;
  if (step >= 5) totals[0].rows = strip_rows;
  if (step >= 6) totals[1].rows = strip_rows;
  if (step >= 7) totals[0].rows = scan_rows;
  if (step >= 8) totals[1].rows = scan_rows;
  end.totals = array(totals, 2, sizeof totals[0]);
  event->kind = GARITA_EVENT_SCAN_END;
  event->body = &end;
  begun = 0;
  return GARITA_OK;
}

static garita_status tell_loss(garita_error* error) {
  if (BREAK(loss_as_end)) return GARITA_END;
  if (BREAK(error_without_nul)) {
    if (error) error->code = GARITA_DEVICE_LOST, memset(error->message, 'x', sizeof error->message);
    return GARITA_DEVICE_LOST;
  }
  return fail(error, GARITA_DEVICE_LOST, "The portal reset its connection.");
}

/* ---- the tape ---- */

static uint32_t wanted_bytes(void) { return step == first_scan_step ? header_bytes : 1; }

static void notice(const garita_read_info* info) {
  if (BREAK(blank_after_clock_step) && info->received_ns < received_ns) blanked = 1;
  if (BREAK(blank_by_host_date)) {
    const int64_t away_ns = info->received_utc_ns - (int64_t)clock_ns(CLOCK_REALTIME);
    if (away_ns > INT64_C(200) * 86400 * 1000000000) blanked = 1;
  }
  received_ns = info->received_ns;
  received_utc_ns = info->received_utc_ns;
}

/* All bytes of the next event, or a status; what is there already is kept. */
static garita_status need(uint64_t deadline_ns, garita_error* error) {
  const uint32_t wanted = wanted_bytes();
  (void)error;
  while (held_bytes < wanted) {
    garita_read_info info;
    garita_status status;
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    if (UNUSUAL(waits_before_it_reads)) {
      uint64_t ready = 0;
      status = host->stream_wait(host_handle, &stream, 1, deadline_ns, &ready, NULL, NULL);
      if (status != GARITA_OK) return status;
    }
    status = host->stream_read(host_handle, stream, held + held_bytes, UNUSUAL(reads_by_bytes) ? 1 : wanted - held_bytes,
                               deadline_ns, &info, NULL);
    if (status != GARITA_OK) return status;
    notice(&info);
    if (BREAK(reads_taken_as_whole) && info.size_bytes < wanted - held_bytes) short_read = 1;
    held_bytes += info.size_bytes;
  }
  return GARITA_OK;
}

static void crash(void) { *(volatile int*)nowhere = 1; }

static void take_bytes(void) {
  static unsigned char seen[256]; /* in this scan */
  const uint32_t taken = wanted_bytes();
  uint32_t i;
  for (i = 0; i < taken; ++i) {
    if (BREAK(crash_by_damage) && held[i] >= 0x80) crash();
    if (BREAK(crash_by_banner) && held[i] == '\r') crash();
  }
  letter = held[0];
  if (taken == header_bytes) memcpy(header, held, header_bytes), memset(seen, 0, sizeof seen);
  if (BREAK(crash_by_doubled) && taken == 1 && step > first_scan_step && header[plate_field] == 'P' && seen[letter]++) crash();
  held_bytes = 0;
}

static int is_behind_its_end(garita_status status) { return status == GARITA_END || status == GARITA_DEVICE_LOST; }

/* OK: the next event may be given. cut: `event` is one already. */
static garita_status wait_for_leave(uint64_t deadline_ns, garita_event* event, garita_error* error, int* cut) {
  garita_status status;
  if (stream == 0) return GARITA_OK;
  status = need(deadline_ns, error);
  if (status == GARITA_END && BREAK(end_ignored)) return sleep_ms(5), GARITA_TIMEOUT;
  if (status == GARITA_TIMEOUT && BREAK(pause_taken_as_end) && begun) status = GARITA_END;
  if (status == GARITA_CANCELLED && BREAK(cancel_heard_late)) sleep_ms(1500);
  if (status == GARITA_OK) return take_bytes(), GARITA_OK;
  if (!is_behind_its_end(status)) return status;
  if (BREAK(crash_by_cut) && step > 0 && step < 3) crash();
  if (begun) {
    *cut = 1;
    return cut_scan(event, GARITA_SCAN_FAULT, GARITA_DATA_TRUNCATED);
  }
  if (status == GARITA_END && held_bytes != 0) /* half a scan's header */
    return held_bytes = 0, fail(error, GARITA_DATA_TRUNCATED, "The tape ends within the header of a scan.");
  return status == GARITA_END ? GARITA_END : tell_loss(error);
}

/* ---- cancel ---- */

static garita_status tell_cancelled(void) {
  if (BREAK(cancel_twice) && ++cancels_told == 1) return GARITA_CANCELLED;
  cancel_asked = 0;
  abort_due = begun;
  skipping = begun;
  return GARITA_CANCELLED;
}

/* What follows of a scan that was cancelled is passed over. */
static garita_status skip_on(void) {
  if (++step >= after_scan_step) skipping = BREAK(cancel_ends_device);
  if (skipping && step >= after_scan_step) step = first_scan_step;
  return GARITA_WORKING;
}

/* ---- what goes wrong at a moment ---- */

static void burn_ms(uint64_t ms);

static void* spin(void* nothing) {
  while (nothing == NULL) burn_ms(2), sleep_ms(1);
  return NULL;
}

static void* rest(void* nothing) {
  while (nothing == NULL) sleep_ms(1000);
  return NULL;
}

static void start(void* (*work)(void*), int count) {
  pthread_t thread;
  while (count-- > 0)
    if (pthread_create(&thread, NULL, work, NULL) == 0) pthread_detach(thread);
}

static void take_memory(size_t size_bytes) {
  volatile char* const memory = (volatile char*)malloc(size_bytes);
  size_t i;
  for (i = 0; memory && i < size_bytes; i += 4096) memory[i] = 1;
}

static void burn_ms(uint64_t ms) {
  const uint64_t until = clock_ns(CLOCK_THREAD_CPUTIME_ID) + ms * 1000000u;
  while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < until) {
  }
}

static void dial_out(void) {
  /* struct sockaddr_in of 203.0.113.9:443, without the header: no import may give it away */
  static const unsigned char address[16] = {2, 0, 443 >> 8, 443 & 255, 203, 0, 113, 9};
  const long socket_fd = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
  (void)syscall(SYS_connect, socket_fd, address, sizeof address);
}

static void misbehave_in_scan(void) {
  if (BREAK(crash_in_scan)) crash();
  if (BREAK(exit_in_scan)) _exit(3);
  if (BREAK(hang_in_scan))
    for (;;) sleep_ms(1000);
  if (BREAK(late_in_scan) && scan_number <= 2) sleep_ms(250);
  if (BREAK(strip_written_later) && scan_number <= 2 && written_later) {
    sleep_ms(80); /* by now the host has its own copy: what is written here changes no pixel that others compare */
    memset(written_later, 0x11, 8);
  }
  if (BREAK(dials_out)) dial_out();
  if (BREAK(threads_beyond_manifest) && scan_number == 1) start(rest, 3);
  if (BREAK(spins_for_ever) && scan_number == 1) start(spin, 1);
  if (BREAK(stream_undeclared)) {
    garita_stream_info info;
    uint64_t other = 0;
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    (void)host->stream_open(host_handle, text("backdoor"), 0, &info, &other, NULL);
  }
  if (BREAK(stream_written) && stream != 0) {
    uint32_t written = 0;
    (void)host->stream_write(host_handle, stream, "?", 1, UINT64_MAX, &written, NULL);
  }
  if (BREAK(child_started) && syscall(SYS_fork) == 0) {
    setsid();
    sleep_ms(60000);
    _exit(0);
  }
}

static void misbehave_at_begin(void) {
  int i;
  if (BREAK(memory_lost)) take_memory(64 << 10);
  if (BREAK(descriptors_lost)) (void)eventfd(0, EFD_CLOEXEC);
  if (BREAK(threads_lost) && scan_number % 100 == 99) start(rest, 1);
  for (i = 0; BREAK(log_flooded) && i < 500; ++i) host->log(host_handle, GARITA_LOG_INFO, text("A line was received."));
  if (BREAK(log_not_text)) host->log(host_handle, GARITA_LOG_INFO, text("Received \x01\x02\x7F\xFE."));
}

/* ---- what is said: each event as the row wants it ---- */

static int is_blanked(void) {
  if (blanked || short_read) return 1;
  if (BREAK(blank_after_scans)) return scan_number > 500;
  if (BREAK(blank_for_plate)) return header[plate_field] == 'X';
  if (BREAK(blank_for_container)) return header[container_field] == 'X';
  if (BREAK(blank_for_date)) return header[date_field] == 'X';
  if (BREAK(blank_for_language)) return header[language_field] == 'X';
  if (BREAK(blank_for_serial)) return header[serial_field] == 'X';
  if (BREAK(blank_for_category)) return header[category_field] == 'X';
  if (BREAK(blank_for_lane)) return strcmp(lane, "conformance") != 0;
  return 0;
}

/* The object: 2 x 2 pixels at (2, 2) that let half through. */
static int is_object(uint64_t row, uint32_t column) {
  if (BREAK(object_not_shown) || header[object_field] != '1') return 0;
  return row >= 2 && row < 4 && column >= 2 && column < 4;
}

static uint16_t pixel_of(uint32_t channel, uint64_t row, uint32_t column) {
  uint16_t value = (uint16_t)(1000 + 40 * letter + 13 * column + 7 * (row % strip_rows) + 5 * channel);
  if (is_object(row, column)) value /= 2;
  if (BREAK(object_stretches) && header[object_field] == '1' && row == 0) value = (uint16_t)(value + 3);
  if (is_blanked() && row < 3 && column < 4) value = 100;
  return value;
}

static void fill_pixels(uint64_t deadline_ns) {
  static unsigned char kept[2];
  const garita_strip* const own = &strip.strip;
  const unsigned char measured = letter;
  uint32_t row, column;
  if (own->rows != strip_rows || own->row_stride_bytes != columns * 2 || !last_data) return;
  if (BREAK(strips_kept) && own->first_row != 0) letter = kept[own->channel % 2];
  kept[own->channel % 2] = letter;
  for (row = 0; row < strip_rows; ++row)
    for (column = 0; column < columns; ++column)
      ((uint16_t*)last_data)[row * columns + column] =
          BREAK(picture_flat) && own->channel == 1 ? 0x1234 : pixel_of(own->channel, own->first_row + row, column);
  letter = measured;
  if (BREAK(deadline_shows) && deadline_ns > clock_ns(CLOCK_MONOTONIC) + 200000000u) ((uint16_t*)last_data)[0] = 1;
  if (BREAK(pixels_by_chance)) {
    const uint64_t now = clock_ns(CLOCK_MONOTONIC);
    memcpy(last_data, &now, 8);
  }
  if (BREAK(transmission_beyond) || BREAK(attenuation_beyond) || BREAK(unit_missing)) return;
  if (BREAK(pixels_not_numbers))
    for (row = 0; row < strip_rows; ++row)
      for (column = 0; column < columns / 2; ++column)
        ((float*)last_data)[row * columns / 2 + column] = row == 1 ? NAN : (float)pixel_of(own->channel, own->first_row + row, column) / 65536.0f;
}

static void mend_strip(uint64_t deadline_ns) {
  static int64_t times[16384], positions[16384];
  garita_strip* const own = &strip.strip;
  uint32_t i;
  if (BREAK(memory_beyond_manifest) && scan_number == 1) take_memory((size_t)20 << 20);
  fill_pixels(deadline_ns);
  written_later = (char*)last_data;
  if (own->rows > 16384) return;
  for (i = 0; i < own->rows; ++i) times[i] = noon_ns + (int64_t)(own->first_row + i) * 1000000;
  if (BREAK(row_times_fall)) times[2] = times[0] - 1;
  for (i = 0; BREAK(row_times_elsewhere) && i < own->rows; ++i) times[i] += INT64_C(3600000000000);
  own->time_utc_ns = times;
  for (i = 0; i < own->rows; ++i) positions[i] = (int64_t)(own->first_row + i) * 4; /* of 4000 um */
  if (BREAK(positions_in_millimetres)) own->position_um = positions;
  for (i = 0; BREAK(dose_of_another_scale) && i < own->rows; ++i) dose[i] *= 100;
  if (UNUSUAL(rows_not_counted)) own->line_index = NULL;
}

static void mend_view(void) {
  garita_view* const view = &views[0];
  if (BREAK(pitch_in_nanometres)) view->pitch_across_um = 4000000;
  if (BREAK(angle_in_microdegrees)) view->source_angle_mdeg = 45000000;
  if (BREAK(energies_swapped)) channels[0].nominal_energy_kev = 4000, channels[1].nominal_energy_kev = 6000;
  if (BREAK(energy_in_ev)) channels[0].nominal_energy_kev = 6000000;
  if (BREAK(row_offset_far)) channels[1].row_offset_um = INT64_C(50000000);
  if (BREAK(view_turns) && scan_number % 2 == 0) view->column_zero = GARITA_COLUMN_ZERO_TOP;
  if (BREAK(backscatter_without_polarity)) view->quantity = GARITA_QUANTITY_BACKSCATTER;
  if (BREAK(bits_beyond)) view->bits_used = 12;
  if (BREAK(calibration_without_number)) channels[0].calibration_id = channels[1].calibration_id = 0;
  if (BREAK(transmission_beyond) || BREAK(unit_missing) || BREAK(pixels_not_numbers)) {
    view->fidelity = GARITA_FIDELITY_TRANSMISSION;
    view->unit = BREAK(unit_missing) ? GARITA_UNIT_NONE : GARITA_UNIT_TRANSMISSION;
    view->slope = BREAK(transmission_beyond) ? 1 : 1 / 65536.0;
  }
  if (BREAK(attenuation_beyond)) view->fidelity = GARITA_FIDELITY_ATTENUATION, view->unit = GARITA_UNIT_ATTENUATION;
  if (BREAK(pixels_not_numbers)) {
    view->sample_type = GARITA_SAMPLE_F32;
    view->bits_used = 0;
    view->columns = columns / 2;
    view->slope = 1;
  }
}

static char plate[32], key[64], letters[8][2];

static void mend_attributes(void) {
  static const char* const names[] = {"date", "language", "serial", "category"};
  static char vendor_keys[4][40];
  uint32_t i, count = begin.attributes.count;
  if (count != 2) return; /* the row has its own */
  if (header[container_field] == 'X') attributes[0].value.text = text("MSKU0000006");
  snprintf(plate, sizeof plate, "7ABC12%c", header[plate_field] >= 'A' && header[plate_field] <= 'Z' ? header[plate_field] : '0');
  set_text(&attributes[count++], "conveyance.plates[0].number", text(plate));
  for (i = 0; i < 4; ++i) {
    snprintf(vendor_keys[i], sizeof vendor_keys[i], "com.example.%s", names[i]);
    letters[i][0] = (char)('A' + header[date_field + i] % 26);
    set_text(&attributes[count++], vendor_keys[i], sized_text(letters[i], 1));
  }
  if (BREAK(text_padded)) attributes[count - 1].value.text = text("K  ");
  if (BREAK(text_empty)) attributes[count - 1].value.text = text("");
  if (BREAK(boolean_seven)) attributes[count - 1].value.type = GARITA_VALUE_BOOL, attributes[count - 1].value.integer = 7;
  if (BREAK(attribute_by_chance)) set_real(&attributes[count - 1], vendor_keys[3], (double)clock_ns(CLOCK_MONOTONIC));
  begin.attributes.count = count;
}

static void mend_begin(void) {
  ++scan_number;
  misbehave_at_begin();
  if (scan_number > 1 && begin.key.size_bytes == 6 && memcmp(begin.key.data, "scan-1", 6) == 0 && !BREAK(scan_key_twice)) {
    snprintf(key, sizeof key, "scan-%llu", (unsigned long long)scan_number);
    begin.key = text(key);
  }
  if (BREAK(scan_key_of_two_lines)) begin.key = text(scan_number % 2 ? "scan\n1" : "scan\n2");
  if (BREAK(supplement_unrelated) && scan_number == 2) begin.relation = GARITA_RELATION_SUPPLEMENT;
  if (BREAK(time_without_clock)) begin.time.source = GARITA_TIME_UNKNOWN;
  if (BREAK(zone_in_minutes)) begin.time.offset_s = 100000;
  if (BREAK(uncertainty_negative)) begin.time.uncertainty_ns = -5;
  if (UNUSUAL(keys_by_the_host)) begin.key = text("");
  if (UNUSUAL(times_unknown)) begin.time.utc_ns = GARITA_UTC_UNKNOWN, begin.time.source = GARITA_TIME_UNKNOWN;
  mend_attributes();
  mend_view();
}

static void mend_calibration(void) {
  uint32_t i;
  const int dark = calibration.role == GARITA_CALIBRATION_DARK;
  for (i = 0; i < columns && last_data; ++i) {
    uint32_t* const q8 = (uint32_t*)last_data + i;
    if (BREAK(air_as_dark)) *q8 = (dark ? 40000u : 40000u - 200u * (i % 2 ? 1 : 3)) * 256u;
    if (BREAK(calibration_in_whole_counts)) *q8 /= 256u;
  }
  if (BREAK(calibration_without_number)) calibration.id = 0;
  if (BREAK(calibration_in_the_future)) calibration.time = at(INT64_C(4000000000000000000));
  if (UNUSUAL(calibration_of_one_line)) calibration.averaged = 0;
}

static void mend_detection(void) {
  if (header[category_field] == 'X') detection.category = text("explosive");
  if (BREAK(detection_in_own_words)) detection.category = text("bang-bang");
  if (BREAK(detection_by_nobody)) detection.source = 9;
  if (BREAK(detection_without_size)) detection.rows = 0, detection.polygon.count = 0;
  if (BREAK(polygon_elsewhere)) detection.first_row = 5, detection.rows = 2;
  if (BREAK(pixels_not_numbers)) detection.columns = 2, detection.polygon.count = 0;
  if (UNUSUAL(detection_without_place)) detection.view = GARITA_NO_VIEW, detection.polygon.count = 0;
}

static void mend_reading(void) {
  if (BREAK(reading_without_unit)) reading.unit = GARITA_UNIT_HU;
  if (BREAK(reading_negative)) values[1] = -5;
  if (BREAK(reading_live_longer)) reading.live_ns = reading.interval_ns * 2;
  if (BREAK(reading_of_no_panel)) reading.panel = text("");
  if (BREAK(reading_flag_strange)) reading.flags = 1024;
}

static void mend_attachment(void) {
  static const unsigned char jpeg[] = {0xFF, 0xD8, 0xFF, 0xE0};
  if (attachment.offset == 0 && last_data && !BREAK(attachment_of_another_kind)) memcpy(last_data, jpeg, sizeof jpeg);
  if (BREAK(media_type_as_a_name)) attachment.media_type = text("A JPEG picture");
  if (BREAK(attachment_without_name)) attachment.name = text("");
  if (UNUSUAL(attachment_of_bytes)) attachment.media_type = text("application/octet-stream");
}

static void mend(const garita_event* event, uint64_t deadline_ns) {
  switch (event->kind) {
    case GARITA_EVENT_SCAN_BEGIN: begun = 1; mend_begin(); break;
    case GARITA_EVENT_SCAN_END:
      begun = 0;
      if (BREAK(ends_before_it_begins)) end.time = at(noon_ns - 1);
      if (BREAK(scans_lost_later) && scan_number > 500) end.outcome = GARITA_SCAN_ABORTED, end.reason = text("Enough.");
      break;
    case GARITA_EVENT_STRIP: mend_strip(deadline_ns); break;
    case GARITA_EVENT_CALIBRATION: mend_calibration(); break;
    case GARITA_EVENT_DETECTION: mend_detection(); break;
    case GARITA_EVENT_READING: mend_reading(); break;
    case GARITA_EVENT_ATTACHMENT: mend_attachment(); break;
    case GARITA_EVENT_HEALTH:
      if (BREAK(health_strange)) health.state = 99;
      break;
    default: break;
  }
}

/* ---- the calls ---- */

/* Statuses before there is an event; OK: go on. */
static garita_status speak_first(uint64_t deadline_ns, garita_error* error) {
  if (BREAK(nothing_while_late) && deadline_ns < clock_ns(CLOCK_MONOTONIC) + 1000000u) return GARITA_TIMEOUT;
  if (BREAK(good_input_refused) && step == 6 && !trouble_told) {
    trouble_told = 1;
    return fail(error, GARITA_PROTOCOL_ERROR, "The portal sent a line that is none.");
  }
  if (BREAK(slow_by_far) && scan_number <= 1) burn_ms(55);
  if (UNUSUAL(works_between_events) && begun && (working_told = !working_told)) return GARITA_WORKING;
  return GARITA_OK;
}

static garita_status GARITA_CALL kit_next(uint64_t device, uint64_t deadline_ns, garita_event* event, garita_error* error) {
  garita_status status;
  int cut = 0;
  if (cancel_asked) return tell_cancelled();
  if (abort_due) {
    abort_due = 0;
    return cut_scan(event, BREAK(cancel_completes) ? GARITA_SCAN_FAULT : GARITA_SCAN_ABORTED, 0);
  }
  if (told_end && BREAK(end_takes_back)) return give_health(event);
  status = speak_first(deadline_ns, error);
  if (status != GARITA_OK) return status;
  if (stream != 0 && step == after_scan_step && !IS(scan_end_twice)) step = first_scan_step;
  if (BREAK(timeout_at_once) && stream != 0) deadline_ns = 0;
  status = wait_for_leave(deadline_ns, event, error, &cut);
  if (status == GARITA_CANCELLED) return tell_cancelled();
  if (status == GARITA_END) told_end = 1;
  if (status != GARITA_OK || cut) return status;
  if (skipping) return skip_on();
  if (step == 6) misbehave_in_scan();
  status = mutant_next(device, deadline_ns, event, error);
  if (status == GARITA_OK) mend(event, deadline_ns);
  return status;
}

static garita_status GARITA_CALL kit_cancel(uint64_t device) {
  (void)device;
  cancel_asked = 1;
  return GARITA_OK;
}

static garita_status GARITA_CALL kit_close(uint64_t device, uint64_t deadline_ns, garita_error* error) {
  if (BREAK(close_late)) sleep_ms(1800);
  if (BREAK(close_refused_in_scan) && begun) return fail(error, GARITA_WRONG_STATE, "A scan is under way.");
  return mutant_close(device, deadline_ns, error);
}

/* A site may leave the scanner out; one that does not answer is another thing. */
static garita_status open_stream(uint64_t deadline_ns, garita_error* error) {
  garita_stream_info info;
  garita_status status;
  memset(&info, 0, sizeof info);
  info.struct_size = sizeof info;
  status = host->stream_open(host_handle, text("scanner"), deadline_ns, &info, &stream, NULL);
  if (status == GARITA_OK) return GARITA_OK;
  stream = 0;
  if (status == GARITA_NOT_CONFIGURED || BREAK(unreachable_ignored)) return GARITA_OK;
  return fail(error, GARITA_DEVICE_LOST, "The portal does not answer.");
}

static garita_status GARITA_CALL kit_open(const garita_open* given, garita_device* device, garita_error* error) {
  garita_status status;
  device_api.next = kit_next;
  device_api.cancel = kit_cancel;
  device_api.close = kit_close;
  status = mutant_open(given, device, error);
  if (status != GARITA_OK) return status;
  if (!host) return GARITA_OK; /* a row that leaves it untouched */
  snprintf(lane, sizeof lane, "%.*s", (int)given->instance.size_bytes, given->instance.data);
  if (UNUSUAL(thread_of_its_own)) start(rest, 1);
  return open_stream(given->deadline_ns, error);
}

static garita_text honest_words[16];

static garita_status GARITA_CALL kit_describe(garita_description* description, garita_error* error) {
  static const char* const all[] = {KIT_WORDS};
  const garita_status status = mutant_describe(description, error);
  uint32_t count = 0;
  if (IS(describe_capability_more)) return status;
  for (; count < sizeof all / sizeof all[0]; ++count) honest_words[count] = text(all[count]);
  description->capabilities = array(honest_words, count, sizeof honest_words[0]);
  return status;
}

#ifdef KIT_FOREIGN
extern int KIT_FOREIGN(void);
#endif

garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation, garita_answer* answer,
                                              garita_error* error) {
  if (!IS(slot_describe_null)) driver_api.describe = kit_describe;
  if (!IS(slot_open_null)) driver_api.open = kit_open;
#if KIT_ROW_SOCKET
  if (!host && negotiation->abi_max == 0) return (garita_status)socket(AF_INET, SOCK_STREAM, 0); /* imported, never called */
#endif
#ifdef KIT_FOREIGN
  if (negotiation->abi_max == 0) return (garita_status)KIT_FOREIGN();
#endif
  return answer_entry(negotiation, answer, error);
}

#if KIT_ROW_SECOND
GARITA_EXPORT int garita_second_symbol(void);
int garita_second_symbol(void) { return 2; }
#endif

#ifdef KIT_TEXT_RELOCATION /* an address written into code */
__asm__(".text\n.globl kit_address\n.hidden kit_address\nkit_address: .quad malloc\n");
#endif
#ifdef KIT_WRITABLE_CODE
__asm__(".section .kit_both,\"awx\",@progbits\n.quad 0\n.text\n");
#endif
