/* The obedient driver, with orders for what no driver may do, what ordinary libraries do, and what a box must
 * bear. What came of an order is said as errno, 0 where it worked. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <locale.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

static void trespass(char order);
#define OBEDIENT_MORE(order) trespass(order)
#include "obedient.c"

static void say(long result) { snprintf(said, sizeof said, "%d", result < 0 ? errno : 0); }

static int inet_address(struct sockaddr_in* address, const char* number, int port) {
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_port = htons((uint16_t)port);
  return inet_pton(AF_INET, number, &address->sin_addr);
}

static void reach_out(char order) {
  struct sockaddr_in address;
  struct sockaddr_in6 six = {
      AF_INET6, htons(8443), 0, {{{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}}, 0};
  struct sockaddr_un local = {AF_UNIX, "\0garita"};
  struct addrinfo* found = NULL;
  if (order == 'T') {
    inet_address(&address, "203.0.113.9", 443);
    say(connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr*)&address, sizeof address));
  } else if (order == '6') {
    say(connect(socket(AF_INET6, SOCK_STREAM, 0), (struct sockaddr*)&six, sizeof six));
  } else if (order == 'U') {
    inet_address(&address, "198.51.100.7", 9999);
    say(sendto(socket(AF_INET, SOCK_DGRAM, 0), "pixels", 6, 0, (struct sockaddr*)&address, sizeof address));
  } else if (order == 'D') {
    snprintf(said, sizeof said, "%d", getaddrinfo("telemetry.acme.example", "443", NULL, &found));
  } else if (order == 'X') {
    say(connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr*)&local, 9));
  } else {
    say(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  }
}

static void break_out(char order) {
  char* const arguments[] = {(char*)"/bin/sh", NULL};
  int status = 0;
  struct stat about;
  switch (order) {
    case 'F':
      say(open("/etc/passwd", O_RDONLY));
      break;
    case 'A':
      say(stat("/home", &about));
      break;
    case 'W':
      say(open("/tmp/stolen", O_CREAT | O_WRONLY, 0600));
      break;
    case 'G':
      say(unlink("/tmp/garita"));
      break;
    case 'E':
      say(execv(arguments[0], arguments));
      break;
    case 'Y':
      status = system("id");
      say(status);
      break;
    case 'K':
      say(fork());
      break;
    case 'P':
      say(ptrace(PTRACE_ATTACH, 1, NULL, NULL));
      break;
    case 'R':
      say(open("/proc/1/environ", O_RDONLY));
      break;
    case 'I':
      say(syscall(SYS_io_uring_setup, 8, NULL));
      break;
    case 'N':
      say(syscall(SYS_unshare, CLONE_NEWUSER));
      break;
    case 'Q':
      say(kill(getppid(), SIGKILL));
      break;
    case 'H':
      say(shm_open("/garita", O_CREAT | O_RDWR, 0600));
      break;
    case 'Z':
      say(memfd_create("stolen", 0));
      break;
    default:
      break;
  }
}

static void* answer_42(void* unused) {
  (void)unused;
  return (void*)42;
}

static void behave(char order) {
  const time_t now = 1700000000;
  pthread_t thread;
  void* result = NULL;
  struct tm broken;
  struct msghdr nothing = {0};
  int status;
  struct stat about;
  switch (order) {
    case 'l':
      snprintf(said, sizeof said, "%d",
               localtime(&now)->tm_year + 1900 + localtime_r(&now, &broken)->tm_isdst);
      break;
    case 'y':
      snprintf(said, sizeof said, "%d", setlocale(LC_ALL, "de_DE.UTF-8") != NULL);
      break;
    case 'd':
      snprintf(said, sizeof said, "%d", pthread_create(&thread, NULL, answer_42, NULL));
      if (said[0] == '0') pthread_join(thread, &result), snprintf(said, sizeof said, "%ld", (long)result);
      break;
    case 'p':
      snprintf(said, sizeof said, "%d", printf("hello\n") == 6 && fflush(stdout) == 0);
      break;
    case 'c':
      snprintf(said, sizeof said, "%d", sysconf(_SC_NPROCESSORS_ONLN) > 0);
      break;
    case 'j':
      say(mprotect((void*)((uintptr_t)&health & ~4095ul), 4096, PROT_READ | PROT_WRITE | PROT_EXEC));
      break;
    case 'a':
      say(stat("/driver/trespasser.so", &about) == 0 && about.st_size > 4096
              ? access("/driver/trespasser.so", R_OK)
              : -1);
      break;
    case 'i':
      say(open("/dev/null", O_WRONLY));
      break;
    case '9':
      status = fcntl(0, F_DUPFD_CLOEXEC, 1000); /* the number of the worker's last word */
      say(status >= 0 ? 0 : sendmsg(1000, &nothing, 0));
      break;
    case 'r':
      say(open("/driver/other.so", O_RDONLY));
      break;
    case 'q':
      say(open("/driver/trespasser.so", O_RDONLY));
      break;
    case 'v':
      snprintf(said, sizeof said, "%d %d %d", getuid(), getpid(), (int)syscall(SYS_gettid));
      break;
    default:
      break;
  }
}

static void* sleep_quietly(void* unused) {
  for (;;) sleep(1000);
  return unused;
}

/* Takes all there is of something; says how much that was. */
static void bomb(char order) {
  int count = 0, ends[2];
  pthread_t thread;
  pthread_attr_t small;
  char* more;
  switch (order) {
    case 'f':
      while (count < 100000 && pipe(ends) == 0) ++count;
      break;
    case 'B':
      while (count < 100000 && (more = (char*)malloc(1 << 20)) != NULL) memset(more, 1, 1 << 20), ++count;
      break;
    case 'S':
      while (count < 100000 && (more = (char*)mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
                                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0)) != (char*)MAP_FAILED)
        ++count;
      break;
    case 'z':
      pthread_attr_init(&small);
      pthread_attr_setstacksize(&small, 16384);
      while (count < 100000 && pthread_create(&thread, &small, sleep_quietly, NULL) == 0) ++count;
      break;
    case 'O':
      for (;;) (void)!open("/etc/passwd", O_RDONLY);
    default:
      break;
  }
  snprintf(said, sizeof said, "%d", count);
}

static long by_interrupt(long number) {
  long result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(number), "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
                   : "memory", "r8", "r9", "r10", "r11");
  return result;
}

static void take(void* out, uint32_t size) {
  garita_read_info info = {0};
  uint32_t have = 0;
  for (info.struct_size = sizeof info; have < size; have += info.size_bytes)
    if (host->stream_read(host_handle, stream, (char*)out + have, size - have, UINT64_MAX, &info, NULL) !=
        GARITA_OK)
      abort();
}

/* Tries the calls that it is told: u8 how (0 syscall, 1 int 0x80), u32 count, u32 number[count]. Says how
 * many did not fail with EPERM. */
static void sweep(void) {
  static uint32_t numbers[4096];
  uint8_t how = 0;
  uint32_t count = 0, i, through = 0;
  take(&how, 1);
  take(&count, 4);
  if (count > 4096) abort();
  take(numbers, count * 4);
  for (i = 0; i < count; ++i) {
    const long result = how == 1 ? by_interrupt((long)numbers[i])
                                 : (syscall((long)numbers[i], 0, 0, 0, 0, 0, 0) == -1 ? -errno : 0);
    through += result != -EPERM;
  }
  snprintf(said, sizeof said, "%u", through);
}

/* One call: u32 number, u64 first and second argument. Says its result, or -errno. */
static void one_call(void) {
  uint32_t number = 0;
  uint64_t arguments[2];
  long result;
  take(&number, sizeof number);
  take(arguments, sizeof arguments);
  result = syscall((long)number, arguments[0], arguments[1], 0, 0, 0, 0);
  snprintf(said, sizeof said, "%ld", result < 0 ? -(long)errno : result);
}

static void one_limit(void) {
  uint32_t resource = 0;
  struct rlimit limit;
  take(&resource, sizeof resource);
  if (getrlimit((int)resource, &limit) != 0)
    say(-1);
  else if (limit.rlim_cur == RLIM_INFINITY)
    snprintf(said, sizeof said, "unlimited");
  else
    snprintf(said, sizeof said, "%llu", (unsigned long long)limit.rlim_cur);
}

/* A path that ends in a line feed. */
static const char* take_path(void) {
  static char path[128];
  size_t size = 0;
  do take(path + size, 1);
  while (path[size] != '\n' && ++size < sizeof path - 1);
  path[size] = 0;
  return path;
}

/* Says where the link leads. */
static void one_link(void) {
  const ssize_t length = readlink(take_path(), said, sizeof said - 1);
  if (length < 0)
    say(length);
  else
    said[length] = 0;
}

static void trespass(char order) {
  if (strchr("T6UDX!", order))
    reach_out(order);
  else if (strchr("FAWGEYKPRINQHZ", order))
    break_out(order);
  else if (strchr("lydpcjrqvai9", order))
    behave(order);
  else if (strchr("fBSzO", order))
    bomb(order);
  else if (order == '#')
    sweep();
  else if (order == '$')
    one_call();
  else if (order == '%')
    one_limit();
  else if (order == '@')
    one_link();
  else if (order == '(') /* by the old call, which no library makes any more */
    say(syscall(SYS_open, take_path(), O_RDONLY));
  else if (order == 'u')
    say(syscall(335, 0, 0, 0, 0, 0, 0));
}
