// idmapped SOURCE TARGET OFFSET: binds SOURCE and all mounts below it to TARGET, so that for a user
// namespace in which 0 is OFFSET outside, the files there have the owners that they have here. Sysbox
// does the same for what it takes for its own.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int result, const char *what) {
  if (result < 0) {
    fprintf(stderr, "idmapped: %s: %s\n", what, strerror(errno));
    exit(1);
  }
}

static void write_map(pid_t pid, const char *name, const char *offset) {
  char path[64], map[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  int length = snprintf(map, sizeof map, "0 %s 65536", offset);
  int file = open(path, O_WRONLY | O_CLOEXEC);
  check(file, path);
  check((int)write(file, map, length), path);
  close(file);
}

// A user namespace with that map, held open by the descriptor that is returned.
static int user_namespace(const char *offset) {
  int ready[2], done[2];
  char path[64], byte = 0;
  check(pipe(ready), "pipe");
  check(pipe(done), "pipe");
  pid_t child = fork();
  check(child, "fork");
  if (child == 0) {
    close(done[1]);
    check(unshare(CLONE_NEWUSER), "unshare");
    check((int)write(ready[1], &byte, 1), "write");
    _exit((int)read(done[0], &byte, 1));
  }
  close(ready[1]);
  check((int)read(ready[0], &byte, 1) - 1, "the child ended");
  write_map(child, "uid_map", offset);
  write_map(child, "gid_map", offset);
  snprintf(path, sizeof path, "/proc/%d/ns/user", (int)child);
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  check(descriptor, path);
  close(done[1]);
  waitpid(child, 0, 0);
  return descriptor;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: idmapped SOURCE TARGET OFFSET\n");
    return 2;
  }
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, argv[1], OPEN_TREE_CLONE | AT_RECURSIVE | O_CLOEXEC);
  check(tree, argv[1]);
  struct mount_attr attributes = {0};
  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = user_namespace(argv[3]);
  check((int)syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                     sizeof attributes), "mount_setattr");
  check((int)syscall(SYS_move_mount, tree, "", AT_FDCWD, argv[2], MOVE_MOUNT_F_EMPTY_PATH), argv[2]);
  return 0;
}
