#include "tests/isolate/defences/checks.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>

#include "core/base/testing/temporary_folder.hpp"
#include "core/base/text.hpp"
#include "core/host/evidence.hpp"
#include "core/host/quarantine.hpp"
#include "core/isolate/launcher.hpp"
#include "core/isolate/process.hpp"
#include "core/isolate/shared_pool.hpp"
#include "core/load/testing/memory_services.hpp"
#include "tests/isolate/faults/case.hpp"
#include "tests/isolate/faults/folder.hpp"

namespace garita::isolate::defences {
namespace {

uint64_t in_ms(uint64_t ms) { return monotonic_ns() + ms * 1'000'000; }

load::Manifest driver(const std::string& folder, const std::string& name) {
  auto manifest = load::read_manifest(faults::built_folder() + "/lib/garita/" + folder + "/" + name + "/" + name + ".garita.json");
  if (!manifest) std::abort();  // not built
  return *manifest;
}

class Counted final : public AttemptSink {
 public:
  void attempted(const Attempt&) override { ++count; }
  std::atomic<uint64_t> count{0};
};

// The driver that trespasses, open in a box.
class Trespasser {
 public:
  explicit Trespasser(const Setup& setup) {
    options.program = setup.worker;
    options.box = setup.box;
    options.attempts = &kept;
    services.streams["scanner"].ends = false;
  }

  base::Result<void> open() {
    auto opened = open_isolated(manifest, services, "M1", "lane 1", in_ms(5000), options);
    if (!opened) return opened.error();
    session = std::move(*opened);
    return {};
  }
  load::Next order(const std::string& bytes) {
    if (const auto opened = open(); !opened) return {GARITA_DRIVER_FAULT, {}, opened.error()};
    services.push("scanner", bytes);
    return session->next(in_ms(10000));
  }
  std::string said(const std::string& bytes) {
    const load::Next got = order(bytes);
    const auto* health = std::get_if<image::Health>(&got.event);
    return health ? health->message : got.error.id;
  }

  load::Manifest manifest = driver("test-drivers", "trespasser");
  Counted kept;
  WorkerOptions options;
  load::testing::MemoryServices services;
  std::unique_ptr<load::Session> session;
};

template <typename T>
std::string bytes(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

// The launcher's only child: the worker, or its init.
pid_t child_of_launcher(const Setup& setup) {
  const std::string launcher = std::to_string(Launcher::of(setup.worker)->pid());
  std::ifstream children("/proc/" + launcher + "/task/" + launcher + "/children");
  pid_t child = 0;
  children >> child;
  return child;
}

}  // namespace

Check row(const std::string& id) {
  return [id](const Setup& setup) -> std::string {
    for (const faults::Row& each : faults::rows()) {
      WorkerOptions options;
      options.program = setup.worker;
      if (each.id == id) return faults::stopped({each, setup.box, options});
    }
    std::abort();  // the fault table has no such row
  };
}

Check says(const std::string& order, std::function<bool(const std::string&)> right) {
  return [order, right](const Setup& setup) -> std::string {
    const std::string said = Trespasser(setup).said(order);
    return right(said) ? "" : "it says " + said;
  };
}

Check says(const std::string& order, const std::string& wanted) {
  return says(order, [wanted](const std::string& said) { return said == wanted; });
}

Check call(uint32_t number, uint64_t first, uint64_t second, const std::string& wanted) {
  return says("$" + bytes(number) + bytes(first) + bytes(second), wanted);
}

Check limit(uint32_t resource, uint64_t most) {
  return says("%" + bytes(resource), [most](const std::string& said) {
    return !said.empty() && said.find_first_not_of("0123456789") == said.npos && std::stoull(said) <= most;
  });
}

Check own_namespace(const std::string& name) {
  return [name](const Setup& setup) -> std::string {
    const std::string path = "/proc/self/ns/" + name;
    char own[256];
    const ssize_t size = readlink(path.c_str(), own, sizeof own);
    const std::string here(own, size > 0 ? static_cast<size_t>(size) : 0);
    const std::string there = Trespasser(setup).said("@" + path + "\n");
    return there.starts_with(name + ":[") && there != here ? "" : "it says " + there + ", as here";
  };
}

Check breach(const std::string& order) { return says(order, "isolate.breach"); }

std::string never_as_root(const Setup& setup) {
  Trespasser driver(setup);
  const auto opened = driver.open();
  return !opened && opened.error().id == "isolate.no_identity" ? "" : "it runs as root";
}

// One that is dead and that nobody has asked after yet does not.
bool lives(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string number, name, state;
  return stat >> number >> name >> state && state != "Z";
}

std::string worker_ends_with_its_launcher(const Setup& setup) {
  Trespasser driver(setup);
  if (const auto opened = driver.open(); !opened) return opened.error().id;
  const pid_t worker = child_of_launcher(setup);
  kill(Launcher::of(setup.worker)->pid(), SIGKILL);
  for (int look = 0; look < 1000 && lives(worker); ++look) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  if (!lives(worker)) return "";
  kill(worker, SIGKILL);
  return "it lives on";
}

std::string flood_ends(const Setup& setup) {
  const std::string count(Trespasser(setup).order("O").error.field("count"));
  return count == std::to_string(flood_of_breaches + 1) ? "" : count + " attempts were answered";
}

std::string evidence_is_capped(const Setup& setup) {
  Trespasser driver(setup);
  (void)driver.order("O");
  driver.session.reset();
  return driver.kept.count == max_kept_attempts ? "" : std::to_string(driver.kept.count) + " were kept";
}

std::string sealed_driver_cannot_be_written(const Setup&) {
  const load::Manifest manifest = driver("test-drivers", "trespasser");
  const auto copy = sealed_copy(manifest, manifest.driver);
  if (!copy) return copy.error().id;
  const Descriptor again(open(("/proc/self/fd/" + std::to_string(*copy)).c_str(), O_RDWR | O_CLOEXEC));
  return again && pwrite(again.get(), "x", 1, 0) == 1 ? "it was written" : "";
}

std::string strips_cannot_shrink(const Setup&) {
  const auto pool = SharedPool::create(1u << 20);
  return pool && ftruncate(pool->fd(), 0) != 0 ? "" : "they shrank: whoever reads them now dies";
}

std::string overrun_is_no_event(const Setup& setup) {
  load::testing::MemoryServices services;
  WorkerOptions options;
  options.program = setup.worker;
  options.box = setup.box;
  auto session = open_isolated(driver("mutants", "mutant_strip_overrun"), services, "M1", "lane 1", in_ms(5000), options);
  if (!session) return session.error().id;
  for (int i = 0; i < 1000; ++i) {
    const load::Next next = (*session)->next(in_ms(1000));
    if (next.error.id == "isolate.lied") return "";
    if (next.status >= 100 || next.status == GARITA_END) return "it ended with status " + std::to_string(next.status);
  }
  return "it went on";
}

std::string breach_closes_the_door(const Setup&) {
  const base::testing::TemporaryFolder folder;
  const load::Manifest manifest = driver("test-drivers", "trespasser");
  host::AttemptObserver nobody;
  host::Evidence evidence(folder.path(), manifest, nobody);
  evidence.attempted({});
  if (const auto kept = evidence.close(); !kept) return kept.error().id;
  return host::Quarantine(folder.path()).admit(manifest) ? "it is admitted again" : "";
}

std::string other_address_is_a_breach(const Setup& setup) {
  Trespasser driver(setup);
  driver.manifest.granted_connects.push_back({"203.0.113.9:444", "scanner"});  // it goes to 443
  driver.options.connects = [&](std::string_view address) {
    return driver.manifest.granted_connect(address) ? std::optional(-1) : std::nullopt;
  };
  const std::string said = driver.said("T");
  return said == "isolate.breach" ? "" : "it says " + said;
}

std::string worker_is_in_its_group(const Setup& setup) {
  Trespasser driver(setup);
  if (const auto opened = driver.open(); !opened) return opened.error().id;
  std::ifstream file("/proc/" + std::to_string(child_of_launcher(setup)) + "/cgroup");
  const std::string groups{std::istreambuf_iterator<char>(file), {}};
  return groups.find("garita-box-") != groups.npos ? "" : "it is in " + groups;
}

}  // namespace garita::isolate::defences
