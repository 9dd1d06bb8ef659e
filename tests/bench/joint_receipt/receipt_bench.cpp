// joint.receipt_mbytes   sealed contents, from the first put() into the outbox until the last signed receipt
// was verified there:
//                        over a NATS server on loopback, JetStream with file storage
// joint.vs_nats          the same bytes against plain publishing of 512 KiB messages into a stream of that
// server, until it has
//                        acknowledged the last; nobody fetches them
// joint.vs_tls           the same by tls:// against a plain TLS 1.3 connection into a file that is on the
// disk before the end
//                        says so
//
// Outbox, inbox, server and copies lie on the disk that holds --folder (default /var/tmp). Both ratios are
// stated, not aimed at: the peers hash nothing, sign nothing, keep no outbox and ask nobody whether it
// arrived.
#include <algorithm>
#include <cstdio>

#include "core/base/testing/temporary_folder.hpp"
#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"
#include "tests/bench/joint_receipt/our_way.hpp"
#include "tests/bench/joint_receipt/plain_nats.hpp"
#include "tests/bench/joint_receipt/plain_tls.hpp"
#include "tests/exchange/nats_server.hpp"

namespace garita::bench {
namespace {

constexpr double target_mbytes = 100;
constexpr size_t content_bytes = 4'000'000;

double median_rate(const Lap& lap, double bytes) {
  std::vector<double> rates;
  for (const double seconds : lap.per_round) rates.push_back(bytes / seconds / 1e6);
  return median(rates);
}

int run(const Arguments& arguments) {
  if (!exchange::testing::NatsServer::installed())
    return std::fprintf(stderr,
                        "bench_joint_receipt: NO NATS SERVER, so there is no figure; install nats-server\n"),
           1;
  const base::testing::TemporaryFolder folder(arguments.value("folder", "/var/tmp"));
  const size_t count = std::stoul(arguments.value("count", "25"));
  const exchange::testing::NatsServer server(folder / "nats");
  OurWay by_nats(folder / "by-nats", OurWay::nats(server.url())), by_tls(folder / "by-tls", OurWay::tls());
  PlainNats plain_nats(server.url());
  PlainTls plain_tls(folder.path());
  const Contents contents(count, content_bytes);
  const auto laps = race({[&] { by_nats.carry(contents); }, [&] { plain_nats.publish(contents); },
                          [&] { by_tls.carry(contents); }, [&] { plain_tls.copy(contents); }},
                         {.rounds = arguments.rounds(5), .least_seconds = 0});
  const double bytes = static_cast<double>(count * content_bytes);
  std::vector<double> rates;
  for (const Lap& lap : laps) rates.push_back(median_rate(lap, bytes));
  std::fprintf(stderr,
               "  %zu contents of %.0f MB: by nats %.0f, plain nats %.0f, by tls %.0f, plain tls %.0f MB/s\n",
               count, content_bytes / 1e6, rates[0], rates[1], rates[2], rates[3]);
  return report(arguments, {{"joint.receipt_mbytes", rates[0], "MB/s", target_mbytes, Direction::at_least,
                             rates[0], std::nullopt},
                            rate_ratio("joint.vs_nats", 0, paired_ratio(laps[0], laps[1]), 1),
                            rate_ratio("joint.vs_tls", 0, paired_ratio(laps[2], laps[3]), 1)});
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) {
  return garita::bench::run(garita::bench::Arguments(argc, argv, {"folder", "count"}));
}
