// Kubeconfig files: each form of identity that works, and the exact text for each that does not.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "certs/certificate.hpp"
#include "webhook/kubernetes/access/cluster_access.hpp"

namespace cvm::webhook {
namespace {

namespace fs = std::filesystem;

struct TestPki {
  certs::KeyPair ca, client, expired;
};

const TestPki& pki() {
  static const TestPki made = [] {
    const auto now = std::chrono::system_clock::now();
    certs::CaOptions ca_options;
    ca_options.common_name = "test CA";
    certs::ServingOptions options;
    options.dns_names = {"client"};
    TestPki result;
    result.ca = certs::issue_ca(ca_options, now).value();
    result.client = certs::issue_serving(result.ca, options, now).value();
    const auto long_ago = now - std::chrono::hours{24 * 400};
    const certs::KeyPair old_ca = certs::issue_ca(ca_options, long_ago).value();
    result.expired = certs::issue_serving(old_ca, options, long_ago).value();
    return result;
  }();
  return made;
}

class Kubeconfig : public testing::Test {
 protected:
  Kubeconfig() {
    std::string name = testing::TempDir() + "cvm-kubeconfig-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    write("pki/ca.crt", pki().ca.certificate_pem);
    write("pki/client.crt", pki().client.certificate_pem);
    write("pki/client.key", pki().client.key_pem);
    write("pki/old.crt", pki().expired.certificate_pem);
    write("pki/old.key", pki().expired.key_pem);
    write("token", "from-file\n");
  }
  ~Kubeconfig() override { fs::remove_all(directory_); }

  void write(const std::string& name, const std::string& content) {
    fs::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << content;
  }

  std::string file() const { return (directory_ / "config").string(); }

  Result<ClusterAccess> read_text(const std::string& text, const std::string& context = "") {
    write("config", text);
    return kubeconfig_access({file()}, context);
  }

  // One cluster, context and user; the fields are flow mappings.
  Result<ClusterAccess> read(const std::string& cluster, const std::string& user) {
    return read_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: ctx\n"
        "clusters: [{name: c, cluster: {" +
        cluster +
        "}}]\n"
        "contexts: [{name: ctx, context: {cluster: c, user: u}}]\n"
        "users: [{name: u, user: {" +
        user + "}}]\n");
  }

  // The error without the file's name before its lines, and without the places in it.
  std::string error_of(const Result<ClusterAccess>& result) const {
    if (result) return "no error";
    std::string text;
    std::istringstream lines(result.error().message);
    for (std::string line; std::getline(lines, line);) {
      if (!text.empty()) text += '\n';
      std::string rest =
          line.starts_with(file()) ? line.substr(file().size()) : "(no file) " + line;
      text += std::regex_replace(rest, std::regex("^(:[0-9]+:[0-9]+)?: "), "");
    }
    return text;
  }

  std::string in_directory(const std::string& name) const { return (directory_ / name).string(); }

  fs::path directory_;
};

constexpr const char* kServer = "server: 'https://10.0.0.1:6443'";

std::string base64(const std::string& text) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string encoded;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned long group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      encoded += i + k > text.size() ? '=' : kDigits[group >> (18 - 6 * k) & 63];
    }
  }
  return encoded;
}

TEST_F(Kubeconfig, ReadsAToken) {
  const auto access = read(kServer, "token: abc").value();
  EXPECT_EQ(access.host, "10.0.0.1");
  EXPECT_EQ(access.port, "6443");
  EXPECT_TRUE(access.tls);
  EXPECT_EQ(access.path_prefix, "");
  EXPECT_EQ(access.token, "abc");
  EXPECT_EQ(access.ca_pem, "");
  EXPECT_FALSE(access.insecure_skip_tls_verify);
}

TEST_F(Kubeconfig, RelativePathsAreRelativeToTheFile) {
  const auto access = read(std::string(kServer) + ", certificate-authority: pki/ca.crt",
                           "tokenFile: token, client-certificate: pki/client.crt, "
                           "client-key: ./pki/../pki/client.key")
                          .value();
  EXPECT_EQ(access.ca_pem, pki().ca.certificate_pem);
  EXPECT_EQ(access.client_certificate_pem, pki().client.certificate_pem);
  EXPECT_EQ(access.client_key_pem, pki().client.key_pem);
  EXPECT_EQ(access.token_file, in_directory("token"));
}

TEST_F(Kubeconfig, EmbeddedDataWinsOverFiles) {
  const auto access =
      read(std::string(kServer) + ", certificate-authority: none, certificate-authority-data: " +
               base64(pki().ca.certificate_pem),
           "client-certificate: none, client-certificate-data: " +
               base64(pki().client.certificate_pem) +
               ", client-key-data: " + base64(pki().client.key_pem))
          .value();
  EXPECT_EQ(access.ca_pem, pki().ca.certificate_pem);
  EXPECT_EQ(access.client_certificate_pem, pki().client.certificate_pem);
  EXPECT_EQ(access.client_key_pem, pki().client.key_pem);
}

TEST_F(Kubeconfig, ReadsServersOfEveryForm) {
  struct Case {
    const char *url, *host, *port, *prefix;
    bool tls;
  };
  for (const Case& c : {Case{"https://api.example.com", "api.example.com", "443", "", true},
                        Case{"https://[2001:db8::1]:6443", "2001:db8::1", "6443", "", true},
                        Case{"http://localhost:8080/", "localhost", "8080", "", false},
                        Case{"http://127.0.0.1", "127.0.0.1", "80", "", false},
                        Case{"https://r.example/k8s/clusters/c-1/", "r.example", "443",
                             "/k8s/clusters/c-1", true}}) {
    const auto access = read("server: '" + std::string(c.url) + "'", "");
    ASSERT_TRUE(access) << error_of(access);
    EXPECT_EQ(access->host, c.host) << c.url;
    EXPECT_EQ(access->port, c.port) << c.url;
    EXPECT_EQ(access->path_prefix, c.prefix) << c.url;
    EXPECT_EQ(access->tls, c.tls) << c.url;
  }
}

TEST_F(Kubeconfig, ReadsTlsOptions) {
  const auto access =
      read(std::string(kServer) + ", tls-server-name: kubernetes, insecure-skip-tls-verify: true",
           "token: abc")
          .value();
  EXPECT_EQ(access.server_name, "kubernetes");
  EXPECT_TRUE(access.insecure_skip_tls_verify);
}

TEST_F(Kubeconfig, ChoosesTheContextThatIsAskedFor) {
  const std::string text =
      "current-context: one\n"
      "clusters:\n- name: a\n  cluster: {server: 'https://a:1'}\n"
      "- name: b\n  cluster: {server: 'https://b:2'}\n"
      "contexts:\n- name: one\n  context: {cluster: a, user: x}\n"
      "- name: two\n  context: {cluster: b, user: two, namespace: ns}\n"
      "users:\n- name: x\n  user: {token: tx}\n- name: two\n  user: {token: ty}\n";
  EXPECT_EQ(read_text(text).value().host, "a");
  EXPECT_EQ(read_text(text, "two").value().host, "b");
  EXPECT_EQ(read_text(text, "two").value().token, "ty");
  EXPECT_EQ(error_of(read_text(text, "three")), "no \"three\" among the contexts (one, two)");
}

TEST_F(Kubeconfig, AnotherUsersExecPluginDoesNotMatter) {
  const auto access = read_text(
      "current-context: one\n"
      "clusters: [{name: a, cluster: {server: 'https://a:1'}}]\n"
      "contexts: [{name: one, context: {cluster: a, user: x}}]\n"
      "users: [{name: x, user: {token: t}}, {name: other, user: {exec: {command: aws}}}]\n");
  EXPECT_EQ(access.value().token, "t");
}

TEST_F(Kubeconfig, SaysWhatToUseInsteadOfWhatIsNotSupported) {
  const std::string instead =
      "; use a token, tokenFile or client-certificate (kubectl create token makes one for a "
      "service account)";
  EXPECT_EQ(error_of(read(kServer, "auth-provider: {name: gcp}")),
            "users[u].user.auth-provider: auth providers are not supported" + instead);
  EXPECT_EQ(error_of(read(kServer, "username: admin, password: x")),
            "users[u].user.username: API servers no longer take passwords; use a token, tokenFile "
            "or client-certificate\n"
            "users[u].user.password: API servers no longer take passwords; use a token, tokenFile "
            "or client-certificate");
  EXPECT_EQ(error_of(read(kServer, "token: t, as: admin")),
            "users[u].user.as: impersonation is not supported; use credentials of that user");
  EXPECT_EQ(error_of(read(std::string(kServer) + ", proxy-url: 'http://p:3128'", "token: t")),
            "clusters[c].cluster.proxy-url: proxies are not supported; give a server address that "
            "is reached directly");
}

TEST_F(Kubeconfig, ReadsACredentialPluginWithoutRunningIt) {
  const auto access =
      read(std::string(kServer) +
               ", certificate-authority: pki/ca.crt, tls-server-name: api, "
               "extensions: [{name: other, extension: 1}, {name: "
               "client.authentication.k8s.io/exec, extension: {audience: a}}]",
           "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, args: [eks, "
           "get-token], env: [{name: A, value: b}, {name: EMPTY}], interactiveMode: Never, "
           "installHint: install it, provideClusterInfo: true}");
  ASSERT_TRUE(access) << error_of(access);
  ASSERT_TRUE(access->plugin);
  const CredentialPlugin& plugin = *access->plugin;
  EXPECT_EQ(plugin.place, file() + ": users[u].user.exec");
  EXPECT_EQ(plugin.api_version, "client.authentication.k8s.io/v1");
  EXPECT_EQ(plugin.command, in_directory("bin/login"));
  EXPECT_EQ(plugin.arguments, (std::vector<std::string>{"eks", "get-token"}));
  EXPECT_EQ(plugin.environment,
            (std::vector<std::pair<std::string, std::string>>{{"A", "b"}, {"EMPTY", ""}}));
  EXPECT_EQ(plugin.interaction, CredentialPlugin::Interaction::kNever);
  EXPECT_EQ(plugin.install_hint, "install it");
  EXPECT_EQ(plugin.cluster, "{\"certificate-authority-data\":\"" +
                                base64(pki().ca.certificate_pem) +
                                "\",\"config\":{\"audience\":\"a\"},\"server\":"
                                "\"https://10.0.0.1:6443\",\"tls-server-name\":\"api\"}");
}

TEST_F(Kubeconfig, APluginBesideAFileThatIsNamedWithoutDirectoryIsNotLookedForInThePath) {
  read(kServer, "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./login}");
  const fs::path before = fs::current_path();
  fs::current_path(directory_);
  for (const char* name : {"config", "./config"}) {
    const auto access = kubeconfig_access({name}, "");
    ASSERT_TRUE(access) << access.error().message;
    EXPECT_EQ(access->plugin->command, in_directory("login"));
  }
  fs::current_path(before);
}

TEST_F(Kubeconfig, LooksForAPluginInThePathByItsName) {
  const auto access =
      read(kServer,
           "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws, args: null}");
  EXPECT_EQ(access.value().plugin->command, "aws");
  EXPECT_EQ(access->plugin->interaction, CredentialPlugin::Interaction::kIfAvailable);
  EXPECT_EQ(access->plugin->cluster, "");
}

TEST_F(Kubeconfig, CredentialsOfTheFileWinOverAPlugin) {
  const std::string exec =
      ", exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws}";
  EXPECT_FALSE(read(kServer, "token: t" + exec).value().plugin);
  EXPECT_FALSE(read(kServer, "tokenFile: token" + exec).value().plugin);
  EXPECT_FALSE(
      read(kServer, "client-certificate: pki/client.crt, client-key: pki/client.key" + exec)
          .value()
          .plugin);
}

TEST_F(Kubeconfig, SaysWhatIsWrongWithACredentialPlugin) {
  const auto error = [&](const std::string& exec) {
    const std::string message = error_of(read(kServer, "exec: {" + exec + "}"));
    const std::string at = "users[u].user.exec.";
    return message.starts_with(at) ? message.substr(at.size()) : message;
  };
  const std::string v1 = "apiVersion: client.authentication.k8s.io/v1, ";
  const std::string versions =
      "apiVersion: expected client.authentication.k8s.io/v1 or "
      "client.authentication.k8s.io/v1beta1, found ";
  EXPECT_EQ(error("command: aws"), versions + "nothing");
  EXPECT_EQ(error("apiVersion: client.authentication.k8s.io/v1alpha1"),
            versions + "\"client.authentication.k8s.io/v1alpha1\"");
  const std::string never = v1 + "interactiveMode: Never, ";
  EXPECT_EQ(error(never + "args: []"), "command: it is missing");
  EXPECT_EQ(error(v1 + "command: a"),
            "interactiveMode: expected Never, IfAvailable or Always, found nothing");
  EXPECT_EQ(error(v1 + "command: a, interactiveMode: never"),
            "interactiveMode: expected Never, IfAvailable or Always, found \"never\"");
  EXPECT_EQ(error(never + "command: a, args: x"), "args: expected a list, found a string");
  EXPECT_EQ(error(never + "command: a, args: [1]"),
            "args[0]: expected a string, found a number; quote it");
  EXPECT_EQ(error(never + "command: a, env: [x]"), "env[0]: expected a map, found a string");
  EXPECT_EQ(error(never + "command: a, env: [{value: x}]"), "env[0].name: it is missing");
  EXPECT_EQ(error(v1 + "command: a, interactiveMode: [x]"),
            "interactiveMode: expected a string, found a list");
  EXPECT_EQ(error_of(read(kServer, "exec: aws")),
            "users[u].user.exec: expected a map, found a string");
}

TEST_F(Kubeconfig, MergesFilesAsKubectlDoes) {
  write("one",
        "clusters: [{name: a, cluster: {server: 'https://one:1'}}]\n"
        "contexts: [{name: x, context: {cluster: a, user: u}}]\n");
  write("two",
        "current-context: x\n"
        "clusters: [{name: a, cluster: {server: 'https://two:2'}}, {name: b, cluster: {server: "
        "'https://b:3'}}]\n"
        "contexts: [{name: x, context: {cluster: b, user: u}}, {name: other, context: {cluster: b, "
        "user: u}}]\n"
        "users: [{name: u, user: {tokenFile: pki/token}}]\n");
  write("pki/token", "t");
  write("empty", "");
  const std::vector<std::string> files = {in_directory("none"), in_directory("empty"),
                                          in_directory("one"), in_directory("two")};
  const std::string names = files[1] + ", " + files[2] + ", " + files[3];
  const auto merged = kubeconfig_access(files, "");
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ(merged->host, "one");
  EXPECT_EQ(merged->token_file, in_directory("pki/token"));
  EXPECT_EQ(kubeconfig_access(files, "other").value().host, "b");
  EXPECT_EQ(kubeconfig_access(files, "z").error().message,
            names + ": no \"z\" among the contexts (x, x, other)");
  write("two", "clusters: 5\n");
  EXPECT_EQ(kubeconfig_access(files, "").error().message,
            names + ": no current-context; set one or give --context NAME");
  const std::string loop = in_directory("loop");
  fs::create_symlink("loop", loop);
  EXPECT_EQ(kubeconfig_access({loop, files[3]}, "").error().message,
            "cannot open " + loop + ": Too many levels of symbolic links");
  EXPECT_EQ(kubeconfig_access({files[0], in_directory("no")}, "").error().message,
            "cannot open " + files[0] + ": No such file or directory");
}

TEST_F(Kubeconfig, SaysWhatIsWrongWithTheServer) {
  const auto error = [&](const std::string& server) {
    return error_of(read("server: '" + server + "'", "token: t"));
  };
  const std::string at = "clusters[c].cluster.server: ";
  EXPECT_EQ(error(""), at + "it is missing; expected https://HOST:PORT");
  EXPECT_EQ(error("10.0.0.1:6443"),
            at + "\"10.0.0.1:6443\" is not a URL; expected https://HOST:PORT");
  EXPECT_EQ(error("ftp://a"), at + "\"ftp://a\" has the scheme ftp; expected https or http");
  EXPECT_EQ(error("https://a:70000"), at + "\"https://a:70000\" has the port 70000; expected 1 to "
                                           "65535");
  EXPECT_EQ(error("https://a?x=1"),
            at + "\"https://a?x=1\" has a query or a fragment; expected https://HOST:PORT");
  EXPECT_EQ(error("https://u:p@a"),
            at + "it carries a user name or password, which API servers do not take; give a token "
                 "or a client certificate in the kubeconfig's user");
  EXPECT_EQ(error_of(read("server: 5", "token: t")),
            at + "expected a string, found a number; quote it");
}

TEST_F(Kubeconfig, SaysWhatIsWrongWithCertificates) {
  const std::string server = kServer;
  EXPECT_EQ(error_of(read(server + ", certificate-authority: no.crt", "")),
            "clusters[c].cluster.certificate-authority: cannot open " + in_directory("no.crt") +
                ": No such file or directory");
  EXPECT_EQ(error_of(read(server + ", certificate-authority-data: '###'", "")),
            "clusters[c].cluster.certificate-authority-data: it is not base64");
  EXPECT_EQ(error_of(read(server + ", certificate-authority-data: " + base64("x"), "")),
            "clusters[c].cluster.certificate-authority-data: no PEM certificate (-----BEGIN "
            "CERTIFICATE-----) found");
  EXPECT_EQ(
      error_of(
          read(server + ", certificate-authority: pki/ca.crt, insecure-skip-tls-verify: true", "")),
      "clusters[c].cluster.insecure-skip-tls-verify: it contradicts certificate-authority; "
      "remove one of the two");
  EXPECT_EQ(error_of(read(server + ", insecure-skip-tls-verify: 'yes'", "")),
            "clusters[c].cluster.insecure-skip-tls-verify: expected true or false, found a string");
  EXPECT_EQ(error_of(read(server, "client-certificate: pki/client.crt")),
            "users[u].user.client-key: client-certificate needs it too");
  EXPECT_EQ(error_of(read(server, "client-key: pki/client.key")),
            "users[u].user.client-certificate: client-key needs it too");
}

TEST_F(Kubeconfig, SaysWhatIsWrongWithAClientCertificate) {
  const std::string mismatch =
      error_of(read(kServer, "client-certificate: pki/client.crt, client-key: pki/old.key"));
  EXPECT_TRUE(
      mismatch.starts_with("users[u].user.client-certificate: the private key does not "
                           "belong to the certificate CN=client"))
      << mismatch;
  const std::string expired =
      error_of(read(kServer, "client-certificate: pki/old.crt, client-key: pki/old.key"));
  EXPECT_TRUE(expired.starts_with(
      "users[u].user.client-certificate: the certificate CN=client expired at "))
      << expired;
}

TEST_F(Kubeconfig, SaysWhatIsWrongWithATokenFile) {
  EXPECT_EQ(error_of(read(kServer, "tokenFile: none")), "users[u].user.tokenFile: cannot open " +
                                                            in_directory("none") +
                                                            ": No such file or directory");
  EXPECT_EQ(error_of(read("server: 'http://a'", "token: t")),
            "users[u].user.token: it would be sent in the clear; the server must be https");
}

TEST_F(Kubeconfig, NamesEveryMistakeWithItsPlaceAndRepeatsNoSecret) {
  const auto access = read_text(
      "current-context: one\n"
      "clusters: [{name: a, cluster: {server: 'ftp://a'}}]\n"
      "contexts: [{name: one, context: {cluster: a, user: x}}]\n"
      "users:\n"
      "- name: x\n"
      "  user:\n"
      "    token: 4711\n"
      "    exec: hush\n");
  EXPECT_EQ(access.error().message,
            file() +
                ":2:40: clusters[a].cluster.server: \"ftp://a\" has the scheme ftp; expected "
                "https or http\n" +
                file() +
                ":7:12: users[x].user.token: expected a string, found a number; quote it\n" +
                file() + ":8:11: users[x].user.exec: expected a map, found a string");
}

TEST_F(Kubeconfig, SaysWhatIsWrongWithTheFile) {
  EXPECT_EQ(kubeconfig_access({in_directory("none")}, "").error().message,
            "cannot open " + in_directory("none") + ": No such file or directory");
  EXPECT_EQ(error_of(read_text("")), "no current-context; set one or give --context NAME");
  EXPECT_EQ(error_of(read_text("kind: Config\n---\nkind: Config\n")),
            "expected one document, found 2");
  EXPECT_EQ(error_of(read_text("[1]")), "expected a map (kind: Config)");
  EXPECT_EQ(error_of(read_text("kind: Pod")), "kind: expected Config, found \"Pod\"");
  EXPECT_EQ(error_of(read_text("kind: Config")),
            "no current-context; set one or give --context NAME");
  EXPECT_EQ(error_of(read_text("current-context: x")),
            "no \"x\" among the contexts (there are none)");
  EXPECT_EQ(error_of(read_text("current-context: x\ncontexts: 5")),
            "contexts: expected a list, found a number");
  EXPECT_EQ(error_of(read_text("current-context: x\ncontexts: [{context: {}}]")),
            "contexts[0]: expected a map with a name, which is a string");
  EXPECT_EQ(error_of(read_text("current-context: x\ncontexts: [{name: x}]")),
            "contexts[x].context: expected a map, found nothing");
  EXPECT_EQ(error_of(read_text("current-context: x\ncontexts: [{name: x, context: {user: u}}]")),
            "contexts[x].context.cluster: it is missing");
  EXPECT_EQ(error_of(read_text("current-context: x\ncontexts: [{name: x, context: {}}, {name: x, "
                               "context: {}}]")),
            "contexts[1]: \"x\" is there twice");
  const std::string broken = error_of(read_text("clusters: [\n"));
  EXPECT_TRUE(broken.starts_with("line ")) << broken;
}

class InCluster : public Kubeconfig {
 protected:
  InCluster() {
    ::setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
    ::setenv("KUBERNETES_SERVICE_PORT", "443", 1);
    write("sa/ca.crt", pki().ca.certificate_pem);
    write("sa/token", "t");
  }
  ~InCluster() override {
    ::unsetenv("KUBERNETES_SERVICE_HOST");
    ::unsetenv("KUBERNETES_SERVICE_PORT");
  }
};

TEST_F(InCluster, ReadsTheServiceAccount) {
  const auto access = in_cluster_access(in_directory("sa")).value();
  EXPECT_EQ(access.host, "fd00::1");
  EXPECT_EQ(access.port, "443");
  EXPECT_TRUE(access.tls);
  EXPECT_EQ(access.ca_pem, pki().ca.certificate_pem);
  EXPECT_EQ(access.token_file, in_directory("sa/token"));
  EXPECT_EQ(access.token, "");
}

TEST_F(InCluster, SaysWhatIsMissing) {
  fs::remove(directory_ / "sa/token");
  EXPECT_EQ(in_cluster_access(in_directory("sa")).error().message,
            "cannot open " + in_directory("sa/token") +
                ": No such file or directory; is automountServiceAccountToken off?");
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  EXPECT_EQ(in_cluster_access(in_directory("sa")).error().message,
            "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; "
            "outside of a cluster give --kubeconfig FILE");
}

}  // namespace
}  // namespace cvm::webhook
