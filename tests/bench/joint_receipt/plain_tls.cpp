#include "tests/bench/joint_receipt/plain_tls.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "core/host/exchange/keys.hpp"

namespace garita::bench {
namespace {

void need(bool good, const char* what) {
  if (!good) give_up(std::string("plain tls: ") + what);
}

void reads_into(SSL* session, const std::filesystem::path& path, size_t total) {
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  need(file >= 0, "no file");
  std::string buffer(64u << 10, '\0');
  for (size_t have = 0; have < total;) {
    size_t size = 0;
    need(SSL_read_ex(session, buffer.data(), buffer.size(), &size) == 1, "reading");
    need(::write(file, buffer.data(), size) == static_cast<ssize_t>(size), "writing");
    have += size;
  }
  need(::fdatasync(file) == 0, "sync");
  ::close(file);
  size_t sent = 0;
  need(SSL_write_ex(session, "!", 1, &sent) == 1, "answering");
}

}  // namespace

struct PlainTls::State {
  std::filesystem::path folder;
  SSL_CTX* server = nullptr;
  SSL_CTX* client = nullptr;
  SSL* at_server = nullptr;
  SSL* at_client = nullptr;
  int ends[2] = {-1, -1};

  ~State() {
    SSL_free(at_server), SSL_free(at_client);
    SSL_CTX_free(server), SSL_CTX_free(client);
    ::close(ends[0]), ::close(ends[1]);
  }
  void connect();
};

// Two ends of a TCP connection over loopback.
void PlainTls::State::connect() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  need(::bind(listener, any, size) == 0 && ::listen(listener, 1) == 0 &&
           ::getsockname(listener, any, &size) == 0,
       "no port");
  ends[1] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  need(::connect(ends[1], any, size) == 0, "no connection");
  ends[0] = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  ::close(listener);
}

PlainTls::PlainTls(const std::filesystem::path& folder) : state_(std::make_unique<State>()) {
  state_->folder = folder;
  need(host::make_site_keys(folder / "plain", "tls", 2).ok(), "no keys");
  state_->server = SSL_CTX_new(TLS_server_method());
  state_->client = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(state_->server, TLS1_3_VERSION);
  need(SSL_CTX_use_certificate_file(state_->server, (folder / "plain/tls.tls.crt").c_str(),
                                    SSL_FILETYPE_PEM) == 1,
       "certificate");
  need(SSL_CTX_use_PrivateKey_file(state_->server, (folder / "plain/tls.tls.key").c_str(),
                                   SSL_FILETYPE_PEM) == 1,
       "key");
  state_->connect();
  state_->at_server = SSL_new(state_->server);
  state_->at_client = SSL_new(state_->client);
  SSL_set_fd(state_->at_server, state_->ends[0]);
  SSL_set_fd(state_->at_client, state_->ends[1]);
  std::thread accepting([&] { need(SSL_accept(state_->at_server) == 1, "shaking hands"); });
  need(SSL_connect(state_->at_client) == 1, "shaking hands");
  accepting.join();
}

PlainTls::~PlainTls() = default;

void PlainTls::copy(const Contents& contents) {
  size_t total = 0;
  for (const std::string& bytes : contents.all()) total += bytes.size();
  std::thread reader([&] { reads_into(state_->at_server, state_->folder / "copy", total); });
  for (const std::string& bytes : contents.all()) {
    size_t sent = 0;
    need(SSL_write_ex(state_->at_client, bytes.data(), bytes.size(), &sent) == 1, "sending");
  }
  char answer = 0;
  size_t size = 0;
  need(SSL_read_ex(state_->at_client, &answer, 1, &size) == 1, "no answer");
  reader.join();
}

}  // namespace garita::bench
