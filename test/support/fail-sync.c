#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Preloaded into a process: its flushes to disk fail while the file named by FAIL_SYNC is there. */
static int is_failing(void) {
  const char *path = getenv("FAIL_SYNC");
  if (path == NULL || access(path, F_OK) != 0) {
    return 0;
  }
  errno = EIO;
  return 1;
}

int fdatasync(int fd) {
  return is_failing() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd) {
  return is_failing() ? -1 : (int)syscall(SYS_fsync, fd);
}

int msync(void *start, size_t length, int flags) {
  return is_failing() ? -1 : (int)syscall(SYS_msync, start, length, flags);
}
