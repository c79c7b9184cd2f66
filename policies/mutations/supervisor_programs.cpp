#include "policies/mutations/supervisor_programs.hpp"

#include <algorithm>
#include <array>

namespace cvm {

namespace {

// A name that ends with * stands for all that begin so. Case matters but for proxies, which are
// harmless: they carry what the supervisor fetches for this workspace alone.
//
// envbox's: cli/docker.go, the flags and their variables.
constexpr std::array<std::string_view, 13> kEnvbox = {
    "CODER_ADD_*",     "CODER_BOOTSTRAP_*", "CODER_CPUS",    "CODER_CVM_*",   "CODER_DEBUG",
    "CODER_DISABLE_*", "CODER_DOCKER_*",    "CODER_EXTRA_*", "CODER_IMAGE_*", "CODER_INNER_*",
    "CODER_MEMORY",    "CODER_MOUNTS",      "CODER_USR_*",
};

constexpr std::string_view kPrograms[] = {
    // Where programs and their parts are found: ld.so(8), gconv, locale, tz.
    "PATH",
    "LD_*",
    "GLIBC_*",
    "GCONV_*",
    "GETCONF_*",
    "MALLOC_*",
    "LOCPATH",
    "NLSPATH",
    "TZDIR",
    "TZ",
    "LANGUAGE",
    "TEXTDOMAIN*",
    "OUTPUT_CHARSET",
    "TERMINFO*",
    "NIS_PATH",
    // Names and addresses: resolver(5), hosts of glibc.
    "HOSTALIASES",
    "LOCALDOMAIN",
    "RES_OPTIONS",
    "RESOLV_*",
    // Where programs keep their files.
    "HOME",
    "TMPDIR",
    "TMP",
    "TEMP",
    "XDG_*",
    "PWD",
    "OLDPWD",
    // Shells, which start dockerd: sh, bash.
    "ENV",
    "IFS",
    "PS4",
    "CDPATH",
    "SHELL",
    "SHELLOPTS",
    "POSIXLY_CORRECT",
    "BASH*",
    "GLOBIGNORE",
    "EXECIGNORE",
    // The Go programs: envbox, dockerd, containerd, sysbox-mgr, sysbox-fs.
    "GODEBUG",
    "GOTRACEBACK",
    "GOGC",
    "GOMEMLIMIT",
    "GOMAXPROCS",
    "GOCOVERDIR",
    "GORACE",
    "GOROOT",
    "GOFIPS*",
    "SSL_CERT_*",
    "DOCKER*",
    "MOBY_*",
    "CONTAINERD_*",
    "BUILDKIT_*",
    "BUILDX_*",
    "RUNC_*",
    "ROOTLESSKIT_*",
    "_LIBCONTAINER_*",
    "GRPC_*",
    "TTRPC_*",
    "JAEGER_*",
    "TRACEPARENT",
    "TS_*",
    "SYSBOX*",
    "OTEL_*",
    "TINI_*",
    "CNI_*",
    // systemd's protocols of services and sockets.
    "NOTIFY_*",
    "LISTEN_*",
    "WATCHDOG_*",
    "SYSTEMD_*",
    "INVOCATION_*",
    "JOURNAL_*",
    "MAINPID",
    "DBUS_*",
    // What dockerd starts: iptables, modprobe, mount, fuse, tar, mkfs.
    "XTABLES_*",
    "IPTABLES_*",
    "IP_LIB_DIR",
    "TC_LIB_DIR",
    "IP6TABLES_*",
    "EBTABLES_*",
    "NFT_*",
    "MODPROBE_*",
    "KMOD_*",
    "LIBMOUNT_*",
    "MOUNT_*",
    "LIBBLKID_*",
    "BLKID_*",
    "FUSE_*",
    "TAR_*",
    "TAPE",
    "GZIP",
    "PIGZ",
    "BZIP*",
    "XZ_*",
    "ZSTD_*",
    "RSYNC_*",
    "MKE2FS_*",
    "E2FS*",
    // Probes run curl; OpenSSL loads what its configuration names.
    "CURL_*",
    "OPENSSL_*",
    "WGETRC",
    "KRB5*",
    "GSS*",
    "SASL_*",
    "LDAP*",
    "GNUTLS_*",
    "P11_KIT_*",
    "CTLOG_FILE",
    "SSLKEYLOGFILE",
    // The NVIDIA container toolkit gives devices of the node by them.
    "NVIDIA_*",
    "CUDA_*",
    // Interpreters, should a script be among the programs.
    "PERL*",
    "PYTHON*",
    "RUBY*",
    "NODE_OPTIONS",
    "JAVA_TOOL_OPTIONS",
};

bool is_of(std::string_view name, std::string_view entry) {
  if (!entry.ends_with('*')) return name == entry;
  return name.starts_with(entry.substr(0, entry.size() - 1));
}

// Whether a name that begins with `prefix` can be of the entry.
bool can_be_of(std::string_view prefix, std::string_view entry) {
  return is_of(prefix, entry) || entry.starts_with(prefix);
}

template <typename Entries, typename Holds>
bool any_of(const Entries& entries, Holds&& holds) {
  return std::any_of(std::begin(entries), std::end(entries), holds);
}

}  // namespace

VariableUse use_of_variable(std::string_view name) {
  const auto is_name_of = [name](std::string_view entry) { return is_of(name, entry); };
  if (any_of(kEnvbox, is_name_of)) return VariableUse::kEnvbox;
  return any_of(kPrograms, is_name_of) ? VariableUse::kPrograms : VariableUse::kNone;
}

bool is_unused_prefix(std::string_view prefix) {
  const auto is_prefix_of = [prefix](std::string_view entry) { return can_be_of(prefix, entry); };
  return !prefix.empty() && !any_of(kEnvbox, is_prefix_of) && !any_of(kPrograms, is_prefix_of);
}

bool can_be_listed(std::string_view name) {
  return !name.empty() && name.find(',') == std::string_view::npos && !name.ends_with('*') &&
         name.front() != ' ' && name.back() != ' ';
}

bool is_passed_by_envbox(std::string_view name) {
  return name == "CODER_AGENT_TOKEN" || name == "CODER_AGENT_SUBSYSTEM";
}

}  // namespace cvm
