# garita_add_conformance_test(DRIVER [NAME test] [INPUT conform.toml] [SOURCES NAME=ADDRESS …] [TWIN twin.toml]
#   [OBJECT recording.toml] [WAIVERS file.toml] [PROFILE name] [LEVEL 1-3] [REPEAT n] [JOBS n] [SMOKE] [TIMEOUT seconds])
#
# A test of CTest that runs the kit over a driver of garita_add_driver() as `garita-conform run` does, by the options of the
# same names. It passes where the kit's exit code is 0, and leaves <build>/conformance/<test>.xml (JUnit), .jsonl (what
# happened, for `garita-conform report`) and .tar.zst (the evidence, for `garita-conform certify`).
#
# NAME is conformance/<driver> unless it is given, TIMEOUT 1800. enable_testing() comes before.
function(garita_add_conformance_test driver)
  cmake_parse_arguments(ARG "SMOKE" "NAME;INPUT;TWIN;OBJECT;WAIVERS;PROFILE;LEVEL;REPEAT;JOBS;TIMEOUT" "SOURCES" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "garita_add_conformance_test(${driver}): '${ARG_UNPARSED_ARGUMENTS}' is no option of it.")
  endif()
  if(NOT TARGET driver_${driver})
    message(FATAL_ERROR "garita_add_conformance_test(${driver}): there is no such driver; garita_add_driver(${driver} …) comes first.")
  endif()
  if(NOT ARG_NAME)
    set(ARG_NAME conformance/${driver})
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 1800)
  endif()

  get_target_property(folder driver_${driver} LIBRARY_OUTPUT_DIRECTORY)
  string(MAKE_C_IDENTIFIER ${ARG_NAME} file)
  set(out ${CMAKE_BINARY_DIR}/conformance)
  file(MAKE_DIRECTORY ${out})
  set(command ${Garita_BIN_DIR}/garita-conform run --driver ${folder}/${driver}.garita.json
    --junit ${out}/${file}.xml --out ${out}/${file}.jsonl --evidence ${out}/${file}.tar.zst)
  foreach(option INPUT TWIN OBJECT WAIVERS)  # files, beside the CMakeLists.txt that names them
    if(ARG_${option})
      get_filename_component(path ${ARG_${option}} ABSOLUTE)
      string(TOLOWER ${option} word)
      list(APPEND command --${word} ${path})
    endif()
  endforeach()
  foreach(option PROFILE LEVEL REPEAT JOBS)
    if(ARG_${option})
      string(TOLOWER ${option} word)
      list(APPEND command --${word} ${ARG_${option}})
    endif()
  endforeach()
  foreach(source ${ARG_SOURCES})
    list(APPEND command --source ${source})
  endforeach()
  if(ARG_SMOKE)
    list(APPEND command --smoke)
  endif()

  add_test(NAME ${ARG_NAME} COMMAND ${command})
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS conformance TIMEOUT ${ARG_TIMEOUT})
endfunction()
