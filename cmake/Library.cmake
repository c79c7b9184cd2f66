# cvm_library(NAME <name> [REQUEST_PATH | COLD] SOURCES <files> [PUBLIC <targets>] [PRIVATE <targets>]): a static
# library of ours. The files of one folder are compiled as one (a unity build), so names in their
# anonymous namespaces differ. COLD: compiled for time. REQUEST_PATH: inlined as if each file were
# compiled by itself, where GCC else sets a limit by the size of all.
function(cvm_library)
  cmake_parse_arguments(ARG "REQUEST_PATH;COLD" "NAME" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${ARG_NAME} STATIC ${ARG_SOURCES})
  target_link_libraries(${ARG_NAME} PUBLIC cvm_flags ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  cvm_unite(${ARG_NAME} ${ARG_SOURCES})
  if(ARG_REQUEST_PATH AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${ARG_NAME} PRIVATE $<$<CONFIG:Release>:--param=large-unit-insns=1000000>)
  endif()
  if(ARG_COLD)
    target_compile_options(${ARG_NAME} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
endfunction()

# cvm_unite(<target> <files>): compiles those of one folder as one file, where CVM_UNITY is on.
function(cvm_unite target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${CVM_UNITY} UNITY_BUILD_MODE GROUP)
  foreach(source IN LISTS ARGN)
    get_filename_component(folder ${source} DIRECTORY)
    string(MAKE_C_IDENTIFIER "unite_${folder}" group)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
endfunction()
