#define _GNU_SOURCE
#include "vendor_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int wait_until(int link, short what, int timeout_ms) {
  struct pollfd state = {link, what, 0};
  const int ready = poll(&state, 1, timeout_ms);
  if (ready == 0) errno = ETIMEDOUT;
  return ready > 0 ? 0 : -1;
}

static int is_connected(int link, int timeout_ms) {
  int error = 0;
  socklen_t size = sizeof error;
  if (wait_until(link, POLLOUT, timeout_ms) != 0) return 0;
  if (getsockopt(link, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return 0;
  return 1;
}

int vendor_open(const char* address, uint16_t port, int timeout_ms) {
  struct sockaddr_in peer;
  const int on = 1;
  const int link = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (link < 0) return -1;
  memset(&peer, 0, sizeof peer);
  peer.sin_family = AF_INET;
  peer.sin_port = htons(port);
  inet_pton(AF_INET, address, &peer.sin_addr);
  setsockopt(link, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if ((connect(link, (struct sockaddr*)&peer, sizeof peer) == 0 || errno == EINPROGRESS) &&
      is_connected(link, timeout_ms) && send(link, "GO\n", 3, MSG_NOSIGNAL) == 3)
    return link;
  close(link);
  return -1;
}

ssize_t vendor_read(int link, void* data, size_t size, int timeout_ms) {
  if (wait_until(link, POLLIN, timeout_ms) != 0) return -1;
  return recv(link, data, size, 0);
}

void vendor_close(int link) {
  shutdown(link, SHUT_RDWR);
  close(link);
}
