#include "conformance/rules/elf.hpp"

#include <elf.h>

#include <cstring>
#include <optional>
#include <span>

#include "core/base/file.hpp"

namespace garita::conformance {
namespace {

constexpr uint64_t max_binary_bytes = 512u << 20;

template <typename T>
std::optional<T> at(std::span<const std::byte> file, uint64_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) return std::nullopt;
  T own;
  std::memcpy(&own, file.data() + offset, sizeof own);
  return own;
}

std::string text_at(std::span<const std::byte> file, const Elf64_Shdr& strings, uint32_t offset) {
  if (strings.sh_offset > file.size() || strings.sh_size > file.size() - strings.sh_offset ||
      offset >= strings.sh_size)
    return {};
  const char* const begin = reinterpret_cast<const char*>(file.data()) + strings.sh_offset + offset;
  return std::string(begin, strnlen(begin, strings.sh_size - offset));
}

bool is_exported(const Elf64_Sym& symbol) {
  const unsigned binding = ELF64_ST_BIND(symbol.st_info), visibility = ELF64_ST_VISIBILITY(symbol.st_other);
  return symbol.st_shndx != SHN_UNDEF && symbol.st_shndx != SHN_ABS && binding != STB_LOCAL &&
         (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

}  // namespace

base::Result<Symbols> read_symbols(const std::filesystem::path& path) {
  const base::Error no_elf{base::Outcome::not_loaded, "conform.no_elf", {{"path", path.string()}}};
  GARITA_TRY_ASSIGN(file, base::read_file(path, max_binary_bytes));
  const auto header = at<Elf64_Ehdr>(file, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_shentsize != sizeof(Elf64_Shdr))
    return no_elf;
  for (uint16_t i = 0; i < header->e_shnum; ++i) {
    const auto section = at<Elf64_Shdr>(file, header->e_shoff + uint64_t{i} * sizeof(Elf64_Shdr));
    if (!section) return no_elf;
    if (section->sh_type != SHT_DYNSYM) continue;
    const auto strings =
        at<Elf64_Shdr>(file, header->e_shoff + uint64_t{section->sh_link} * sizeof(Elf64_Shdr));
    if (!strings || section->sh_size > file.size()) return no_elf;
    Symbols own;
    for (uint64_t offset = sizeof(Elf64_Sym); offset + sizeof(Elf64_Sym) <= section->sh_size;
         offset += sizeof(Elf64_Sym)) {
      const auto symbol = at<Elf64_Sym>(file, section->sh_offset + offset);
      if (!symbol) return no_elf;
      const std::string name = text_at(file, *strings, symbol->st_name);
      if (name.empty()) continue;
      if (symbol->st_shndx == SHN_UNDEF) own.imported.push_back(name);
      if (is_exported(*symbol)) own.exported.push_back(name);
    }
    return own;
  }
  return no_elf;
}

}  // namespace garita::conformance
