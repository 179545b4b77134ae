/* tests/fuzz/fuzz_mtp.c - the readers of potentials and of selection states: any bytes give an
 * object or messages, never both or neither
 *
 * A potential that is accepted comes back to the last byte when it is written and read.  A state
 * that is accepted can be attached and is accepted again.  Bytes with a line that begins with '^'
 * are read as .als, too.
 */
#define _GNU_SOURCE /* memfd_create, memmem */
#include "mtp/mtp_selection.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void must(int ok)
{
  if (!ok) abort();
}

/* The residual of a state is computed by PETSc's matrices.  Signals stay the fuzzer's. */
static void start_petsc(void)
{
  static int started;

  if (started) return;
  started = 1;
  must(PetscOptionsSetValue(NULL, "-no_signal_handler", "true") == 0);
  must(PetscInitializeNoArguments() == 0);
}

/* What the writer says, through a file in memory, since it wants a path. */
static char *written(const mtp_potential *pot, size_t *length)
{
  static int fd = -1;
  char path[64], *text;
  off_t end;

  if (fd < 0) fd = memfd_create("potential", 0);
  must(fd >= 0);
  (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
  must(mtp_potential_write(pot, MTP_FORMAT_MLIP3, path) == 0);
  end = lseek(fd, 0, SEEK_END);
  must(end > 0);
  *length = (size_t)end;
  text = malloc(*length);
  must(text && pread(fd, text, *length, 0) == (ssize_t)*length);
  return text;
}

static void check_again(const mtp_potential *pot)
{
  mtp_potential *again = NULL;
  mtp_diag diag = {0};
  size_t n, m;
  char *first = written(pot, &n), *second;

  must(mtp_potential_parse("again", first, n, &again, &diag) == 0);
  must(again && diag.n == 0);
  second = written(again, &m);
  must(n == m && memcmp(first, second, n) == 0);
  free(first);
  free(second);
  must(mtp_potential_destroy(&again) == 0);
}

static void check_selection(mtp_potential *pot)
{
  mtp_selection *sel = NULL, *again = NULL;
  mtp_diag diag = {0};

  must(mtp_selection_parse(pot, "fuzz", &sel, &diag) == 0);
  must((sel == NULL) != (diag.n == 0));
  if (sel) {
    must(mtp_selection_attach(sel, pot) == 0);
    must(mtp_selection_parse(pot, "again", &again, &diag) == 0);
    must(again && diag.n == 0);
  }
  must(mtp_selection_destroy(&sel) == 0 && mtp_selection_destroy(&again) == 0);
  must(mtp_diag_clear(&diag) == 0);
}

/* The potential in front of the '^' and the state behind it. */
static void check_als(const char *text, size_t size)
{
  const char *state = memmem(text, size, "\n^", 2);
  mtp_potential *pot = NULL;
  mtp_selection *sel = NULL;
  mtp_diag diag = {0}, more = {0};

  if (!state) return;
  must(mtp_potential_parse("als", text, (size_t)(state - text), &pot, &diag) == 0);
  if (pot) {
    must(mtp_selection_parse_als(pot, "als", text, size, &sel, &more) == 0);
    must((sel == NULL) != (more.n == 0));
  }
  must(mtp_selection_destroy(&sel) == 0 && mtp_potential_destroy(&pot) == 0);
  must(mtp_diag_clear(&diag) == 0 && mtp_diag_clear(&more) == 0);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
  mtp_potential *pot = NULL;
  mtp_potential_info info;
  mtp_diag diag = {0};

  start_petsc();
  must(mtp_potential_parse("fuzz", (const char *)data, size, &pot, &diag) == 0);
  must((pot == NULL) != (diag.n == 0));
  if (pot) {
    must(mtp_potential_get_info(pot, &info) == 0);
    check_again(pot);
    if (info.has_selection) check_selection(pot);
  }
  check_als((const char *)data, size);
  must(mtp_potential_destroy(&pot) == 0 && mtp_diag_clear(&diag) == 0);
  return 0;
}
