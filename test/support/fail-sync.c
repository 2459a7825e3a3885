#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Preloaded into a process: its flushes to disk fail while the file named by FAIL_SYNC is there, with the error whose
   number stands in it, and do not end while the one named by STALL_SYNC is there. What lmdb writes to a file fails while
   the one named by FAIL_WRITE is there. */
static int is_told_to_fail(const char *name) {
  const char *path = getenv(name);
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

static int is_failing(void) {
  const char *stall = getenv("STALL_SYNC");
  while (stall != NULL && access(stall, F_OK) == 0) {
    usleep(5000);
  }
  return is_told_to_fail("FAIL_SYNC");
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

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  return is_told_to_fail("FAIL_WRITE") ? -1 : syscall(SYS_pwrite64, fd, bytes, length, at);
}

/* When a write fails, lmdb 3.5 puts a message of up to 110 bytes into 100, and may abort for that at any time later. */
extern void *__libc_malloc(size_t size);
void *malloc(size_t size) {
  return __libc_malloc(size == 100 ? 128 : size);
}

/* Sockets are written this way, too. */
ssize_t writev(int fd, const struct iovec *parts, int count) {
  struct stat about;
  int is_file = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
  return is_file && is_told_to_fail("FAIL_WRITE") ? -1 : syscall(SYS_writev, fd, parts, count);
}
