// garita-worker: where a driver runs. Started by the host alone, never by hand.
#include <cstdio>
#include <cstring>

#include "core/base/text.hpp"
#include "core/isolate/wire/messages.hpp"
#include "core/isolate/worker/worker.hpp"

using namespace garita;

#if defined(__SANITIZE_ADDRESS__)
#define GARITA_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GARITA_ASAN
#endif
#endif
#ifdef GARITA_ASAN
// A driver's death must look as it does without the sanitizer.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "handle_segv=0:handle_abort=0:handle_sigfpe=0:handle_sigbus=0:handle_sigill=0:abort_on_error=1:detect_leaks=0:symbolize=0";
}
#endif

int main(int count, char** arguments) {
  if (count == 2 && std::strcmp(arguments[1], "--worker") == 0) garita::isolate::serve_driver(false);
  if (count == 3 && std::strcmp(arguments[1], "--worker") == 0 && std::strcmp(arguments[2], "--boxed") == 0)
    garita::isolate::serve_driver(true);
  if (count == 2 && std::strcmp(arguments[1], "--launcher") == 0) return garita::isolate::run_launcher();
  std::fprintf(stderr, "garita-worker: %s\n", base::text(base::language_from_environment(), "isolate.by_hand").c_str());
  return garita::isolate::exit_bad_start;
}
