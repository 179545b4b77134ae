/* screening/screen_train_keep.c - fits that go on where they were interrupted
 *
 * Between two rounds of a fit NAME.fit holds, as one sealed block (md/md_blob.h), what it was made
 * for (a digest of all files that say what is fitted), the best of the starts before and the state
 * of the fit.  A file of something else is not used, one that was cut short is none.
 */
#include "screening/screen_sha256.h"
#include "screening/screen_train.h"
#include "screening/screen_version.h"

#include "md/md_blob.h"
#include "mtp/mtp_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char tag[] = "lqfit";
enum { VERSION = 1 };

/* NAME.fit for NAME.almtp */
static void keep_path(const screen_train *train, char path[PETSC_MAX_PATH_LEN])
{
  const size_t n = strlen(train->out), suffix = strlen(".almtp");

  snprintf(path, PETSC_MAX_PATH_LEN, "%.*s.fit", (int)(n - suffix), train->out);
}

/* Of all files that say what is fitted. */
static PetscErrorCode digest_of(const screen_train *train, unsigned char digest[])
{
  const screen_train_set *const set[2] = {&train->data, &train->validation};
  md_blob all = {0};
  char hex[65];
  int error;

  PetscFunctionBegin;
  PetscCall(md_blob_put(&all, LIQUIDUS_VERSION, sizeof(LIQUIDUS_VERSION)));
  PetscCall(screen_sha256_file(train->file, hex, &error));
  PetscCall(md_blob_put(&all, hex, sizeof(hex)));
  for (int s = 0; s < 2; s++) {
    for (PetscInt k = 0; k < set[s]->nfile; k++) {
      PetscCall(screen_sha256_file(set[s]->file[k], hex, &error));
      PetscCall(md_blob_put(&all, hex, sizeof(hex)));
    }
    PetscCall(md_blob_put(&all, &set[s]->nconfig, sizeof(PetscInt)));
  }
  if (train->start) PetscCall(screen_sha256_file(train->start, hex, &error));
  PetscCall(md_blob_put(&all, train->start ? hex : "", train->start ? sizeof(hex) : 1));
  screen_sha256(all.data, all.size, digest);
  PetscCall(md_blob_clear(&all));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_file(const char *path, const md_blob *blob)
{
  char beside[PETSC_MAX_PATH_LEN];
  FILE *out;
  int failed;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(beside, sizeof(beside), "%s.tmp", path));
  out = fopen(beside, "we");
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: %s", beside, strerror(errno));
  failed = fwrite(blob->data, 1, blob->size, out) != blob->size;
  failed |= fclose(out);
  if (!failed) failed = rename(beside, path);
  PetscCheck(!failed, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: %s", path, strerror(errno));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_train_keep(const screen_train *train, const screen_train_kept *kept)
{
  char path[PETSC_MAX_PATH_LEN];
  const size_t size = (size_t)kept->fit.n * sizeof(PetscReal);
  md_blob blob = {0};
  size_t at;

  PetscFunctionBegin;
  PetscCall(md_blob_seal_begin(&blob, &at));
  PetscCall(md_blob_put_tag(&blob, tag, VERSION));
  PetscCall(md_blob_put(&blob, kept, sizeof(*kept)));
  PetscCall(md_blob_put(&blob, kept->best, size));
  PetscCall(md_blob_put(&blob, kept->fit.theta, size));
  PetscCall(md_blob_put(&blob, kept->fit.best, size));
  PetscCall(md_blob_seal_end(&blob, at));
  keep_path(train, path);
  PetscCall(write_file(path, &blob));
  PetscCall(md_blob_clear(&blob));
  PetscFunctionReturn(0);
}

/* What is inside the seal; an error for anything that is not ours. */
static PetscErrorCode take(md_blob *inside, PetscInt n, screen_train_kept *kept, PetscBool *found)
{
  const size_t size = (size_t)n * sizeof(PetscReal);
  screen_train_kept read;

  PetscFunctionBegin;
  PetscCall(md_blob_expect_tag(inside, tag, VERSION));
  PetscCall(md_blob_get(inside, &read, sizeof(read)));
  if (memcmp(read.digest, kept->digest, sizeof(read.digest)) != 0 || read.fit.n != n)
    PetscFunctionReturn(0);
  PetscCall(md_blob_get(inside, kept->best, size));
  PetscCall(md_blob_get(inside, kept->fit.theta, size));
  PetscCall(md_blob_get(inside, kept->fit.best, size));
  read.best = kept->best;
  read.fit.theta = kept->fit.theta;
  read.fit.best = kept->fit.best;
  *kept = read;
  *found = PETSC_TRUE;
  PetscFunctionReturn(0);
}

PetscErrorCode screen_train_kept_read(const screen_train *train, PetscInt n,
                                      screen_train_kept *kept, PetscBool *found)
{
  char path[PETSC_MAX_PATH_LEN], *text;
  md_blob blob = {0}, inside = {0};
  mtp_diag diag = {0}; /* without a file there is nothing to say */
  size_t length;

  PetscFunctionBegin;
  *found = PETSC_FALSE;
  *kept = (screen_train_kept){0};
  PetscCall(PetscCalloc3(n, &kept->best, n, &kept->fit.theta, n, &kept->fit.best));
  PetscCall(digest_of(train, kept->digest));
  keep_path(train, path);
  PetscCall(mtp_text_load(path, &text, &length, &diag));
  PetscCall(mtp_diag_clear(&diag));
  if (!text) PetscFunctionReturn(0);
  md_blob_view(&blob, text, length);
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  if (!md_blob_open(&blob, &inside)) (void)take(&inside, n, kept, found);
  PetscCall(PetscPopErrorHandler());
  PetscCall(PetscFree(text));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_train_kept_clear(screen_train_kept *kept)
{
  PetscFunctionBegin;
  PetscCall(PetscFree3(kept->best, kept->fit.theta, kept->fit.best));
  PetscFunctionReturn(0);
}

void screen_train_forget(const screen_train *train)
{
  char path[PETSC_MAX_PATH_LEN];

  keep_path(train, path);
  (void)unlink(path);
}
