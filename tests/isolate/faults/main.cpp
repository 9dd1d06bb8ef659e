// fault_table [JSON]: runs every row in every box that promises to catch it, as root and as an ordinary user,
// and counts.
//
// A case is caught where the driver is stopped as its row says (or tolerated, where the row says so), nothing
// of it reads as whole that is not, its process is gone and its descriptors are back, and a good driver
// delivers a whole scan right after. With GARITA_LONG all rows, and the counts go into JSON: {"B2.root":
// {"cases", "caught", "skipped"}, …}; without it every fifth row, the same ones each time. Exit code 1:
// something was not caught, or a packet left the machine.
#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/text.hpp"
#include "core/isolate/box/reach.hpp"
#include "core/isolate/launcher.hpp"
#include "tests/isolate/faults/case.hpp"
#include "tests/isolate/faults/folder.hpp"
#include "tests/isolate/faults/packets.hpp"

namespace garita::isolate::faults {
namespace {

constexpr unsigned ordinary_user = 65534;
constexpr size_t part_of_a_plain_run = 5;
constexpr const char* packets_key = "packets";  // beside the boxes, in the counts of one user

struct Count {
  uint64_t cases = 0, caught = 0, skipped = 0;
};

Count run_box(Box box, const std::string& who, bool all) {
  Count count;
  const auto reached = try_box({}, box);
  const bool skipped = !reached && reached.error().id != "isolate.no_worker";  // which is no property of a machine
  if (skipped)
    std::printf("%s as %s: SKIPPED, not a pass: %s\n", name_of(box), who.c_str(),
                base::render(reached.error(), base::Language::en).c_str());
  for (size_t i = 0; i < rows().size(); ++i) {
    const Row& row = rows()[i];
    if (row.least > box || (!all && i % part_of_a_plain_run != 0)) continue;
    ++count.cases;
    if (skipped) {
      ++count.skipped;
      continue;
    }
    const std::string wrong = caught({row, box});
    if (wrong.empty())
      ++count.caught;
    else
      std::printf("%s as %s: %s (%s) NOT CAUGHT: %s\n", name_of(box), who.c_str(), row.id.c_str(),
                  row.requirement.c_str(), wrong.c_str());
  }
  std::printf("%s as %-4s %3lu cases, %3lu caught, %3lu skipped\n", name_of(box), who.c_str(), count.cases,
              count.caught, count.skipped);
  std::fflush(stdout);
  return count;
}

const Row& row_called(const std::string& id) {
  for (const Row& row : rows())
    if (row.id == id) return row;
  std::abort();  // a table without its rows
}

// Would it be counted? Outside of every box the driver's datagram must be.
bool counts_a_packet() {
  const uint64_t before = packets_sent();
  (void)stopped({row_called("udp"), Box::B0});
  return packets_sent() > before;
}

bool no_packet_left(uint64_t before, const std::string& who) {
  const uint64_t sent = packets_sent() - before;
  const bool can_fail = counts_a_packet();
  std::printf("as %-4s %lu packets left the boxes%s\n", who.c_str(), sent,
              can_fail ? " (one that is sent outside of every box is counted)"
                       : ", but the counters DID NOT SEE one that was sent outside of every box");
  std::fflush(stdout);
  return sent == 0 && can_fail;
}

nlohmann::json run_as(const std::string& who, bool all, bool counted) {
  nlohmann::json counts;
  const uint64_t before = packets_sent();
  for (const Box box : {Box::B0, Box::B1, Box::B2, Box::B3}) {
    const Count count = run_box(box, who, all);
    counts[std::string(name_of(box)) + "." + who] = {
        {"cases", count.cases}, {"caught", count.caught}, {"skipped", count.skipped}};
  }
  counts[packets_key] = !counted || no_packet_left(before, who);
  return counts;
}

nlohmann::json all_skipped(const std::string& who, bool all) {
  nlohmann::json counts;
  for (const Box box : {Box::B0, Box::B1, Box::B2, Box::B3}) {
    uint64_t cases = 0;
    for (size_t i = 0; i < rows().size(); ++i)
      cases += rows()[i].least <= box && (all || i % part_of_a_plain_run == 0);
    counts[std::string(name_of(box)) + "." + who] = {{"cases", cases}, {"caught", 0}, {"skipped", cases}};
  }
  std::printf("as %s: SKIPPED, not a pass: this program would have to run as another user\n", who.c_str());
  return counts;
}

// In the child. --counted: it is in the counted network already.
[[noreturn]] void become_ordinary_user(int counts_to, const PublicCopy& copy, bool counted) {
  setenv("GARITA_FAULTS_FOLDER", copy.path().c_str(), 1);
  setenv("GARITA_WORKER", copy.worker().c_str(), 1);
  const std::string number = std::to_string(counts_to);
  if (setgroups(0, nullptr) == 0 && setresgid(ordinary_user, ordinary_user, ordinary_user) == 0 &&
      setresuid(ordinary_user, ordinary_user, ordinary_user) == 0)
    execl("/proc/self/exe", "fault_table", "--counts-to", number.c_str(), counted ? "--counted" : nullptr, nullptr);
  _exit(9);
}

// Runs this program again as an ordinary user; its counts come through a pipe.
nlohmann::json run_as_ordinary_user(bool all, bool counted) {
  const PublicCopy copy;  // a build may lie where only its owner gets to
  int ends[2];
  if (copy.path().empty() || pipe2(ends, 0) != 0) return all_skipped("user", all);
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    become_ordinary_user(ends[1], copy, counted);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t size = 0; (size = read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<size_t>(size));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  nlohmann::json counts = nlohmann::json::parse(text, nullptr, false);
  return counts.is_object() ? counts : all_skipped("user", all);
}

int tell_counts(int file, bool all, bool counted) {
  const std::string text = run_as("user", all, counted).dump();
  return write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1;
}

bool enter_network() {
  const std::string why = enter_counted_network();
  if (!why.empty())
    std::printf("packets: SKIPPED, not a pass: no network namespace of its own could be made: %s\n", why.c_str());
  return why.empty();
}

// Takes it out of the counts, which the boxes alone are in.
bool take_packets(nlohmann::json& counts) {
  const bool good = !counts.contains(packets_key) || counts[packets_key].get<bool>();
  counts.erase(packets_key);
  return good;
}

int run(int count, char** arguments) {
  const bool all = std::getenv("GARITA_LONG") != nullptr, root = geteuid() == 0;
  if (count >= 3 && std::string(arguments[1]) == "--counts-to")
    return tell_counts(std::atoi(arguments[2]), all, count == 4);
  const bool counted = enter_network();
  nlohmann::json counts = root ? run_as("root", all, counted) : all_skipped("root", all);
  bool good = take_packets(counts);
  counts.update(root ? run_as_ordinary_user(all, counted) : run_as("user", all, counted));
  good = take_packets(counts) && good;
  if (all && count == 2) std::ofstream(arguments[1]) << counts.dump(2) << '\n';
  for (const auto& [name, each] : counts.items())
    good = good &&
           each["caught"].get<uint64_t>() + each["skipped"].get<uint64_t>() == each["cases"].get<uint64_t>();
  return good ? 0 : 1;
}

}  // namespace
}  // namespace garita::isolate::faults

int main(int count, char** arguments) { return garita::isolate::faults::run(count, arguments); }
