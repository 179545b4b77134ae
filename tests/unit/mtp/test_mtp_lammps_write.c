/* tests/unit/mtp/test_mtp_lammps_write.c - LAMMPS data out and in again, cells turned for it
 *
 * Tolerances of turned structures: 1e-13 of the size of what is compared, some ten roundings.
 */
#include "mtp/mtp_config.h"
#include "mtp/mtp_eval_config.h"
#include "tests/support/random.h"
#include "tests/unit/mtp/mtp_files.h"

static const char help[] =
    "Writing LAMMPS data: exact text, every bit back, turned and mirrored cells, tilts\n";

static const char *const species[] = {"Ca", "K", "Cl"};

static char *written(const mtp_config *config, PetscInt nspecies)
{
  FILE *out = tmpfile();
  char *text;

  expect(out != NULL, "a scratch file");
  expect_ok(mtp_lammps_write(config, nspecies, nspecies ? species : NULL, out));
  text = stream_text(out, NULL);
  fclose(out);
  return text;
}

static mtp_config parse(const char *text, PetscInt nspecies)
{
  mtp_config config;
  mtp_diag diag = {0};

  expect_ok(mtp_lammps_parse("l", text, strlen(text), nspecies, nspecies ? species : NULL, &config,
                             &diag));
  expect_messages(&diag, "");
  return config;
}

/* Two atoms with charges, a tilted cell as LAMMPS has it */
static mtp_config small(void)
{
  const PetscReal h[3][3] = {{4, 0, 0}, {1.5, 5, 0}, {-0.5, 2.25, 6}};
  const PetscReal x[6] = {0.1, -0.25, 7, 1.0 / 3.0, 2, 3};
  mtp_config c;

  expect_ok(mtp_config_create(2, &c));
  expect_ok(PetscCalloc1(2, &c.charge));
  c.nlattice = 3;
  memcpy(c.h, h, sizeof(h));
  memcpy(c.x, x, sizeof(x));
  c.type[0] = 2;
  c.charge[0] = -1;
  c.charge[1] = 0.1;
  return c;
}

static void test_exact_text(void **state)
{
  static const char head[] = "LAMMPS data file: distances in A, masses in g/mol\n\n2 atoms\n";
  static const char box[] = "0 4.0000000000000000e+00 xlo xhi\n0 5.0000000000000000e+00 ylo yhi\n"
                            "0 6.0000000000000000e+00 zlo zhi\n";
  static const char tilt[] = "1.5000000000000000e+00 -5.0000000000000000e-01 "
                             "2.2500000000000000e+00 xy xz yz\n";
  static const char x[2][128] = {
      "1.0000000000000001e-01 -2.5000000000000000e-01 7.0000000000000000e+00\n",
      "3.3333333333333331e-01 2.0000000000000000e+00 3.0000000000000000e+00\n"};
  mtp_config c = small();
  char want[1024], *text = written(&c, 3);

  (void)state;
  (void)snprintf(want, sizeof(want),
                 "%s3 atom types\n\n%s%s\nMasses\n\n1 40.078 # Ca\n2 39.098 # K\n3 35.45 # Cl\n\n"
                 "Atoms # charge\n\n1 3 -1.0000000000000000e+00 %s2 1 1.0000000000000001e-01 %s",
                 head, box, tilt, x[0], x[1]);
  assert_string_equal(text, want);
  free(text);
  expect_ok(PetscFree(c.charge));
  memset(c.h[1], 0, sizeof(c.h[1]));
  memset(c.h[2], 0, sizeof(c.h[2]));
  c.h[1][1] = 5;
  c.h[2][2] = 6;
  text = written(&c, 0);
  (void)snprintf(want, sizeof(want), "%s3 atom types\n\n%s\nAtoms # atomic\n\n1 3 %s2 1 %s", head,
                 box, x[0], x[1]);
  assert_string_equal(text, want);
  free(text);
  expect_ok(mtp_config_clear(&c));
}

/* A cell in LAMMPS' form comes back with every bit, with and without species. */
static void test_every_bit(void **state)
{
  mtp_config c = small(), again;

  (void)state;
  c.h[2][2] = 6.0 + 1.0 / 3.0;
  c.x[1] = 0x1.fffffffffffffp-3;
  c.charge[1] = -0x1.0000000000001p-40;
  for (PetscInt nspecies = 0; nspecies <= 3; nspecies += 3) {
    char *text = written(&c, nspecies);

    again = parse(text, nspecies);
    expect(again.n == 2 && again.nlattice == 3, "sizes");
    expect_same_bits(&again.h[0][0], &c.h[0][0], 9, "cell");
    expect_same_bits(again.x, c.x, 6, "positions");
    expect_same_bits(again.charge, c.charge, 2, "charges");
    expect(again.type[0] == 2 && again.type[1] == 0, "types");
    free(text);
    expect_ok(mtp_config_clear(&again));
  }
  expect_ok(mtp_config_clear(&c));
}

/* A general cell of 4 atoms; mirror: left-handed */
static mtp_config general(PetscBool mirror)
{
  const PetscReal h[3][3] = {{1.0, 7.0, -2.0}, {6.0, 1.5, 2.5}, {-1.0, 0.5, -8.0}};
  uint64_t bits = 12345;
  mtp_config c;

  expect_ok(mtp_config_create(4, &c));
  expect_ok(PetscCalloc1(12, &c.force));
  expect_ok(PetscCalloc1(12, &c.magmom));
  expect_ok(PetscCalloc1(12, &c.en_der_m));
  c.nlattice = 3;
  memcpy(c.h, h, sizeof(h));
  for (int a = 0; a < 3 && mirror; a++) {
    c.h[0][a] = h[1][a];
    c.h[1][a] = h[0][a];
  }
  for (int k = 0; k < 12; k++) {
    PetscReal *const to[] = {c.x, c.force, c.magmom, c.en_der_m};

    for (int v = 0; v < 4; v++) {
      bits = bits * 6364136223846793005u + 1442695040888963407u;
      to[v][k] = 8.0 * ((PetscReal)(bits >> 11) * 0x1p-53 - 0.5);
    }
  }
  for (int k = 0; k < 6; k++) c.stress[k] = 1.0 + k * k;
  for (int i = 0; i < 4; i++) c.type[i] = i % 3;
  c.has_stress = PETSC_TRUE;
  return c;
}

static PetscReal determinant(const PetscReal h[3][3])
{
  return h[0][0] * (h[1][1] * h[2][2] - h[1][2] * h[2][1]) -
         h[0][1] * (h[1][0] * h[2][2] - h[1][2] * h[2][0]) +
         h[0][2] * (h[1][0] * h[2][1] - h[1][1] * h[2][0]);
}

static PetscReal product(const PetscReal a[3], const PetscReal b[3])
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Scalar products among lattice vectors, positions, forces ... and u W v stay: that is a turn. */
static void check_turned(const mtp_config *a, const mtp_config *b)
{
  static const int place[3][3] = {{0, 5, 4}, {5, 1, 3}, {4, 3, 2}};
  const PetscReal *va[19], *vb[19];

  for (int k = 0; k < 3; k++) va[k] = a->h[k], vb[k] = b->h[k];
  for (int i = 0; i < 4; i++) {
    va[3 + i] = a->x + 3 * i, vb[3 + i] = b->x + 3 * i;
    va[7 + i] = a->force + 3 * i, vb[7 + i] = b->force + 3 * i;
    va[11 + i] = a->magmom + 3 * i, vb[11 + i] = b->magmom + 3 * i;
    va[15 + i] = a->en_der_m + 3 * i, vb[15 + i] = b->en_der_m + 3 * i;
  }
  for (int i = 0; i < 19; i++) {
    for (int j = 0; j < 19; j++) {
      PetscReal wa = 0.0, wb = 0.0;

      expect_abs(product(vb[i], vb[j]), product(va[i], va[j]), 2e-12, "a scalar product");
      for (int ab = 0; ab < 9; ab++) {
        wa += va[i][ab / 3] * a->stress[place[ab / 3][ab % 3]] * va[j][ab % 3];
        wb += vb[i][ab / 3] * b->stress[place[ab / 3][ab % 3]] * vb[j][ab % 3];
      }
      expect_abs(wb, wa, 1e-10, "the stress between two vectors");
    }
  }
}

static void test_turn(void **state)
{
  (void)state;
  for (int mirror = 0; mirror < 2; mirror++) {
    mtp_config c = general((PetscBool)mirror), before = general((PetscBool)mirror), again;
    const PetscReal det = determinant((const PetscReal(*)[3])before.h);

    expect(mirror ? det < 0.0 : det > 0.0, "right- and left-handed");
    expect_ok(mtp_config_turn_lower(&c));
    expect(c.h[0][1] == 0.0 && c.h[0][2] == 0.0 && c.h[1][2] == 0.0, "lower triangular");
    expect(c.h[0][0] > 0.0 && c.h[1][1] > 0.0 && c.h[2][2] > 0.0, "a positive diagonal");
    expect_abs(c.h[0][0] * c.h[1][1] * c.h[2][2], fabs(det), 1e-12 * fabs(det), "volume");
    check_turned(&before, &c);
    again = c;
    expect_ok(mtp_config_turn_lower(&again));
    expect(memcmp(&again, &c, sizeof(c)) == 0, "a second turn changes nothing");
    expect_ok(mtp_config_clear(&c));
    expect_ok(mtp_config_clear(&before));
  }
}

/* Any cell, as many of either hand: nothing that a turn keeps may depend on how the vectors lie. */
static void test_turn_random(void **state)
{
  enum { CELLS = 200 };
  random_stream rng = {72};
  int hands[2] = {0, 0};

  (void)state;
  while (hands[0] < CELLS || hands[1] < CELLS) {
    mtp_config c = general(PETSC_FALSE), before = general(PETSC_FALSE);
    PetscReal det;

    for (int k = 0; k < 9; k++)
      c.h[k / 3][k % 3] = before.h[k / 3][k % 3] = 16.0 * random_uniform(&rng) - 8.0;
    det = determinant((const PetscReal(*)[3])before.h);
    if (fabs(det) > 20.0 && hands[det < 0.0]++ < CELLS) {
      expect_ok(mtp_config_turn_lower(&c));
      expect_abs(c.h[0][0] * c.h[1][1] * c.h[2][2], fabs(det), 1e-12 * fabs(det), "volume");
      expect_abs(c.stress[0] + c.stress[1] + c.stress[2], 1.0 + 2.0 + 5.0, 1e-12, "trace");
      check_turned(&before, &c);
    }
    expect_ok(mtp_config_clear(&c));
    expect_ok(mtp_config_clear(&before));
  }
}

/* The shortest of 9^3 images */
static PetscReal distance(const mtp_config *c, PetscInt i, PetscInt j)
{
  PetscReal least = 1e300;

  for (int s = 0; s < 729; s++) {
    const int shift[3] = {s / 81 - 4, s / 9 % 9 - 4, s % 9 - 4};
    PetscReal d[3];

    for (int a = 0; a < 3; a++)
      d[a] = c->x[3 * j + a] - c->x[3 * i + a] + shift[0] * c->h[0][a] + shift[1] * c->h[1][a] +
             shift[2] * c->h[2][a];
    if (i == j && s == 364) continue;
    least = fmin(least, product(d, d));
  }
  return sqrt(least);
}

/* General, left-handed and strongly tilted cells: the crystal that is read back is the same one. */
static void test_same_crystal(void **state)
{
  (void)state;
  for (int k = 0; k < 3; k++) {
    mtp_config c = general((PetscBool)(k == 1)), again;
    char *text;

    for (int a = 0; a < 3 && k == 2; a++) c.h[2][a] += c.h[0][a] - c.h[1][a];
    text = written(&c, 3);
    again = parse(text, 3);
    expect(fabs(again.h[1][0]) <= 0.5 * again.h[0][0] &&
               fabs(again.h[2][0]) <= 0.5 * again.h[0][0] &&
               fabs(again.h[2][1]) <= 0.5 * again.h[1][1],
           "no tilt above half an edge");
    for (PetscInt i = 0; i < 4; i++) {
      for (PetscInt j = 0; j < 4; j++)
        expect_abs(distance(&again, i, j), distance(&c, i, j), 1e-13 * 10.0, "a distance");
    }
    free(text);
    expect_ok(mtp_config_clear(&c));
    expect_ok(mtp_config_clear(&again));
  }
}

/* A potential says the same about it: energies, and forces turned. */
static void test_same_energy(void **state)
{
  mtp_config c = general(PETSC_TRUE), again;
  mtp_potential *pot;
  mtp_neighbors nb = {0};
  mtp_diag diag = {0};
  char *text;

  (void)state;
  expect_ok(mtp_potential_read(TEST_DATA "/mtp/random/rand_3sp_08.almtp", &pot, &diag));
  text = written(&c, 3);
  again = parse(text, 3);
  expect_ok(mtp_eval_config(pot, "c", &nb, &c, &diag));
  expect_ok(mtp_eval_config(pot, "again", &nb, &again, &diag));
  expect_messages(&diag, "");
  expect_near(again.energy, c.energy, 1e-12, "energy");
  expect_ok(mtp_config_turn_lower(&c));
  for (int k = 0; k < 12; k++)
    expect_abs(again.force[k], c.force[k], 1e-11 * (1.0 + fabs(c.energy)), "turned force");
  for (int k = 0; k < 6; k++)
    expect_abs(again.stress[k], c.stress[k], 1e-11 * (1.0 + fabs(c.energy)), "turned stress");
  free(text);
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_config_clear(&c));
  expect_ok(mtp_config_clear(&again));
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_failures(void **state)
{
  static const char *const unknown[] = {"Ca", "K", "Xx"};
  FILE *full_disk = fopen("/dev/full", "w"), *out = tmpfile();
  mtp_config c = small();

  (void)state;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_lammps_write(&c, 2, species, out));
  expect_error(PETSC_ERR_ARG_WRONG, mtp_lammps_write(&c, 3, unknown, out));
  c.nlattice = 2;
  expect_error(PETSC_ERR_ARG_WRONG, mtp_lammps_write(&c, 3, species, out));
  expect_error(PETSC_ERR_ARG_WRONG, mtp_config_turn_lower(&c));
  c.nlattice = 3;
  memset(c.h[2], 0, sizeof(c.h[2]));
  expect_error(PETSC_ERR_ARG_WRONG, mtp_lammps_write(&c, 3, species, out));
  expect_error(PETSC_ERR_ARG_WRONG, mtp_config_turn_lower(&c));
  c.h[2][0] = 1e300;
  c.h[2][2] = 6;
  c.h[0][0] = 1e-300;
  expect_error(PETSC_ERR_ARG_WRONG, mtp_lammps_write(&c, 3, species, out));
  expect(ftell(out) == 0, "nothing was written");
  c.h[2][0] = 0;
  c.h[0][0] = 4;
  if (full_disk) {
    expect_error(PETSC_ERR_FILE_WRITE, mtp_lammps_write(&c, 3, species, full_disk));
    fclose(full_disk);
  }
  fclose(out);
  expect_ok(mtp_config_clear(&c));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exact_text),   cmocka_unit_test(test_every_bit),
      cmocka_unit_test(test_turn),         cmocka_unit_test(test_turn_random),
      cmocka_unit_test(test_same_crystal), cmocka_unit_test(test_same_energy),
      cmocka_unit_test(test_failures),
  };

  return expect_main(argc, argv, help, tests);
}
