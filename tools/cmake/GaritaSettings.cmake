# What holds for every target of ours: standard, warnings, sanitizers, where programs lie.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(GARITA_DRIVER_DIR ${CMAKE_BINARY_DIR}/lib/garita/drivers)  # beside bin/ as in an installed tree

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# -O2: what more would speed up says so itself (core/normalize, core/codec). Sanitizer builds compile quickly and keep lines.
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")

find_program(GARITA_CCACHE ccache)
if(GARITA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${GARITA_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${GARITA_CCACHE})
endif()

# No contraction: the canonical image is defined bit for bit in binary32 (record.md, core/normalize).
add_compile_options(-ffp-contract=off)
if(GARITA_SANITIZE)
  add_compile_options(-fsanitize=${GARITA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GARITA_SANITIZE})
endif()

if(GARITA_FUZZ)  # the libraries under test tell the fuzzer where it has been
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

add_library(garita_warnings INTERFACE)
# Left out: designated initializers leave fields to their defaults on purpose, and gcc 12 sees overlaps and overflows in
# its own std::string and std::vector that are not there (gcc bugs 105651, 105329).
target_compile_options(garita_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror -Wno-missing-field-initializers
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds>)
# Files compiled together (decisions/0129): one file's names may hide another's parameters, and none is "the main file".
if(CMAKE_UNITY_BUILD)
  target_compile_options(garita_warnings INTERFACE -Wno-shadow
    "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage;-Wno-maybe-uninitialized>")
endif()
