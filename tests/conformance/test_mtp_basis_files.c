/* tests/conformance/test_mtp_basis_files.c - every potential of the reference data has the tables
   that we make for its level: the same moments, products and scalars in the same order */
#define _XOPEN_SOURCE 700

#include "mtp/mtp_basis.h"
#include "mtp/mtp_potential_impl.h"
#include "tests/support/expect.h"

#include <ftw.h>

static const char help[] = "Tables of files against the generated moment basis\n";

enum { MAX_FILES = 1000 };
static char *files[MAX_FILES];
static int nfiles;

static int ends_with(const char *name, const char *end)
{
  const size_t n = strlen(name), m = strlen(end);

  return n >= m && strcmp(name + n - m, end) == 0;
}

static int collect(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
  (void)info;
  (void)walk;
  if (kind == FTW_F && (ends_with(path, ".mtp") || ends_with(path, ".almtp")) && nfiles < MAX_FILES)
    files[nfiles++] = strdup(path);
  return 0;
}

static void expect_rows(const char *path, const char *list, PetscInt n, PetscInt m,
                        PetscInt (*const got)[4], PetscInt (*const want)[4])
{
  if (n != m) fail_msg("%s: we have %d rows in %s, not %d", path, (int)n, list, (int)m);
  for (PetscInt i = 0; i < n; i++)
    if (memcmp(got[i], want[i], sizeof(got[i])) != 0)
      fail_msg("%s: row %d of %s differs", path, (int)i, list);
}

/* The level of the file. */
static PetscInt expect_tables(const char *path)
{
  mtp_potential *pot;
  mtp_potential_info info;
  mtp_diag diag = {0};
  mtp_basis b;

  expect_ok(mtp_potential_read(path, &pot, &diag));
  if (!pot) fail_msg("%s", diag.n ? diag.text[0] : "no potential and no message");
  expect_ok(mtp_diag_clear(&diag));
  expect_ok(mtp_potential_get_info(pot, &info));
  if (info.level == 0) fail_msg("%s has no standard level", path);
  expect_ok(mtp_basis_create(info.level, &b));
  expect_rows(path, "alpha_index_basic", b.nbasic, pot->nbasic, b.basic, pot->basic);
  expect_rows(path, "alpha_index_times", b.ntimes, pot->ntimes, b.times, pot->times);
  assert_int_equal(b.nmoment, pot->nmoment);
  assert_int_equal(b.nscalar, pot->nscalar);
  for (PetscInt k = 0; k < b.nscalar; k++) assert_int_equal(b.mapping[k], pot->mapping[k]);
  expect_ok(mtp_basis_clear(&b));
  expect_ok(mtp_potential_destroy(&pot));
  return info.level;
}

static void test_files(void **state)
{
  int seen[MTP_BASIS_LEVEL_MAX + 1] = {0};

  (void)state;
  for (int i = 0; i < nfiles; i++) seen[expect_tables(files[i])]++;
  for (int level = 0; level <= MTP_BASIS_LEVEL_MAX; level++)
    if (seen[level]) printf("level %2d: %d files\n", level, seen[level]);
  for (int level = 8; level <= 20; level += 2) expect(seen[level], "our own copies of 8 to 20");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_files)};
  int failed;

  if (nftw(TEST_DATA "/mtp/random", collect, 16, FTW_PHYS)) return 97;
  if (nftw(TEST_SHARED "/data/mtp", collect, 16, FTW_PHYS) ||
      nftw(TEST_SHARED "/potentials", collect, 16, FTW_PHYS))
    printf("%s is absent: only our own copies are read\n", TEST_SHARED);
  failed = expect_main(argc, argv, help, tests);
  for (int i = 0; i < nfiles; i++) free(files[i]);
  return failed;
}
