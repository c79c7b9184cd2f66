# Third-party libraries, all from the distribution's packages.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
find_package(simdjson 3.0 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(fmt 9.1 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)

# Messages are put together with {fmt} everywhere.
target_link_libraries(cvm_flags INTERFACE fmt::fmt)

# Asio, Beast and URL are compiled once here instead of in every file that includes them.
add_library(cvm_boost STATIC cmake/boost_compiled.cpp)
target_compile_definitions(cvm_boost PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_URL_NO_LIB BOOST_URL_STATIC_LINK BOOST_ALL_NO_LIB)
target_link_libraries(cvm_boost PUBLIC Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
target_include_directories(cvm_boost SYSTEM PUBLIC ${Boost_INCLUDE_DIRS})
if("thread" IN_LIST CVM_SANITIZERS)
  # TSan does not know std::atomic_thread_fence. Asio's queues are behind mutexes, which it knows.
  target_compile_definitions(cvm_boost PUBLIC BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
