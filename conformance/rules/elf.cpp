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

namespace {

constexpr uint64_t most_entries = 65536;

// The file's part that is loaded at `address`.
std::optional<uint64_t> offset_of(std::span<const std::byte> file, const Elf64_Ehdr& header, uint64_t address) {
  for (uint16_t i = 0; i < header.e_phnum; ++i) {
    const auto segment = at<Elf64_Phdr>(file, header.e_phoff + uint64_t{i} * sizeof(Elf64_Phdr));
    if (!segment || segment->p_type != PT_LOAD) continue;
    if (address >= segment->p_vaddr && address - segment->p_vaddr < segment->p_filesz)
      return address - segment->p_vaddr + segment->p_offset;
  }
  return std::nullopt;
}

std::string text_at(std::span<const std::byte> file, uint64_t strings, uint64_t offset) {
  if (strings > file.size() || offset >= file.size() - strings) return {};
  const char* const begin = reinterpret_cast<const char*>(file.data()) + strings + offset;
  return std::string(begin, strnlen(begin, std::min<size_t>(256, file.size() - strings - offset)));
}

struct Dynamic {
  uint64_t strings = 0, versions = 0, version_count = 0;
  std::vector<uint64_t> needed, paths;
};

void read_dynamic(std::span<const std::byte> file, const Elf64_Ehdr& header, const Elf64_Phdr& segment, Dynamic& dynamic,
                  Build& own) {
  for (uint64_t i = 0; i < std::min(most_entries, segment.p_filesz / sizeof(Elf64_Dyn)); ++i) {
    const auto entry = at<Elf64_Dyn>(file, segment.p_offset + i * sizeof(Elf64_Dyn));
    if (!entry || entry->d_tag == DT_NULL) return;
    const uint64_t value = entry->d_un.d_val;
    switch (entry->d_tag) {
      case DT_STRTAB: dynamic.strings = offset_of(file, header, value).value_or(0); break;
      case DT_VERNEED: dynamic.versions = offset_of(file, header, value).value_or(0); break;
      case DT_VERNEEDNUM: dynamic.version_count = value; break;
      case DT_NEEDED: dynamic.needed.push_back(value); break;
      case DT_RPATH:
      case DT_RUNPATH: dynamic.paths.push_back(value); break;
      case DT_TEXTREL: own.text_relocations = true; break;
      case DT_BIND_NOW: own.bind_now = true; break;
      case DT_FLAGS:
        own.bind_now = own.bind_now || (value & DF_BIND_NOW) != 0;
        own.text_relocations = own.text_relocations || (value & DF_TEXTREL) != 0;
        break;
      case DT_FLAGS_1: own.bind_now = own.bind_now || (value & DF_1_NOW) != 0; break;
      default: break;
    }
  }
}

void read_versions(std::span<const std::byte> file, const Dynamic& dynamic, Build& own) {
  uint64_t place = dynamic.versions;
  for (uint64_t i = 0; place != 0 && i < std::min(most_entries, dynamic.version_count); ++i) {
    const auto library = at<Elf64_Verneed>(file, place);
    if (!library) return;
    uint64_t name = place + library->vn_aux;
    for (uint16_t k = 0; k < library->vn_cnt; ++k) {
      const auto version = at<Elf64_Vernaux>(file, name);
      if (!version) return;
      own.versions.push_back(text_at(file, dynamic.strings, version->vna_name));
      if (version->vna_next == 0) break;
      name += version->vna_next;
    }
    if (library->vn_next == 0) return;
    place += library->vn_next;
  }
}

bool holds_build_id(std::span<const std::byte> file, const Elf64_Phdr& segment) {
  uint64_t place = segment.p_offset;
  const uint64_t end = segment.p_offset + std::min<uint64_t>(segment.p_filesz, file.size());
  for (uint64_t i = 0; i < most_entries && place < end; ++i) {
    const auto note = at<Elf64_Nhdr>(file, place);
    if (!note) return false;
    if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && note->n_descsz >= 8) return true;
    place += sizeof *note + ((uint64_t{note->n_namesz} + 3) & ~uint64_t{3}) + ((uint64_t{note->n_descsz} + 3) & ~uint64_t{3});
  }
  return false;
}

}  // namespace

base::Result<Build> read_build(const std::filesystem::path& path) {
  const base::Error no_elf{base::Outcome::not_loaded, "conform.no_elf", {{"path", path.string()}}};
  GARITA_TRY_ASSIGN(bytes, base::read_file(path, max_binary_bytes));
  const std::span<const std::byte> file(bytes);
  const auto header = at<Elf64_Ehdr>(file, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
      header->e_phentsize != sizeof(Elf64_Phdr))
    return no_elf;
  Build own;
  own.executable_stack = true;  // what a binary without the header asks for
  Dynamic dynamic;
  for (uint16_t i = 0; i < header->e_phnum; ++i) {
    const auto segment = at<Elf64_Phdr>(file, header->e_phoff + uint64_t{i} * sizeof(Elf64_Phdr));
    if (!segment) return no_elf;
    if (segment->p_type == PT_GNU_RELRO) own.relro = true;
    if (segment->p_type == PT_GNU_STACK) own.executable_stack = (segment->p_flags & PF_X) != 0;
    if (segment->p_type == PT_LOAD && (segment->p_flags & PF_W) && (segment->p_flags & PF_X)) own.writable_code = true;
    if (segment->p_type == PT_NOTE && holds_build_id(file, *segment)) own.build_id = true;
    if (segment->p_type == PT_DYNAMIC) read_dynamic(file, *header, *segment, dynamic, own);
  }
  for (const uint64_t name : dynamic.needed) own.libraries.push_back(text_at(file, dynamic.strings, name));
  for (const uint64_t name : dynamic.paths) own.search_path += text_at(file, dynamic.strings, name);
  read_versions(file, dynamic, own);
  return own;
}

}  // namespace garita::conformance
