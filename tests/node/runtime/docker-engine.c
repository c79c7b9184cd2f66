// Stands in for a Docker engine and its client. Called with its role first:
//   docker-engine dockerd -H unix://SOCKET -G GROUP [...]   makes the socket (mode 660) and answers
//   docker-engine docker [-H unix://SOCKET] version         succeeds when it is answered
// The socket is DOCKER_HOST, or /var/run/docker.sock, where -H is absent. Other options are ignored.
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *pid_file;
static struct sockaddr_un address = {.sun_family = AF_UNIX};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void end(int signal) {
  (void)signal;
  unlink(address.sun_path);
  if (pid_file) unlink(pid_file);
  _exit(0);
}

static void set_address(const char *host) {
  if (!host || strncmp(host, "unix://", 7)) host = "unix:///var/run/docker.sock";
  snprintf(address.sun_path, sizeof address.sun_path, "%s", host + 7);
}

static void serve(const char *group) {
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address)) fail(address.sun_path);
  if (chmod(address.sun_path, 0660)) fail("chmod");
  if (chown(address.sun_path, 0, (gid_t)atoi(group))) fail("chown");
  if (listen(listener, 16)) fail("listen");
  if (pid_file) {
    FILE *file = fopen(pid_file, "w");
    if (!file) fail(pid_file);
    fprintf(file, "%d\n", (int)getpid());
    fclose(file);
  }
  for (;;) {
    char request[4096];
    int client = accept(listener, 0, 0);
    if (client < 0) continue;
    ssize_t length = read(client, request, sizeof request - 1);
    if (length > 0) {
      request[length] = 0;
      const char *body = strstr(request, "/version") ? "{\"Version\":\"stand-in\",\"ApiVersion\":\"1.41\"}\n" : "OK";
      dprintf(client, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", strlen(body), body);
    }
    close(client);
  }
}

static int ask(void) {
  char answer[4096];
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(server, (struct sockaddr *)&address, sizeof address)) {
    fprintf(stderr, "Cannot connect to the Docker daemon at unix://%s: ", address.sun_path);
    fail("connect");
  }
  dprintf(server, "GET /version HTTP/1.1\r\nHost: docker\r\n\r\n");
  ssize_t length = read(server, answer, sizeof answer - 1);
  if (length <= 0) return 1;
  answer[length] = 0;
  char *body = strstr(answer, "\r\n\r\n");
  printf("%s", body ? body + 4 : answer);
  return strncmp(answer, "HTTP/1.1 200", 12) != 0;
}

int main(int argc, char **argv) {
  const char *host = getenv("DOCKER_HOST"), *group = "0", *command = "";
  int client = argc > 1 && !strcmp(argv[1], "docker");
  signal(SIGTERM, end);
  signal(SIGINT, end);
  for (int i = 2; i < argc; ++i) {
    if (!strcmp(argv[i], "-H") && i + 1 < argc) host = argv[++i];
    else if (!strcmp(argv[i], "-G") && i + 1 < argc) group = argv[++i];
    else if (!strcmp(argv[i], "--pidfile") && i + 1 < argc) pid_file = argv[++i];
    else if (argv[i][0] != '-' && !*command) command = argv[i];
  }
  set_address(host);
  if (!client) serve(group);
  if (!strcmp(command, "version") || !strcmp(command, "info")) return ask();
  fprintf(stderr, "docker: \"%s\" is not in this stand-in\n", command);
  return 1;
}
