# FILES (paths joined by |) -> OUT: a table of their names and texts behind NAMESPACE::FUNCTION, which HEADER declares.
string(REPLACE "|" ";" files "${FILES}")
set(rows "")
foreach(path ${files})
  get_filename_component(name ${path} NAME)
  file(READ ${path} text)
  string(APPEND rows "    {\"${name}\", R\"garita(${text})garita\"},\n")
endforeach()
file(WRITE ${OUT} "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\nnamespace {\n"
  "const base::EmbeddedFile files[] = {\n${rows}};\n}  // namespace\n"
  "std::span<const base::EmbeddedFile> ${FUNCTION}() { return files; }\n}  // namespace ${NAMESPACE}\n")
