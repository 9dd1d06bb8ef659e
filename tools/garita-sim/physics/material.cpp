#include "tools/garita-sim/physics/material.hpp"

#include <span>

#include "tools/garita-sim/physics/xcom_table.hpp"

namespace garita::sim {
namespace {

struct Part {
  Element element;
  double mass;  // atoms in the formula x standard atomic weight
};

constexpr Part cellulose[] = {
    {Element::carbon, 6 * 12.011}, {Element::hydrogen, 10 * 1.008}, {Element::oxygen, 5 * 15.999}};
constexpr Part aluminium[] = {{Element::aluminium, 1}};
constexpr Part iron[] = {{Element::iron, 1}};
constexpr Part lead[] = {{Element::lead, 1}};
constexpr Part tungsten[] = {{Element::tungsten, 1}};
constexpr Part copper[] = {{Element::copper, 1}};
constexpr Part lead_tungstate[] = {
    {Element::lead, 207.2}, {Element::tungsten, 183.84}, {Element::oxygen, 4 * 15.999}};

std::span<const Part> parts(Material material) {
  switch (material) {
    case Material::organic:
      return cellulose;
    case Material::aluminium:
      return aluminium;
    case Material::steel:
      return iron;
    case Material::lead:
      return lead;
    case Material::tungsten:
      return tungsten;
    case Material::copper:
      return copper;
    case Material::scintillator:
      return lead_tungstate;
  }
  return {};
}

}  // namespace

std::string_view name(Material material) {
  constexpr std::string_view names[] = {"organic",  "aluminium", "steel",       "lead",
                                        "tungsten", "copper",    "scintillator"};
  return names[static_cast<size_t>(material)];
}

double mass_attenuation(Material material, double energy_mev) {
  double sum = 0, mass = 0;
  for (const Part& part : parts(material)) {
    sum += part.mass * mass_attenuation(part.element, energy_mev);
    mass += part.mass;
  }
  return sum / mass;
}

}  // namespace garita::sim
