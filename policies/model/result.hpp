// Result<T>: a value, or an Error that says what was found, what was expected and where.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>

namespace cvm {

struct Error {
  std::string message;  // one line, without a trailing period
};

[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw std::runtime_error(error.message);
}

template <typename T>
using Result = boost::system::result<T, Error>;

}  // namespace cvm
