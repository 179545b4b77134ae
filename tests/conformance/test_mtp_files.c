/* tests/conformance/test_mtp_files.c - the reference data load and come back when they are written;
   what MLIP itself wrote comes back byte for byte */
#define _XOPEN_SOURCE 700

#include "mtp/mtp_config.h"
#include "mtp/mtp_potential_impl.h"
#include "tests/unit/mtp/mtp_files.h"

#include <ftw.h>
#include <unistd.h>

static const char help[] = "All files of the reference data load and round-trip\n";

enum { MAX_FILES = 1000 };
static char *files[MAX_FILES];
static int nfiles;

/* Files that may not load, with the first message: none of the present ones.  An entry is the end
   of the path. */
static const struct {
  const char *path, *message;
} refused[] = {{NULL, NULL}};

static PetscBool ends_with(const char *name, const char *end)
{
  const size_t n = strlen(name), m = strlen(end);

  return (PetscBool)(n >= m && strcmp(name + n - m, end) == 0);
}

static int collect(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
  (void)info;
  (void)walk;
  if (kind == FTW_F && nfiles < MAX_FILES) files[nfiles++] = strdup(path);
  return 0;
}

/* Returns PETSC_TRUE for a file that the list above names and that says what it must. */
static PetscBool is_refused(const char *path, const mtp_diag *diag)
{
  for (int k = 0; refused[k].path; k++) {
    if (ends_with(path, refused[k].path))
      return (PetscBool)(diag->n > 0 && strstr(diag->text[0], refused[k].message));
  }
  return PETSC_FALSE;
}

/* Potentials --------------------------------------------------------------------------------- */

static void expect_same(const mtp_potential *a, const mtp_potential *b)
{
  const PetscInt S = a->nspecies;

  assert_string_equal(a->name, b->name);
  assert_string_equal(a->tag, b->tag);
  expect(S == b->nspecies && a->radial_size == b->radial_size &&
             a->radial_funcs == b->radial_funcs && a->nmoment == b->nmoment &&
             a->nbasic == b->nbasic && a->ntimes == b->ntimes && a->nscalar == b->nscalar,
         "counts");
  assert_memory_equal(a->species_label, b->species_label, (size_t)S * sizeof(*a->species_label));
  expect_same_bits(&a->scaling, &b->scaling, 1, "scaling");
  expect_same_bits(&a->min_dist, &b->min_dist, 1, "min_dist");
  expect_same_bits(&a->cutoff, &b->cutoff, 1, "max_dist");
  expect_same_bits(a->radial, b->radial, S * S * a->radial_funcs * a->radial_size, "radial");
  expect_same_bits(a->species_coeff, b->species_coeff, S, "species_coeffs");
  expect_same_bits(a->moment_coeff, b->moment_coeff, a->nscalar, "moment_coeffs");
  assert_memory_equal(a->basic, b->basic, (size_t)a->nbasic * sizeof(*a->basic));
  if (a->ntimes) assert_memory_equal(a->times, b->times, (size_t)a->ntimes * sizeof(*a->times));
  assert_memory_equal(a->mapping, b->mapping, (size_t)a->nscalar * sizeof(*a->mapping));
}

static mtp_potential *load(const char *path)
{
  mtp_potential *pot;
  mtp_diag diag = {0};

  expect_ok(mtp_potential_read(path, &pot, &diag));
  if (!pot && !is_refused(path, &diag)) {
    char *text = joined(&diag);

    fail_msg("%s does not load: %s", path, text);
  }
  expect_ok(mtp_diag_clear(&diag));
  return pot;
}

static void check_potential(const char *path)
{
  char scratch[] = "/tmp/test_mtp_files_XXXXXX";
  const int fd = mkstemp(scratch);
  mtp_potential *pot = load(path), *again;
  mtp_potential_info info;

  expect(fd >= 0, "a scratch file");
  close(fd);
  if (pot) {
    expect_ok(mtp_potential_get_info(pot, &info));
    expect(info.level > 0, "all of them are of a standard level");
    expect_ok(mtp_potential_write(pot, MTP_FORMAT_MLIP3, scratch));
    again = load(scratch);
    expect_same(again, pot);
    expect(again->selection_size == pot->selection_size, "selection state");
    if (pot->selection) assert_memory_equal(again->selection, pot->selection, pot->selection_size);
    expect_ok(mtp_potential_destroy(&again));
    expect_ok(mtp_potential_write(pot, MTP_FORMAT_MLIP2, scratch));
    again = load(scratch);
    expect_same(again, pot);
    expect(again->selection == NULL, ".mtp has no selection state");
    expect_ok(mtp_potential_destroy(&again));
  }
  unlink(scratch);
  expect_ok(mtp_potential_destroy(&pot));
}

/* Configurations ----------------------------------------------------------------------------- */

static char *write_all(const mtp_config_list *list, mtp_cfg_precision precision, size_t *length)
{
  FILE *out = tmpfile();
  char *text;

  expect(out != NULL, "a scratch file");
  for (PetscInt i = 0; i < list->n; i++) expect_ok(mtp_cfg_write(&list->config[i], precision, out));
  text = stream_text(out, length);
  fclose(out);
  return text;
}

/* The same bits in the numbers and the same features. */
static void expect_same_config(const mtp_config *a, const mtp_config *b)
{
  expect(a->n == b->n && a->nlattice == b->nlattice && a->nfeature == b->nfeature &&
             a->has_energy == b->has_energy && a->has_stress == b->has_stress,
         "what there is");
  expect_same_bits(a->x, b->x, 3 * a->n, "positions");
  expect_same_bits(a->force, b->force, 3 * a->n, "forces");
  expect_same_bits(a->nbh_grade, b->nbh_grade, a->n, "grades");
  expect_same_bits(&a->h[0][0], &b->h[0][0], 9, "lattice");
  expect_same_bits(&a->energy, &b->energy, 1, "energy");
  expect_same_bits(a->stress, b->stress, 6, "stress");
  assert_memory_equal(a->type, b->type, (size_t)a->n * sizeof(*a->type));
  for (PetscInt i = 0; i < a->nfeature; i++) {
    assert_string_equal(a->feature[i].key, b->feature[i].key);
    assert_string_equal(a->feature[i].value, b->feature[i].value);
  }
}

static void check_cfg(const char *path)
{
  mtp_config_list list = {0}, again = {0};
  mtp_diag diag = {0};
  size_t n;
  char *text;

  expect_ok(mtp_cfg_read(path, &list, &diag));
  expect_messages(&diag, "");
  expect(list.n > 0, "there are configurations");
  text = write_all(&list, MTP_CFG_LOSSLESS, &n);
  expect_ok(mtp_cfg_parse(path, text, n, &again, &diag));
  expect_messages(&diag, "");
  expect(again.n == list.n, "all configurations");
  for (PetscInt i = 0; i < list.n; i++) expect_same_config(&again.config[i], &list.config[i]);
  free(text);
  expect_ok(mtp_config_list_clear(&again));
  expect_ok(mtp_config_list_clear(&list));
}

static void check_mlip_text(const char *path)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  size_t n, m;
  char *text, *original;
  FILE *in = fopen(path, "rb");

  expect(in != NULL, "the file is there");
  original = stream_text(in, &m);
  fclose(in);
  expect_ok(mtp_cfg_read(path, &list, &diag));
  expect_messages(&diag, "");
  text = write_all(&list, MTP_CFG_PLAIN, &n);
  if (strcmp(text, original) != 0) {
    size_t same = 0;

    while (text[same] == original[same]) same++;
    fail_msg("%s is not written as MLIP did from byte %d: '%.40s', wanted '%.40s'", path, (int)same,
             text + same, original + same);
  }
  free(original);
  free(text);
  expect_ok(mtp_config_list_clear(&list));
}

/* -------------------------------------------------------------------------------------------- */

static void test_everything(void **state)
{
  int potentials = 0, configurations = 0;

  (void)state;
  for (int i = 0; i < nfiles; i++) {
    if (ends_with(files[i], ".mtp") || ends_with(files[i], ".almtp")) {
      check_potential(files[i]);
      potentials++;
    } else if (ends_with(files[i], ".cfg")) {
      check_cfg(files[i]);
      configurations++;
    }
  }
  print_message("%d potentials and %d .cfg files\n", potentials, configurations);
  if (potentials == 0) skip();
}

/* What MLIP-2 and MLIP-3 printed themselves. */
static void test_mlip_text(void **state)
{
  int n = 0;

  (void)state;
  for (int i = 0; i < nfiles; i++) {
    if (!ends_with(files[i], "out.cfg") && !ends_with(files[i], "calculated.cfg") &&
        !strstr(files[i], "ref_mlip3_grade"))
      continue;
    check_mlip_text(files[i]);
    n++;
  }
  if (n == 0) skip();
}

/* Our own copies load on a lone clone too. */
static void test_own_copies(void **state)
{
  (void)state;
  check_potential(TEST_DATA "/mtp/random/rand_2sp_08.almtp");
  check_potential(TEST_DATA "/mtp/random/rand_2sp_12.almtp");
  check_potential(TEST_DATA "/mtp/random/rand_3sp_08.almtp");
  check_cfg(TEST_DATA "/mtp/random/liquid2.cfg");
  check_cfg(TEST_DATA "/mtp/random/liquid3.cfg");
  check_cfg(TEST_DATA "/mtp/random/ref_numpy_2sp_08.cfg");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_everything),
      cmocka_unit_test(test_mlip_text),
      cmocka_unit_test(test_own_copies),
  };
  int failed;

  if (nftw(TEST_SHARED "/data/mtp", collect, 16, FTW_PHYS) ||
      nftw(TEST_SHARED "/potentials", collect, 16, FTW_PHYS))
    printf("%s is absent: only our own copies are read\n", TEST_SHARED);
  failed = expect_main(argc, argv, help, tests);
  for (int i = 0; i < nfiles; i++) free(files[i]);
  return failed;
}
