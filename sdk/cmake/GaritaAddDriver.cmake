# garita_add_driver(NAME SOURCES … MANIFEST NAME.garita.json.in [LIBS …] [DATA files …] [OUTPUT_DIR dir] [NO_INSTALL])
#
# Builds one driver as a vendor would ship it: <drivers>/<NAME>/<NAME>.so with exactly one exported symbol, its DATA files
# and its manifest beside it, with the digests filled in: @GARITA_DRIVER_SHA256@ becomes the digest of the binary,
# @GARITA_FILES@ the list of the DATA files. Works in our tree and, through find_package(Garita), in a vendor's: there
# <drivers> is <build>/drivers, and `cmake --install <build> --prefix <Garita>` adds the driver to an installed Garita.
set(GARITA_ADD_DRIVER_DIR ${CMAKE_CURRENT_LIST_DIR})

function(garita_add_driver name)
  cmake_parse_arguments(ARG "NO_INSTALL" "MANIFEST;OUTPUT_DIR" "SOURCES;LIBS;DATA" ${ARGN})
  if(NOT ARG_OUTPUT_DIR)
    if(GARITA_DRIVER_DIR)
      set(ARG_OUTPUT_DIR ${GARITA_DRIVER_DIR}/${name})
    else()
      set(ARG_OUTPUT_DIR ${CMAKE_BINARY_DIR}/drivers/${name})
    endif()
  endif()
  set(target driver_${name})
  add_library(${target} MODULE ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${ARG_OUTPUT_DIR}
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_link_libraries(${target} PRIVATE ${ARG_LIBS} Garita::sdk)
  if(TARGET garita_warnings)
    target_link_libraries(${target} PRIVATE garita_warnings)
  endif()

  set(data)
  foreach(file ${ARG_DATA})
    get_filename_component(file ${file} ABSOLUTE)
    list(APPEND data ${file})
  endforeach()
  get_filename_component(manifest_in ${ARG_MANIFEST} ABSOLUTE)
  list(JOIN data "|" data_argument)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DBINARY=$<TARGET_FILE:${target}> -DTEMPLATE=${manifest_in} "-DDATA=${data_argument}"
            -DMANIFEST=${ARG_OUTPUT_DIR}/${name}.garita.json -P ${GARITA_ADD_DRIVER_DIR}/GaritaWriteManifest.cmake
    VERBATIM)
  # A digest that is out of date is a driver that is refused: link again where anything that is digested has changed.
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${manifest_in} ${data})
  if(NOT ARG_NO_INSTALL)
    install(DIRECTORY ${ARG_OUTPUT_DIR} DESTINATION lib/garita/drivers COMPONENT host USE_SOURCE_PERMISSIONS)
  endif()
endfunction()
