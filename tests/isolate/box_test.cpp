// A driver in each box that this machine gives: what no driver may do is refused, named and ends it; what
// ordinary libraries do is no breach; what bombs take has an end.
#include <sys/stat.h>

#include <fstream>
#include <mutex>
#include <set>

#include "core/isolate/box/call_names.hpp"
#include "core/isolate/box/calls.hpp"
#include "core/isolate/box/policy.hpp"
#include "core/isolate/box/reach.hpp"
#include "core/isolate/process.hpp"
#include "tests/isolate/workers.hpp"

namespace garita::isolate {
namespace {

// A sanitizer's shadow is terabytes: such a build has no limit on memory.
#ifdef GARITA_SANITIZED
constexpr bool no_memory_limit = true;
#else
constexpr bool no_memory_limit = false;
#endif

using testing::in_ms;

class Kept final : public AttemptSink {
 public:
  void attempted(const Attempt& attempt) override {
    const std::lock_guard lock(mutex_);
    all_.push_back(attempt);
  }
  std::vector<Attempt> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }
  size_t breaches() const {
    const std::vector<Attempt> attempts = all();
    return static_cast<size_t>(
        std::count_if(attempts.begin(), attempts.end(), [](const Attempt& a) { return a.breach(); }));
  }
  // "NET connect 203.0.113.9:443", one a line.
  std::string text() const {
    std::string lines;
    for (const Attempt& a : all())
      lines += std::string(name_of(a.kind)) + " " + a.call + " " + a.target + "\n";
    return lines;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Attempt> all_;
};

class Boxed : public ::testing::TestWithParam<Box> {
 protected:
  void SetUp() override {
    const auto reached = try_box({}, GetParam());
    if (!reached)
      GTEST_SKIP() << "SKIPPED, not a pass: " << base::render(reached.error(), base::Language::en);
    options_.box = GetParam();
    options_.attempts = &kept_;
    options_.decoy = true;
    services_.streams["scanner"].ends = false;
  }

  void open() {
    auto session = open_isolated(testing::manifest_of("test-drivers", "trespasser"), services_, "M1",
                                 "lane 1", in_ms(5000), options_);
    ASSERT_TRUE(session.ok()) << base::render(session.error(), base::Language::en);
    session_ = std::move(*session);
  }
  load::Next order(std::string_view bytes) {
    if (!session_) open();
    services_.push("scanner", bytes);
    return session_ ? session_->next(in_ms(10000)) : load::Next{};
  }
  // What the driver says that came of it.
  std::string said(std::string_view bytes) {
    const load::Next got = order(bytes);
    const auto* health = std::get_if<image::Health>(&got.event);
    return health
               ? health->message
               : "status " + std::to_string(got.status) + " " + base::render(got.error, base::Language::en);
  }
  // The breach that an order ends in: "NET connect 203.0.113.9:443".
  std::string breach(std::string_view bytes) {
    const load::Next got = order(bytes);
    if (got.error.id != "isolate.breach") return "no breach: " + std::to_string(got.status) + got.error.id;
    return std::string(got.error.field("class")) + " " + std::string(got.error.field("call")) + " " +
           std::string(got.error.field("target"));
  }

  Kept kept_;
  WorkerOptions options_;
  load::testing::MemoryServices services_;
  std::unique_ptr<load::Session> session_;
};

std::string box_name(const ::testing::TestParamInfo<Box>& box) { return name_of(box.param); }

INSTANTIATE_TEST_SUITE_P(Each, Boxed, ::testing::Values(Box::B1, Box::B2, Box::B3), box_name);

// ---- Trespass

TEST_P(Boxed, tcp_is_refused_and_its_address_told) {
  EXPECT_EQ(breach("T"), "NET socket AF_INET stream");
  EXPECT_NE(kept_.text().find("NET connect 203.0.113.9:443"), std::string::npos) << kept_.text();
}

TEST_P(Boxed, tcp_over_six_is_refused_and_its_address_told) {
  EXPECT_EQ(breach("6"), "NET socket AF_INET6 stream");
  EXPECT_NE(kept_.text().find("NET connect [2001:db8::1]:8443"), std::string::npos) << kept_.text();
}

TEST_P(Boxed, udp_is_refused_and_its_address_told) {
  EXPECT_EQ(breach("U"), "NET socket AF_INET datagram");
  EXPECT_NE(kept_.text().find("NET sendto 198.51.100.7:9999 6 bytes"), std::string::npos) << kept_.text();
}

TEST_P(Boxed, a_name_that_is_looked_up_is_told) {
  (void)order("D");
  EXPECT_NE(kept_.text().find("DNS telemetry.acme.example"), std::string::npos) << kept_.text();
}

TEST_P(Boxed, a_local_socket_is_refused_and_its_name_told) {
  EXPECT_EQ(breach("X"), "NET socket AF_UNIX stream");
  EXPECT_NE(kept_.text().find("NET connect unix:@garita"), std::string::npos) << kept_.text();
}

TEST_P(Boxed, without_decoys_no_socket_is_given_at_all) {
  options_.decoy = false;
  EXPECT_EQ(breach("T"), "NET socket AF_INET stream");
  EXPECT_NE(kept_.text().find("NET connect 203.0.113.9:443"), std::string::npos) << "with a descriptor of -1";
}

TEST_P(Boxed, raw_sockets_are_refused) { EXPECT_EQ(breach("!"), "NET socket AF_INET raw"); }

TEST_P(Boxed, files_are_refused_and_named) {
  EXPECT_EQ(breach("F"), "READ openat /etc/passwd");
  session_.reset();
  EXPECT_EQ(breach("R"), "READ openat /proc/1/environ");
  session_.reset();
  EXPECT_EQ(breach("A"), "READ newfstatat /home");
}

TEST_P(Boxed, writing_is_refused_and_leaves_nothing) {
  EXPECT_EQ(breach("W"), "WRITE openat /tmp/stolen");
  session_.reset();
  EXPECT_EQ(breach("G"), "WRITE unlink /tmp/garita");
  session_.reset();
  EXPECT_EQ(breach("H"), "WRITE openat /dev/shm/garita");
  EXPECT_NE(access("/tmp/stolen", F_OK), 0);
}

TEST_P(Boxed, programs_and_processes_are_refused) {
  EXPECT_EQ(breach("E"), "EXEC execve /bin/sh");
  session_.reset();
  EXPECT_EQ(breach("K"), "EXEC clone a new process");
  session_.reset();
  EXPECT_EQ(breach("Y"), "EXEC clone a new process (VM|VFORK)");
  session_.reset();
  EXPECT_EQ(breach("N"), "EXEC unshare 0x10000000");
}

TEST_P(Boxed, other_processes_cannot_be_touched) {
  EXPECT_EQ(breach("P"), "PTRACE ptrace process 1");
  session_.reset();
  EXPECT_EQ(breach("Q").substr(0, 19), "PTRACE kill process");
}

TEST_P(Boxed, what_only_the_kernel_knows_is_refused_by_its_name) {
  EXPECT_EQ(breach("I"), "KERNEL io_uring_setup ");
  session_.reset();
  EXPECT_EQ(breach("Z"), "KERNEL memfd_create stolen");
}

TEST_P(Boxed, a_flood_of_attempts_ends_the_driver_and_is_counted) {
  const load::Next got = order("O");
  EXPECT_EQ(got.error.id, "isolate.breach");
  const uint64_t count = std::stoull(std::string(got.error.field("count")));
  EXPECT_LE(count, flood_of_breaches + 1);  // a busy machine may end it by the clock before
  EXPECT_EQ(kept_.all().size(), std::min(count, max_kept_attempts));
}

TEST_P(Boxed, a_breach_is_the_drivers_fault_and_the_session_is_dead_then) {
  EXPECT_EQ(order("F").status, GARITA_DRIVER_FAULT);
  EXPECT_EQ(session_->next(in_ms(100)).error.id, "isolate.breach");
  for (base::Language language : {base::Language::en, base::Language::es})
    EXPECT_NE(base::render(session_->next(0).error, language).find("/etc/passwd"), std::string::npos);
}

TEST_P(Boxed, evidence_has_both_clocks_and_the_thread) {
  (void)order("F");
  ASSERT_EQ(kept_.breaches(), 1u);
  const Attempt first = kept_.all().back();
  EXPECT_GT(first.monotonic_ns, 0u);
  EXPECT_GT(first.utc_ns, 0);
  EXPECT_GT(first.thread, 1);
}

// ---- What ordinary libraries do

TEST_P(Boxed, ordinary_libraries_are_no_breach) {
  EXPECT_EQ(said("l"), "2023");
  EXPECT_EQ(said("y"), "0");
  EXPECT_EQ(said("d"), "42");
  EXPECT_EQ(said("p"), "1");
  EXPECT_EQ(said("c"), "1");
  EXPECT_EQ(said("j"), std::to_string(EPERM));
  EXPECT_EQ(kept_.breaches(), 0u) << kept_.text();
  EXPECT_NE(kept_.text().find("/etc/localtime"), std::string::npos) << "noted: " << kept_.text();
}

TEST_P(Boxed, a_driver_that_is_only_loaded_asks_for_nothing) {
  open();
  EXPECT_EQ(kept_.text(), "");
}

TEST_P(Boxed, files_of_the_package_are_handed_in_and_no_other) {
  EXPECT_EQ(said("q"), "0");
  EXPECT_EQ(said("a"), "0") << "stat and access";
  EXPECT_EQ(said("i"), "0") << "/dev/null";
  EXPECT_EQ(said("r"), std::to_string(ENOENT));
  EXPECT_EQ(kept_.breaches(), 0u);
}

TEST_P(Boxed, a_driver_is_an_ordinary_process_of_an_ordinary_user) {
  std::istringstream words(said("v"));
  int user = 0, process = 0, thread = 0;
  words >> user >> process >> thread;
  EXPECT_NE(user, 0);
  EXPECT_NE(process, 1) << "the first process of a namespace is not an ordinary one";
  EXPECT_EQ(process, thread);
}

TEST_P(Boxed, the_one_number_that_a_message_could_be_sent_to_stays_empty) {
  EXPECT_EQ(said("9"), std::to_string(EBADF));
}

// ---- Bombs

TEST_P(Boxed, descriptors_have_an_end) { EXPECT_LT(std::stoi(said("f")), static_cast<int>(max_open_files)); }

TEST_P(Boxed, memory_has_an_end) {
  if (no_memory_limit) GTEST_SKIP() << "SKIPPED, not a pass: no limit on memory in a sanitized build";
  EXPECT_LT(std::stoi(said("B")), 64 + 8 * 8 + 32 + 1);  // memory_mb, stacks, the worker's own
}

TEST_P(Boxed, shared_memory_has_an_end) {
  if (no_memory_limit) GTEST_SKIP() << "SKIPPED, not a pass: no limit on memory in a sanitized build";
  EXPECT_LT(std::stoi(said("S")), 4096);
}

TEST_P(Boxed, threads_have_an_end) {
  if (no_memory_limit) GTEST_SKIP() << "SKIPPED, not a pass: no limit on memory in a sanitized build";
  const int threads = std::stoi(said("z"));
  EXPECT_GE(threads, 4);
  EXPECT_LT(threads, GetParam() == Box::B1 ? 10000 : 8) << "in B1 memory is the only end";
}

// ---- Every call that there is

class Sweep : public Boxed {
 protected:
  static std::string bytes(uint8_t how, const std::vector<uint32_t>& numbers) {
    std::string text("#");
    const auto count = static_cast<uint32_t>(numbers.size());
    text.push_back(static_cast<char>(how));
    text.append(reinterpret_cast<const char*>(&count), 4);
    return text.append(reinterpret_cast<const char*>(numbers.data()), count * 4);
  }

  // How many attempts were intercepted, breaches and noted calls together.
  uint64_t intercepted(uint8_t how, const std::vector<uint32_t>& numbers) {
    const load::Next got = order(bytes(how, numbers));
    EXPECT_EQ(got.error.id, "isolate.breach");
    const std::string count(got.error.field("count"));
    return count.empty() ? 0 : std::stoull(count);
  }
};

INSTANTIATE_TEST_SUITE_P(Each, Sweep, ::testing::Values(Box::B1, Box::B2, Box::B3), box_name);

bool is_allowed(uint32_t number) {
  const auto calls = allowed_calls();
  return std::any_of(calls.begin(), calls.end(), [&](const Call& call) { return call.number == number; });
}

// No filter sees these two; the kernel itself answers.
constexpr uint32_t uretprobe = 335, uprobe = 336;

TEST_P(Sweep, no_call_gets_through_but_those_of_the_table) {
  for (uint32_t from = 0; from < 1024; from += 256) {
    std::vector<uint32_t> numbers;
    uint64_t quiet = 0;
    for (uint32_t number = from; number < from + 256; ++number) {
      if (is_allowed(number) || number == uretprobe || number == uprobe) continue;
      numbers.push_back(number);
      quiet += call_name(number) && Policy::built_in().is_quiet(call_name(number));
    }
    session_.reset();
    EXPECT_EQ(intercepted(0, numbers) + quiet, numbers.size()) << "from " << from;
  }
}

TEST_P(Sweep, no_call_with_the_x32_bit_gets_through) {
  std::vector<uint32_t> numbers;
  for (uint32_t number = 0; number < 600; ++number) numbers.push_back(number | 0x40000000);
  EXPECT_EQ(intercepted(0, numbers), numbers.size());
  EXPECT_NE(kept_.text().find("x32 call 59"), std::string::npos);
}

TEST_P(Sweep, no_32_bit_call_gets_through) {
  std::vector<uint32_t> numbers;
  for (uint32_t number = 0; number < 500; ++number) numbers.push_back(number);
  const load::Next got = order(bytes(1, numbers));
  if (got.error.id == "isolate.crashed") return;  // a kernel without them: the instruction itself faults
  EXPECT_EQ(got.error.field("count"), "500");
  EXPECT_NE(kept_.text().find("32-bit call 11"), std::string::npos);
}

TEST_P(Sweep, the_two_calls_that_no_filter_sees_end_in_the_kernel) {
  const load::Next got = order("u");
  if (got.error.id == "isolate.crashed") {
    EXPECT_EQ(got.error.field("signal"), "SIGILL");
    return;
  }
  const auto* health = std::get_if<image::Health>(&got.event);
  ASSERT_NE(health, nullptr) << got.error.id;
  EXPECT_TRUE(health->message == std::to_string(ENXIO) || health->message == std::to_string(ENOSYS))
      << health->message;
}

// ---- The box from outside

TEST_P(Boxed, a_worker_has_no_privilege_and_cannot_gain_any) {
  open();
  const std::vector<pid_t> children = testing::workers();
  ASSERT_EQ(children.size(), 1u);
  std::string worker = std::to_string(children[0]);
  if (GetParam() != Box::B1) {  // below its init
    std::ifstream below("/proc/" + worker + "/task/" + worker + "/children");
    below >> worker;
  }
  std::ifstream status("/proc/" + worker + "/status");
  std::set<std::string> lines;
  for (std::string line; std::getline(status, line);) lines.insert(line);
  for (const char* line :
       {"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000",
        "CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"})
    EXPECT_TRUE(lines.contains(line)) << line;
}

}  // namespace
}  // namespace garita::isolate
