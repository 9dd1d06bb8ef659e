# Tests with the programs of the installed Garita, where it has them: the recorded session through the whole host and
# through the rules of the conformance kit.
set(manifest ${CMAKE_BINARY_DIR}/drivers/acme-x1/acme-x1.garita.json)
set(session scanner=file:${CMAKE_SOURCE_DIR}/tests/session.bin)
set(scans ${CMAKE_BINARY_DIR}/test_scans)

find_program(GARITA_PROGRAM garita HINTS ${Garita_BIN_DIR})
if(GARITA_PROGRAM)
  add_test(NAME no_old_scans COMMAND ${CMAKE_COMMAND} -E rm -rf ${scans})
  add_test(NAME scan COMMAND ${GARITA_PROGRAM} scan --driver ${manifest} --source ${session} --until-empty
           --out ${scans}/out --state ${scans}/state --json)
  set_tests_properties(no_old_scans PROPERTIES FIXTURES_SETUP scans)
  set_tests_properties(scan PROPERTIES FIXTURES_REQUIRED scans PASS_REGULAR_EXPRESSION "\"packages\":1")
endif()

if(COMMAND garita_add_conformance_test)  # all rules take a minute: `garita-conform run`, as .github/workflows has it
  garita_add_conformance_test(acme-x1 NAME conformance SMOKE SOURCES ${session})
endif()
