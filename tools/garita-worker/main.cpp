// garita-worker: where a driver runs. Started by the host alone, never by hand.
#include <cstdio>
#include <cstring>

#include "core/base/text.hpp"
#include "core/isolate/wire/messages.hpp"
#include "core/isolate/worker/worker.hpp"

using namespace garita;

int main(int count, char** arguments) {
  if (count == 2 && std::strcmp(arguments[1], "--worker") == 0) garita::isolate::serve_driver();
  if (count == 2 && std::strcmp(arguments[1], "--launcher") == 0) return garita::isolate::run_launcher();
  std::fprintf(stderr, "garita-worker: %s\n", base::text(base::language_from_environment(), "isolate.by_hand").c_str());
  return garita::isolate::exit_bad_start;
}
