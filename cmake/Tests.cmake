# cvm_add_test(NAME <name> [THREADS] SOURCES <files> LIBS <targets>): one GoogleTest binary, each
# TEST a ctest. THREADS: it runs threads, so it is among the tests that TSan sees (label "threads",
# target thread_tests).
find_package(GTest REQUIRED)
include(GoogleTest)

add_custom_target(thread_tests)

function(cvm_add_test)
  cmake_parse_arguments(ARG "THREADS" "NAME" "SOURCES;LIBS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  cvm_unite(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE cvm_flags ${ARG_LIBS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${ARG_NAME} PRIVATE CVM_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  set(labels)
  if(ARG_THREADS)
    set(labels PROPERTIES LABELS threads)
    add_dependencies(thread_tests ${ARG_NAME})
  endif()
  gtest_discover_tests(${ARG_NAME} TEST_PREFIX "${ARG_NAME}." DISCOVERY_TIMEOUT 60 ${labels})
endfunction()
