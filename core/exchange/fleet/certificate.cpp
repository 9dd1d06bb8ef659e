#include "core/exchange/fleet/certificate.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <optional>

namespace garita::exchange {
namespace {

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

constexpr int max_trusted = 1'024;

Owned<X509> parse(BIO* from) { return Owned<X509>(PEM_read_bio_X509(from, nullptr, nullptr, nullptr)); }
Owned<BIO> memory_of(const std::string& text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

std::string common_name(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  if (X509_NAME_entry_count(subject) != 1) return "";
  const X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, 0);
  if (OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) != NID_commonName) return "";
  return text_of(X509_NAME_ENTRY_get_data(entry));
}

std::vector<std::string> other_names(const X509* certificate) {
  std::vector<std::string> all;
  const Owned<GENERAL_NAMES> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS || name->type == GEN_EMAIL || name->type == GEN_URI)
      all.push_back(text_of(name->d.ia5));
  }
  return all;
}

std::optional<int64_t> utc_ns(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return static_cast<int64_t>(::timegm(&parts)) * 1'000'000'000;
}

std::string pem_of(X509* certificate) {
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  char* bytes = nullptr;
  if (!out || PEM_write_bio_X509(out.get(), certificate) != 1) return "";
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<size_t>(size)};
}

}  // namespace

base::Result<FleetCertificate> read_fleet_certificate(const std::string& pem, const std::string& what) {
  const base::Error unusable{base::Outcome::usage, "exchange.key_unusable", {{"what", what}}, 0};
  const Owned<BIO> text = memory_of(pem);
  const Owned<X509> certificate = text ? parse(text.get()) : nullptr;
  if (!certificate) return unusable;
  const auto from = utc_ns(X509_get0_notBefore(certificate.get())),
             until = utc_ns(X509_get0_notAfter(certificate.get()));
  FleetCertificate read{pem_of(certificate.get()), common_name(certificate.get()),
                        other_names(certificate.get()), from.value_or(0), until.value_or(0)};
  if (read.pem.empty() || !from || !until) return unusable;
  return read;
}

bool stands_for(const FleetCertificate& certificate, const std::string& host) {
  const Owned<BIO> text = memory_of(certificate.pem);
  const Owned<X509> parsed = text ? parse(text.get()) : nullptr;
  if (!parsed) return false;
  return X509_check_ip_asc(parsed.get(), host.c_str(), 0) == 1 ||
         X509_check_host(parsed.get(), host.c_str(), host.size(), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
                         nullptr) == 1;
}

bool is_vouched_for(const FleetCertificate& certificate, const std::string& trusted) {
  const Owned<BIO> text = memory_of(certificate.pem), others = memory_of(trusted);
  const Owned<X509> parsed = text ? parse(text.get()) : nullptr;
  const Owned<X509_STORE> store(X509_STORE_new());
  const Owned<X509_STORE_CTX> context(X509_STORE_CTX_new());
  if (!parsed || !others || !store || !context) return false;
  for (int i = 0; i < max_trusted; ++i) {
    const Owned<X509> one = parse(others.get());
    if (!one) break;
    if (X509_STORE_add_cert(store.get(), one.get()) != 1) return false;
  }
  X509_STORE_set_flags(store.get(), X509_V_FLAG_NO_CHECK_TIME);
  return X509_STORE_CTX_init(context.get(), store.get(), parsed.get(), nullptr) == 1 &&
         X509_verify_cert(context.get()) == 1;
}

}  // namespace garita::exchange
