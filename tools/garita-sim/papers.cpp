#include "tools/garita-sim/papers.hpp"

#include <iterator>

#include "tools/garita-sim/given.hpp"

namespace garita::sim {
namespace {

std::string digits(Random& random, int count) {
  std::string text;
  while (count-- > 0) text += static_cast<char>('0' + random.below(10));
  return text;
}

std::string letters(Random& random, int count) {
  constexpr std::string_view used = "ABCDEFGHJKLMNPRSTUVWXYZ";  // plates spare I, O and Q
  std::string text;
  while (count-- > 0) text += used[random.below(static_cast<uint32_t>(used.size()))];
  return text;
}

// ISO 6346: letters count 10, 12, 13, … (no multiples of 11), weights double from 1, modulo 11, 10 becomes 0.
char check_digit(const std::string& number) {
  int sum = 0;
  for (size_t i = 0; i < number.size(); ++i) {
    int value = number[i] - '0';
    if (number[i] >= 'A') {
      value = number[i] - 'A' + 10;
      value += value > 10;
      value += value > 21;
      value += value > 32;
    }
    sum += value << i;
  }
  return static_cast<char>('0' + sum % 11 % 10);
}

struct Home {
  const char *country, *state;
};
constexpr Home homes[] = {{"MX", "BCN"}, {"MX", "CHH"}, {"MX", "TAM"}, {"US", "TX"}, {"US", "CA"}};
constexpr const char* aduanas[] = {"07", "24", "30", "40"};

}  // namespace

std::string draw_container_number(Random& random) {
  const std::string number = "SIMU" + digits(random, 6);
  return number + check_digit(number);
}

Facts draw_papers(Random& random, const Truck& truck) {
  const Home& home = homes[random.below(std::size(homes))];
  const bool mexican = home.country[0] == 'M';
  const std::string plate =
      mexican ? digits(random, 2) + letters(random, 2) + digits(random, 1) + letters(random, 1)
              : letters(random, 1) + digits(random, 6);
  const std::string year = "25", carrier = "SIMX";
  const std::string pedimento =
      year + aduanas[random.below(std::size(aduanas))] + digits(random, 4) + year.back() + digits(random, 6);
  Facts facts;
  const auto add = [&](portal::Fact fact, std::string text) {
    facts.emplace_back(static_cast<uint8_t>(fact), std::move(text));
  };
  add(portal::Fact::plate, plate_or(plate));
  add(portal::Fact::plate_country, home.country);
  add(portal::Fact::plate_state, home.state);
  add(portal::Fact::container, container_or(draw_container_number(random)));
  add(portal::Fact::pedimento, pedimento);
  add(portal::Fact::carrier, carrier);
  add(portal::Fact::ace_trip, carrier + digits(random, 8));
  add(portal::Fact::shipment, carrier + digits(random, 9));
  add(portal::Fact::hs_code, truck.hs_code);
  add(portal::Fact::goods, truck.goods);
  return facts;
}

}  // namespace garita::sim
