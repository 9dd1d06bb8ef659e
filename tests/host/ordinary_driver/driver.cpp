// A driver that does what ordinary libraries do all the time, and asks its host for what they would open files for. One text
// comes on its stream: four bytes for its length, low byte first, and then GB18030. What came of all is said as health.
#include <iconv.h>

#include <clocale>
#include <cstdlib>
#include <ctime>
#include <locale>
#include <stdexcept>
#include <thread>

#include "garita/garita.hpp"

namespace {

struct Ordinary : garita::Device {
  using Device::Device;

  void next() override {
    const auto size = garita::read_little<uint32_t>(in_.need(4), 0);
    const auto bytes = in_.need(4 + size).subspan(4);
    const std::string text = host().to_utf8("GB18030", bytes);
    in_.consume(4 + size);
    say("text " + text);
    say("local year " + local_year());
    say(std::string("setlocale ") + (std::setlocale(LC_ALL, "") ? "it has one" : "none"));
    say("std::locale " + cpp_locale());
    say("thread " + from_a_thread());
    say(std::string("HOME ") + (std::getenv("HOME") ? "is told" : "is not told"));
    say(std::string("iconv ") + (iconv_open("UTF-8", "GB18030") == iconv_t(-1) ? "opens nothing" : "is there"));
  }

  void say(std::string what) { emit(garita::Health{.message = std::move(what)}); }

  static std::string local_year() {
    const std::time_t then = 1700000000;
    std::tm broken{};
    return std::to_string(localtime_r(&then, &broken)->tm_year + 1900);
  }
  static std::string cpp_locale() {
    try {
      return std::locale("zh_CN.GB18030").name();
    } catch (const std::runtime_error&) {
      return "none";
    }
  }
  static std::string from_a_thread() {
    int answer = 0;
    std::thread([&] { answer = 42; }).join();
    return std::to_string(answer);
  }

  garita::Bytes in_{*this, "scanner"};
};

}  // namespace

GARITA_DRIVER(Ordinary, "org.garita.ordinary", "1.0.0", garita::models("M1"), "shape.scan")
