// A custom mutator for libFuzzer: half of the time it changes the bytes as libFuzzer does, else the
// document, so that what comes out is JSON still and goes deeper than the parser.
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed);

namespace {

using nlohmann::json;

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return random_() % limit; }

  void mutate(json& document) {
    std::vector<json*> values;
    collect(document, values);
    json& value = *values[below(values.size())];
    switch (below(5)) {
      case 0:
        value = scalar();
        break;
      case 1: {
        const json copy = *values[below(values.size())];
        value = copy;
        break;
      }
      case 2:
        if (value.is_array()) {
          const json copy = value.empty() ? scalar() : value[below(value.size())];
          value.push_back(copy);
        } else if (value.is_object()) {
          value[word()] = scalar();
        } else {
          value = json::array({value});
        }
        break;
      case 3:
        if (!value.empty() && value.is_array()) value.erase(below(value.size()));
        if (!value.empty() && value.is_object()) {
          value.erase(std::next(value.begin(), static_cast<std::ptrdiff_t>(below(value.size()))));
        }
        break;
      default:
        if (value.is_object()) value[word()] = *values[below(values.size())];
        if (value.is_string()) value = word();
        break;
    }
  }

 private:
  void collect(json& value, std::vector<json*>& out) {
    out.push_back(&value);
    if (!value.is_structured()) return;
    for (json& member : value) collect(member, out);
  }

  std::string word() {
    static const char* const kWords[] = {"cvm-supervisor",
                                         "cvm-usr-src",
                                         "cvm-lib-modules",
                                         "cvm-webhook.io/cvm",
                                         "cvm-webhook.io/plan",
                                         "cvm-webhook.io/workspace-container",
                                         "true",
                                         "false",
                                         "initContainers",
                                         "containers",
                                         "ephemeralContainers",
                                         "volumes",
                                         "annotations",
                                         "labels",
                                         "hostPath",
                                         "volumeMounts",
                                         "env",
                                         "securityContext",
                                         "privileged",
                                         "runAsUser",
                                         "hostNetwork",
                                         "runtimeClassName",
                                         "cvm",
                                         "resources",
                                         "limits",
                                         "requests",
                                         "nvidia.com/gpu",
                                         "1",
                                         "nodeSelector",
                                         "nodeName",
                                         "n1",
                                         "workingDir",
                                         "hostname",
                                         "$(X)",
                                         "/tmp",
                                         "\u00fc\"\\\n",
                                         ""};
    return kWords[below(std::size(kWords))];
  }

  json scalar() {
    switch (below(7)) {
      case 0:
        return nullptr;
      case 1:
        return below(2) == 0;
      case 2:
        return static_cast<int>(below(70'000)) - 1000;
      case 3:
        return json::array();
      case 4:
        return json::object();
      default:
        return word();
    }
  }

  std::minstd_rand random_;
};

}  // namespace

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                    unsigned seed) {
  Mutator mutator(seed);
  if (mutator.below(2) == 0) return LLVMFuzzerMutate(data, size, max_size);
  json document = json::parse(data, data + size, nullptr, false);
  if (document.is_discarded()) return LLVMFuzzerMutate(data, size, max_size);
  for (std::size_t changes = 1 + mutator.below(3); changes > 0; --changes) mutator.mutate(document);
  const std::string text = document.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::copy(text.begin(), text.end(), data);
  return text.size();
}
