// A driver around libcurl as Debian builds it, unmodified: it fetches one scan over HTTP by the library's own sockets.
// The body is "SCAN <rows> <columns>\n" and the rows, u8.
#include <curl/curl.h>

#include <cstdio>
#include <cstring>
#include <string>

#include "garita/garita.hpp"

namespace {

constexpr size_t most_bytes = 64 << 20;

struct Fetched : garita::Device {
  explicit Fetched(const garita::Opening& opening) : Device(opening) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi_ = curl_multi_init();
    fetch("http://192.0.2.7:8080/scan");
    if (host().config<bool>("elsewhere")) fetch("http://198.51.100.9/collect");
  }

  // The handles die with the process: a driver is never unloaded.
  void fetch(const char* url) {
    CURL* const easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Fetched::take);
    curl_multi_add_handle(multi_, easy);
  }

  static size_t take(const char* data, size_t, size_t size, void* self) {
    std::string& body = static_cast<Fetched*>(self)->body_;
    if (body.size() + size > most_bytes) return 0;
    body.append(data, size);
    return size;
  }

  void next() override {
    if (told_) throw garita::Stop{GARITA_END};
    if (in_scan()) return next_row();
    int running = 0;
    curl_multi_perform(multi_, &running);
    if (running == 0) return begin();
    curl_multi_poll(multi_, nullptr, 0, 20, nullptr);
    throw garita::Stop{GARITA_TIMEOUT};
  }

  void begin() {
    if (std::sscanf(body_.c_str(), "SCAN %zu %zu\n", &rows_, &columns_) != 2 || columns_ == 0 || columns_ > 4096 ||
        rows_ == 0 || rows_ > most_bytes / columns_)
      garita::fail(GARITA_DEVICE_LOST, "the scanner's web server gave no scan");
    at_ = body_.find('\n') + 1;
    if (body_.size() - at_ != rows_ * columns_) garita::fail(GARITA_DATA_TRUNCATED, "the scan's body is cut");
    garita::View view{.name = "top", .columns = static_cast<uint32_t>(columns_)};
    view.sample_type = GARITA_SAMPLE_U8;
    view.fidelity = GARITA_FIDELITY_DISPLAY;
    view.polarity = GARITA_POLARITY_UNKNOWN;
    view.channels[0].kind = GARITA_CHANNEL_SINGLE;
    lines_.begin({.key = "fetched-1", .views = {view}});
  }

  void next_row() {
    const garita::Row row = lines_.row();  // may wait for a strip: nothing is taken before
    std::memcpy(row.bytes(0).data(), body_.data() + at_, columns_);
    lines_.add(row, {.line_index = lines_.rows()});
    at_ += columns_;
    if (lines_.rows() < rows_) return;
    lines_.end();
    told_ = true;
  }

  garita::LineScan lines_{*this};
  CURLM* multi_ = nullptr;
  std::string body_;
  size_t rows_ = 0, columns_ = 0, at_ = 0;
  bool told_ = false;
};

}  // namespace

GARITA_DRIVER(Fetched, "org.garita.fetched", "1.0.0", garita::models("F1"), "shape.scan")
