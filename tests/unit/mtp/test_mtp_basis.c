#include "mtp/mtp_basis.h"
#include "mtp/mtp_potential_impl.h"
#include "tests/unit/mtp/mtp_files.h"

#include <time.h>
#include <unistd.h>

static const char help[] = "Moment basis: counts of all levels, well-formed tables, small levels "
                           "by hand, new potentials\n";

static mtp_basis created(PetscInt level)
{
  mtp_basis basis;

  expect_ok(mtp_basis_create(level, &basis));
  return basis;
}

static void cleared(mtp_basis *basis)
{
  expect_ok(mtp_basis_clear(basis));
  expect(!basis->basic && !basis->times && !basis->mapping && basis->nmoment == 0, "nothing left");
}

/* Counts and largest rank of each mu in the templates of MLIP. */
static const struct {
  PetscInt level, nbasic, ntimes, nmoment, nscalar, funcs, rank[6];
} templates[] = {
    {2, 1, 0, 1, 1, 1, {0}},
    {4, 1, 1, 2, 2, 1, {0}},
    {6, 5, 5, 8, 5, 2, {1, 0}},
    {8, 11, 14, 18, 9, 2, {2, 0}},
    {10, 25, 42, 41, 16, 3, {3, 1, 0}},
    {12, 46, 117, 84, 29, 3, {4, 2, 0}},
    {14, 81, 348, 174, 52, 4, {5, 3, 1, 0}},
    {16, 130, 969, 350, 92, 4, {6, 4, 2, 0}},
    {18, 201, 2634, 718, 163, 5, {7, 5, 3, 1, 0}},
    {20, 295, 6349, 1352, 288, 5, {8, 6, 4, 2, 0}},
    {22, 421, 15431, 2621, 500, 6, {9, 7, 5, 3, 1, 0}},
    {24, 581, 36170, 4991, 864, 6, {10, 8, 6, 4, 2, 0}},
    {26, 706, 82520, 9396, 1464, 6, {10, 9, 7, 5, 3, 1}},
    {28, 866, 180069, 17366, 2445, 6, {10, 10, 8, 6, 4, 2}},
};
enum { NTEMPLATE = sizeof(templates) / sizeof(templates[0]) };

/* All entries of all moment tensors up to the ranks given, each once, in order. */
static void expect_basic(const mtp_basis *b, const PetscInt rank[])
{
  PetscInt i = 0;

  for (PetscInt mu = 0; mu < b->radial_funcs; mu++) {
    for (PetscInt nu = 0; nu <= rank[mu]; nu++) {
      for (PetscInt x = nu; x >= 0; x--) {
        for (PetscInt y = nu - x; y >= 0; y--, i++) {
          const PetscInt want[4] = {mu, x, y, nu - x - y};

          if (i >= b->nbasic || memcmp(b->basic[i], want, sizeof(want)) != 0)
            fail_msg("level %d, basic moment %d: wanted {%d, %d, %d, %d}", (int)b->level, (int)i,
                     (int)mu, (int)x, (int)y, (int)(nu - x - y));
        }
      }
    }
  }
  assert_int_equal(i, b->nbasic);
}

static void test_counts(void **state)
{
  (void)state;
  for (int t = 0; t < NTEMPLATE; t++) {
    for (PetscInt odd = 0; odd < 2 && templates[t].level + odd <= MTP_BASIS_LEVEL_MAX; odd++) {
      mtp_basis b = created(templates[t].level + odd);

      assert_int_equal(b.level, templates[t].level + odd);
      assert_int_equal(b.nbasic, templates[t].nbasic);
      assert_int_equal(b.ntimes, templates[t].ntimes);
      assert_int_equal(b.nmoment, templates[t].nmoment);
      assert_int_equal(b.nscalar, templates[t].nscalar);
      assert_int_equal(b.radial_funcs, templates[t].funcs);
      expect_basic(&b, templates[t].rank);
      cleared(&b);
    }
  }
}

/* Level 8 is short enough for pencil and paper; MLIP's template has the same lines. */
static void test_level_8(void **state)
{
  /* 0: M00, 1-3: M01, 4-9: M02 xx xy xz yy yz zz, 10: M10 */
  static const PetscInt times[14][4] = {
      {0, 0, 1, 11},                                   /* M00 M00 */
      {1, 1, 1, 12},  {2, 2, 1, 12},  {3, 3, 1, 12},   /* M01 . M01 */
      {4, 4, 1, 13},  {5, 5, 2, 13},  {6, 6, 2, 13},   /* M02 : M02, off the diagonal twice */
      {7, 7, 1, 13},  {8, 8, 2, 13},  {9, 9, 1, 13},   /* */
      {0, 10, 1, 14},                                  /* M00 M10 */
      {0, 11, 1, 15}, {0, 12, 1, 16}, {0, 15, 1, 17}}; /* M00^3, M00 (M01.M01), M00^4 */
  static const PetscInt mapping[9] = {0, 10, 11, 12, 13, 14, 15, 16, 17};
  mtp_basis b = created(8);

  (void)state;
  assert_int_equal(b.ntimes, 14);
  assert_int_equal(b.nscalar, 9);
  assert_memory_equal(b.times, times, sizeof(times));
  assert_memory_equal(b.mapping, mapping, sizeof(mapping));
  cleared(&b);
}

/* At level 10 the first vector appears, M02 . M01, and with it the first scalar of three factors
   that is no product of scalars: its rows are M01 times the vector. */
static void test_level_10(void **state)
{
  static const PetscInt vector[9][4] = {{1, 4, 1, 27}, {2, 5, 1, 27}, {3, 6, 1, 27},
                                        {1, 5, 1, 28}, {2, 7, 1, 28}, {3, 8, 1, 28},
                                        {1, 6, 1, 29}, {2, 8, 1, 29}, {3, 9, 1, 29}};
  static const PetscInt scalar[3][4] = {{1, 27, 1, 37}, {2, 28, 1, 37}, {3, 29, 1, 37}};
  mtp_basis b = created(10);
  int seen = 0;

  (void)state;
  assert_memory_equal(b.times[4], vector, sizeof(vector));
  for (PetscInt r = 0; r + 3 <= b.ntimes; r++)
    seen += memcmp(b.times[r], scalar, sizeof(scalar)) == 0;
  assert_int_equal(seen, 1);
  cleared(&b);
}

/* What a moment inherits from its sources, and what becomes of it. */
typedef struct {
  PetscInt factors, level, x, y, z; /* x y z: indices of each kind, contracted ones twice */
  PetscInt rows, weight;            /* rows that have it as their target, sum of their m */
  int is_used, is_scalar;
} moment;

static int is_power_of_3(PetscInt n)
{
  while (n > 1 && n % 3 == 0) n /= 3;
  return n == 1;
}

/* One row: sources complete before, sorted, of the same kind as the target's other rows. */
static void take_row(const mtp_basis *b, PetscInt r, moment m[])
{
  const PetscInt *row = b->times[r];
  const moment *p = &m[row[0]], *q = &m[row[1]];
  moment *o = &m[row[3]];
  const PetscInt before = r ? b->times[r - 1][3] : b->nbasic - 1;

  expect(0 <= row[0] && row[0] <= row[1] && row[1] < row[3] && row[2] > 0, "p <= q < o, m > 0");
  expect(row[3] == before || row[3] == before + 1, "targets come one after the other");
  if (row[3] == before && r)
    expect(b->times[r - 1][0] < row[0] ||
               (b->times[r - 1][0] == row[0] && b->times[r - 1][1] < row[1]),
           "rows of a target are sorted and different");
  if (o->rows == 0) *o = (moment){.factors = p->factors + q->factors, .level = p->level + q->level};
  expect(o->factors == p->factors + q->factors && o->level == p->level + q->level,
         "all rows of a target have factors and level alike");
  if (o->rows > 0)
    expect((o->x - p->x - q->x) % 2 == 0 && (o->y - p->y - q->y) % 2 == 0 &&
               (o->z - p->z - q->z) % 2 == 0,
           "all rows of a target have the same parity in x, y and z");
  o->x = p->x + q->x;
  o->y = p->y + q->y;
  o->z = p->z + q->z;
  o->rows++;
  o->weight += row[2];
  m[row[0]].is_used = m[row[1]].is_used = 1;
}

static void expect_scalars(const mtp_basis *b, moment m[])
{
  for (PetscInt k = 0; k < b->nscalar; k++) {
    moment *s = &m[b->mapping[k]];

    expect(!s->is_scalar, "no moment is mapped twice");
    s->is_scalar = 1;
    expect(s->x % 2 == 0 && s->y % 2 == 0 && s->z % 2 == 0, "a scalar is even in x, y and z");
    expect(s->level <= b->level && s->factors <= 4, "a scalar has at most the level, 4 factors");
  }
}

static void expect_well_formed(PetscInt level)
{
  mtp_basis b = created(level);
  moment *m = calloc((size_t)b.nmoment, sizeof(*m));

  expect(m != NULL, "memory");
  for (PetscInt i = 0; i < b.nbasic; i++) {
    const PetscInt *a = b.basic[i];

    m[i] = (moment){1, 2 + 4 * a[0] + a[1] + a[2] + a[3], a[1], a[2], a[3], 0, 0, 0, 0};
  }
  for (PetscInt r = 0; r < b.ntimes; r++) take_row(&b, r, m);
  expect(!b.ntimes || b.times[b.ntimes - 1][3] == b.nmoment - 1, "every moment is a target");
  expect_scalars(&b, m);
  for (PetscInt i = 0; i < b.nmoment; i++) {
    expect(m[i].is_used || m[i].is_scalar, "every moment is used");
    expect(i < b.nbasic || is_power_of_3(m[i].weight), "k contracted indices are 3^k products");
  }
  free(m);
  cleared(&b);
}

static void test_well_formed(void **state)
{
  (void)state;
  for (PetscInt level = MTP_BASIS_LEVEL_MIN; level <= MTP_BASIS_LEVEL_MAX; level++)
    expect_well_formed(level);
}

static void test_levels_refused(void **state)
{
  static const PetscInt levels[] = {-4, 0, 1, 29, 1000};
  mtp_basis b;

  (void)state;
  for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
    expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_basis_create(levels[i], &b));
    expect(!b.basic && !b.times && !b.mapping, "an empty basis");
  }
}

/* No wall clock: other jobs on the machine must not make the test fail. */
static void test_quick(void **state)
{
  const clock_t start = clock();
  mtp_basis b = created(28);
  const double took = (double)(clock() - start) / CLOCKS_PER_SEC;

  (void)state;
  cleared(&b);
  printf("level 28: %.3f s\n", took);
  expect(took < 2.0, "level 28 in less than 2 s of processor time");
}

/* Writes `pot` and reads it back. */
static mtp_potential *written_and_read(const mtp_potential *pot, mtp_format format)
{
  char path[] = "/tmp/test_mtp_basis_XXXXXX";
  const int fd = mkstemp(path);
  mtp_potential *again;
  mtp_diag diag = {0};

  expect(fd >= 0, "a scratch file");
  close(fd);
  expect_ok(mtp_potential_write(pot, format, path));
  expect_ok(mtp_potential_read(path, &again, &diag));
  unlink(path);
  expect_messages(&diag, "");
  return again;
}

static void expect_same_tables(const mtp_potential *a, const mtp_potential *b)
{
  assert_int_equal(a->nbasic, b->nbasic);
  assert_int_equal(a->ntimes, b->ntimes);
  assert_int_equal(a->nmoment, b->nmoment);
  assert_int_equal(a->nscalar, b->nscalar);
  assert_memory_equal(a->basic, b->basic, (size_t)a->nbasic * sizeof(a->basic[0]));
  assert_memory_equal(a->mapping, b->mapping, (size_t)a->nscalar * sizeof(a->mapping[0]));
  if (a->ntimes) assert_memory_equal(a->times, b->times, (size_t)a->ntimes * sizeof(a->times[0]));
}

static void test_new_potential(void **state)
{
  (void)state;
  for (int t = 0; t < NTEMPLATE; t++) {
    const PetscInt level = templates[t].level;
    mtp_potential *pot, *again;
    mtp_potential_info info;

    expect_ok(mtp_potential_create(level, 3, 9, 1.75, 6.5, &pot));
    again = written_and_read(pot, t % 2 ? MTP_FORMAT_MLIP2 : MTP_FORMAT_MLIP3);
    expect_same_tables(again, pot);
    expect_ok(mtp_potential_get_info(again, &info));
    assert_string_equal(info.radial_basis_type, "RBChebyshev");
    assert_int_equal(info.level, level);
    assert_int_equal(info.nspecies, 3);
    assert_int_equal(info.radial_size, 9);
    assert_int_equal(info.radial_funcs, templates[t].funcs);
    assert_int_equal(info.ncoeff, 9 * 9 * info.radial_funcs + 3 + info.nscalar);
    expect(!info.trained && !info.has_selection, "untrained");
    expect_abs(info.min_dist, 1.75, 0.0, "min_dist");
    expect_abs(info.cutoff, 6.5, 0.0, "cutoff");
    expect_abs(info.scaling, 1.0, 0.0, "scaling");
    for (PetscInt i = 0; i < 3; i++) assert_int_equal(pot->species_label[i], i);
    expect_ok(mtp_potential_destroy(&again));
    expect_ok(mtp_potential_destroy(&pot));
  }
}

static void test_bad_shapes(void **state)
{
  mtp_potential *pot;

  (void)state;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_create(30, 1, 8, 2.0, 5.0, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_create(8, 0, 8, 2.0, 5.0, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_create(8, 1, 1, 2.0, 5.0, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_create(8, 1, 8, 5.0, 5.0, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_create(8, 1, 8, -1.0, 5.0, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_create(8, 1, 8, 2.0, (PetscReal)NAN, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               mtp_potential_create(8, 1, 8, 2.0, (PetscReal)INFINITY, &pot));
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_potential_create(8, 100000, 8, 2.0, 5.0, &pot));
  expect(pot == NULL, "no potential");
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_counts),         cmocka_unit_test(test_level_8),
      cmocka_unit_test(test_level_10),       cmocka_unit_test(test_well_formed),
      cmocka_unit_test(test_levels_refused), cmocka_unit_test(test_quick),
      cmocka_unit_test(test_new_potential),  cmocka_unit_test(test_bad_shapes),
  };

  return expect_main(argc, argv, help, tests);
}
