// Time and allocations of decode, decide and encode, one after the other and together, over
// recorded calls and 100 nodes. Run by ./dev bench decision. What ends in "100 nodes" and "65000
// nodes" is compared by ./dev bench nodes, what begins with "placement" by ./dev bench placements.
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "policies/engine.hpp"
#include "policies/profiles/profiles.hpp"
#include "policies/scratch.hpp"
#include "webhook/admission/admission_handler.hpp"
#include "webhook/admission/review_decoder.hpp"
#include "webhook/admission/review_encoder.hpp"
#include "webhook/kubernetes/watchers/node_decoder.hpp"

namespace {
std::atomic<std::uint64_t> allocations{0};
}  // namespace

// Every allocation of the program is counted. Not inlined: GCC would take malloc and delete, or new
// and free, for a pair.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace cvm::webhook {
namespace {

constexpr int kNodes = 100;
constexpr int kManyNodes = 65'000;

const std::vector<std::pair<std::string, std::string>> kRecordings = {
    {"minimal pod", "01-mutate-pod-create-minimal.json"},
    {"workspace pod", "05-mutate-pod-create-workspace.json"},
};

std::string read_recording(const std::string& recording) {
  const std::string file = CVM_SOURCE_DIR "/tests/data/recordings/" + recording;
  std::ifstream stream(file, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(stream), {});
  if (bytes.empty()) throw std::runtime_error("cannot read " + file);
  return bytes;
}

// The workspace pod with three terms of a node selector and two of an affinity, as in
// nodes_bench.py.
std::string selective_review() {
  auto review = nlohmann::json::parse(read_recording("05-mutate-pod-create-workspace.json"));
  nlohmann::json& spec = review["request"]["object"]["spec"];
  spec["nodeSelector"] = {
      {"kubernetes.io/os", "linux"}, {"kubernetes.io/arch", "amd64"}, {"pool", "workspaces"}};
  spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] =
      nlohmann::json::parse(R"({"nodeSelectorTerms": [
        {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In",
                               "values": ["zone-0", "zone-1"]}]},
        {"matchExpressions": [{"key": "example.com/batch", "operator": "NotIn", "values": ["b1"]},
                              {"key": "node.kubernetes.io/instance-type", "operator": "Exists"}]}]})");
  return review.dump();
}

// A review with the padding that the decoder asks for.
class Review {
 public:
  explicit Review(std::string bytes) : bytes_(std::move(bytes)), size_(bytes_.size()) {
    bytes_.resize(size_ + AdmissionHandler::kBodyPadding);
  }

  std::string_view body() const { return {bytes_.data(), size_}; }

 private:
  std::string bytes_;
  std::size_t size_ = 0;
};

// The same kinds of nodes as tests/bench/servers.py makes.
// Labels as in node_objects.py: 60 kinds, of each 8 batches.
std::string node_json(int index) {
  static const std::pair<const char*, const char*> kSystems[] = {
      {"Ubuntu 22.04.5 LTS", "6.8.0-48-generic"},
      {"Ubuntu 24.04.1 LTS", "6.8.0-31-generic"},
      {"Flatcar Container Linux by Kinvolk 3975.2.2 (Oklo)", "6.6.54-flatcar"},
      {"Rocky Linux 9.4 (Blue Onyx)", "5.14.0-427.13.1.el9_4.x86_64"},
      {"Ubuntu 18.04.6 LTS", "4.15.0-213-generic"}};
  const auto& [system, kernel] = kSystems[index % 10 < 6 ? 0 : index % 10 - 5];
  const std::string name = "node-" + std::to_string(index);
  const std::string taints =
      index % 2 == 1 ? R"([{"key":"dedicated","value":"workspaces","effect":"NoSchedule"}])" : "[]";
  return R"({"kind":"Node","metadata":{"name":")" + name +
         R"(","labels":{"kubernetes.io/arch":"amd64","kubernetes.io/os":"linux","kubernetes.io/hostname":")" +
         name + R"(","pool":")" + (index % 5 == 0 ? "general" : "workspaces") +
         R"(","topology.kubernetes.io/zone":"zone-)" + std::to_string(index % 3) +
         R"(","node.kubernetes.io/instance-type":"type-)" + std::to_string(index % 4) +
         R"(","example.com/batch":"b)" + std::to_string(index / 60 % 8) +
         R"("}},"spec":{"taints":)" + taints +
         R"(},"status":{"nodeInfo":{"architecture":"amd64","operatingSystem":"linux","osImage":")" +
         system + R"(","kernelVersion":")" + kernel + R"("}}})";
}

Snapshot snapshot_of_nodes(int count) {
  std::string list = R"({"apiVersion":"v1","kind":"NodeList","items":[)";
  for (int index = 0; index < count; ++index) {
    if (index > 0) list += ',';
    list += node_json(index);
  }
  list += "]}";
  auto nodes = decode_nodes(list);
  if (!nodes) throw std::runtime_error("the bench's nodes cannot be read");
  Snapshot snapshot = make_snapshot(Settings{});
  snapshot.nodes = NodeInventory::build(*nodes, *snapshot.settings);
  return snapshot;
}

// Reports allocations per iteration of `state`'s loop since it was made.
class AllocationCount {
 public:
  explicit AllocationCount(benchmark::State& state) : state_(state) {}
  ~AllocationCount() {
    state_.counters["allocations"] = benchmark::Counter(
        static_cast<double>(allocations.load() - before_), benchmark::Counter::kAvgIterations);
  }
  AllocationCount(const AllocationCount&) = delete;
  AllocationCount& operator=(const AllocationCount&) = delete;

 private:
  benchmark::State& state_;
  std::uint64_t before_ = allocations.load();
};

void decode(benchmark::State& state, const Review& review) {
  ReviewDecoder decoder;
  DecodeFailure failure;
  decoder.decode(review.body(), failure);
  const AllocationCount count(state);
  for (auto _ : state) benchmark::DoNotOptimize(decoder.decode(review.body(), failure));
}

void decide(benchmark::State& state, const Review& review, const Snapshot& snapshot) {
  ReviewDecoder decoder;
  DecodeFailure failure;
  const AdmissionRequest* request = decoder.decode(review.body(), failure);
  if (request == nullptr) return state.SkipWithError(failure.message.c_str());
  Scratch scratch;
  Verdict verdict;
  mutate(*request, snapshot, scratch, verdict);
  if (!verdict.allowed) return state.SkipWithError("the pod was refused");
  const AllocationCount count(state);
  for (auto _ : state) {
    mutate(*request, snapshot, scratch, verdict);
    benchmark::DoNotOptimize(verdict.patch.data());
  }
}

void encode(benchmark::State& state, const Review& review, const Snapshot& snapshot) {
  ReviewDecoder decoder;
  DecodeFailure failure;
  const AdmissionRequest* request = decoder.decode(review.body(), failure);
  if (request == nullptr) return state.SkipWithError(failure.message.c_str());
  Scratch scratch;
  Verdict verdict;
  mutate(*request, snapshot, scratch, verdict);
  std::string answer;
  encode_verdict(request->api_version, request->uid, verdict, answer);
  const AllocationCount count(state);
  for (auto _ : state) {
    answer.clear();
    encode_verdict(request->api_version, request->uid, verdict, answer);
    benchmark::DoNotOptimize(answer.data());
  }
}

void handle(benchmark::State& state, const Review& review, const Snapshot& snapshot,
            Endpoint endpoint = Endpoint::kMutate) {
  AdmissionHandler handler;
  std::string answer;
  if (handler.handle(endpoint, review.body(), snapshot, answer).http_status != 200) {
    return state.SkipWithError("the review was not readable");
  }
  const AllocationCount count(state);
  for (auto _ : state) {
    answer.clear();
    benchmark::DoNotOptimize(handler.handle(endpoint, review.body(), snapshot, answer));
  }
}

// The review of the pod that `review` asks about, as the mutating call leaves it.
std::string mutated_review(const Review& review, const Snapshot& snapshot) {
  ReviewDecoder decoder;
  DecodeFailure failure;
  Scratch scratch;
  Verdict verdict;
  mutate(*decoder.decode(review.body(), failure), snapshot, scratch, verdict);
  if (verdict.patch.empty()) throw std::runtime_error("the pod was given no patch");
  auto json = nlohmann::json::parse(review.body());
  auto& pod = json["request"]["object"];
  pod = pod.patch(nlohmann::json::parse(verdict.patch));
  return json.dump();
}

// Both calls for the workspace pod, by where the supervisor stands.
void add_placements(std::vector<std::unique_ptr<Review>>& reviews,
                    std::vector<std::unique_ptr<Snapshot>>& snapshots, const Snapshot& base) {
  for (const auto placement : {Placement::kSidecar, Placement::kWrap}) {
    Settings settings;
    settings.supervisor.placement = placement;
    Snapshot& snapshot =
        *snapshots.emplace_back(std::make_unique<Snapshot>(make_snapshot(std::move(settings))));
    snapshot.nodes = base.nodes;
    const Review& plain = *reviews.emplace_back(
        std::make_unique<Review>(read_recording("05-mutate-pod-create-workspace.json")));
    const Review& mutated =
        *reviews.emplace_back(std::make_unique<Review>(mutated_review(plain, snapshot)));
    const std::string title = "placement " + std::string(to_string(placement));
    benchmark::RegisterBenchmark((title + ", mutate").c_str(), [&](benchmark::State& state) {
      handle(state, plain, snapshot, Endpoint::kMutate);
    });
    benchmark::RegisterBenchmark((title + ", validate").c_str(), [&](benchmark::State& state) {
      handle(state, mutated, snapshot, Endpoint::kValidate);
    });
  }
}

}  // namespace
}  // namespace cvm::webhook

int main(int argc, char** argv) {
  using namespace cvm::webhook;  // NOLINT(google-build-using-namespace): this file is about it
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  const cvm::Snapshot snapshot = snapshot_of_nodes(kNodes);
  const cvm::Snapshot many = snapshot_of_nodes(kManyNodes);
  std::vector<std::unique_ptr<Review>> reviews;
  for (const auto& [title, recording] : kRecordings) {
    const Review& review =
        *reviews.emplace_back(std::make_unique<Review>(read_recording(recording)));
    const auto add = [&title = title](const char* what, auto run) {
      benchmark::RegisterBenchmark((std::string(what) + ", " + title).c_str(), run);
    };
    add("decode", [&review](benchmark::State& state) { decode(state, review); });
    add("decide",
        [&review, &snapshot](benchmark::State& state) { decide(state, review, snapshot); });
    add("encode",
        [&review, &snapshot](benchmark::State& state) { encode(state, review, snapshot); });
    add("all three",
        [&review, &snapshot](benchmark::State& state) { handle(state, review, snapshot); });
  }
  const Review selective(selective_review());
  for (const cvm::Snapshot* nodes : {&snapshot, &many}) {
    const std::string title =
        "decide, five terms, " + std::to_string(nodes->nodes->size()) + " nodes";
    benchmark::RegisterBenchmark(title.c_str(), [&selective, nodes](benchmark::State& state) {
      decide(state, selective, *nodes);
    });
  }
  std::vector<std::unique_ptr<cvm::Snapshot>> snapshots;
  add_placements(reviews, snapshots, snapshot);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
