#include "webhook/config/settings_file.hpp"

namespace cvm::webhook {

std::string_view default_settings_file() {
  return R"(apiVersion: cvm-webhook.io/v1alpha1
kind: CvmSettings
# false: a pod that asks for a CVM is refused, others pass untouched.
enabled: true
# Whether a workspace without the label cvm-webhook.io/cvm is a CVM.
defaultToCvm: true
# supervised: a privileged supervisor in the pod runs the workspace with Sysbox; native: the node's
# own Sysbox runs the pod, and supervisor, caching, hostPaths, network and gpu have no effect.
mode: supervised
# Keep the inner images between starts; needs the host paths /var/run and /var/lib.
caching: false
# Let the supervisor load the shiftfs kernel module; has an effect with caching only.
autoloadShiftfs: false
# The RuntimeClass that CVM pods are given; where it is absent: cvm, in mode native sysbox-runc.
runtimeClassName: cvm
workspaces:
  # A label selector on pods; empty: every pod of a selected namespace.
  selector: {}
supervisor:
  # sidecar: a sidecar container (Kubernetes 1.29 and later); container: for clusters before that;
  # wrap: in the workspace container's place, as envbox is run by hand.
  placement: sidecar
  # Pin this to the version that you tested.
  image: ghcr.io/coder/envbox:latest
  imagePullPolicy: IfNotPresent
  command: ["/envbox", "docker"]
  resources:
    requests: {cpu: 100m, memory: 128Mi}
  # Further environment of the supervisor: a list of {name, value}.
  env: []
  # Give the workspace /dev/net/tun and /dev/fuse.
  tun: false
  fuse: false
  # wrap: let the volume that a pod names for caches also hold the supervisor's own images. Who can
  # mount it in another pod can change what the supervisor runs.
  imagesOnCacheVolume: false
# Where the supervisor mounts what it needs of the node, and of which hostPath type that is:
# usrSrc, libModules, varRun and varLib, each {mountPath, type}.
hostPaths: {}
network:
  # The network inside a CVM: IPv4, a prefix of /30 or wider.
  cidr: 172.19.0.0/30
gpu:
  # Cloud providers on whose nodes GPUs are nevertheless allowed.
  allowClouds: []
  # The directory of the NVIDIA libraries on the nodes.
  usrLibDir: ""
nodes:
  # What a node means for a CVM where it is not known whether it has SELinux enabled or shiftfs:
  # allow, warn or deny.
  selinuxUnknown: allow
  shiftfsUnknown: allow
  # The same for secure boot and kernel headers, which matter with autoloadShiftfs.
  secureBootUnknown: allow
  kernelHeadersUnknown: allow
  # When the list of nodes is older than this, staleAction (allow, warn or deny) is taken.
  staleAfter: 5m
  staleAction: warn
  # Label nodes with cvm-webhook.io/cvm and cvm-webhook.io/cvm-gpu: "true" or "false". false: marks
  # that are there stay as they are.
  mark: true
  # Node groups that an autoscaler can make from nothing, on which pods may count: a list of {name,
  # labels, annotations, taints, kernelVersion, osImage, architecture, operatingSystem, providerID,
  # containerRuntimeVersion, kubeletVersion, allocatable}.
  templates: []
# Rows that are added to the tables of what can host a CVM, or replace some of them.
compatibility:
  # {id, version, minimumKernel, shiftfs: packaged, none or unknown, selinux: on, off or unknown}
  distributions: []
  # {from, below, flavour, action: deny, warn or allow, reason}; the first that holds decides.
  kernels: []
  # {name, title, providerID, hosting: cloud, virtual or bareMetal}
  clouds: []
  # {resource, vendor: nvidia, amd or intel}
  gpus: []
  # Mode native: {runtime: containerd or cri-o, from, below, kubernetesFrom, kubernetesBelow, need:
  # hostUsers, annotation or unsupported, reason}; the first that holds decides.
  userNamespaces: []
isolation:
  # The Pod Security level of all that is not cvm-webhook's own in a pod: privileged, baseline or
  # restricted; or {enforce, warn, audit} with a level each.
  podSecurity: baseline
  # Who may do to running CVMs what is refused to others.
  breakGlass: {users: [], groups: []}
  # What other webhooks may put into the supervisor, or next to it with capabilities of its own.
  injected:
    variables:
      - AWS_DEFAULT_REGION
      - AWS_REGION
      - AWS_ROLE_ARN
      - AWS_STS_REGIONAL_ENDPOINTS
      - AWS_WEB_IDENTITY_TOKEN_FILE
      - AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
      - AWS_CONTAINER_CREDENTIALS_FULL_URI
      - AZURE_AUTHORITY_HOST
      - AZURE_CLIENT_ID
      - AZURE_FEDERATED_TOKEN_FILE
      - AZURE_TENANT_ID
    mounts:
      - {path: /var/run/secrets/, sources: [projected, secret], readOnly: true}
      - {path: /vault/secrets, sources: [emptyDir], readOnly: false}
    containers:
      - name: istio-init
        images: ["docker.io/istio/proxyv2:", "gcr.io/istio-release/proxyv2:", "registry.istio.io/release/proxyv2:"]
        capabilities: [NET_ADMIN, NET_RAW]
      - name: linkerd-init
        images: ["cr.l5d.io/linkerd/proxy-init:"]
        capabilities: [NET_ADMIN, NET_RAW]
  # CSI drivers whose inline volumes a CVM may use.
  inlineCsiDrivers: [secrets-store.csi.k8s.io, csi.cert-manager.io, csi.spiffe.io]
  # What refuses pods, for what they are made by (a Deployment, a Job...): deny, warn, audit or off.
  templates: warn
# <rule-id>: deny, warn, audit or off; `cvm-webhook rules list` prints the ids.
rules: {}
# The profile of pods for which neither their label cvm-webhook.io/profile nor that of their namespace
# asks for one; "": the settings themselves.
defaultProfile: ""
# Other settings for some pods: a list of {name, chosenBy, settings}. `settings` has keys of this file,
# which are laid over it; chosenBy says whose label may ask for the profile: namespace, pod or both.
profiles: []
)";
}

}  // namespace cvm::webhook
