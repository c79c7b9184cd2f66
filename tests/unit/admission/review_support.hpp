// What tests of reviews share: bodies with their padding, recordings, answers read back.
#pragma once

#include <openssl/evp.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "policies/profiles/profiles.hpp"
#include "webhook/admission/admission_handler.hpp"

namespace cvm::webhook {

// A body followed by exactly the padding that the handler asks for, none of it zero.
class Body {
 public:
  explicit Body(std::string_view text) : size_(text.size()) {
    text_.reserve(size_ + AdmissionHandler::kBodyPadding);
    text_.append(text).append(AdmissionHandler::kBodyPadding, '"');
  }

  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::string text_;
  std::size_t size_;
};

inline std::string read_recording(const std::string& name) {
  const std::string file = std::string(CVM_SOURCE_DIR) + "/tests/data/recordings/" + name + ".json";
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline std::string decode_base64(const std::string& text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (length < 0 || text.size() % 4 != 0) throw std::runtime_error("not base64: " + text);
  std::size_t padding = 0;
  while (padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

struct Answer {
  unsigned http = 0;
  std::string text;              // the whole body
  nlohmann::json review = {};    // null unless http is 200
  nlohmann::json response = {};  // review["response"]
  nlohmann::json patch = {};     // null when there is none
  Decision decision = {};        // its views live as the handler's
};

inline Answer read_answer(unsigned http, std::string text) {
  Answer answer{.http = http, .text = std::move(text)};
  if (http != 200) return answer;
  answer.review = nlohmann::json::parse(answer.text);  // strict, also about UTF-8
  answer.response = answer.review.at("response");
  if (answer.response.contains("patch")) {
    answer.patch = nlohmann::json::parse(decode_base64(answer.response.at("patch")));
  }
  return answer;
}

inline Answer ask(AdmissionHandler& handler, Endpoint endpoint, std::string_view body,
                  const Snapshot& snapshot) {
  const Body padded(body);
  std::string out;
  const Decision decision = handler.handle(endpoint, padded.view(), snapshot, out);
  Answer answer = read_answer(decision.http_status, std::move(out));
  answer.decision = decision;
  return answer;
}

inline Answer ask(Endpoint endpoint, std::string_view body,
                  const Snapshot& snapshot = make_snapshot({})) {
  AdmissionHandler handler;
  Answer answer = ask(handler, endpoint, body, snapshot);
  answer.decision = {};  // the handler is gone
  return answer;
}

// A CREATE of `pod`, in as few fields as a review can have.
inline nlohmann::json review_of(const nlohmann::json& pod) {
  return {{"apiVersion", "admission.k8s.io/v1"},
          {"kind", "AdmissionReview"},
          {"request",
           {{"uid", "u-1"},
            {"kind", {{"group", ""}, {"version", "v1"}, {"kind", "Pod"}}},
            {"resource", {{"group", ""}, {"version", "v1"}, {"resource", "pods"}}},
            {"operation", "CREATE"},
            {"object", pod}}}};
}

}  // namespace cvm::webhook
