#include "core/exchange/inbound/open_boxed.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "core/exchange/inbound/claims_text.hpp"
#include "tests/package/fixture.hpp"
#include "tools/garita-open/box.hpp"

namespace garita::exchange {
namespace {

const std::string opener = std::string(GARITA_BIN_DIR) + "/garita-open";

class OpenBoxedTest : public package::testing::PackageTest {
 protected:
  void SetUp() override { write_sample(); }

  base::Result<Claims> opened_boxed(const std::vector<std::byte>& content) {
    const auto path = folder_.path() / "came.garita";
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    return open_boxed(opener, path);
  }

  base::testing::TemporaryFolder folder_;
};

TEST_F(OpenBoxedTest, whole_package_is_said_to_be_whole) {
  const auto claims = opened_boxed(bytes());
  ASSERT_TRUE(claims.ok()) << claims.error().field("reason");
  EXPECT_TRUE(claims->whole);
  EXPECT_EQ(claims->root, sealed_.root);
  EXPECT_EQ(claims->signer, package::testing::test_key().public_key().key_id());
}

TEST_F(OpenBoxedTest, p384_signature_is_checked_in_the_box_too) {
  (void)files_.remove(path_);
  write_sample(base::SignatureAlgorithm::ecdsa_p384);
  const auto claims = opened_boxed(bytes());
  ASSERT_TRUE(claims.ok()) << claims.error().field("reason");
  EXPECT_TRUE(claims->whole);
}

TEST_F(OpenBoxedTest, damaged_package_is_said_not_to_be_whole) {
  for (size_t at = 0; at < bytes().size(); at += bytes().size() / 40) {
    auto content = bytes();
    content[at] ^= std::byte{1};
    const auto claims = opened_boxed(content);
    ASSERT_TRUE(claims.ok()) << at << ' ' << claims.error().field("reason");
    EXPECT_FALSE(claims->whole) << at;
  }
}

TEST_F(OpenBoxedTest, cut_and_foreign_files_are_said_not_to_be_whole) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{64}, bytes().size() / 2, bytes().size() - 1}) {
    const auto claims = opened_boxed({bytes().begin(), bytes().begin() + static_cast<ptrdiff_t>(size)});
    ASSERT_TRUE(claims.ok()) << size << ' ' << claims.error().field("reason");
    EXPECT_FALSE(claims->whole) << size;
  }
  EXPECT_FALSE(opened_boxed(package::testing::noise(100'000, 9))->whole);
}

TEST_F(OpenBoxedTest, what_is_no_regular_file_is_not_opened) {
  EXPECT_FALSE(open_boxed(opener, "/dev/zero").ok());
  std::filesystem::create_symlink("/etc/passwd", folder_.path() / "link");
  EXPECT_FALSE(open_boxed(opener, folder_.path() / "link").ok());
}

TEST_F(OpenBoxedTest, opener_that_says_nonsense_too_much_or_nothing_in_time_is_an_error) {
  const auto path = folder_.path() / "came.garita";
  std::ofstream(path) << "x";
  EXPECT_EQ(open_boxed("/bin/true", path).error().field("reason"), "exchange.claims_malformed");
  EXPECT_EQ(open_boxed("/usr/bin/yes", path).error().field("reason"), "timeout");  // stopped for its size
  EXPECT_EQ(open_boxed("/nowhere/at/all", path).error().field("reason"), "exit 127");
}

// ---- The box itself: what a file would try that had taken the program over. Each act succeeds outside,
// which is the control.

struct Attempt {
  const char* name;
  bool (*act)();
};

bool open_file() { return open("/etc/passwd", O_RDONLY) >= 0; }
bool write_file() { return open("/tmp/garita-box-test", O_CREAT | O_WRONLY, 0600) >= 0; }
bool make_socket() { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }
bool make_local_socket() { return socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }
bool start_process() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  return child > 0 && waitpid(child, nullptr, 0) == child;
}
bool run_program() {
  if (access("/bin/true", X_OK) != 0) return false;
  execl("/bin/true", "true", nullptr);
  return false;
}
bool make_code() {
  return mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}
bool look_around() { return access("/etc", F_OK) == 0; }

constexpr Attempt attempts[] = {{"open_file", open_file},         {"write_file", write_file},
                                {"make_socket", make_socket},     {"make_local_socket", make_local_socket},
                                {"start_process", start_process}, {"run_program", run_program},
                                {"make_code", make_code},         {"look_around", look_around}};

class OpenBox : public ::testing::TestWithParam<Attempt> {};

int status_of(const Attempt& attempt, bool boxed) {
  const pid_t child = fork();
  if (child == 0) {
    if (boxed && *opener::enter_box() != '\0') _exit(99);
    _exit(attempt.act() ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

TEST_P(OpenBox, act_ends_the_program_in_the_box_and_succeeds_outside) {
  const int outside = status_of(GetParam(), false), inside = status_of(GetParam(), true);
  EXPECT_TRUE(WIFEXITED(outside) && WEXITSTATUS(outside) == 0);
  EXPECT_TRUE(WIFSIGNALED(inside) && WTERMSIG(inside) == SIGSYS) << inside;
  (void)unlink("/tmp/garita-box-test");
}

INSTANTIATE_TEST_SUITE_P(Each, OpenBox, ::testing::ValuesIn(attempts),
                         [](const auto& test) { return test.param.name; });

TEST(ClaimsText, claims_come_back_as_they_were) {
  Claims claims;
  claims.whole = true;
  claims.withheld = 7;
  claims.certificate_id = "abc";
  claims.shown.box = 2;
  claims.shown.fidelity = {"display", "raw_counts"};
  claims.shown.ended_utc_ns = -5;
  claims.shown.complete = false;
  const std::string text = to_json(claims);
  const auto read = parse_claims(text);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(to_json(*read), text);
}

TEST(ClaimsText, anything_else_is_refused) {
  const std::string good = to_json({});
  EXPECT_TRUE(parse_claims(good).ok());
  for (std::string text :
       {std::string(), std::string("{}"), std::string("[]"), good + "x",
        good.substr(0, good.size() - 1) + ",\"admin\":true}", good.substr(0, good.size() - 1) + ",\"box\":4}",
        good.substr(0, good.size() - 1) + ",\"vendor\":7}",
        good.substr(0, good.size() - 1) + ",\"vendor\":\"" + std::string(300, 'x') + "\"}",
        good.substr(0, good.size() - 1) + ",\"whole\":true}"})
    EXPECT_FALSE(parse_claims(text).ok()) << text;
}

}  // namespace
}  // namespace garita::exchange
