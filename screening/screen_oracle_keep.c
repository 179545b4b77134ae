/* screening/screen_oracle_keep.c - what an oracle has settled: labels, and what was given up
 *
 * Both files only grow.  An entry is one write at the end, then fsync; a write that fails is cut
 * off.  After a kill the last entry may be there in part, so that opening cuts off what has no end:
 * of labels what follows the last END_CFG and begins as a configuration does, of the list of
 * failures a line without its newline.  Operations pass queue_fault.h, so that tests can make
 * each of them fail.
 */
#include "screening/screen_oracle_impl.h"

#include "mtp/mtp_text.h"
#include "queue/queue_fault.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

PetscErrorCode screen__oracle_ids_clear(screen_oracle_ids *ids)
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < ids->n; k++) PetscCall(PetscFree(ids->id[k]));
  PetscCall(PetscFree(ids->id));
  *ids = (screen_oracle_ids){0};
  PetscFunctionReturn(0);
}

PetscBool screen__oracle_has(const screen_oracle_ids *ids, const char *id)
{
  for (PetscInt k = 0; k < ids->n; k++) {
    if (!strcmp(ids->id[k], id)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static PetscErrorCode add_id(screen_oracle_ids *ids, const char *text, size_t n)
{
  char *id;

  PetscFunctionBegin;
  if (ids->n == ids->capacity) {
    char **more;

    PetscCall(PetscMalloc1(2 * ids->n + 16, &more));
    PetscCall(PetscArraycpy(more, ids->id, ids->n));
    PetscCall(PetscFree(ids->id));
    ids->id = more;
    ids->capacity = 2 * ids->n + 16;
  }
  PetscCall(PetscMalloc1(n + 1, &id));
  memcpy(id, text, n);
  id[n] = 0;
  ids->id[ids->n++] = id;
  PetscFunctionReturn(0);
}

/* The name of a new file is on the disk, too. */
static void keep_name(const char *path)
{
  char folder[4400];
  const char *slash = strrchr(path, '/');
  int fd;

  snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
  fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  (void)fsync(fd); /* some file systems have no such thing */
  close(fd);
}

/* The whole file; *text is the caller's, with a zero behind it. */
static PetscErrorCode open_and_read(const char *path, screen_oracle_file *file, char **text)
{
  struct stat what;
  ssize_t n = 0;

  PetscFunctionBegin;
  *file = (screen_oracle_file){.fd = queue_fault_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666),
                               .path = path};
  PetscCheck(file->fd >= 0, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s cannot be opened: %s", path,
             strerror(errno));
  PetscCheck(!fstat(file->fd, &what), PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", path,
             strerror(errno));
  if (what.st_size == 0) keep_name(path);
  PetscCall(PetscMalloc1((size_t)what.st_size + 1, text));
  while (file->end < what.st_size) {
    n = queue_fault_pread(file->fd, *text + file->end, (size_t)(what.st_size - file->end),
                          file->end);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    file->end += n;
  }
  (*text)[file->end] = 0;
  if (n < 0) {
    PetscCall(PetscFree(*text));
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_READ, "%s cannot be read: %s", path, strerror(errno));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode cut(screen_oracle_file *file, off_t end)
{
  PetscFunctionBegin;
  PetscCheck(!queue_fault_ftruncate(file->fd, end), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s cannot be cut: %s", file->path, strerror(errno));
  file->end = end;
  PetscFunctionReturn(0);
}

/* Where the last configuration that has an end ends, its line included; 0 without any. */
static size_t end_of_labels(const char *text, size_t n)
{
  static const char last[] = "END_CFG";

  for (size_t k = n; k-- > 0;) {
    if (text[k] != 'E' || n - k < sizeof(last) - 1 || strncmp(text + k, last, sizeof(last) - 1) ||
        (k > 0 && text[k - 1] != '\n'))
      continue;
    k += sizeof(last) - 1;
    k += strspn(text + k, " \t\r");
    return text[k] == '\n' ? k + 1 : k;
  }
  return 0;
}

/* PETSC_TRUE where `tail` is what is left of a configuration that was being written; zeros are what
   some file systems leave when the machine goes down. */
static PetscBool is_begun(const char *tail, size_t n)
{
  static const char first[] = "BEGIN_CFG";
  const size_t shared = PetscMin(n, sizeof(first) - 1);

  return (PetscBool)(n > 0 && (!tail[0] || !strncmp(tail, first, shared)));
}

/* *length: of the text that stays. */
static PetscErrorCode cut_labels(screen_oracle_file *file, const char *text, size_t *length)
{
  const size_t n = (size_t)file->end, end = end_of_labels(text, n);
  const size_t blank = end + strspn(text + end, " \t\r\n");

  PetscFunctionBegin;
  *length = n;
  if (is_begun(text + blank, n - blank)) {
    PetscCall(cut(file, (off_t)end));
    *length = end;
  }
  if (end > 0 && text[end - 1] != '\n') PetscCall(screen__oracle_append(file, "\n", 1));
  PetscFunctionReturn(0);
}

static PetscErrorCode collect_labels(const char *path, const char *text, size_t length,
                                     screen_oracle_ids *ids)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  char problem[300] = "";

  PetscFunctionBegin;
  if (length > 0) PetscCall(mtp_cfg_parse(path, text, length, &list, &diag));
  if (diag.n > 0) snprintf(problem, sizeof(problem), "%s", diag.text[0]);
  for (PetscInt k = 0; k < list.n; k++) {
    const char *id = mtp_config_feature(&list.config[k], "ID");

    if (id) PetscCall(add_id(ids, id, strlen(id)));
  }
  PetscCall(mtp_config_list_clear(&list));
  PetscCall(mtp_diag_clear(&diag));
  PetscCheck(!problem[0], PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED, "%s", problem);
  PetscFunctionReturn(0);
}

PetscErrorCode screen__oracle_open_labels(const char *path, screen_oracle_file *file,
                                          screen_oracle_ids *ids)
{
  char *text = NULL;
  size_t length = 0;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(open_and_read(path, file, &text));
  ierr = cut_labels(file, text, &length);
  if (!ierr) ierr = collect_labels(path, text, length, ids);
  PetscCall(PetscFree(text));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen__oracle_open_failed(const char *path, screen_oracle_file *file,
                                          screen_oracle_ids *ids)
{
  char *text = NULL, *line;
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCall(open_and_read(path, file, &text));
  line = text;
  for (char *end = strchr(line, '\n'); end && !ierr; end = strchr(line, '\n')) {
    const size_t n = strcspn(line, " \n");

    if (n > 0) ierr = add_id(ids, line, n);
    line = end + 1;
  }
  if (!ierr && line - text < file->end) ierr = cut(file, line - text);
  PetscCall(PetscFree(text));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen__oracle_append(screen_oracle_file *file, const char *text, size_t length)
{
  size_t done = 0;
  ssize_t n = 0;
  int error = 0;

  PetscFunctionBegin;
  while (done < length && !error) {
    n = queue_fault_pwrite(file->fd, text + done, length - done, file->end + (off_t)done);
    if (n < 0 && errno != EINTR) error = errno;
    if (n > 0) done += (size_t)n;
  }
  while (!error && queue_fault_fsync(file->fd)) {
    if (errno != EINTR) error = errno;
  }
  if (error) {
    PetscCall(cut(file, file->end));
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s cannot be written: %s", file->path,
            strerror(error));
  }
  file->end += (off_t)length;
  PetscFunctionReturn(0);
}

PetscErrorCode screen__oracle_close(screen_oracle_file *file)
{
  PetscFunctionBegin;
  if (file->fd >= 0) close(file->fd);
  file->fd = -1;
  PetscFunctionReturn(0);
}

/* errno of what could not be removed, 0: all is gone. */
static PetscErrorCode remove_tree(const char *folder, int *error)
{
  char *path[2] = {NULL, NULL};
  FTS *tree = NULL;

  PetscFunctionBegin;
  *error = 0;
  PetscCall(PetscStrallocpy(folder, &path[0]));
  tree = fts_open(path, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
  if (!tree) *error = errno;
  for (FTSENT *e = tree ? fts_read(tree) : NULL; e; e = fts_read(tree)) {
    if (e->fts_info == FTS_D) continue; /* it comes again, empty, as FTS_DP */
    if (remove(e->fts_accpath) && errno != ENOENT) *error = errno;
  }
  if (tree) (void)fts_close(tree);
  PetscCall(PetscFree(path[0]));
  PetscFunctionReturn(0);
}

/* A job of a process that was killed may still be at its end and make files. */
PetscErrorCode screen__oracle_remove(const char *folder, int *error)
{
  const struct timespec nap = {.tv_nsec = 100000000};

  PetscFunctionBegin;
  for (int k = 0; k < 10 * (int)(SCREEN_PROCESS_GRACE + 1.0); k++) {
    PetscCall(remove_tree(folder, error));
    if (*error != ENOTEMPTY && *error != EEXIST) break;
    nanosleep(&nap, NULL);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen__oracle_write(const char *folder, const char *name, const char *text,
                                    size_t length)
{
  char path[4600];
  FILE *out;
  PetscBool good;

  PetscFunctionBegin;
  snprintf(path, sizeof(path), "%s/%s", folder, name);
  out = fopen(path, "we");
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s cannot be opened: %s", path,
             strerror(errno));
  good = (PetscBool)(fwrite(text, 1, length, out) == length);
  good = (PetscBool)(fclose(out) == 0 && good);
  PetscCheck(good, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s cannot be written: %s", path,
             strerror(errno));
  PetscFunctionReturn(0);
}

PetscErrorCode screen__oracle_load(const char *folder, const char *name, char **text,
                                   size_t *length)
{
  char path[4600];
  mtp_diag diag = {0};

  PetscFunctionBegin;
  snprintf(path, sizeof(path), "%s/%s", folder, name);
  PetscCall(mtp_text_load(path, text, length, &diag));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}
