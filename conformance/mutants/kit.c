/* The good driver of mutant.c made flawless, and then broken in one way: KIT_ROW says in which (kit.def).
 *
 * Where the site gives the stream "scanner" each event waits for one byte of it, so that deadlines, cancel, ends and losses
 * mean something. MUTANT_ROW is MUTANT_good, or the row of mutants.def that is broken instead. */
#define _GNU_SOURCE
#include <signal.h>
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

GARITA_EXPORT garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation,
                                                            garita_answer* answer, garita_error* error);

static uint64_t stream; /* 0: none */
static volatile sig_atomic_t cancel_asked;
static int begun, abort_due, over, cancels_told;
static void* volatile nowhere;
static char* written_later;

static void sleep_ms(long ms) {
  const struct timespec pause_time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&pause_time, NULL);
}

/* What was seen ends here, told as the case may be. */
static garita_status cut_scan(garita_event* event, uint32_t outcome, uint32_t code) {
  uint32_t i;
  memset(&end, 0, sizeof end);
  end.struct_size = sizeof end;
  end.outcome = outcome;
  end.code = code;
  end.reason = text("The scan was cut short.");
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

/* One byte is leave for one event. OK: go on. */
static garita_status wait_for_leave(uint64_t deadline_ns, garita_event* event, garita_error* error, int* cut) {
  garita_read_info info;
  unsigned char byte;
  garita_status status;
  memset(&info, 0, sizeof info);
  info.struct_size = sizeof info;
  if (stream == 0) return GARITA_OK;
  status = host->stream_read(host_handle, stream, &byte, 1, deadline_ns, &info, NULL);
  if (status == GARITA_END && BREAK(end_ignored)) return sleep_ms(5), GARITA_TIMEOUT;
  if (status != GARITA_END && status != GARITA_DEVICE_LOST) return status;
  if (begun) {
    *cut = 1;
    return cut_scan(event, GARITA_SCAN_FAULT, GARITA_DATA_TRUNCATED);
  }
  return status == GARITA_END ? GARITA_END : tell_loss(error);
}

static garita_status tell_cancelled(void) {
  if (BREAK(cancel_twice) && ++cancels_told == 1) return GARITA_CANCELLED;
  cancel_asked = 0;
  abort_due = begun;
  over = begun || over;
  return GARITA_CANCELLED;
}

static void misbehave(void) {
  if (step == 6 && BREAK(crash_in_scan)) *(volatile int*)nowhere = 1;
  if (step == 6 && BREAK(hang_in_scan))
    for (;;) sleep_ms(1000);
  if (step == 6 && BREAK(late_in_scan)) sleep_ms(250);
  if (step == 6 && BREAK(strip_written_later) && written_later) memset(written_later, 0x11, 8);
  if (step == 6 && BREAK(child_started) && syscall(SYS_fork) == 0) {
    setsid();
    sleep_ms(60000);
    _exit(0);
  }
}

static void leave_marks(const garita_event* event) {
  if (event->kind != GARITA_EVENT_STRIP) return;
  if (BREAK(pixels_by_chance)) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    memcpy(last_data, &now.tv_nsec, 8);
  }
  written_later = (char*)last_data;
}

static garita_status GARITA_CALL kit_next(uint64_t device, uint64_t deadline_ns, garita_event* event, garita_error* error) {
  garita_status status;
  int cut = 0;
  if (cancel_asked) return tell_cancelled();
  if (abort_due) {
    abort_due = 0;
    return cut_scan(event, BREAK(cancel_completes) ? GARITA_SCAN_FAULT : GARITA_SCAN_ABORTED, 0);
  }
  if (over) step = 100; /* what follows of a scan that was cancelled is passed over */
  status = wait_for_leave(deadline_ns, event, error, &cut);
  if (status == GARITA_CANCELLED) return tell_cancelled();
  if (status != GARITA_OK || cut) return cut ? (over = 1, status) : status;
  if (over) return stream != 0 ? GARITA_WORKING : GARITA_END;
  misbehave();
  status = mutant_next(device, deadline_ns, event, error);
  if (status == GARITA_OK && event->kind == GARITA_EVENT_SCAN_BEGIN) begun = 1;
  if (status == GARITA_OK && event->kind == GARITA_EVENT_SCAN_END) begun = 0;
  if (status == GARITA_OK) leave_marks(event);
  return status;
}

static garita_status GARITA_CALL kit_cancel(uint64_t device) {
  (void)device;
  cancel_asked = 1;
  return GARITA_OK;
}

static garita_status GARITA_CALL kit_open(const garita_open* given, garita_device* device, garita_error* error) {
  garita_stream_info info;
  garita_status status;
  device_api.next = kit_next;
  device_api.cancel = kit_cancel;
  status = mutant_open(given, device, error);
  if (status != GARITA_OK) return status;
  memset(&info, 0, sizeof info);
  info.struct_size = sizeof info;
  if (host->stream_open(host_handle, text("scanner"), given->deadline_ns, &info, &stream, NULL) != GARITA_OK) stream = 0;
  return GARITA_OK;
}

static garita_text honest_words[16];

static garita_status GARITA_CALL kit_describe(garita_description* description, garita_error* error) {
  static const char* const all[] = {"shape.scan", "fidelity.raw", "channels.dual", "row.index", "row.dose",
                                    "reading.gamma", "detection.machine", "attachment.scene"};
  const garita_status status = mutant_describe(description, error);
  uint32_t count = 0, i;
  for (i = 0; i < sizeof all / sizeof all[0]; ++i)
    if (!(BREAK(capability_undeclared) && i == 6)) honest_words[count++] = text(all[i]);
  if (BREAK(capability_absent)) honest_words[count++] = text("views.multi");
  description->capabilities = array(honest_words, count, sizeof honest_words[0]);
  return status;
}

garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation, garita_answer* answer,
                                              garita_error* error) {
  driver_api.describe = kit_describe;
  driver_api.open = kit_open;
#if KIT_ROW_SOCKET
  if (!host && negotiation->abi_max == 0) return (garita_status)socket(AF_INET, SOCK_STREAM, 0); /* imported, never called */
#endif
  return answer_entry(negotiation, answer, error);
}

#if KIT_ROW_SECOND
GARITA_EXPORT int garita_second_symbol(void);
int garita_second_symbol(void) { return 2; }
#endif
