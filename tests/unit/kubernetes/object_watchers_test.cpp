// Pods without a node, namespaces, PersistentVolumes and RuntimeClasses, as the API server tells of
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "fake_api_server.hpp"
#include "webhook/decode/known_pod_reader.hpp"
#include "webhook/kubernetes/watchers/namespace_watcher.hpp"
#include "webhook/kubernetes/watchers/persistent_volume_watcher.hpp"
#include "webhook/kubernetes/watchers/pod_watcher.hpp"
#include "webhook/kubernetes/watchers/runtime_class_watcher.hpp"

namespace cvm::webhook {
namespace {

using std::chrono::milliseconds;

WatchTuning quick_tuning() {
  WatchTuning tuning;
  tuning.backoff_first = milliseconds{2};
  tuning.backoff_most = milliseconds{20};
  tuning.seed = 1;
  return tuning;
}

// A list, and then events over one watch.
FakeApiServer::Handler serve(const std::string& list, const std::string& events) {
  return [=](const FakeRequest& request, FakeExchange& exchange) {
    if (!request.is_watch) return exchange.respond(200, list);
    exchange.start_stream();
    exchange.send_chunk(events);
    exchange.hold();
  };
}

std::string list_of(const std::string& kind, const std::string& items) {
  return R"({"kind":")" + kind + R"(","metadata":{"resourceVersion":"5"},"items":[)" + items + "]}";
}

bool run_until(boost::asio::io_context& io, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!condition() && std::chrono::steady_clock::now() < end) io.run_for(milliseconds{2});
  return condition();
}

std::string pod_json(const std::string& name, const std::string& version, const std::string& plan,
                     const std::string& resources = "{}", const std::string& container = "dev") {
  return R"({"kind":"Pod","metadata":{"namespace":"team","name":")" + name + R"(","uid":"u-)" +
         name + R"(","resourceVersion":")" + version + R"(","annotations":{)" +
         (plan.empty() ? "" : R"("cvm-webhook.io/plan":")" + plan + "\"") +
         R"(}},"spec":{"containers":[{"name":")" + container + R"(","resources":)" + resources +
         "}]}}";
}

const std::string kPods =
    "fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed"
    "%2Cmetadata.namespace%21%3Dkube-system%2Cmetadata.namespace%21%3Dkube-node-lease";

KnownPod known_pod(std::string uid, bool is_cvm, std::vector<std::string> extended_resources = {}) {
  KnownPod pod;
  pod.uid = std::move(uid);
  pod.is_cvm = is_cvm;
  if (is_cvm) pod.only_container = "dev";  // of mode native, as pod_json() makes them
  pod.extended_resources = std::move(extended_resources);
  return pod;
}

TEST(PodWatcher, KeepsPodsUntilTheyAreBound) {
  const std::string gpu = R"({"limits":{"nvidia.com/gpu":"1"}})";
  FakeApiServer server(
      serve(list_of("PodList", pod_json("a", "1", "v1:0") + "," + pod_json("b", "2", "")),
            event_json("ADDED", pod_json("c", "6", "v1:0", gpu)) +
                event_json("MODIFIED", pod_json("b", "7", "")) +
                event_json("DELETED", pod_json("a", "8", "v1:0"))));
  boost::asio::io_context io(1);
  std::shared_ptr<const KnownPods> first, last;
  int calls = 0;
  PodWatcher watcher(
      io.get_executor(), server.access(),
      [&](std::shared_ptr<const KnownPods> pods) {
        if (!first) first = pods;
        last = std::move(pods);
        ++calls;
      },
      [](bool, const std::string&) {}, quick_tuning());
  watcher.start();
  ASSERT_TRUE(run_until(io, [&] { return watcher.status().events == 3; }));
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(*first->find("team", "a"), known_pod("u-a", true));
  EXPECT_EQ(*first->find("team", "b"), known_pod("u-b", false));
  EXPECT_EQ(last->find("team", "a"), nullptr);
  EXPECT_EQ(*last->find("team", "c"), known_pod("u-c", true, {"nvidia.com/gpu"}));
  EXPECT_EQ(last->size(), 2U);
  EXPECT_EQ(calls, 2) << "events that arrive together are handed on together";
  const auto requests = server.requests();
  EXPECT_EQ(requests[0].target, "/api/v1/pods?limit=500&" + kPods);
  EXPECT_EQ(requests[1].target,
            "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5"
            "&timeoutSeconds=240&" +
                kPods);
  watcher.stop();
  io.run_for(std::chrono::seconds{5});
}

KnownPod read(const std::string& json) {
  simdjson::dom::parser parser;
  return read_known_pod(parser.parse(json).value());
}

TEST(PodWatcher, ReadsTheExtendedResourcesThatAreRequested) {
  using Names = std::vector<std::string>;
  const auto names = [](const char* resources, const char* container = "dev") {
    return read(pod_json("a", "1", "v1:0", resources, container)).extended_resources;
  };
  EXPECT_EQ(names(R"({"requests":{"nvidia.com/gpu":"2"},"limits":{"nvidia.com/gpu":"2"}})"),
            Names{"nvidia.com/gpu"});
  EXPECT_EQ(names(R"({"limits":{"cpu":"1","x.io/b":"1","amd.com/gpu":"1"}})"),
            (Names{"amd.com/gpu", "x.io/b"}));
  EXPECT_EQ(names(R"({"limits":{"nvidia.com/gpu":"0"}})"), Names{});
  EXPECT_EQ(names(R"({"limits":{"cpu":"1"}})"), Names{});
  EXPECT_EQ(names(R"({"limits":{"nvidia.com/gpu":"1"}})", "cvm-supervisor"), Names{});
}

TEST(PodWatcher, KnowsTheSupervisorOfEachMode) {
  const auto read_pod = [](const std::string& annotations, const std::string& container) {
    return read(R"({"metadata":{"name":"a","namespace":"team","annotations":{)" + annotations +
                R"(}},"spec":{"containers":[{"name":")" + container + R"("}]}})");
  };
  const std::string plan = R"("cvm-webhook.io/plan":"v1:0")";
  const KnownPod native = read_pod(plan, "dev");
  EXPECT_TRUE(native.is_cvm);
  EXPECT_EQ(native.supervisor, "");
  EXPECT_EQ(native.only_container, "dev");
  EXPECT_EQ(read_pod(plan, "cvm-supervisor").supervisor, "cvm-supervisor");
  EXPECT_EQ(read_pod(plan + R"(,"cvm-webhook.io/supervisor":"dev")", "dev").supervisor, "dev");
  EXPECT_TRUE(read_pod("", "cvm-supervisor").is_cvm);
  const KnownPod other = read_pod(R"("cvm-webhook.io/supervisor":"dev")", "dev");
  EXPECT_FALSE(other.is_cvm);
  EXPECT_EQ(other.supervisor, "");
}

TEST(HostVolumeStore, KnowsClaimsWhoseMountsCannotBeIdMapped) {
  HostVolumeStore store;
  const auto put = [&store](const std::string& name, const std::string& spec) {
    simdjson::dom::parser parser;
    return store.put(parser
                         .parse(R"({"metadata":{"name":")" + name +
                                R"("},"spec":{"claimRef":{"namespace":"team","name":"c"},)" + spec +
                                "}}")
                         .value());
  };
  EXPECT_TRUE(put("a", R"("nfs":{"server":"nas"})"));
  EXPECT_EQ(store.claims.at("a").file_system, "NFS");
  EXPECT_FALSE(put("a", R"("nfs":{"server":"nas"})"));
  EXPECT_TRUE(put("b", R"("csi":{"driver":"smb.csi.k8s.io"})"));
  EXPECT_EQ(store.claims.at("b").file_system, "SMB");
  EXPECT_FALSE(put("c", R"("csi":{"driver":"ebs.csi.aws.com"})"));
  EXPECT_TRUE(put("d", R"("hostPath":{"path":"/var/lib"})"));
  EXPECT_EQ(store.claims.at("d").path, "/var/lib");
  EXPECT_EQ(store.claims.at("d").file_system, "");
  EXPECT_TRUE(put("a", R"("hostPath":{"path":"/data"})")) << "neither any more";
  EXPECT_EQ(store.claims.size(), 2U);
}

TEST(PodWatcher, ReadsTheProfileOfCvmsAlone) {
  const auto pod = [](const char* annotations) {
    return read(std::string(R"({"metadata":{"annotations":)") + annotations + "}}");
  };
  EXPECT_EQ(pod(R"({"cvm-webhook.io/plan":"v1:0","cvm-webhook.io/profile":"gpu"})").profile, "gpu");
  EXPECT_EQ(pod(R"({"cvm-webhook.io/plan":"v1:0","cvm-webhook.io/profile":5})").profile, "");
  EXPECT_EQ(pod(R"({"cvm-webhook.io/plan":"v1:0"})").profile, "");
  EXPECT_EQ(pod(R"({"cvm-webhook.io/profile":"gpu"})").profile, "");
}

std::string namespace_json(const std::string& name, const std::string& labels) {
  return R"({"metadata":{"name":")" + name + R"(","resourceVersion":"6","labels":{)" + labels +
         "}}}";
}

TEST(NamespaceWatcher, TellsWhatTheLabelsOfThoseThatTakePartSay) {
  const std::string gpu = R"("cvm-webhook.io/profile":"gpu")";
  const std::string level = R"("pod-security.kubernetes.io/enforce":"restricted")";
  FakeApiServer server(
      serve(list_of("NamespaceList", namespace_json("a", gpu + "," + level) + "," +
                                         namespace_json("b", "") + "," + namespace_json("c", "")),
            event_json("MODIFIED", namespace_json("b", gpu)) +
                event_json("MODIFIED", namespace_json("a", gpu + R"(,"other":"x")")) +
                event_json("DELETED", namespace_json("c", ""))));
  boost::asio::io_context io(1);
  std::vector<std::shared_ptr<const KnownNamespaces>> told;
  NamespaceWatcher watcher(
      io.get_executor(), server.access(),
      [&](std::shared_ptr<const KnownNamespaces> known) { told.push_back(std::move(known)); },
      [](bool, const std::string&) {}, quick_tuning());
  watcher.start();
  ASSERT_TRUE(run_until(io, [&] { return watcher.status().events == 3; }));
  const KnownNamespace restricted{PodSecurityLevel::kRestricted, "gpu"};
  const KnownNamespace only_gpu{PodSecurityLevel::kPrivileged, "gpu"};
  EXPECT_EQ(*told.front(), (KnownNamespaces{{"a", restricted}, {"b", {}}, {"c", {}}}));
  EXPECT_EQ(*told.back(), (KnownNamespaces{{"a", only_gpu}, {"b", only_gpu}}));
  EXPECT_EQ(server.requests()[0].target,
            "/api/v1/namespaces?limit=500&labelSelector=cvm-webhook.io%2Fworkspaces%3Denabled");
  watcher.stop();
  io.run_for(std::chrono::seconds{5});
}

TEST(RuntimeClassWatcher, TellsOfTheClassesAsTheyAre) {
  const std::string cvm =
      R"({"metadata":{"name":"cvm","resourceVersion":"6"},"handler":"runc","scheduling":)"
      R"({"nodeSelector":{"pool":"cvm"},"tolerations":[{"key":"k","operator":"Equal",)"
      R"("value":"v","effect":"NoSchedule"}]}})";
  const std::string other = R"({"metadata":{"name":"gvisor","resourceVersion":"7"},"handler":"x"})";
  FakeApiServer server(serve(list_of("RuntimeClassList", other),
                             event_json("ADDED", cvm) + event_json("DELETED", other)));
  boost::asio::io_context io(1);
  int changes = 0;
  RuntimeClassWatcher watcher(
      io.get_executor(), server.access(), [&] { ++changes; }, [](bool, const std::string&) {},
      quick_tuning());
  EXPECT_EQ(watcher.find("cvm"), nullptr) << "nothing is known yet";
  watcher.start();
  ASSERT_TRUE(run_until(io, [&] { return watcher.status().events == 2; }));
  EXPECT_EQ(changes, 2);
  EXPECT_FALSE(watcher.find("gvisor")->found);
  const RuntimeClassFacts expected{.found = true,
                                   .handler = "runc",
                                   .node_selector = {{"pool", "cvm"}},
                                   .tolerations = {{"k", "Equal", "v", "NoSchedule"}}};
  EXPECT_EQ(*watcher.find("cvm"), expected);
  EXPECT_EQ(server.requests()[0].target, "/apis/node.k8s.io/v1/runtimeclasses?limit=500");
  watcher.stop();
  io.run_for(std::chrono::seconds{5});
}

TEST(RuntimeClassWatcher, SaysWhatItNeedsWhenItMayNotList) {
  FakeApiServer server([](const FakeRequest&, FakeExchange& exchange) {
    exchange.respond(403, status_json(403, "forbidden"));
  });
  boost::asio::io_context io(1);
  RuntimeClassWatcher watcher(
      io.get_executor(), server.access(), [] {}, [](bool, const std::string&) {}, quick_tuning());
  watcher.start();
  ASSERT_TRUE(run_until(io, [&] { return !watcher.status().last_error.empty(); }));
  EXPECT_THAT(watcher.status().last_error,
              testing::HasSubstr("bind a ClusterRole with list and watch on runtimeclasses"));
  watcher.stop();
  io.run_for(std::chrono::seconds{5});
}

}  // namespace
}  // namespace cvm::webhook
