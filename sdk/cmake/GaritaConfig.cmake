# find_package(Garita COMPONENTS sdk REQUIRED): target Garita::sdk and garita_add_driver().
#
# sdk          what a driver is built with
# conformance  what it is tested with: garita_add_conformance_test() and its programs
# host         the programs (garita, garita-worker, …); Garita_BIN_DIR is their folder, and is set wherever they are installed
get_filename_component(Garita_PREFIX ${CMAKE_CURRENT_LIST_DIR}/../../.. ABSOLUTE)
set(Garita_sdk_FOUND TRUE)
set(Garita_host_FOUND FALSE)
set(Garita_conformance_FOUND FALSE)
if(EXISTS ${Garita_PREFIX}/bin/garita)
  set(Garita_host_FOUND TRUE)
  set(Garita_BIN_DIR ${Garita_PREFIX}/bin)
endif()

if(EXISTS ${Garita_PREFIX}/bin/garita-conform)
  set(Garita_conformance_FOUND TRUE)
  set(Garita_BIN_DIR ${Garita_PREFIX}/bin)
endif()

foreach(component ${Garita_FIND_COMPONENTS})
  if(Garita_FIND_REQUIRED_${component} AND NOT Garita_${component}_FOUND)
    set(Garita_FOUND FALSE)
    set(Garita_NOT_FOUND_MESSAGE "component '${component}' is not installed in ${Garita_PREFIX}; sdk, conformance and host are what there is.")
    return()
  endif()
endforeach()

include(${CMAKE_CURRENT_LIST_DIR}/GaritaTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/GaritaAddDriver.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/GaritaAddConformanceTest.cmake OPTIONAL)
get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if(NOT CXX IN_LIST languages)  # a driver in C alone
  set_property(TARGET Garita::sdk PROPERTY INTERFACE_COMPILE_FEATURES)
endif()
