# Warnings, sanitizers and hardening, on one interface target that every target of ours links.
add_library(cvm_flags INTERFACE)

target_compile_options(cvm_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Wcast-qual -Wformat=2
  $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>
  -Wimplicit-fallthrough -Wunused -Woverloaded-virtual
  $<$<BOOL:${CVM_WARNINGS_AS_ERRORS}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # Warns of "text" + std::string with optimisation on (GCC bug 105651).
  target_compile_options(cvm_flags INTERFACE -Wno-restrict)
endif()
if(CVM_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Each file is included by another one, so its own types look to GCC like those of a header.
  target_compile_options(cvm_flags INTERFACE -Wno-subobject-linkage)
endif()
target_include_directories(cvm_flags INTERFACE ${PROJECT_SOURCE_DIR})

if(CVM_SANITIZERS)
  # On every target, third-party sources that we compile among them: a mixed build reports nonsense.
  add_compile_options(-fsanitize=${CVM_SANITIZERS} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CVM_SANITIZERS})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented code confuses the warnings that follow the flow of values (GCC's manual says so of
    # -fsanitize); they are errors in the other builds.
    target_compile_options(cvm_flags INTERFACE
      -Wno-maybe-uninitialized -Wno-error=array-bounds -Wno-error=dangling-pointer
      -Wno-error=free-nonheap-object -Wno-error=mismatched-new-delete -Wno-error=nonnull
      -Wno-error=null-dereference
      -Wno-error=stringop-overflow -Wno-error=stringop-overread -Wno-tsan
      -Wno-error=uninitialized)
  endif()
endif()

if(CVM_BUILD_FUZZERS)
  # Coverage of our own libraries guides the fuzzers.
  add_compile_options(-fsanitize=fuzzer-no-link -D_GLIBCXX_ASSERTIONS)
endif()

if(CVM_HARDEN)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS
                      -fstack-protector-strong -fstack-clash-protection)
  add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()

find_program(CVM_MOLD mold)
if(CVM_MOLD AND NOT CVM_BUILD_FUZZERS)
  add_link_options(-fuse-ld=mold)
endif()
