#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Preloaded into a process: its flushes to disk fail while the file named by FAIL_SYNC is there, and do not end while the
   one named by STALL_SYNC is. */
static int is_failing(void) {
  const char *stall = getenv("STALL_SYNC");
  while (stall != NULL && access(stall, F_OK) == 0) {
    usleep(5000);
  }
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
