// What is said of exchanges with the API server that failed.
#pragma once

#include <boost/beast/http/verb.hpp>
#include <boost/system/error_code.hpp>
#include <string>
#include <string_view>

namespace cvm::webhook {

// Without line ends and blanks at its end.
std::string trimmed(std::string text);

// The message of a Kubernetes Status, else the beginning of the text. One line.
std::string failure_text(const std::string& body);

std::string reason_of(const boost::system::error_code& error);

// What to do about it, for the two answers that somebody must act on; empty for others.
std::string advice(unsigned status, boost::beast::http::verb method, std::string_view target);

}  // namespace cvm::webhook
