#include "mtp/mtp_potential_impl.h"
#include "tests/unit/mtp/mtp_files.h"

#include <unistd.h>

static const char help[] =
    "Writing .mtp and .almtp: exact text, every bit back, the selection state, failures\n";

static mtp_potential *read_file(const char *path)
{
  mtp_potential *pot;
  mtp_diag diag = {0};

  expect_ok(mtp_potential_read(path, &pot, &diag));
  expect_messages(&diag, "");
  return pot;
}

static mtp_potential *parse(const char *text)
{
  mtp_potential *pot;
  mtp_diag diag = {0};

  expect_ok(mtp_potential_parse("t.mtp", text, strlen(text), &pot, &diag));
  expect_messages(&diag, "");
  return pot;
}

/* Writes to a scratch file and returns its bytes. */
static char *written(const mtp_potential *pot, mtp_format format, size_t *length)
{
  char path[] = "/tmp/test_mtp_write_XXXXXX", *text;
  int fd = mkstemp(path);
  FILE *in;

  expect(fd >= 0, "a scratch file");
  close(fd);
  expect_ok(mtp_potential_write(pot, format, path));
  in = fopen(path, "rb");
  expect(in != NULL, "the file is there");
  text = stream_text(in, length);
  fclose(in);
  unlink(path);
  return text;
}

static void test_exact_text(void **state)
{
  static const char in[] =
      "MTP\r\nversion = 1.1.0\r\npotential_name = two words #1\r\nscaling = 4\r\nspecies_count = "
      "1\r\n"
      "potential_tag = some # tag\r\nradial_basis_type = RBChebyshev\r\n\tscaling = 0.5\n\tmin_val "
      "= 2\n"
      "\tmax_val = 5\n\tbasis_size = 2\n\tradial_funcs_count = 1\n\tradial_coeffs\n\t\t17-17\n"
      "{0.1,-0.0}\nalpha_moments_count = 2\nalpha_index_basic_count = 1\nalpha_index_basic = "
      "{{0,0,0,0}}\n"
      "alpha_index_times_count = 1\nalpha_index_times = {{0,0,1,1}}\nalpha_scalar_moments = 2\n"
      "alpha_moment_mapping = {0,1}\nspecies_coeffs = {-1}\nmoment_coeffs = {1e-300,2}";
  static const char out[] =
      "MTP\nversion = 1.1.0\npotential_name = two_words__1\nscaling = 2.0000000000000000e+00\n"
      "species_count = 1\npotential_tag = some _ tag\nradial_basis_type = RBChebyshev\n"
      "\tmin_dist = 2.0000000000000000e+00\n\tmax_dist = 5.0000000000000000e+00\n"
      "\tradial_basis_size = 2\n\tradial_funcs_count = 1\n\tradial_coeffs\n\t\t17-17\n"
      "\t\t\t{1.0000000000000001e-01, -0.0000000000000000e+00}\n"
      "alpha_moments_count = 2\nalpha_index_basic_count = 1\nalpha_index_basic = {{0, 0, 0, 0}}\n"
      "alpha_index_times_count = 1\nalpha_index_times = {{0, 0, 1, 1}}\nalpha_scalar_moments = 2\n"
      "alpha_moment_mapping = {0, 1}\nspecies_coeffs = {-1.0000000000000000e+00}\n"
      "moment_coeffs = {1.0000000000000000e-300, 2.0000000000000000e+00}\n";
  mtp_potential *pot = parse(in);
  char *text = written(pot, MTP_FORMAT_MLIP2, NULL);

  (void)state;
  assert_string_equal(text, out);
  free(text);
  expect_ok(mtp_potential_destroy(&pot));
}

/* The other basis keeps its name. */
static void test_repulsive_text(void **state)
{
  mtp_potential *pot = read_file(TEST_DATA "/mtp/random/rand_2sp_08.almtp"), *again;
  mtp_diag diag = {0};
  size_t length;
  char *text;

  (void)state;
  pot->repulsive = PETSC_TRUE;
  text = written(pot, MTP_FORMAT_MLIP3, &length);
  expect(strstr(text, "\nradial_basis_type = RBChebyshev_repuls\n\tmin_dist = ") != NULL,
         "its line");
  expect_ok(mtp_potential_parse("again", text, length, &again, &diag));
  expect_messages(&diag, "");
  expect(again->repulsive, "it comes back");
  free(text);
  expect_ok(mtp_potential_destroy(&again));
  expect_ok(mtp_potential_destroy(&pot));
}

/* Untrained files and those without products have empty places, not empty lines. */
static void test_untrained_text(void **state)
{
  static const char text[] =
      "MTP\nversion = 1.1.0\nscaling = 1.0000000000000000e+00\npotential_tag = \n"
      "radial_basis_type = RBChebyshev\n\tmin_dist = 2.0000000000000000e+00\n"
      "\tmax_dist = 5.0000000000000000e+00\n\tradial_basis_size = 8\n\tradial_funcs_count = 1\n"
      "alpha_moments_count = 1\nalpha_index_basic_count = 1\nalpha_index_basic = {{0, 0, 0, 0}}\n"
      "alpha_index_times_count = 0\nalpha_index_times = {}\nalpha_scalar_moments = 1\n"
      "alpha_moment_mapping = {0}\n";
  mtp_potential *pot = parse(text);
  char *again = written(pot, MTP_FORMAT_MLIP3, NULL);

  (void)state;
  assert_string_equal(again, text);
  free(again);
  expect_ok(mtp_potential_destroy(&pot));
}

/* Every bit pattern of a finite double comes back. */
static void test_every_bit(void **state)
{
  mtp_potential *pot = read_file(TEST_DATA "/mtp/random/rand_3sp_08.almtp"), *again;
  const PetscInt n = 9 * pot->radial_funcs * pot->radial_size;
  uint64_t bits = 88172645463325252u;
  mtp_diag diag = {0};
  size_t length;
  char *text;

  (void)state;
  for (PetscInt i = 0; i < n; i++) {
    do {
      bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17; /* xorshift64 */
      memcpy(&pot->radial[i], &bits, sizeof(bits));
    } while (PetscIsInfOrNanReal(pot->radial[i]));
  }
  text = written(pot, MTP_FORMAT_MLIP3, &length);
  expect_ok(mtp_potential_parse("again", text, length, &again, &diag));
  expect_messages(&diag, "");
  expect_same_bits(again->radial, pot->radial, n, "radial coefficients");
  expect_same_bits(again->species_coeff, pot->species_coeff, 3, "species coefficients");
  expect_same_bits(again->moment_coeff, pot->moment_coeff, pot->nscalar, "moment coefficients");
  free(text);
  expect_ok(mtp_potential_destroy(&again));
  expect_ok(mtp_potential_destroy(&pot));
}

/* The state follows the last brace in .almtp and is left out of .mtp. */
static void test_selection(void **state)
{
  static const char bytes[] = "\n#MVS_v1.1\n\000\001\n";
  mtp_potential *pot = read_file(TEST_DATA "/mtp/random/rand_2sp_08.almtp");
  size_t with, without;
  char *text;

  (void)state;
  pot->selection_size = sizeof(bytes) - 1;
  expect_ok(PetscMalloc1(pot->selection_size, &pot->selection));
  memcpy(pot->selection, bytes, pot->selection_size);
  text = written(pot, MTP_FORMAT_MLIP3, &with);
  expect(text[with - sizeof(bytes)] == '}', "it follows the brace at once");
  assert_memory_equal(text + with - pot->selection_size, bytes, pot->selection_size);
  free(text);
  text = written(pot, MTP_FORMAT_MLIP2, &without);
  expect(without == with - pot->selection_size + 1, "nothing but a newline follows in .mtp");
  expect(memcmp(text + without - 2, "}\n", 2) == 0, "it ends with a line");
  free(text);
  expect_ok(mtp_potential_destroy(&pot));
}

/* New labels leave the coefficients where they are; new positions move them. */
static void test_renumber(void **state)
{
  const PetscInt labels[3] = {20, 17, 99}, to[3] = {2, 0, 1}, twice[3] = {1, 0, 1};
  const PetscInt far[3] = {0, 1, 100}, negative[3] = {0, -1, 1}, same[3] = {20, 17, 99};
  mtp_potential *p = read_file(TEST_DATA "/mtp/random/rand_3sp_08.almtp");
  mtp_potential *q = read_file(TEST_DATA "/mtp/random/rand_3sp_08.almtp");
  const PetscInt block = p->radial_funcs * p->radial_size;

  (void)state;
  expect_ok(mtp_potential_renumber(p, MTP_FORMAT_MLIP3, labels));
  expect(p->species_label[0] == 20 && p->species_label[1] == 17 && p->species_label[2] == 99,
         "new");
  expect_same_bits(p->radial, q->radial, 9 * block, "radial coefficients");
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_renumber(p, MTP_FORMAT_MLIP3, far));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_renumber(p, MTP_FORMAT_MLIP3, negative));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_renumber(p, MTP_FORMAT_MLIP2, labels));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_renumber(p, MTP_FORMAT_MLIP2, twice));
  expect(p->format == MTP_FORMAT_MLIP3, "nothing happens then");
  expect_ok(mtp_potential_renumber(p, MTP_FORMAT_MLIP2, to));
  expect(p->format == MTP_FORMAT_MLIP2, "another format");
  for (PetscInt i = 0; i < 3; i++) {
    expect(p->species_label[i] == i, "labels are positions");
    expect_same_bits(&p->species_coeff[to[i]], &q->species_coeff[i], 1, "species coefficients");
    for (PetscInt j = 0; j < 3; j++)
      expect_same_bits(p->radial + (3 * to[i] + to[j]) * block, q->radial + (3 * i + j) * block,
                       block, "coefficients of a pair");
  }
  expect_ok(mtp_potential_renumber(q, MTP_FORMAT_MLIP3, labels));
  q->selection_size = 1;
  expect_ok(PetscCalloc1(1, &q->selection));
  expect_ok(mtp_potential_renumber(q, MTP_FORMAT_MLIP3, same));
  expect_error(PETSC_ERR_ARG_WRONG, mtp_potential_renumber(q, MTP_FORMAT_MLIP3, to));
  expect(q->selection && q->species_label[0] == 20, "nothing happens then");
  expect_ok(mtp_potential_renumber(q, MTP_FORMAT_MLIP2, to));
  expect(!q->selection && q->selection_size == 0, "no state in that format");
  expect_ok(mtp_potential_destroy(&p));
  expect_ok(mtp_potential_destroy(&q));
}

static void test_failures(void **state)
{
  mtp_potential *pot = read_file(TEST_DATA "/mtp/random/rand_2sp_08.almtp");

  (void)state;
  expect_error(PETSC_ERR_FILE_OPEN, mtp_potential_write(pot, MTP_FORMAT_MLIP2, "/nowhere/x.mtp"));
  if (access("/dev/full", W_OK) == 0)
    expect_error(PETSC_ERR_FILE_WRITE, mtp_potential_write(pot, MTP_FORMAT_MLIP2, "/dev/full"));
  expect_ok(mtp_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exact_text),     cmocka_unit_test(test_untrained_text),
      cmocka_unit_test(test_every_bit),      cmocka_unit_test(test_selection),
      cmocka_unit_test(test_repulsive_text), cmocka_unit_test(test_failures),
      cmocka_unit_test(test_renumber),
  };

  return expect_main(argc, argv, help, tests);
}
