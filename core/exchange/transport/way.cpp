#include "core/exchange/transport/way.hpp"

#include <algorithm>
#include <charconv>

#include "core/exchange/transport/folder_transport.hpp"
#include "core/exchange/transport/nats_transport.hpp"
#include "core/exchange/transport/tls_transport.hpp"

namespace garita::exchange {
namespace {

base::Error bad_way(const std::string& given) {
  return {base::Outcome::usage, "exchange.bad_way", {{"given", given}}};
}

struct HostAndPort {
  std::string host;
  uint16_t port = 0;
};

// "host:port", "[::1]:port"
std::optional<HostAndPort> host_and_port(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  HostAndPort address;
  const std::string_view digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  address.host = host;
  return address;
}

template <typename Made>
base::Result<std::unique_ptr<Transport>> as_transport(base::Result<std::unique_ptr<Made>> made) {
  if (!made) return made.error();
  return std::unique_ptr<Transport>(*std::move(made));
}

}  // namespace

bool is_site_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

base::Result<std::unique_ptr<Transport>> open_way(const std::string& way, const WaySettings& settings,
                                                  const base::Clock& clock) {
  const size_t colon = way.find(':');
  const std::string kind = way.substr(0, colon);
  std::string rest = colon == std::string::npos ? "" : way.substr(colon + 1);
  if (!is_site_name(settings.own) || !is_site_name(settings.peer)) return bad_way(way);
  if (kind == "folder" && !rest.empty()) {
    FolderOptions options{.folder = rest, .own = settings.own, .peer = settings.peer};
    return std::unique_ptr<Transport>(std::make_unique<FolderTransport>(std::move(options)));
  }
  const bool is_nats = kind.starts_with("nats");
  const size_t slash = is_nats && rest.starts_with("//") ? rest.find('/', 2) : std::string::npos;
  const std::string domain = slash == std::string::npos ? "" : rest.substr(slash + 1);
  rest.resize(std::min(slash, rest.size()));
  if (slash != std::string::npos && !is_site_name(domain)) return bad_way(way);
  const auto address =
      rest.starts_with("//") ? host_and_port(std::string_view(rest).substr(2)) : std::nullopt;
  if (!address) return bad_way(way);
  if (kind == "tls" || kind == "tls-listen")
    return as_transport(TlsTransport::open({.host = address->host,
                                            .port = address->port,
                                            .listens = kind == "tls-listen",
                                            .identity = settings.identity},
                                           clock));
  if (kind != "nats" && kind != "nats+tls") return bad_way(way);
  NatsOptions options{.url = (kind == "nats" ? "nats:" : "tls:") + rest,
                      .own = settings.own,
                      .peer = settings.peer,
                      .credentials_file = settings.credentials_file,
                      .domain = domain,
                      .max_bytes = settings.stream_bytes,
                      .replicas = settings.replicas};
  if (kind == "nats+tls") {
    options.ca_file = settings.ca_file;
    options.certificate_file = settings.identity.certificate_file;
    options.key_file = settings.identity.key_file;
  }
  return as_transport(NatsTransport::open(options));
}

}  // namespace garita::exchange
