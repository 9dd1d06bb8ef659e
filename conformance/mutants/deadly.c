/* The good driver of mutant.c, struck down in one way: DEADLY_ROW says in which (deadly.def). */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define MUTANT_ROW MUTANT_good
#define garita_driver_entry good_driver_entry
#include "mutant.c"
#undef garita_driver_entry

enum deadly_row {
#define MUTANT(id, requirement, stage, status, text) DEADLY_##id,
#include "deadly.def"
#undef MUTANT
  DEADLY_rows
};
#define STRIKE(id) (DEADLY_ROW == DEADLY_##id)

GARITA_EXPORT garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation,
                                                            garita_answer* answer, garita_error* error);

/* Not known to the compiler, so that it does what is written. */
static volatile int zero;
static void* volatile nowhere;
static jmp_buf gone;

static void sleep_ms(long ms) {
  const struct timespec pause_time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&pause_time, NULL);
}

static void hang(void) {
  for (;;) sleep_ms(1000);
}

/* A frame of its own: a report must name it. */
__attribute__((noinline)) static void segv(void) { *(volatile int*)nowhere = 1; }

static int overflow(volatile char* above) {
  volatile char frame[4096];
  frame[0] = above ? *above : 0;
  return zero == 0 ? overflow(frame) + frame[0] : 0; /* zero stays so: no end, but none that a compiler can see */
}

static void corrupt_heap(void) {
  char* volatile twice = (char*)malloc(4000);
  char* volatile other = twice;
  free(twice);
  free(other);
  abort(); /* an allocator that says nothing */
}

static void* crash_thread(void* unused) {
  segv();
  return unused;
}

static void call_for_ever(void) {
  for (;;) {
    garita_strip_memory memory;
    if (host->strip_alloc(host_handle, 64, 1, 0, &memory, NULL) == GARITA_OK)
      host->strip_discard(host_handle, memory.handle, NULL);
  }
}

static void crash_or_end(void) {
  pthread_t thread;
  if (STRIKE(segv_in_next)) segv();
  if (STRIKE(segv_in_thread)) {
    pthread_create(&thread, NULL, crash_thread, NULL);
    hang();
  }
  if (STRIKE(abort_in_next)) abort();
  if (STRIKE(fpe_in_next)) raise(SIGFPE);
  if (STRIKE(stack_overflow_in_next)) zero = overflow(NULL);
  if (STRIKE(heap_corrupted_in_next)) corrupt_heap();
  if (STRIKE(bus_error_in_next)) raise(SIGBUS);
  if (STRIKE(killed_in_next)) raise(SIGKILL);
  if (STRIKE(exit_in_next)) exit(0);
  if (STRIKE(exit_7_in_next)) _exit(7);
  if (STRIKE(thread_exit_in_next)) pthread_exit(NULL);
  if (STRIKE(longjmp_in_next)) longjmp(gone, 1);
}

static void take_long(void) {
  sigset_t all;
  if (STRIKE(hang_in_next)) hang();
  if (STRIKE(busy_in_next))
    for (;;) ++zero;
  if (STRIKE(busy_calling_host_in_next)) call_for_ever();
  if (STRIKE(signals_blocked_in_next)) {
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    signal(SIGTERM, SIG_IGN);
    hang();
  }
  if (STRIKE(stopped_in_next)) raise(SIGSTOP);
  if (STRIKE(late_in_next)) sleep_ms(150);
}

/* What was delivered is the host's: writing to it once more is a crime that costs pixels, never safety. */
static char* delivered;
static void scribble(const garita_event* event) {
  garita_strip_memory memory;
  if (!STRIKE(strips_scribbled_later)) return;
  if (delivered) memset(delivered, 0xFF, 64);
  if (host->strip_alloc(host_handle, 64, 1, UINT64_MAX, &memory, NULL) != GARITA_OK) return;
  delivered = (char*)memory.data;
  host->strip_discard(host_handle, memory.handle, NULL);
  (void)event;
}

/* The same as fast as a thread can, over all that was delivered, while the host reads it. */
static struct {
  void* volatile data;
  volatile size_t size_bytes;
} out_there[16];

static void* scribble_always(void* unused) {
  unsigned i, value;
  for (value = 0;; ++value)
    for (i = 0; i < 16; ++i)
      if (out_there[i].data) memset(out_there[i].data, (int)(value & 0xFF), out_there[i].size_bytes);
  return unused;
}

static void note_given(const garita_event* event) {
  static unsigned count;
  static pthread_t thread;
  if (event->kind != GARITA_EVENT_STRIP && event->kind != GARITA_EVENT_ATTACHMENT) return;
  out_there[count % 16].size_bytes = event->kind == GARITA_EVENT_STRIP ? strip_rows * columns * 2 : piece_bytes;
  out_there[count % 16].data = last_data;
  if (count++ == 0) pthread_create(&thread, NULL, scribble_always, NULL);
}

static garita_status GARITA_CALL deadly_next(uint64_t device, uint64_t deadline_ns, garita_event* event,
                                             garita_error* error) {
  if (step == 6) {
    crash_or_end();
    take_long();
  }
  if (STRIKE(slow_in_next)) sleep_ms(20);
  if (step == 6) scribble(event);
  if (STRIKE(strips_scribbled_always)) {
    const garita_status status = mutant_next(device, deadline_ns, event, error);
    if (status == GARITA_OK) note_given(event);
    return status;
  }
  return mutant_next(device, deadline_ns, event, error);
}

static garita_status GARITA_CALL deadly_close(uint64_t device, uint64_t deadline_ns, garita_error* error) {
  if (STRIKE(segv_in_close)) segv();
  if (STRIKE(hang_in_close)) hang();
  return mutant_close(device, deadline_ns, error);
}

static garita_status GARITA_CALL deadly_open(const garita_open* given, garita_device* device, garita_error* error) {
  if (STRIKE(segv_in_open)) segv();
  if (STRIKE(exit_in_open)) exit(0);
  if (STRIKE(hang_in_open)) hang();
  if (setjmp(gone) != 0) abort(); /* jumped back to: into a call that is over */
  device_api.next = deadly_next;
  device_api.close = deadly_close;
  return mutant_open(given, device, error);
}

static garita_status GARITA_CALL deadly_describe(garita_description* description, garita_error* error) {
  if (STRIKE(segv_in_describe)) segv();
  if (STRIKE(hang_in_describe)) hang();
  return mutant_describe(description, error);
}

garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation, garita_answer* answer,
                                              garita_error* error) {
  driver_api.describe = deadly_describe;
  driver_api.open = deadly_open;
  return answer_entry(negotiation, answer, error);
}

__attribute__((constructor)) static void deadly_load(void) {
  if (STRIKE(segv_in_constructor)) segv();
  if (STRIKE(exit_in_constructor)) exit(0);
  if (STRIKE(hang_in_constructor)) hang();
  if (STRIKE(abort_at_exit)) atexit(abort);
}
