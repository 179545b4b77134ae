/* tests/conformance/test_kernel_files.c - every potential at hand: fast kernels against the
 * reference kernel
 *
 * All .mtp and .almtp files of the reference data (outside the repository; our own copies of random
 * potentials where it is absent), every kernel of this processor with and without generated code,
 * on the configurations that lie beside the file and suit it, some of each .cfg file, and on a
 * random structure compressed to 0.7 of the file's smallest distance.  Bars:
 * tests/support/mtp_kernels.h.
 *
 * Excused, with the condition numbers that the test prints, are two-atom molecules of three files
 * (motep's molecules-762-*): near the length of the bond the only dV/dr that there is goes through
 * zero, a sum of terms 1e3 to 2e7 times larger, and the bar goes with it.  The forces differ by
 * 2e-12 eV/Å at most.
 */
#define _XOPEN_SOURCE 700

#include "mtp/mtp_eval_config.h"
#include "tests/support/mtp_kernels.h"

#include <dirent.h>
#include <ftw.h>

static const char help[] = "Fast kernels with all potential files\n";

enum { MAX_FILES = 1000, MAX_PATH = 1024, MAX_ENGINES = 2 * MTP_KERNEL_COUNT, ATOMS = 400 };
static char *files[MAX_FILES];
static int nfiles;

/* One potential with all engines and what they have shown */
typedef struct {
  mtp_potential *pot;
  mtp_engine *engine[MAX_ENGINES];
  int nengine;
  PetscInt configs, atoms;
  bar_ratio b;
} subject;

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

static void check_list(const char *name, subject *s, const mtp_neighbors *nb)
{
  reference ref = reference_of(s->pot, nb);

  if (ref.near >= 0.7 * s->pot->min_dist) {
    for (int k = 0; k < s->nengine; k++) check_engine(name, s->pot, nb, &ref, s->engine[k], &s->b);
    s->configs++;
    s->atoms += nb->nlocal;
  }
  result_free(&ref.r);
}

/* About ATOMS atoms of a file, its configurations evenly */
static void check_configs(const char *path, subject *s)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  mtp_neighbors nb = {0};
  PetscInt total = 0, step;

  expect_ok(mtp_cfg_read(path, &list, &diag));
  for (PetscInt c = 0; c < list.n; c++) total += list.config[c].n;
  step = 1 + total / ATOMS;
  for (PetscInt c = 0; c < list.n; c += step) {
    PetscBool good;

    expect_ok(mtp_eval_neighbors(s->pot, path, &list.config[c], &nb, &good, &diag));
    if (good) check_list(path, s, &nb);
  }
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(mtp_diag_clear(&diag));
}

static int is_configs(const struct dirent *e)
{
  return ends_with(e->d_name, ".cfg");
}

/* The .cfg files of the potential's folder, until there are enough */
static void check_folder(const char *path, subject *s)
{
  char name[MAX_PATH];
  const int length = (int)(strrchr(path, '/') - path);
  struct dirent **entry = NULL;
  int n;

  (void)snprintf(name, sizeof(name), "%.*s", length, path);
  n = scandir(name, &entry, is_configs, alphasort);
  expect(n >= 0, "the folder of a potential");
  for (int k = 0; k < n; k++) {
    (void)snprintf(name, sizeof(name), "%.*s/%s", length, path, entry[k]->d_name);
    if (s->atoms < 2 * ATOMS) check_configs(name, s);
    free(entry[k]);
  }
  free(entry);
}

static void check_compressed(const char *path, subject *s)
{
  const PetscReal near = 0.7 * PetscMax(1.5, s->pot->min_dist), edge = 3.6 * near;
  const PetscReal h[3][3] = {
      {edge, 0.1 * edge, 0.0}, {0.0, edge, 0.05 * edge}, {-0.1 * edge, 0.0, edge}};
  random_stream dice = {11};
  mtp_neighbors nb = {0};
  structure random;

  fill_structure(17, 3, h, near, s->pot->nspecies, &dice, &random);
  list_structure(&random, s->pot->cutoff, 0.5, &nb);
  check_list(path, s, &nb);
  expect_ok(mtp_neighbors_clear(&nb));
}

static void check_file(const char *path)
{
  subject s = {.nengine = 0};
  mtp_diag diag = {0};
  const size_t length = strlen(path);

  expect_ok(mtp_potential_read(path, &s.pot, &diag));
  if (!s.pot) fail_msg("%s", diag.n ? diag.text[0] : "no potential and no message");
  expect_ok(mtp_diag_clear(&diag));
  if (!mtp_potential_trained(s.pot)) {
    print_message("  untrained: %s\n", path);
    expect_ok(mtp_potential_destroy(&s.pot));
    return;
  }
  FOR_EACH_KERNEL
  {
    mtp_engine_info info;

    s.engine[s.nengine] = engine_for(s.pot, kind, (PetscBool)tables);
    mtp_engine_get_info(s.engine[s.nengine++], &info);
    assert_string_equal(info.kernel, mtp_kernel_name(kind));
  }
  check_folder(path, &s);
  check_compressed(path, &s);
  print_message("  %3d configurations, %5d atoms; of the bar, force %.3f, site energy %.3f, energy "
                "%.3f, virial %.3f; %d excused: %s\n",
                (int)s.configs, (int)s.atoms, s.b.force, s.b.site, s.b.energy, s.b.virial,
                (int)s.b.excused, path + (length > 40 ? length - 40 : 0));
  expect(!s.b.excused || strstr(path, "motep/molecules-762-"),
         "a case known to be ill-conditioned");
  for (int k = 0; k < s.nengine; k++) expect_ok(mtp_engine_destroy(&s.engine[k]));
  expect_ok(mtp_potential_destroy(&s.pot));
}

static void test_files(void **state)
{
  (void)state;
  expect(nfiles >= 9, "our own copies");
  for (int i = 0; i < nfiles; i++) check_file(files[i]);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_files)};
  int failed;

  if (nftw(TEST_SHARED "/data/mtp", collect, 16, FTW_PHYS) ||
      nftw(TEST_SHARED "/potentials", collect, 16, FTW_PHYS)) {
    printf("%s is absent: only our own copies are read\n", TEST_SHARED);
    if (nftw(TEST_DATA "/mtp/random", collect, 16, FTW_PHYS)) return 97;
  }
  failed = expect_main(argc, argv, help, tests);
  for (int i = 0; i < nfiles; i++) free(files[i]);
  return failed;
}
