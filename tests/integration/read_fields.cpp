#include "tests/integration/read_fields.hpp"

#include <algorithm>
#include <span>
#include <sstream>

namespace cvm::webhook {
namespace {

using nlohmann::json;
using Pointer = json::json_pointer;

const std::string kString = "a string";
const std::string kBoolean = "a boolean";
const std::string kInteger = "an integer";
const std::string kArray = "an array";
const std::string kObject = "an object";
const std::string kNotEmpty = "a string that is not empty";
const std::string kQuantity = "a quantity (a string or a number)";

// What a pod's and a container's securityContext have in common.
std::vector<ReadField> security_fields(const std::string& base) {
  return {{base, kObject},
          {base + "/runAsUser", kInteger},
          {base + "/runAsGroup", kInteger},
          {base + "/runAsNonRoot", kBoolean},
          {base + "/seccompProfile", kObject},
          {base + "/seccompProfile/type", kString},
          {base + "/seccompProfile/localhostProfile", kString},
          {base + "/appArmorProfile", kObject},
          {base + "/appArmorProfile/type", kString},
          {base + "/appArmorProfile/localhostProfile", kString},
          {base + "/seLinuxOptions", kObject},
          {base + "/seLinuxOptions/user", kString},
          {base + "/seLinuxOptions/role", kString},
          {base + "/seLinuxOptions/type", kString},
          {base + "/seLinuxOptions/level", kString},
          {base + "/windowsOptions", kObject},
          {base + "/windowsOptions/hostProcess", kBoolean}};
}

std::vector<ReadField> handler_fields(const std::string& base) {
  std::vector<ReadField> fields = {{base, kObject},
                                   {base + "/exec", kObject},
                                   {base + "/exec/command", kArray},
                                   {base + "/exec/command/*", kString, Class::kItem},
                                   {base + "/grpc", kObject},
                                   {base + "/sleep", kObject},
                                   {base + "/timeoutSeconds", kInteger}};
  for (const char* action : {"/httpGet", "/tcpSocket"}) {
    fields.push_back({base + action, kObject});
    fields.push_back({base + action + "/host", kString});
    fields.push_back({base + action + "/port", kQuantity});
  }
  for (const char* key : {"/scheme", "/path"}) fields.push_back({base + "/httpGet" + key, kString});
  fields.push_back({base + "/httpGet/httpHeaders", kArray});
  return fields;
}

std::vector<ReadField> container_fields(const std::string& base) {
  std::vector<ReadField> fields = {{base, kArray}, {base + "/*", kObject, Class::kItem}};
  const auto add = [&](const std::string& key, const std::string& expected,
                       Class answer = Class::kOptional) {
    fields.push_back({base + "/*/" + key, expected, answer});
  };
  for (const char* key : {"name", "image", "imagePullPolicy", "workingDir", "restartPolicy",
                          "targetContainerName", "terminationMessagePath"}) {
    add(key, kString);
  }
  for (const std::string key : {"command", "args"}) {
    add(key, kArray);
    add(key + "/*", kString, Class::kItem);
  }
  add("env", kArray);
  add("env/*", kObject, Class::kItem);
  add("env/*/name", kString);
  add("env/*/value", kString);
  add("env/*/valueFrom", kObject);
  add("env/*/valueFrom/fieldRef", kObject);
  add("env/*/valueFrom/fieldRef/apiVersion", kString);
  add("env/*/valueFrom/fieldRef/fieldPath", kString);
  add("env/*/valueFrom/resourceFieldRef", kObject);
  add("env/*/valueFrom/resourceFieldRef/containerName", kString);
  add("env/*/valueFrom/resourceFieldRef/resource", kString);
  add("env/*/valueFrom/resourceFieldRef/divisor", kQuantity);
  add("env/*/valueFrom/secretKeyRef", kObject);
  add("env/*/valueFrom/secretKeyRef/name", kString);
  add("env/*/valueFrom/secretKeyRef/key", kString);
  add("env/*/valueFrom/secretKeyRef/optional", kBoolean);
  add("envFrom", kArray);
  add("envFrom/*", kObject, Class::kItem);
  add("envFrom/*/prefix", kString);
  add("resources", kObject);
  for (const std::string key : {"resources/requests", "resources/limits"}) {
    add(key, kObject);
    add(key + "/*", kQuantity, Class::kItem);
  }
  const auto add_all = [&fields](std::vector<ReadField> more) {
    for (ReadField& field : more) fields.push_back(std::move(field));
  };
  add_all(security_fields(base + "/*/securityContext"));
  add("securityContext/privileged", kBoolean);
  add("securityContext/allowPrivilegeEscalation", kBoolean);
  add("securityContext/procMount", kString);
  add("securityContext/capabilities", kObject);
  for (const std::string key :
       {"securityContext/capabilities/add", "securityContext/capabilities/drop"}) {
    add(key, kArray);
    add(key + "/*", kString, Class::kItem);
  }
  add("ports", kArray);
  add("ports/*", kObject, Class::kItem);
  add("ports/*/name", kString);
  add("ports/*/containerPort", kInteger);
  add("ports/*/hostPort", kInteger);
  for (const std::string probe : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    add_all(handler_fields(base + "/*/" + probe));
  }
  add("lifecycle", kObject);
  add_all(handler_fields(base + "/*/lifecycle/postStart"));
  add_all(handler_fields(base + "/*/lifecycle/preStop"));
  add("volumeMounts", kArray);
  add("volumeMounts/*", kObject, Class::kItem);
  for (const char* key :
       {"name", "mountPath", "subPath", "subPathExpr", "mountPropagation", "recursiveReadOnly"}) {
    add(std::string("volumeMounts/*/") + key, kString);
  }
  add("volumeMounts/*/readOnly", kBoolean);
  return fields;
}

std::vector<ReadField> pod_fields(const std::string& base, Class answer,
                                  const std::string& when_absent) {
  std::vector<ReadField> fields = {{base, kObject, answer, when_absent},
                                   {base + "/metadata", kObject, Class::kRequired},
                                   {base + "/spec", kObject, Class::kRequired}};
  const auto add = [&](const std::string& path, const std::string& expected,
                       Class item = Class::kOptional) {
    fields.push_back({base + path, expected, item});
  };
  for (const char* key : {"name", "generateName", "namespace"}) {
    add(std::string("/metadata/") + key, kString);
  }
  for (const std::string key :
       {"/metadata/labels", "/metadata/annotations", "/spec/nodeSelector"}) {
    add(key, kObject);
    add(key + "/*", kString, Class::kItem);
  }
  for (const char* key : {"runtimeClassName", "nodeName", "hostname"}) {
    add(std::string("/spec/") + key, kString);
  }
  for (const char* key :
       {"hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"}) {
    add(std::string("/spec/") + key, kBoolean);
  }
  add("/spec/os", kObject);
  add("/spec/os/name", kString);
  for (ReadField& field : security_fields(base + "/spec/securityContext")) {
    fields.push_back(std::move(field));
  }
  add("/spec/securityContext/fsGroup", kInteger);
  add("/spec/securityContext/sysctls", kArray);
  add("/spec/securityContext/sysctls/*", kObject, Class::kItem);
  add("/spec/securityContext/sysctls/*/name", kString);
  add("/spec/securityContext/sysctls/*/value", kString);
  add("/spec/resourceClaims", kArray);
  add("/spec/imagePullSecrets", kArray);
  add("/spec/imagePullSecrets/*", kObject, Class::kItem);
  add("/spec/imagePullSecrets/*/name", kString);
  add("/spec/tolerations", kArray);
  add("/spec/tolerations/*", kObject, Class::kItem);
  for (const char* key : {"key", "operator", "value", "effect"}) {
    add(std::string("/spec/tolerations/*/") + key, kString);
  }
  add("/spec/volumes", kArray);
  add("/spec/volumes/*", kObject, Class::kItem);
  add("/spec/volumes/*/name", kString);
  add("/spec/volumes/*/hostPath", kObject);
  add("/spec/volumes/*/hostPath/path", kString);
  add("/spec/volumes/*/hostPath/type", kString);
  add("/spec/volumes/*/persistentVolumeClaim", kObject);
  add("/spec/volumes/*/persistentVolumeClaim/claimName", kString);
  add("/spec/volumes/*/persistentVolumeClaim/readOnly", kBoolean);
  add("/spec/volumes/*/nfs", kObject);
  add("/spec/volumes/*/nfs/readOnly", kBoolean);
  add("/spec/volumes/*/csi", kObject);
  add("/spec/volumes/*/csi/readOnly", kBoolean);
  add("/spec/volumes/*/csi/driver", kString);
  const std::string affinity = "/spec/affinity/nodeAffinity";
  const std::string required = affinity + "/requiredDuringSchedulingIgnoredDuringExecution";
  const std::string terms = required + "/nodeSelectorTerms";
  add("/spec/affinity", kObject);
  add(affinity, kObject);
  add(required, kObject);
  add(terms, kArray);
  add(terms + "/*", kObject, Class::kItem);
  for (const std::string& list : {terms + "/*/matchExpressions", terms + "/*/matchFields"}) {
    add(list, kArray);
    add(list + "/*", kObject, Class::kItem);
    add(list + "/*/key", kString);
    add(list + "/*/operator", kString);
    add(list + "/*/values", kArray);
    add(list + "/*/values/*", kString, Class::kItem);
  }
  for (const char* list :
       {"/spec/containers", "/spec/initContainers", "/spec/ephemeralContainers"}) {
    for (ReadField& field : container_fields(base + list)) fields.push_back(std::move(field));
  }
  return fields;
}

std::vector<ReadField> all_fields() {
  std::vector<ReadField> fields = {
      {"", "an AdmissionReview object", Class::kEnvelope},
      {"/apiVersion", "admission.k8s.io/v1 or admission.k8s.io/v1beta1", Class::kEnvelope},
      {"/kind", "AdmissionReview", Class::kEnvelope},
      {"/request", kObject, Class::kEnvelope},
      {"/request/uid", kNotEmpty, Class::kEnvelope},
      {"/request/kind", kObject, Class::kRequired},
      {"/request/kind/group", kString},
      {"/request/kind/version", kString},
      {"/request/kind/kind", kString, Class::kRequired, kNotEmpty},
      {"/request/resource", kObject},
      {"/request/resource/group", kString},
      {"/request/resource/version", kString},
      {"/request/resource/resource", kString},
      {"/request/subResource", kString},
      {"/request/name", kString},
      {"/request/namespace", kString},
      {"/request/operation", kString, Class::kRequired},
      {"/request/dryRun", kBoolean},
      {"/request/userInfo", kObject},
      {"/request/userInfo/username", kString},
      {"/request/userInfo/groups", kArray},
      {"/request/userInfo/groups/*", kString, Class::kItem},
  };
  for (const auto& pod : {pod_fields("/request/object", Class::kRequired, "a Pod"),
                          pod_fields("/request/oldObject", Class::kOptional, kObject)}) {
    fields.insert(fields.end(), pod.begin(), pod.end());
  }
  return fields;
}

std::vector<std::string> tokens_of(const std::string& pointer) {
  std::vector<std::string> tokens;
  std::istringstream rest(pointer.empty() ? pointer : pointer.substr(1));
  for (std::string token; std::getline(rest, token, '/');) tokens.push_back(token);
  return tokens;
}

struct Row {
  ReadField field;
  std::vector<std::string> tokens;  // of its pattern
};

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = [] {
    std::vector<Row> out;
    for (ReadField& field : all_fields()) {
      std::vector<std::string> tokens = tokens_of(field.pattern);
      out.push_back({std::move(field), std::move(tokens)});
    }
    return out;
  }();
  return kRows;
}

const ReadField* find_field(std::span<const std::string> tokens) {
  for (const Row& row : rows()) {
    if (std::equal(
            row.tokens.begin(), row.tokens.end(), tokens.begin(), tokens.end(),
            [](const auto& want, const auto& token) { return want == "*" || want == token; })) {
      return &row.field;
    }
  }
  return nullptr;
}

void collect(const json& value, const Pointer& at, std::vector<Pointer>& out) {
  out.push_back(at);
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) collect(member, at / key, out);
  } else if (value.is_array()) {
    for (std::size_t index = 0; index < value.size(); ++index) {
      collect(value[index], at / index, out);
    }
  }
}

}  // namespace

const ReadField* find_read_field(const Pointer& pointer) {
  return find_field(tokens_of(pointer.to_string()));
}

std::string path_of(const Pointer& pointer) {
  std::string path;
  const std::vector<std::string> tokens = tokens_of(pointer.to_string());
  for (std::size_t index = 0; index < tokens.size(); ++index) {
    const std::string& token = tokens[index];
    const ReadField* const field = find_field(std::span(tokens).first(index + 1));
    const bool is_item = field != nullptr && field->answer == Class::kItem;
    if (is_item && token.find_first_not_of("0123456789") == std::string::npos) {
      path += "[" + token + "]";
    } else if (is_item) {
      path += "[\"" + token + "\"]";
    } else {
      path += (path.empty() ? "" : ".") + token;
    }
  }
  return path;
}

std::vector<Pointer> all_values(const json& document) {
  std::vector<Pointer> out;
  collect(document, Pointer(), out);
  return out;
}

nlohmann::json full_review() {
  static const char* const kContainer = R"({
    "name": "c", "image": "i", "imagePullPolicy": "Always", "workingDir": "/w",
    "restartPolicy": "Always", "targetContainerName": "t", "terminationMessagePath": "/t",
    "terminationMessagePolicy": "File", "command": ["a"], "args": ["b"],
    "env": [{"name": "E", "value": "v"},
            {"name": "F", "valueFrom": {"resourceFieldRef": {"containerName": "c",
                "resource": "limits.cpu", "divisor": "0"}, "fieldRef": {"apiVersion": "v1", "fieldPath": "x"},
                "secretKeyRef": {"name": "s", "key": "k", "optional": true}}}],
    "envFrom": [{"prefix": "P_", "secretRef": {"name": "s"}}],
    "resources": {"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"},
                  "claims": [{"name": "n"}]},
    "securityContext": {"privileged": false, "runAsUser": 1, "runAsGroup": 2,
                        "runAsNonRoot": true, "allowPrivilegeEscalation": false,
                        "procMount": "Default",
                        "capabilities": {"drop": ["ALL"], "add": ["CHOWN"]},
                        "seccompProfile": {"type": "Localhost", "localhostProfile": "p"},
                        "appArmorProfile": {"type": "Localhost", "localhostProfile": "p"},
                        "seLinuxOptions": {"user": "", "role": "", "type": "", "level": "s0"},
                        "windowsOptions": {"hostProcess": false, "runAsUserName": "u"}},
    "volumeMounts": [{"name": "v", "mountPath": "/m", "readOnly": true, "subPath": "s",
                      "subPathExpr": "e", "mountPropagation": "None",
                      "recursiveReadOnly": "Disabled"}],
    "livenessProbe": {"httpGet": {"host": "", "port": 80, "scheme": "HTTP", "path": "/",
                      "httpHeaders": [{"name": "h", "value": "v"}]}, "timeoutSeconds": 1},
    "readinessProbe": {"grpc": {"port": 80}, "periodSeconds": 1},
    "startupProbe": {"tcpSocket": {"host": "", "port": 80}},
    "lifecycle": {"preStop": {"tcpSocket": {"host": "", "port": 80}},
                  "postStart": {"exec": {"command": ["a"]}}},
    "ports": [{"name": "p", "containerPort": 80, "hostPort": 0, "protocol": "TCP"}]})";
  const json container = json::parse(kContainer);
  json pod = json::parse(R"({
    "apiVersion": "v1", "kind": "Pod",
    "metadata": {"name": "w", "generateName": "g-", "namespace": "d", "uid": "x",
                 "labels": {"l": "1"}, "annotations": {"a": "2"},
                 "managedFields": [{"manager": "m"}]},
    "spec": {"runtimeClassName": "cvm", "nodeName": "n", "hostname": "h", "os": {"name": "linux"},
             "nodeSelector": {"s": "3"}, "hostNetwork": false, "hostPID": false, "hostIPC": false,
             "shareProcessNamespace": false, "hostUsers": true,
             "securityContext": {"runAsUser": 5, "fsGroup": 6,
                                 "sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}],
                                 "seccompProfile": {"type": "RuntimeDefault"}},
             "resourceClaims": [{"name": "r"}], "imagePullSecrets": [{"name": "s"}],
             "tolerations": [{"key": "k", "operator": "Equal", "value": "v",
                              "effect": "NoSchedule", "tolerationSeconds": 1}],
             "volumes": [{"name": "v", "hostPath": {"path": "/p", "type": "Directory"}},
                         {"name": "u", "emptyDir": {"medium": "Memory"}},
                         {"name": "q", "persistentVolumeClaim": {"claimName": "q"}},
                         {"name": "s", "csi": {"driver": "d"}}],
             "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
               "nodeSelectorTerms": [{
                 "matchExpressions": [{"key": "k", "operator": "In", "values": ["v"]}],
                 "matchFields": [{"key": "f", "operator": "NotIn", "values": ["w"]}]}]}},
               "podAffinity": {}},
             "priority": 0},
    "status": {"phase": "Pending"}})");
  // The other lists and the old pod are read by the same code: a few of their fields are enough.
  const json small = {{"name", "d"}, {"env", {{{"name", "E"}}}}, {"stdin", true}};
  pod["spec"]["containers"] = {container};
  pod["spec"]["initContainers"] = {small};
  pod["spec"]["ephemeralContainers"] = {small};
  json review = json::parse(R"({
    "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
    "request": {"uid": "u-1", "kind": {"group": "", "version": "v1", "kind": "Pod"},
                "resource": {"group": "", "version": "v1", "resource": "pods"},
                "requestKind": {"group": "", "version": "v1", "kind": "Pod"},
                "subResource": "", "name": "w", "namespace": "d", "operation": "CREATE",
                "dryRun": false,
                "userInfo": {"username": "alice", "uid": "7", "groups": ["g"], "extra": {}},
                "options": {"kind": "CreateOptions"}}})");
  review["request"]["object"] = pod;
  review["request"]["oldObject"] = {{"metadata", {{"labels", {{"l", "1"}}}}},
                                    {"spec", {{"hostPID", false}, {"containers", {small}}}}};
  return review;
}

}  // namespace cvm::webhook
