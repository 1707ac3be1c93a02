// Ends its process by SIGKILL in the n-th operation that changes the disk below a folder; where that writes, with half of it
// written. To be preloaded:
//
//   gcc -shared -fPIC -O2 -o die-at.so die-at.c -ldl
//   LD_PRELOAD=./die-at.so LIGO_KILL_FOLDER=/tmp/runs LIGO_KILL_AT=17 node ligo.js ...
//
// With LIGO_KILL_COUNT=<file> the number of operations is written into that file when the process ends by itself.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long operations;

// The function of the C library that one here stands before.
#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int is_below(const char *path) {
  const char *folder = getenv("LIGO_KILL_FOLDER");
  return folder != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

// Whether this is the operation to die in. Paths that are not absolute are not looked at.
static int is_last(const char *path) {
  if (path == NULL || !is_below(path)) return 0;
  const char *at = getenv("LIGO_KILL_AT");
  return atomic_fetch_add(&operations, 1) + 1 == (at == NULL ? 0 : atol(at));
}

static int is_last_of(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_last(path);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

__attribute__((destructor)) static void tell(void) {
  const char *file = getenv("LIGO_KILL_COUNT");
  if (file == NULL) return;
  FILE *out = fopen(file, "w");
  if (out == NULL) return;
  fprintf(out, "%ld\n", atomic_load(&operations));
  fclose(out);
}

static int changes(int flags) { return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0; }

#define OPEN(name)                                               \
  int name(const char *path, int flags, ...) {                   \
    va_list rest;                                                \
    va_start(rest, flags);                                       \
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                \
    if (changes(flags) && is_last(path)) die();                  \
    return REAL(name)(path, flags, mode);                        \
  }

OPEN(open)
OPEN(open64)

ssize_t write(int fd, const void *bytes, size_t count) {
  if (!is_last_of(fd)) return REAL(write)(fd, bytes, count);
  REAL(write)(fd, bytes, count / 2);
  die();
  return -1;
}

#define PWRITE(name, offset_type)                                         \
  ssize_t name(int fd, const void *bytes, size_t count, offset_type at) { \
    if (!is_last_of(fd)) return REAL(name)(fd, bytes, count, at);         \
    REAL(name)(fd, bytes, count / 2, at);                                 \
    die();                                                                \
    return -1;                                                            \
  }

PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (!is_last_of(fd)) return REAL(writev)(fd, parts, count);
  REAL(write)(fd, parts[0].iov_base, parts[0].iov_len / 2);
  die();
  return -1;
}

#define PWRITEV(name, offset_type)                                              \
  ssize_t name(int fd, const struct iovec *parts, int count, offset_type at) {  \
    if (!is_last_of(fd)) return REAL(name)(fd, parts, count, at);               \
    REAL(pwrite)(fd, parts[0].iov_base, parts[0].iov_len / 2, at);              \
    die();                                                                      \
    return -1;                                                                  \
  }

PWRITEV(pwritev, off_t)
PWRITEV(pwritev64, off64_t)

ssize_t sendfile64(int out, int in, off64_t *at, size_t count) {
  ssize_t (*copy)(int, int, off64_t *, size_t) = real("sendfile64");
  if (!is_last_of(out)) return copy(out, in, at, count);
  copy(out, in, at, count / 2);
  die();
  return -1;
}

// Operations of one kind, all or nothing: what dies does it before anything is done.
#define ON_FILE(name)                \
  int name(int fd) {                 \
    if (is_last_of(fd)) die();       \
    return REAL(name)(fd);           \
  }

ON_FILE(fsync)
ON_FILE(fdatasync)

#define TRUNCATE(name, offset_type)  \
  int name(int fd, offset_type to) { \
    if (is_last_of(fd)) die();       \
    return REAL(name)(fd, to);       \
  }

TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define ON_PATH(name)                \
  int name(const char *path) {       \
    if (is_last(path)) die();        \
    return REAL(name)(path);         \
  }

ON_PATH(unlink)
ON_PATH(rmdir)

#define ON_PATHS(name)                                \
  int name(const char *from, const char *to) {        \
    if (is_last(to)) die();                           \
    return REAL(name)(from, to);                      \
  }

ON_PATHS(rename)
ON_PATHS(link)
ON_PATHS(symlink)

int mkdir(const char *path, mode_t mode) {
  if (is_last(path)) die();
  int (*make)(const char *, mode_t) = real("mkdir");
  return make(path, mode);
}
