/* tests/support/queue_support.h - scratch folders, records with known payloads, exact error texts,
 * for the tests of the queue */
#pragma once

#include "queue/queue_impl.h"
#include "tests/support/expect.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

/* A fresh folder, in memory if the machine has such a place: syncs cost nothing there. */
static inline void scratch_make(char directory[QUEUE_PATH_MAX])
{
  const char *root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir;

  snprintf(directory, QUEUE_PATH_MAX, "%s/liquidus-queue-XXXXXX", root);
  if (!mkdtemp(directory)) fail_msg("%s: cannot be made", directory);
}

static inline void scratch_clear(const char *directory)
{
  char path[2 * QUEUE_PATH_MAX];
  DIR *stream = opendir(directory);

  for (struct dirent *e = stream ? readdir(stream) : NULL; e; e = readdir(stream)) {
    if (e->d_name[0] == '.') continue;
    snprintf(path, sizeof(path), "%s/%s", directory, e->d_name);
    unlink(path);
  }
  if (stream) closedir(stream);
}

static inline void scratch_remove(const char *directory)
{
  scratch_clear(directory);
  rmdir(directory);
}

/* Names of the folder, sorted, with a space after each. */
static inline void scratch_names(const char *directory, char names[4096])
{
  struct dirent **entry;
  int n = scandir(directory, &entry, NULL, alphasort);

  names[0] = '\0';
  for (int i = 0; i < n; i++) {
    if (entry[i]->d_name[0] != '.') {
      strncat(names, entry[i]->d_name, 4095 - strlen(names));
      strncat(names, " ", 4095 - strlen(names));
    }
    free(entry[i]);
  }
  if (n >= 0) free(entry);
}

/* The bytes of a file of the folder; the caller frees them. */
static inline unsigned char *scratch_read(const char *directory, const char *name, size_t *size)
{
  char path[2 * QUEUE_PATH_MAX];
  unsigned char *data;
  FILE *in;
  long n;

  snprintf(path, sizeof(path), "%s/%s", directory, name);
  in = fopen(path, "rb");
  if (!in || fseek(in, 0, SEEK_END) || (n = ftell(in)) < 0) {
    fail_msg("%s: cannot be read", path);
    abort();
  }
  rewind(in);
  data = malloc((size_t)n + 1);
  *size = fread(data, 1, (size_t)n, in);
  fclose(in);
  return data;
}

static inline void scratch_write(const char *directory, const char *name, const void *data,
                                 size_t size)
{
  char path[2 * QUEUE_PATH_MAX];
  FILE *out;

  snprintf(path, sizeof(path), "%s/%s", directory, name);
  out = fopen(path, "wb");
  if (!out || fwrite(data, 1, size, out) != size || fclose(out)) {
    fail_msg("%s: cannot be written", path);
  }
}

static inline queue_key key_of(unsigned id)
{
  queue_key key;

  for (int i = 0; i < QUEUE_KEY_SIZE; i++) {
    key.byte[i] = (unsigned char)(id * 2654435761u >> (8 * (i % 4))) ^ (unsigned char)i;
  }
  return key;
}

/* A record of task `id` whose payload of `size` bytes is known from the record alone. */
static inline queue_record record_of(queue_record_kind kind, unsigned id, int64_t done,
                                     unsigned char payload[], size_t size)
{
  for (size_t i = 0; i < size; i++) payload[i] = (unsigned char)(id * 31 + (unsigned)done * 7 + i);
  return (queue_record){.kind = kind,
                        .key = key_of(id),
                        .origin = -3,
                        .done = done,
                        .total = 1000,
                        .seconds = 0.5 * (double)done,
                        .size = size,
                        .payload = size ? payload : NULL};
}

/* Whether `got` is what record_of() made. */
static inline PetscBool is_record_of(const queue_record *got, queue_record_kind kind, unsigned id,
                                     int64_t done, size_t size)
{
  unsigned char *payload = malloc(size + 1);
  const queue_record want = record_of(kind, id, done, payload, size);
  PetscBool same = (PetscBool)(got->kind == kind && !memcmp(&got->key, &want.key, 32) &&
                               got->origin == -3 && got->done == done && got->total == 1000 &&
                               got->size == size && got->replica == 0 && got->stage == 0);

  if (same && size) same = (PetscBool)!memcmp(got->payload, payload, size);
  free(payload);
  return same;
}

static char last_message[4096];

static inline PetscErrorCode keep_message(MPI_Comm comm, int line, const char *function,
                                          const char *file, PetscErrorCode code,
                                          PetscErrorType type, const char *message, void *context)
{
  (void)comm, (void)line, (void)function, (void)file, (void)context;
  if (type == PETSC_ERROR_INITIAL) {
    snprintf(last_message, sizeof(last_message), "%s", message ? message : "");
  }
  return code;
}

/* The call must fail with this code and a message that ends as the format says; the path in front
   of it, which names the scratch folder, is compared from "journal." on. */
#define expect_message(code, text, ...)                                                            \
  do {                                                                                             \
    PetscErrorCode code_;                                                                          \
    const char *tail_;                                                                             \
    last_message[0] = '\0';                                                                        \
    PetscPushErrorHandler(keep_message, NULL);                                                     \
    code_ = (__VA_ARGS__);                                                                         \
    PetscPopErrorHandler();                                                                        \
    tail_ = strstr(last_message, "/journal.");                                                     \
    tail_ = tail_ ? tail_ + 1 : last_message;                                                      \
    if (code_ != (code))                                                                           \
      fail_msg("%s: code %d, wanted %d", #__VA_ARGS__, (int)code_, (int)(code));                   \
    if (strcmp(tail_, (text)))                                                                     \
      fail_msg("%s: says\n  %s\nwanted\n  %s", #__VA_ARGS__, tail_, text);                         \
  } while (0)

/* The call may fail; its code is the value, its text is in last_message. */
#define quietly(code, ...)                                                                         \
  do {                                                                                             \
    PetscPushErrorHandler(keep_message, NULL);                                                     \
    *(code) = (__VA_ARGS__);                                                                       \
    PetscPopErrorHandler();                                                                        \
  } while (0)
