#include "tests/bench/fleet_catalog/traffic.hpp"

#include <array>
#include <cstdio>

#include "core/base/digest.hpp"

namespace garita::bench {
namespace {

using catalog::IdentifierKind;

constexpr int64_t ns_a_second = 1'000'000'000, ns_an_hour = 3600 * ns_a_second, ns_a_day = 24 * ns_an_hour;
constexpr int64_t first_ns = 1'709'251'200 * ns_a_second;  // 2024-03-01
constexpr int64_t apart_ns = 63 * ns_a_second;             // a million passages are two years
constexpr std::array<const char*, 9> sites = {"mexicali",       "ciudad-juarez",   "sonoyta",
                                              "felipe-angeles", "dos-bocas",       "manzanillo",
                                              "veracruz",       "lazaro-cardenas", "altamira"};
constexpr std::array<const char*, 4> vendors = {"Vendor A", "Vendor B", "Vendor C", "Vendor D"};

// Scatters n, the same on every machine (splitmix64).
uint64_t scattered(uint64_t n) {
  n += 0x9e3779b97f4a7c15;
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
  n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
  return n ^ (n >> 31);
}

std::string numbered(const char* form, uint64_t number) {
  char text[64];
  std::snprintf(text, sizeof text, form, static_cast<unsigned long long>(number));
  return text;
}

std::string container(uint64_t truck) {
  const uint64_t h = scattered(truck * 3 + 1);
  return {static_cast<char>('A' + h % 26),           static_cast<char>('A' + h / 26 % 26),
          static_cast<char>('A' + h / 676 % 26),     'U',
          static_cast<char>('0' + h / 17576 % 10),   static_cast<char>('0' + h / 175760 % 10),
          static_cast<char>('0' + h / 1757600 % 10), static_cast<char>('0' + (h >> 40) % 10),
          static_cast<char>('0' + (h >> 44) % 10),   static_cast<char>('0' + (h >> 48) % 10),
          static_cast<char>('0' + (h >> 52) % 10)};
}

std::string plate(uint64_t truck) {
  const uint64_t h = scattered(truck * 3 + 2);
  std::string text;
  for (int i = 0; i < 3; ++i) text += static_cast<char>('A' + (h >> (8 * i)) % 26);
  for (int i = 3; i < 7; ++i) text += static_cast<char>('0' + (h >> (8 * i)) % 10);
  return text;
}

std::string pedimento(uint64_t n) { return numbered("26%013llu", scattered(n * 3) % 10'000'000'000'000); }
std::string awb(uint64_t n) { return numbered("%011llu", scattered(n * 5) % 100'000'000'000); }

}  // namespace

catalog::Entry passage(uint64_t n) {
  const uint64_t h = scattered(n), truck = scattered(h) % 300'000;
  const auto one_in = [h](int shift, uint64_t of) { return (h >> shift) % of == 0; };
  catalog::Entry entry;
  const size_t site = std::min<size_t>(h % 16, 8), lane = h / 16 % 4;
  entry.site = sites[site];
  entry.lane = entry.site + "-" + std::to_string(lane + 1);
  entry.vendor = vendors[(site + lane) % vendors.size()];
  entry.model = entry.vendor + " 1";
  entry.utc_ns = first_ns + static_cast<int64_t>(n) * apart_ns;
  entry.scan_key = numbered("scan-%012llu", n);
  entry.path =
      std::string("/srv/garita/") + entry.lane + numbered("/20260301T000000Z-%012llu", n) + ".garita";
  entry.root = base::sha256(entry.scan_key);
  entry.inspection_id = base::to_text(entry.root).substr(0, 36);
  entry.size_bytes = 2'000'000 + h % 3'000'000;
  entry.identifiers.push_back({IdentifierKind::plate, plate(truck)});
  if (truck % 3 != 0) entry.identifiers.push_back({IdentifierKind::container, container(truck)});
  if (n % 2 == 0) entry.identifiers.push_back({IdentifierKind::pedimento, pedimento(n)});
  if (n % 20 == 0) entry.identifiers.push_back({IdentifierKind::awb, awb(n)});
  if (one_in(8, 250)) entry.alarms = catalog::alarm_gamma;
  if (one_in(16, 2000)) entry.alarms |= catalog::alarm_neutron;
  if (one_in(24, 50)) entry.categories.machine = 2u << (h >> 32) % 11;
  entry.incomplete = one_in(40, 300);
  entry.decision = one_in(48, 200)  ? v1::Decision::VERDICT_HOLD
                   : one_in(52, 50) ? v1::Decision::VERDICT_SECONDARY
                                    : v1::Decision::VERDICT_RELEASE;
  return entry;
}

std::vector<Question> questions(uint64_t rows, size_t count) {
  std::mt19937_64 random(7);
  std::vector<Question> all;
  const auto any = [&] { return random() % rows; };
  const auto add = [&](std::string kind, bool has_answer, auto set) {
    for (size_t i = 0; i < count; ++i) {
      Question question{kind, {}, has_answer};
      set(question.query);
      all.push_back(std::move(question));
    }
  };
  const auto identifier = [](catalog::Query& query, IdentifierKind kind, std::string value) {
    query.identifiers.push_back({kind, std::move(value)});
  };
  const auto within = [](catalog::Query& query, int64_t from_ns, int64_t length_ns) {
    query.from_utc_ns = from_ns;
    query.to_utc_ns = from_ns + length_ns;
  };
  const auto a_time = [&] { return first_ns + static_cast<int64_t>(any()) * apart_ns; };
  const int64_t now_ns = first_ns + static_cast<int64_t>(rows) * apart_ns;
  const auto a_truck = [&] { return scattered(scattered(any())) % 300'000; };
  const auto a_truck_with_container = [&] {
    uint64_t truck = a_truck();
    while (truck % 3 == 0) truck = a_truck();
    return truck;
  };

  add("container", true,
      [&](auto& q) { identifier(q, IdentifierKind::container, container(a_truck_with_container())); });
  add("plate", true, [&](auto& q) { identifier(q, IdentifierKind::plate, plate(a_truck())); });
  add("plate, its first four", true,
      [&](auto& q) { identifier(q, IdentifierKind::plate, plate(a_truck()).substr(0, 4) + '*'); });
  add("pedimento", true,
      [&](auto& q) { identifier(q, IdentifierKind::pedimento, pedimento(any() / 2 * 2)); });
  add("air waybill", true, [&](auto& q) { identifier(q, IdentifierKind::awb, awb(any() / 20 * 20)); });
  add("container that never came", false,
      [&](auto& q) { identifier(q, IdentifierKind::container, "XXXX0000000"); });
  add("last of a site", true, [&](auto& q) { q.site = sites[any() % 9]; });
  add("a lane's day", true, [&](auto& q) {
    q.lane = std::string(sites[any() % 9]) + "-2";
    within(q, a_time() - ns_a_day, ns_a_day * 2);
  });
  add("an hour of everything", true, [&](auto& q) { within(q, a_time() - ns_an_hour, 2 * ns_an_hour); });
  add("vendor's hours", true, [&](auto& q) {
    q.vendor = vendors[any() % 4];
    within(q, a_time() - ns_a_day / 2, ns_a_day);
  });
  add("neutron alarms", true, [&](auto& q) { q.alarms = catalog::alarm_neutron; });
  add("alarms of a site", true, [&](auto& q) {
    q.alarms = catalog::alarm_gamma | catalog::alarm_neutron;
    q.site = sites[any() % 9];
  });
  add("category this month", true, [&](auto& q) {
    q.category = v1::CATEGORY_FENTANYL;
    within(q, now_ns - 30 * ns_a_day, 31 * ns_a_day);
  });
  add("category of a vendor", true, [&](auto& q) {
    q.category = v1::CATEGORY_FIREARM;
    q.vendor = vendors[any() % 4];
  });
  add("cut short this month", true, [&](auto& q) {
    q.incomplete = true;
    within(q, now_ns - 30 * ns_a_day, 31 * ns_a_day);
  });
  add("on hold at a site", true, [&](auto& q) {
    q.decision = v1::Decision::VERDICT_HOLD;
    q.site = sites[any() % 9];
  });
  return all;
}

}  // namespace garita::bench
