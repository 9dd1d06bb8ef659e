# Every library that is not ours, in one place, as imported targets (architecture.md lists the reasons).
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(Protobuf 3.21 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(PNG REQUIRED)
find_package(TIFF REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
find_package(SQLite3 3.40 REQUIRED)
find_package(SQLiteCpp 3.2 REQUIRED)  # static, MIT; the engine below it is the shared libsqlite3, public domain
pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
pkg_check_modules(NATS REQUIRED IMPORTED_TARGET libnats)

# OpenCVConfig.cmake comes only with libopencv-dev, which brings 139 libraries: name the two parts that we use.
function(garita_opencv_part part)
  find_library(GARITA_OPENCV_${part} opencv_${part} REQUIRED)
  find_path(GARITA_OPENCV_INCLUDE opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
  add_library(opencv::${part} INTERFACE IMPORTED GLOBAL)
  target_link_libraries(opencv::${part} INTERFACE ${GARITA_OPENCV_${part}})
  target_include_directories(opencv::${part} SYSTEM INTERFACE ${GARITA_OPENCV_INCLUDE})
endfunction()
garita_opencv_part(core)
garita_opencv_part(imgproc)

if(GARITA_TESTS OR GARITA_BENCH)  # a benchmark runs the conformance kit, whose rules are tests
  find_package(GTest 1.12 REQUIRED)
endif()
if(GARITA_BENCH)
  find_package(benchmark 1.7 REQUIRED)
  garita_opencv_part(imgcodecs)
endif()
