// What any client pays to list the nodes: reads and decrypts every page and throws it away. The
// yardstick of ./dev bench nodes; uses the same Boost.Asio, OpenSSL and buffer size as cvm-webhook.
//
// usage: plain_reader PORT CA_FILE NODES    prints "BYTES CPU_SECONDS"
#include <sys/resource.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace asio = boost::asio;

namespace {

constexpr std::size_t kReadSize = 64 << 10;  // as webhook/kubernetes/api_connection.cpp
constexpr int kPage = 500;
constexpr std::string_view kEnd = "\r\n0\r\n\r\n";  // of a chunked body

using Stream = asio::ssl::stream<asio::ip::tcp::socket>;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Reads one answer to its end; returns its size.
std::uint64_t read_answer(Stream& stream, std::vector<char>& buffer) {
  std::uint64_t bytes = 0;
  std::string tail;  // the end of what was read
  do {
    const std::size_t count = stream.read_some(asio::buffer(buffer));
    bytes += count;
    const std::size_t kept = count < kEnd.size() ? count : kEnd.size();
    tail.append(buffer.data() + count - kept, kept);
    tail.erase(0, tail.size() < kEnd.size() ? 0 : tail.size() - kEnd.size());
  } while (tail != kEnd);
  return bytes;
}

int run(const std::string& port, const std::string& ca_file, int nodes) {
  asio::io_context io;
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.load_verify_file(ca_file);
  tls.set_verify_mode(asio::ssl::verify_peer);
  Stream stream(io, tls);
  asio::connect(stream.next_layer(), asio::ip::tcp::resolver(io).resolve("127.0.0.1", port));
  stream.handshake(asio::ssl::stream_base::client);
  std::vector<char> buffer(kReadSize);
  std::uint64_t bytes = 0;
  const double before = cpu_seconds();
  for (int start = 0; start < nodes; start += kPage) {
    const std::string request =
        "GET /api/v1/nodes?limit=500&continue=" + std::to_string(start) +
        ".1000 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n";
    asio::write(stream, asio::buffer(request));
    bytes += read_answer(stream, buffer);
  }
  std::cout << bytes << ' ' << cpu_seconds() - before << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 4) return run(argv[1], argv[2], std::stoi(argv[3]));
    std::cerr << "usage: plain_reader PORT CA_FILE NODES\n";
  } catch (const std::exception& fault) {
    std::cerr << "plain_reader: " << fault.what() << '\n';
  }
  return 1;
}
