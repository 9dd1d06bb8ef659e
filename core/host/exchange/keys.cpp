#include "core/host/exchange/keys.hpp"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "core/base/file.hpp"
#include "core/base/ids.hpp"
#include "core/base/signature.hpp"
#include "core/exchange/transport/way.hpp"

namespace garita::host {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

constexpr long seconds_a_day = 86'400, slack_s = 3'600;

base::Error failed(const std::string& path) {
  return {base::Outcome::no, "exchange.key_unusable", {{"what", path}}, 0};
}

std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<size_t>(size)};
}

base::Result<void> write_new(const std::filesystem::path& path, const std::string& text, mode_t mode) {
  GARITA_TRY_ASSIGN(file, base::AtomicFile::create(path, mode));
  GARITA_TRY(file.append(text));
  return file.commit_new();
}

bool extend(X509* certificate, int kind, const char* value) {
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Self-signed: peers pin it, nobody follows a chain.
base::Result<base::Digest> make_pair(const std::filesystem::path& folder, const std::string& name,
                                     const char* curve, const char* usage, unsigned days,
                                     const std::string& hosts = "") {
  const Owned<EVP_PKEY> key(EVP_EC_gen(curve));
  const Owned<X509> made(X509_new());
  const auto* const common = reinterpret_cast<const unsigned char*>(name.c_str());
  const bool good =
      key && made && X509_set_version(made.get(), 2) == 1 &&
      ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1) == 1 &&
      X509_gmtime_adj(X509_getm_notBefore(made.get()), -slack_s) &&
      X509_gmtime_adj(X509_getm_notAfter(made.get()), static_cast<long>(days) * seconds_a_day) &&
      X509_set_pubkey(made.get(), key.get()) == 1 &&
      X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC, common, -1, -1, 0) ==
          1 &&
      X509_set_issuer_name(made.get(), X509_get_subject_name(made.get())) == 1 &&
      extend(made.get(), NID_key_usage, usage) &&
      (hosts.empty() || extend(made.get(), NID_subject_alt_name, hosts.c_str())) &&
      X509_sign(made.get(), key.get(), EVP_sha256()) > 0;
  const std::string path = (folder / name).string();
  const Owned<BIO> secret(BIO_new(BIO_s_mem())), open(BIO_new(BIO_s_mem()));
  base::Digest pin{};
  if (!good ||
      PEM_write_bio_PKCS8PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(open.get(), made.get()) != 1 ||
      X509_digest(made.get(), EVP_sha256(), pin.data(), nullptr) != 1)
    return failed(path);
  GARITA_TRY(write_new(path + ".key", text_of(secret.get()), 0600));
  GARITA_TRY(write_new(path + ".crt", text_of(open.get()), 0644));
  return pin;
}

// As OpenSSL wants them, "DNS:hub1.example.org,IP:127.0.0.1"; "" where one is neither.
std::string alternatives(const std::vector<std::string>& hosts) {
  std::string all;
  for (const std::string& host : hosts) {
    unsigned char address[16];
    const bool number =
        ::inet_pton(AF_INET, host.c_str(), address) == 1 || ::inet_pton(AF_INET6, host.c_str(), address) == 1;
    const bool plain =
        !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](unsigned char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                 c == '-';
        });
    if (!number && !plain) return "";
    all += (all.empty() ? "" : ",") + std::string(number ? "IP:" : "DNS:") + host;
  }
  return all;
}

base::Error bad_name(const std::string& name) {
  return {base::Outcome::usage, "exchange.bad_name", {{"given", name}}, 0};
}

std::string host_list(const std::vector<std::string>& hosts) {
  std::string all;
  for (const std::string& host : hosts) all += (all.empty() ? "" : ", ") + host;
  return all;
}

}  // namespace

base::Result<base::Digest> make_site_keys(const std::filesystem::path& folder, const std::string& name,
                                          unsigned days) {
  if (!exchange::is_site_name(name)) return bad_name(name);
  GARITA_TRY(base::real_file_system().create_folders(folder, 0700));
  GARITA_TRY_ASSIGN(key, base::SigningKey::generate(base::SignatureAlgorithm::ed25519));
  GARITA_TRY(key.save(folder / (name + ".pem")));
  GARITA_TRY(write_new(folder / (name + ".pub"), base::to_base64(key.public_key().der()) + "\n", 0644));
  GARITA_TRY_ASSIGN(sealing, make_pair(folder, name + ".seal", "P-384", "critical,keyAgreement", days));
  (void)sealing;
  return make_pair(folder, name + ".tls", "P-256", "critical,digitalSignature", days);
}

base::Result<base::Digest> make_node_keys(const std::filesystem::path& folder, const std::string& name,
                                          const std::vector<std::string>& hosts, unsigned days) {
  const std::string shown = alternatives(hosts);
  if (!exchange::is_site_name(name)) return bad_name(name);
  if (shown.empty())
    return base::Error{
        base::Outcome::usage, "fleet.host", {{"given", host_list(hosts)}, {"key", "--host"}}, 0};
  GARITA_TRY(base::real_file_system().create_folders(folder, 0700));
  return make_pair(folder, name, "P-256", "critical,digitalSignature", days, shown);
}

}  // namespace garita::host
