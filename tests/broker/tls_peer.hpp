// A scanner that speaks TLS, with certificates made on the spot.
#pragma once

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "core/base/digest.hpp"
#include "tests/broker/loopback.hpp"

namespace garita::broker::testing {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};

// A key and a certificate for it; signed by `issuer`, or by itself.
class Identity {
 public:
  struct Wish {
    std::string name = "127.0.0.1";
    bool authority = false;
    long valid_from_s = -3600, valid_until_s = 3600;  // from now
  };

  Identity(const Wish& wish, const Identity* issuer = nullptr) : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509* const made = certificate_.get();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 4711 + next_serial++);
    X509_gmtime_adj(X509_getm_notBefore(made), wish.valid_from_s);
    X509_gmtime_adj(X509_getm_notAfter(made), wish.valid_until_s);
    X509_set_pubkey(made, key_.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(issuer ? issuer->certificate_.get() : made));
    const bool number = wish.name.find_first_not_of("0123456789.") == std::string::npos;
    extend(NID_subject_alt_name, (number ? "IP:" : "DNS:") + wish.name);
    if (wish.authority) extend(NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(made, issuer ? issuer->key_.get() : key_.get(), EVP_sha256());
  }

  X509* certificate() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

  std::string pin() const {
    base::Digest digest{};
    X509_digest(certificate_.get(), EVP_sha256(), digest.data(), nullptr);
    return "sha256:" + base::to_text(digest);
  }
  std::string write_certificate(const std::string& path) const {
    FILE* file = fopen(path.c_str(), "w");
    PEM_write_X509(file, certificate_.get());
    fclose(file);
    return path;
  }
  std::string write_key(const std::string& path) const {
    FILE* file = fopen(path.c_str(), "w");
    PEM_write_PrivateKey(file, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    fclose(file);
    return path;
  }

 private:
  void extend(int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(certificate_.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }

  static inline long next_serial = 0;
  std::unique_ptr<EVP_PKEY, Free> key_;
  std::unique_ptr<X509, Free> certificate_;
};

// Takes one connection in a thread of its own and, when the hands are shaken, does with it what it was told.
class TlsPeer {
 public:
  using Talk = std::function<void(SSL*)>;

  struct Wish {
    int min_version = TLS1_2_VERSION, max_version = TLS1_3_VERSION;
    const Identity* wants_client_of = nullptr;  // asks for a certificate that this one has signed
  };

  // The identity outlives it.
  TlsPeer(const Identity& identity, Talk talk, const Wish& wish) : talk_(std::move(talk)) {
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_set_security_level(context_.get(), 0);  // old versions too, where a test asks for them
    SSL_CTX_set_min_proto_version(context_.get(), wish.min_version);
    SSL_CTX_set_max_proto_version(context_.get(), wish.max_version);
    SSL_CTX_use_certificate(context_.get(), identity.certificate());
    SSL_CTX_use_PrivateKey(context_.get(), identity.key());
    if (wish.wants_client_of) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), wish.wants_client_of->certificate());
      SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    thread_ = std::thread([this] { serve(); });
  }
  ~TlsPeer() {
    thread_.join();
  }

  std::string address(const std::string& options) const {
    return "tls://127.0.0.1:" + std::to_string(loopback_.port()) + options;
  }

  static void say(SSL* session, std::string_view bytes) {
    size_t sent = 0;
    for (; !bytes.empty(); bytes.remove_prefix(sent))
      if (SSL_write_ex(session, bytes.data(), bytes.size(), &sent) != 1) return;
  }
  static std::string hear(SSL* session, size_t size) {
    std::string bytes(size, '\0');
    size_t have = 0, got = 0;
    while (have < size && SSL_read_ex(session, bytes.data() + have, size - have, &got) == 1) have += got;
    return bytes.substr(0, have);
  }
  static void say_goodbye(SSL* session) { SSL_shutdown(session); }
  static void echo_all(SSL* session) {
    for (std::string bytes; !(bytes = hear(session, 1)).empty();) say(session, bytes);
  }

 private:
  void serve() {
    sigset_t pipe;  // OpenSSL writes with write()
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    Peer peer = loopback_.accept();
    const std::unique_ptr<SSL, Free> session(SSL_new(context_.get()));
    SSL_set_fd(session.get(), peer.descriptor());
    if (SSL_accept(session.get()) == 1) talk_(session.get());
    ERR_clear_error();
  }

  Loopback loopback_;
  Talk talk_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::thread thread_;
};

}  // namespace garita::broker::testing
