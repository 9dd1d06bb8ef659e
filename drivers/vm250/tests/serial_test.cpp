// A panel on a serial line: the lines of the simulator through a pair of pseudo-terminals, as a terminal
// server would put them there, and the real programs behind.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pty.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <set>
#include <thread>

#include "tests/cli/program.hpp"
#include "tests/host/programs.hpp"

namespace garita::vm250 {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

// From a TCP port onto the line, at the pace at which the line is read.
class Line {
 public:
  Line() {
    char name[128] = "";
    EXPECT_EQ(::openpty(&master_, &slave_, name, nullptr, nullptr), 0);
    path_ = name;
    termios raw{};
    ::tcgetattr(slave_, &raw);
    ::cfmakeraw(&raw);
    ::tcsetattr(slave_, TCSANOW, &raw);
    ::fcntl(master_, F_SETFL, O_NONBLOCK);
  }
  ~Line() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    ::close(master_);
    ::close(slave_);
  }

  const std::string& path() const { return path_; }

  void carry_from(uint16_t port) {
    thread_ = std::thread([this, port] {
      const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in panel{};
      panel.sin_family = AF_INET;
      panel.sin_port = htons(port);
      panel.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      if (::connect(socket, reinterpret_cast<const sockaddr*>(&panel), sizeof panel) == 0) carry(socket);
      ::close(socket);
    });
  }

 private:
  void carry(int socket) {
    char bytes[512];
    while (!stop_) {
      pollfd from{socket, POLLIN, 0};
      if (::poll(&from, 1, 20) <= 0) continue;
      const ssize_t size = ::recv(socket, bytes, sizeof bytes, 0);
      if (size <= 0 || !put(bytes, static_cast<size_t>(size))) return;
    }
  }
  bool put(const char* bytes, size_t size) {
    while (size > 0 && !stop_) {
      pollfd to{master_, POLLOUT, 0};
      if (::poll(&to, 1, 20) <= 0) continue;
      const ssize_t put = ::write(master_, bytes, size);
      if (put < 0 && errno != EAGAIN) return false;
      if (put > 0) bytes += put, size -= static_cast<size_t>(put);
    }
    return size == 0;
  }

  int master_ = -1, slave_ = -1;
  std::string path_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

class SerialPanel : public ::testing::Test {
 protected:
  ~SerialPanel() override {
    if (panel_ <= 0) return;
    ::kill(panel_, SIGKILL);
    (void)host::testing::wait_for(panel_);
  }

  // Starts the simulator; its port.
  uint16_t panel(const std::string& count) {
    panel_ = host::testing::start_program(
        {GARITA_BIN_DIR "/garita-sim", "vm250", "--listen", "127.0.0.1:0", "--port-file", folder_ / "port",
         "--truth", folder_ / "truth", "--count", count, "--seed", "14"},
        folder_ / "sim.out", folder_ / "sim.err");
    std::string port;
    for (int i = 0; i < 4000 && !port.ends_with('\n'); ++i) {
      std::this_thread::sleep_for(5ms);
      port = host::testing::text_of(folder_ / "port");
    }
    EXPECT_FALSE(port.empty()) << host::testing::text_of(folder_ / "sim.err");
    return static_cast<uint16_t>(port.empty() ? 0 : std::stoi(port));
  }

  double gamma_sum(const std::filesystem::path& package) {
    const json record = json::parse(cli_test::run(folder_, "garita show --json " + package.string()).out);
    EXPECT_EQ(record["completeness"]["state"], "complete");
    double sum = 0;
    for (const json& reading : record["readings"])
      if (reading.value("occupied", false) && reading["kind"] == "gamma")
        for (const double value : reading["values"]) sum += value;
    return sum;
  }

  base::testing::TemporaryFolder folder_;
  pid_t panel_ = -1;
};

TEST_F(SerialPanel, gives_a_package_of_its_counts_for_every_vehicle) {
  Line line;
  line.carry_from(panel("3"));
  const auto said =
      cli_test::run(folder_, "garita scan --driver vm250 --source 'panel=serial:" + line.path() +
                                 "?baud=9600' --out out --state state --count 3");
  ASSERT_EQ(said.exit_code, 0) << said.err;
  std::multiset<double> seen, wanted;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "out"))
    if (entry.path().extension() == ".garita") seen.insert(gamma_sum(entry.path()));
  for (int i = 1; i <= 3; ++i)
    wanted.insert(json::parse(host::testing::text_of(
        folder_ / ("truth/occupancy-" + std::to_string(i) + ".json")))["gamma_sum"]
                      .get<double>());
  EXPECT_EQ(seen, wanted);
}

}  // namespace
}  // namespace garita::vm250
