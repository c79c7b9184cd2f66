#include "policies/mutations/obeyed_variables.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

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

struct Entry {
  std::string_view stem;  // without *
  bool is_prefix;
  VariableUse use;

  constexpr bool holds(std::string_view name) const {
    return name.starts_with(stem) && (is_prefix || name.size() == stem.size());
  }
  // Whether a name that begins with `prefix` can be of it.
  constexpr bool can_hold(std::string_view prefix) const {
    return holds(prefix) || stem.starts_with(prefix);
  }
};

// All entries by the first character of their names, as each variable of each call is looked up.
class Entries {
 public:
  constexpr Entries() {
    std::size_t count = 0;
    const auto add = [&](std::string_view text, VariableUse use) {
      const bool is_prefix = text.ends_with('*');
      if (is_prefix) text.remove_suffix(1);
      entries_[count++] = {text, is_prefix, use};
    };
    // envbox's come first where both hold.
    for (std::string_view text : kEnvbox) add(text, VariableUse::kEnvbox);
    for (std::string_view text : kPrograms) add(text, VariableUse::kPrograms);
    for (std::size_t end = 1; end < count; ++end) {
      for (std::size_t at = end; at > 0 && first(at) < first(at - 1); --at) {
        std::swap(entries_[at], entries_[at - 1]);
      }
    }
    for (std::size_t index = 0; index < count; ++index) ++ends_[first(index)];
    for (std::size_t letter = 1; letter < ends_.size(); ++letter) {
      ends_[letter] = static_cast<std::uint8_t>(ends_[letter] + ends_[letter - 1]);
    }
  }

  // Those that begin as `name` does; none for an empty name.
  constexpr std::span<const Entry> of(std::string_view name) const {
    if (name.empty()) return {};
    const std::size_t letter = index_of(name.front());
    const std::size_t begin = letter == 0 ? 0 : ends_[letter - 1];
    return std::span(entries_).subspan(begin, ends_[letter] - begin);
  }

 private:
  static constexpr std::size_t index_of(char character) {
    return static_cast<unsigned char>(character);
  }
  constexpr std::size_t first(std::size_t index) const {
    return index_of(entries_[index].stem.front());
  }

  std::array<Entry, kEnvbox.size() + std::size(kPrograms)> entries_{};
  std::array<std::uint8_t, 256> ends_{};
};

constexpr Entries kEntries;
static_assert(kEnvbox.size() + std::size(kPrograms) < 256);

}  // namespace

VariableUse use_of_variable(std::string_view name) {
  for (const Entry& entry : kEntries.of(name)) {
    if (entry.holds(name)) return entry.use;
  }
  return VariableUse::kNone;
}

bool is_unused_prefix(std::string_view prefix) {
  const auto entries = kEntries.of(prefix);
  return !prefix.empty() &&
         std::none_of(entries.begin(), entries.end(),
                      [prefix](const Entry& one) { return one.can_hold(prefix); });
}

bool can_be_listed(std::string_view name) {
  return !name.empty() && name.find(',') == std::string_view::npos && !name.ends_with('*') &&
         name.front() != ' ' && name.back() != ' ';
}

bool is_passed_by_envbox(std::string_view name) {
  return name == "CODER_AGENT_TOKEN" || name == "CODER_AGENT_SUBSYSTEM";
}

}  // namespace cvm
