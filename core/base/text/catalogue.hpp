// The table that text/generate.cpp makes of en.toml and es.toml; read it through core/base/text.hpp.
#pragma once

#include <span>
#include <string_view>

namespace garita::base {

// One id with its sentence in every language; "" where a file lacks it.
struct CatalogueRow {
  std::string_view id;
  const char* en;
  const char* es;
};

std::span<const CatalogueRow> catalogue();  // sorted by id, bytewise

}  // namespace garita::base
