# FILES (paths joined by |) -> OUT: a table of their names and texts (requirement.cpp reads it).
string(REPLACE "|" ";" files "${FILES}")
set(rows "")
foreach(path ${files})
  get_filename_component(name ${path} NAME)
  file(READ ${path} text)
  string(APPEND rows "    {\"${name}\", R\"garita(${text})garita\"},\n")
endforeach()
file(WRITE ${OUT} "#include \"conformance/requirements/embedded.hpp\"\n\nnamespace garita::conformance {\nnamespace {\n"
  "const EmbeddedFile files[] = {\n${rows}};\n}  // namespace\n"
  "std::span<const EmbeddedFile> embedded_files() { return files; }\n}  // namespace garita::conformance\n")
