# One verb for each kind of target. Modules state facts (sources lie in their folder, what they stand on); warnings,
# visibility, sanitizers and the standard live here and in GaritaSettings.
include(GoogleTest)
include(${CMAKE_SOURCE_DIR}/sdk/cmake/GaritaAddDriver.cmake)

# The *.cpp of the current folder (not of folders below), or those given after SOURCES.
macro(garita_sources)
  set(sources ${ARG_SOURCES})
  if(NOT sources)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  endif()
endmacro()

# garita_embed(OUT HEADER header.hpp NAMESPACE ns FUNCTION name FILES files): files of the source tree as texts in the program.
# OUT names the .cpp that defines `std::span<const base::EmbeddedFile> ns::name()`; HEADER declares it.
function(garita_embed out)
  cmake_parse_arguments(ARG "" "HEADER;NAMESPACE;FUNCTION" "FILES" ${ARGN})
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded.cpp)
  list(JOIN ARG_FILES "|" files)
  add_custom_command(OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} "-DFILES=${files}" -DOUT=${source} -DHEADER=${ARG_HEADER} -DNAMESPACE=${ARG_NAMESPACE}
      -DFUNCTION=${ARG_FUNCTION} -P ${CMAKE_SOURCE_DIR}/tools/cmake/embed.cmake
    DEPENDS ${ARG_FILES} ${CMAKE_SOURCE_DIR}/tools/cmake/embed.cmake COMMENT "Compiling ${ARG_FUNCTION}" VERBATIM)
  set(${out} ${source} PARENT_SCOPE)
endfunction()

# garita_add_library(NAME [SOURCES …] [LIBS …] [PRIVATE …]): a room of core. A room without a .cpp is header-only.
function(garita_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;PRIVATE" ${ARGN})
  garita_sources()
  if(sources)
    add_library(garita_${name} STATIC ${sources})
    target_include_directories(garita_${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
    target_link_libraries(garita_${name} PUBLIC ${ARG_LIBS} PRIVATE ${ARG_PRIVATE} garita_warnings)
  else()
    add_library(garita_${name} INTERFACE)
    target_include_directories(garita_${name} INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
    target_link_libraries(garita_${name} INTERFACE ${ARG_LIBS} ${ARG_PRIVATE})
  endif()
endfunction()

# garita_add_program(NAME [SOURCES …] [LIBS …] [COMPONENTS host …] [NO_INSTALL]): an executable in bin/.
function(garita_add_program name)
  cmake_parse_arguments(ARG "NO_INSTALL" "" "SOURCES;LIBS;COMPONENTS" ${ARGN})
  garita_sources()
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} garita_warnings)
  if(NOT ARG_NO_INSTALL AND NOT ARG_COMPONENTS)
    set(ARG_COMPONENTS host)
  endif()
  foreach(component ${ARG_COMPONENTS})
    install(TARGETS ${name} RUNTIME DESTINATION bin COMPONENT ${component})
  endforeach()
endfunction()

# What the sanitizer builds build and run: unit and fake-driver tests; with `./dev test --all` also the late ones and the seed
# corpora of the fuzz targets.
add_custom_target(garita_sanitized)
add_custom_target(garita_sanitized_all DEPENDS garita_sanitized)
add_custom_target(garita_threads)  # what the thread sanitizer builds and runs
add_custom_target(garita_fuzzers)

# garita_add_test(NAME [SOURCES …] [LIBS …] [DEPENDS targets] [TIMEOUT seconds] [WHOLE | LATE] [THREADS]): one GoogleTest
# program of the current folder. DEPENDS: programs and drivers that it runs, found through GARITA_BIN_DIR and
# GARITA_DRIVER_DIR. WHOLE: it starts whole programs; the sanitizer builds leave it out. LATE: they take it with --all.
# THREADS: what it tests has some, so the thread sanitizer takes it too.
function(garita_add_test name)
  cmake_parse_arguments(ARG "WHOLE;LATE;THREADS" "TIMEOUT" "SOURCES;LIBS;DEPENDS" ${ARGN})
  if(NOT GARITA_TESTS)
    return()
  endif()
  garita_sources()
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_compile_definitions(test_${name} PRIVATE GARITA_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    GARITA_BINARY_DIR="${CMAKE_BINARY_DIR}" GARITA_BIN_DIR="${CMAKE_BINARY_DIR}/bin"
    GARITA_DRIVER_DIR="${GARITA_DRIVER_DIR}")
  if(GARITA_SANITIZE)
    target_compile_definitions(test_${name} PRIVATE GARITA_SANITIZED)
  endif()
  target_compile_options(test_${name} PRIVATE -O0)  # tests are compiled more often than they run
  target_link_libraries(test_${name} PRIVATE ${ARG_LIBS} GTest::gtest GTest::gtest_main garita_warnings)
  if(ARG_DEPENDS)
    add_dependencies(test_${name} ${ARG_DEPENDS})
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(ARG_WHOLE)
    set(label whole)
  elseif(ARG_LATE)
    set(label late-sanitized)
    add_dependencies(garita_sanitized_all test_${name})
  else()
    set(label sanitized)
    add_dependencies(garita_sanitized test_${name})
  endif()
  if(ARG_THREADS)
    string(APPEND label -threads)
    add_dependencies(garita_threads test_${name})
  endif()
  gtest_discover_tests(test_${name} TEST_PREFIX "${name}/" DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS ${label} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# garita_add_fuzzer(NAME SOURCES … LIBS … CORPUS dir): `LLVMFuzzerTestOneInput` in SOURCES. With GARITA_FUZZ a libFuzzer
# program; else a test that plays the seed corpus through the same function.
function(garita_add_fuzzer name)
  cmake_parse_arguments(ARG "" "CORPUS" "SOURCES;LIBS" ${ARGN})
  add_executable(fuzz_${name} ${ARG_SOURCES})
  add_dependencies(garita_fuzzers fuzz_${name})
  target_include_directories(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_link_libraries(fuzz_${name} PRIVATE ${ARG_LIBS} garita_warnings)
  if(GARITA_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    set_property(GLOBAL APPEND PROPERTY GARITA_FUZZERS "${name}:${ARG_CORPUS}")
  else()
    target_sources(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
    if(GARITA_TESTS)
      add_test(NAME fuzz/${name} COMMAND fuzz_${name} ${ARG_CORPUS})
      set_tests_properties(fuzz/${name} PROPERTIES TIMEOUT 120 LABELS late-sanitized)
      add_dependencies(garita_sanitized_all fuzz_${name})
    endif()
  endif()
endfunction()

# garita_add_bench(NAME [SOURCES …] LIBS …): a Google Benchmark program (only with GARITA_BENCH).
function(garita_add_bench name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  if(NOT GARITA_BENCH)
    return()
  endif()
  garita_sources()
  add_executable(bench_${name} ${sources})
  target_include_directories(bench_${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_compile_definitions(bench_${name} PRIVATE GARITA_BIN_DIR="${CMAKE_BINARY_DIR}/bin"
    GARITA_DRIVER_DIR="${GARITA_DRIVER_DIR}" GARITA_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(bench_${name} PRIVATE ${ARG_LIBS} benchmark::benchmark garita_warnings)
endfunction()
