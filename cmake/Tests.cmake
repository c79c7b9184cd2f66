# cvm_add_test(NAME <name> [THREADS] [SHARDS <n>] SOURCES <files> LIBS <targets>): one GoogleTest
# binary. THREADS: it runs threads, so it is among the tests that TSan sees (label "threads", target
# thread_tests).
#
# ctest knows it twice: whole (label "whole", in <n> parts that can run side by side), as ./dev test
# runs it, since a process for each TEST would take longer than the tests; and each TEST by its
# name, as `ctest -R` wants it. The results of whole runs are in <build>/junit, a file each.
find_package(GTest REQUIRED)
include(GoogleTest)

add_custom_target(thread_tests)

function(cvm_add_test)
  cmake_parse_arguments(ARG "THREADS" "NAME;SHARDS" "SOURCES;LIBS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SOURCES})
  cvm_unite(${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PRIVATE cvm_flags ${ARG_LIBS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${ARG_NAME} PRIVATE CVM_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  set(labels)
  if(ARG_THREADS)
    set(labels threads)
    add_dependencies(thread_tests ${ARG_NAME})
  endif()
  gtest_discover_tests(${ARG_NAME} TEST_PREFIX "${ARG_NAME}." DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "each;${labels}")
  cvm_add_whole_tests(${ARG_NAME} "${ARG_SHARDS}" "whole;${labels}")
endfunction()

function(cvm_add_whole_tests name shards labels)
  if(NOT shards)
    set(shards 1)
  endif()
  math(EXPR last "${shards} - 1")
  foreach(shard RANGE ${last})
    set(test ${name}-${shard})
    add_test(NAME ${test} COMMAND ${name})
    set_tests_properties(${test} PROPERTIES LABELS "${labels}" ENVIRONMENT
      "GTEST_BRIEF=1;GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${shard};GTEST_OUTPUT=xml:${PROJECT_BINARY_DIR}/junit/${test}.xml")
  endforeach()
endfunction()
