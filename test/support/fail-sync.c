#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Preloaded into a process: its flushes to disk fail while the file named by FAIL_SYNC is there, with the error whose
   number stands in it, and do not end while the one named by STALL_SYNC is there. */
static int is_failing(void) {
  const char *stall = getenv("STALL_SYNC");
  while (stall != NULL && access(stall, F_OK) == 0) {
    usleep(5000);
  }
  const char *path = getenv("FAIL_SYNC");
  FILE *file = path == NULL ? NULL : fopen(path, "r");
  if (file == NULL) {
    return 0;
  }
  int number = EIO;
  fscanf(file, "%d", &number);
  fclose(file);
  errno = number;
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
