// image.ratio_…, image.encode_…, image.decode_…: codec 2 against the codecs of its neighbours, on one core,
// in one run, in turns. Every code is decoded and compared before anything is measured. bench_image_codec
// [--ours 1] [--only CLASS]: ours alone, or some classes alone, for a quick look.
#include <algorithm>
#include <cstdio>
#include <tuple>

#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"
#include "tests/bench/image_codec/peers.hpp"

namespace garita::bench {
namespace {

struct Peer {
  const char* name;
  std::unique_ptr<PlaneCodec> (*make)();
};

constexpr Peer peers[] = {
    {"charls", make_charls}, {"htj2k", make_openjph}, {"jxl", make_jxl}, {"blosc", make_blosc}};
constexpr size_t peer_count = std::size(peers);

// One codec over all planes of a class.
class Runner {
 public:
  Runner(const PlaneClass& of, std::unique_ptr<PlaneCodec> (*make)()) : planes_(of.planes), out_(of.planes) {
    for (size_t i = 0; i < planes_.size(); ++i) codecs_.push_back(make());
  }
  size_t encode() {
    size_t sum = 0;
    for (size_t i = 0; i < planes_.size(); ++i) sum += codecs_[i]->encode(planes_[i]);
    return sum;
  }
  void decode() {
    for (size_t i = 0; i < planes_.size(); ++i) (void)codecs_[i]->decode(out_[i]);
  }
  // The size of the code; 0 where what comes back is not what went in.
  size_t proved() {
    for (Plane& plane : out_) std::fill(plane.samples.begin(), plane.samples.end(), uint16_t{0xA5A5});
    const size_t size = encode();
    decode();
    for (size_t i = 0; i < planes_.size(); ++i)
      if (planes_[i].samples != out_[i].samples) return 0;
    return size;
  }

 private:
  const std::vector<Plane>& planes_;
  std::vector<Plane> out_;
  std::vector<std::unique_ptr<PlaneCodec>> codecs_;
};

// Ours against one peer, class by class.
struct Against {
  std::vector<double> ratio, encode, decode;
};

bool measure(const PlaneClass& of, const RaceOptions& options, size_t count, std::vector<Against>& against) {
  std::vector<Runner> runners;
  runners.emplace_back(of, make_ours);
  for (size_t peer = 0; peer < count; ++peer) runners.emplace_back(of, peers[peer].make);
  std::vector<std::function<void()>> encoders, decoders;
  std::vector<double> sizes;
  for (size_t i = 0; i < runners.size(); ++i) {
    sizes.push_back(static_cast<double>(runners[i].proved()));
    if (sizes.back() == 0) {
      std::fprintf(stderr, "bench: %s: %s does not give back what it took\n", of.name.c_str(),
                   i == 0 ? "ours" : peers[i - 1].name);
      return false;
    }
    encoders.push_back([&runner = runners[i]] { runner.encode(); });
    decoders.push_back([&runner = runners[i]] { runner.decode(); });
  }
  const auto encoded = race(encoders, options), decoded = race(decoders, options);
  const auto bytes = static_cast<double>(of.size_bytes());
  std::printf("%-26s ours %.3f %.0f/%.0f", of.name.c_str(), bytes / sizes[0],
              bytes / encoded[0].seconds / 1e6, bytes / decoded[0].seconds / 1e6);
  for (size_t peer = 0; peer < count; ++peer) {
    against[peer].ratio.push_back(sizes[peer + 1] / sizes[0]);
    against[peer].encode.push_back(paired_ratio(encoded[0], encoded[peer + 1]));
    against[peer].decode.push_back(paired_ratio(decoded[0], decoded[peer + 1]));
    std::printf(" | %s %.3f %.0f/%.0f (%.3f %.1fx %.1fx)", peers[peer].name, bytes / sizes[peer + 1],
                bytes / encoded[peer + 1].seconds / 1e6, bytes / decoded[peer + 1].seconds / 1e6,
                against[peer].ratio.back(), against[peer].encode.back(), against[peer].decode.back());
  }
  std::printf("\n");
  std::fflush(stdout);
  return true;
}

Row mean_row(std::string name, double target, const std::vector<double>& ratios) {
  return rate_ratio(std::move(name), target, geometric_mean(ratios), 1);
}

Row worst_row(std::string name, double target, const std::vector<double>& ratios) {
  return rate_ratio(std::move(name), target, *std::min_element(ratios.begin(), ratios.end()), 1);
}

int run(const Arguments& arguments) {
  const RaceOptions options{arguments.rounds(5), 0.05, Cost::thread};
  const size_t count = arguments.value("ours").empty() ? peer_count : 0;
  std::vector<Against> all(peer_count), few(peer_count);
  const std::string only = arguments.value("only");
  for (const PlaneClass& of : plane_classes())
    if (of.name.find(only) != std::string::npos && !measure(of, options, count, of.few_valued ? few : all))
      return 1;
  if (count == 0 || !only.empty()) return 0;
  const auto& [charls, htj2k, jxl, blosc] = std::tie(all[0], all[1], all[2], all[3]);
  return report(
      arguments,
      {mean_row("image.ratio_charls", 1, charls.ratio),
       worst_row("image.ratio_charls_worst", 0.96, charls.ratio),
       mean_row("image.encode_charls", 20, charls.encode), mean_row("image.decode_charls", 22, charls.decode),
       mean_row("image.ratio_htj2k", 1.04, htj2k.ratio), mean_row("image.encode_htj2k", 7, htj2k.encode),
       mean_row("image.decode_htj2k", 3, htj2k.decode), worst_row("image.ratio_jxl", 1, jxl.ratio),
       mean_row("image.encode_jxl", 15, jxl.encode), mean_row("image.decode_jxl", 15, jxl.decode),
       mean_row("image.encode_blosc", 1.8, blosc.encode), mean_row("image.ratio_blosc", 1.08, blosc.ratio),
       mean_row("image.fewvalued_charls", 1.7, few[0].ratio)});
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) {
  return garita::bench::run(garita::bench::Arguments(argc, argv, {"ours", "only"}));
}
