/* tests/verify/test_mtp_kernel_tables.c - fast kernels: tables of any shape, pruning
 *
 * Tables that no template has but that a file may have, random and made for one purpose each;
 * coefficients that are zero.  Bars: tests/support/mtp_kernels.h.
 */
#include "mtp/mtp_kernel_impl.h"
#include "tests/support/mtp_kernels.h"

#include <unistd.h>

static const char help[] = "Fast kernels: tables of any shape\n";

static const PetscReal min_dist = 1.8, cutoff = 6.0;

static PetscBool level_has_code(PetscInt level)
{
  char wanted[16];

  (void)snprintf(wanted, sizeof(wanted), ",%d,", (int)level);
  return (PetscBool)(strstr("," TEST_LEVELS ",", wanted) != NULL);
}

/* Two structures for all tests: a compressed crystal-like cell thinner than the cut-off and a
   cluster. */
static void some_structure(int k, PetscInt nspecies, random_stream *dice, structure *s)
{
  static const PetscReal h[3][3] = {{5.1, 0.2, 0.1}, {0.7, 5.2, -0.3}, {-0.4, 0.6, 5.0}};

  fill_structure(k ? 13 : 19, k ? 0 : 3, h, 1.3, nspecies, dice, s);
}

/* Tables that are not rotation-invariant have a virial that is not symmetric; the fast kernels
   compute xx xy xz yy yz zz and take the others for the same. */
static void take_upper_triangle(reference *ref)
{
  ref->r.virial[3] = ref->r.virial[1];
  ref->r.virial[6] = ref->r.virial[2];
  ref->r.virial[7] = ref->r.virial[5];
}

/* All kernels on the structures; generated: whether code is expected to be used without `tables` */
static void check_potential(const char *name, const mtp_potential *pot, PetscBool generated,
                            bar_ratio *b)
{
  random_stream dice = {99};

  for (int k = 0; k < 2; k++) {
    structure s;
    mtp_neighbors nb = {0};
    reference ref;

    some_structure(k, pot->nspecies, &dice, &s);
    list_structure(&s, pot->cutoff, 0.4, &nb);
    ref = reference_of(pot, &nb);
    take_upper_triangle(&ref);
    FOR_EACH_KERNEL
    {
      mtp_engine *engine = engine_for(pot, kind, (PetscBool)tables);
      mtp_engine_info info;

      mtp_engine_get_info(engine, &info);
      assert_string_equal(info.kernel, mtp_kernel_name(kind));
      assert_int_equal(info.generated, !tables && generated);
      check_engine(name, pot, &nb, &ref, engine, b);
      expect_ok(mtp_engine_destroy(&engine));
    }
    assert_int_equal(b->excused, 0);
    result_free(&ref.r);
    expect_ok(mtp_neighbors_clear(&nb));
  }
}

/* Tables -------------------------------------------------------------------------------------- */

enum { MAX_ROWS = 400 };

/* Tables being made; they go into a potential through a file, so that the reader agrees. */
typedef struct {
  PetscInt nbasic, ntimes, nmoment, nscalar;
  PetscInt basic[MAX_ROWS][4], times[MAX_ROWS][4], mapping[MAX_ROWS];
  PetscInt degree[MAX_ROWS]; /* factors of a moment */
} table_set;

static void add_basic(table_set *t, PetscInt mu, PetscInt a, PetscInt b, PetscInt c)
{
  const PetscInt row[4] = {mu, a, b, c};

  t->degree[t->nbasic] = 1;
  memcpy(t->basic[t->nbasic++], row, sizeof(row));
  t->nmoment = t->nbasic;
}

static void add_times(table_set *t, PetscInt p, PetscInt q, PetscInt m, PetscInt o)
{
  const PetscInt row[4] = {p, q, m, o};

  memcpy(t->times[t->ntimes++], row, sizeof(row));
  t->degree[o] = PetscMax(t->degree[o], t->degree[p] + t->degree[q]);
  t->nmoment = PetscMax(t->nmoment, o + 1);
}

static PetscInt pick(random_stream *dice, PetscInt n)
{
  return (PetscInt)(random_bits(dice) >> 33) % n;
}

static void replace(PetscInt n, PetscInt (*rows)[4], PetscInt (**to)[4])
{
  expect_ok(PetscFree(*to));
  expect_ok(PetscMalloc1(n + 1, to));
  memcpy(*to, rows, (size_t)n * sizeof(rows[0]));
}

/* Written and read again: what the tests evaluate is what a file can say. */
static mtp_potential *through_file(mtp_potential *pot)
{
  char path[] = P_tmpdir "/liquidus-tables-XXXXXX";
  const int file = mkstemp(path);
  mtp_potential *back = NULL;
  mtp_diag diag = {0};

  expect(file >= 0 && close(file) == 0, "a scratch file");
  expect_ok(mtp_potential_write(pot, MTP_FORMAT_MLIP3, path));
  expect_ok(mtp_potential_destroy(&pot));
  expect_ok(mtp_potential_read(path, &back, &diag));
  (void)unlink(path);
  if (!back) fail_msg("%s", diag.n ? diag.text[0] : "no potential and no message");
  return back;
}

static mtp_potential *potential_of(table_set *t, uint64_t seed)
{
  mtp_potential *pot = NULL;
  random_stream dice = {seed};

  expect_ok(mtp_potential_create(2, 2, 8, min_dist, cutoff, &pot));
  replace(t->nbasic, t->basic, &pot->basic);
  replace(t->ntimes, t->times, &pot->times);
  expect_ok(PetscFree(pot->mapping));
  expect_ok(PetscMalloc1(t->nscalar + 1, &pot->mapping));
  memcpy(pot->mapping, t->mapping, (size_t)t->nscalar * sizeof(PetscInt));
  pot->nbasic = t->nbasic;
  pot->ntimes = t->ntimes;
  pot->nmoment = t->nmoment;
  pot->nscalar = t->nscalar;
  pot->radial_funcs = 1;
  for (PetscInt q = 0; q < t->nbasic; q++) {
    pot->radial_funcs = PetscMax(pot->radial_funcs, t->basic[q][0] + 1);
  }
  train(pot, &dice);
  return through_file(pot);
}

/* Some components of some ranks, nothing complete, in any order; the last mu is always there. */
static void random_basics(random_stream *dice, table_set *t)
{
  const PetscInt K = 1 + pick(dice, MTP_KERNEL_MAX_K), n = 4 + pick(dice, 40);
  PetscInt top[MTP_KERNEL_MAX_K];

  for (PetscInt mu = 0; mu < K; mu++) top[mu] = pick(dice, 9) - 1; /* -1: a mu without moments */
  top[K - 1] = PetscMax(top[K - 1], 1);
  add_basic(t, K - 1, 0, 0, pick(dice, top[K - 1] + 1));
  for (PetscInt k = 0; k < n; k++) {
    const PetscInt mu = pick(dice, K);
    PetscInt nu, a, b;

    if (top[mu] < 0) continue;
    nu = pick(dice, top[mu] + 1);
    a = pick(dice, nu + 1);
    b = pick(dice, nu - a + 1);
    add_basic(t, mu, a, b, nu - a - b);
  }
}

/* A source of at most `degree` factors below `end` */
static PetscInt source(random_stream *dice, const table_set *t, PetscInt end, PetscInt degree)
{
  PetscInt q;

  do {
    q = pick(dice, 3) ? pick(dice, end) : pick(dice, t->nbasic);
  } while (t->degree[q] > degree);
  return q;
}

/* Targets in groups whose rows come in any order; sources lie before the group, or, one time in
   four, the second target takes the first as a source. */
static void random_products(random_stream *dice, table_set *t)
{
  const PetscInt group = 12 + pick(dice, 20);

  for (PetscInt g = 0; g < group; g++) {
    const PetscInt end = t->nmoment, n = 1 + pick(dice, 3), begin = t->ntimes;

    for (PetscInt k = 0; k < n; k++) {
      const PetscInt rows = 1 + pick(dice, 4);

      for (PetscInt r = 0; r < rows; r++) {
        const PetscInt m = pick(dice, 7) - 2; /* 0 and negative factors, too */

        add_times(t, source(dice, t, end, 3), source(dice, t, end, 3), m, end + k);
      }
    }
    for (PetscInt r = t->ntimes - 1; r > begin; r--) {
      const PetscInt other = begin + pick(dice, r - begin + 1);
      PetscInt row[4];

      memcpy(row, t->times[r], sizeof(row));
      memcpy(t->times[r], t->times[other], sizeof(row));
      memcpy(t->times[other], row, sizeof(row));
    }
    if (t->degree[end] < 3 && pick(dice, 4) == 0) {
      const PetscInt o = t->nmoment;

      /* begins with the sources of its own source's first row: the same tensors, not the same rank
         in the order of computing */
      add_times(t, t->times[begin][0], t->times[begin][1], 1, o);
      add_times(t, t->times[begin][3], source(dice, t, end, 2), 2, o);
    }
  }
}

static void random_mapping(random_stream *dice, table_set *t)
{
  for (PetscInt q = 0; q < t->nmoment; q++) {
    if (pick(dice, 3) == 0 || (q == t->nmoment - 1 && !t->nscalar)) t->mapping[t->nscalar++] = q;
  }
  for (PetscInt k = t->nscalar - 1; k > 0; k--) {
    const PetscInt other = pick(dice, k + 1), q = t->mapping[k];

    t->mapping[k] = t->mapping[other];
    t->mapping[other] = q;
  }
}

static void test_random_tables(void **state)
{
  bar_ratio b = {0};
  PetscInt rows = 0;

  (void)state;
  for (uint64_t seed = 0; seed < 60; seed++) {
    char name[32];
    random_stream dice = {seed};
    table_set t = {0};
    mtp_potential *pot;

    (void)snprintf(name, sizeof(name), "random tables %d", (int)seed);
    random_basics(&dice, &t);
    random_products(&dice, &t);
    random_mapping(&dice, &t);
    pot = potential_of(&t, seed);
    pot->repulsive = (PetscBool)(seed % 4 == 0);
    rows += t.ntimes;
    for (PetscInt k = 0; k < pot->nscalar && seed % 2; k++) {
      if (pick(&dice, 2)) pot->moment_coeff[k] = 0.0;
    }
    check_potential(name, pot, PETSC_FALSE, &b);
    expect_ok(mtp_potential_destroy(&pot));
  }
  print_message("  %d products; of the bar, force %.3f, site energy %.3f\n", (int)rows, b.force,
                b.site);
}

/* A product that is made of another one and of the same two tensors as that one must come after
   it, whatever the lengths of their rows. */
static void test_chain_in_a_block(void **state)
{
  bar_ratio b = {0};
  table_set t = {0};
  mtp_potential *pot;

  (void)state;
  add_basic(&t, 0, 0, 0, 0);
  add_basic(&t, 0, 1, 0, 0);
  add_basic(&t, 0, 0, 1, 0);
  add_times(&t, 1, 2, 1, 3);
  add_times(&t, 1, 2, 1, 4);
  add_times(&t, 3, 1, 2, 4);
  add_times(&t, 1, 1, 1, 5);
  add_times(&t, 4, 3, 3, 5);
  add_times(&t, 5, 0, 1, 6);
  t.mapping[t.nscalar++] = 6;
  t.mapping[t.nscalar++] = 0;
  pot = potential_of(&t, 5);
  check_potential("chain in a block", pot, PETSC_FALSE, &b);
  expect_ok(mtp_potential_destroy(&pot));
}

/* Scalars that are basic moments with c >= 2, without the others of their rank. */
static void test_scalars_of_basics(void **state)
{
  bar_ratio b = {0};
  table_set t = {0};
  mtp_potential *pot;

  (void)state;
  add_basic(&t, 1, 0, 0, 5);
  add_basic(&t, 0, 1, 0, 2);
  add_basic(&t, 2, 0, 3, 4);
  add_basic(&t, 1, 0, 0, 15);
  add_basic(&t, 2, 7, 8, 0);
  for (PetscInt q = 0; q < t.nbasic; q++) t.mapping[t.nscalar++] = q;
  pot = potential_of(&t, 6);
  check_potential("scalars of basic moments", pot, PETSC_FALSE, &b);
  expect_ok(mtp_potential_destroy(&pot));
}

/* Standard tables with the mu numbered the other way round, so that ranks rise with mu, and with
   the basic moments in another order: the plan is the same, and the level's code is used. */
static void test_other_order(void **state)
{
  bar_ratio b = {0};

  (void)state;
  for (PetscInt level = 8; level <= 16; level += 2) {
    mtp_potential *pot = level_potential(level, 3, 8, min_dist, cutoff, (uint64_t)level);
    const PetscInt n = pot->nbasic;

    for (PetscInt q = 0; q < n; q++) pot->basic[q][0] = pot->radial_funcs - 1 - pot->basic[q][0];
    for (PetscInt q = 0; q < n / 2; q++) {
      PetscInt row[4];

      memcpy(row, pot->basic[q], sizeof(row));
      memcpy(pot->basic[q], pot->basic[n - 1 - q], sizeof(row));
      memcpy(pot->basic[n - 1 - q], row, sizeof(row));
    }
    for (PetscInt k = 0; k < 3 * pot->ntimes; k++) {
      PetscInt *q = &pot->times[k / 3][k % 3 == 2 ? 3 : k % 3];

      if (*q < n) *q = n - 1 - *q;
    }
    for (PetscInt k = 0; k < pot->nscalar; k++) {
      if (pot->mapping[k] < n) pot->mapping[k] = n - 1 - pot->mapping[k];
    }
    pot = through_file(pot);
    check_potential("mu by rising rank", pot, level_has_code(level), &b);
    expect_ok(mtp_potential_destroy(&pot));
  }
}

/* A mu that no moment has: the programs are those of level 8, but not the number of radial
   functions, so the level's code must not be taken. */
static void test_unused_mu(void **state)
{
  mtp_potential *pot = level_potential(8, 2, 8, min_dist, cutoff, 3);
  const PetscInt K = pot->radial_funcs, R = pot->radial_size;
  PetscReal *radial;
  bar_ratio b = {0};

  (void)state;
  expect_ok(PetscMalloc1(4 * (K + 1) * R, &radial));
  for (PetscInt k = 0; k < 4 * (K + 1) * R; k++) {
    const PetscInt pair = k / ((K + 1) * R), mu = k / R % (K + 1);

    radial[k] = mu == 1 ? 0.3 : pot->radial[(pair * K + (mu ? mu - 1 : 0)) * R + k % R];
  }
  expect_ok(PetscFree(pot->radial));
  pot->radial = radial;
  pot->radial_funcs = K + 1;
  for (PetscInt q = 0; q < pot->nbasic; q++) pot->basic[q][0] *= 2;
  pot = through_file(pot);
  check_potential("a mu without moments", pot, PETSC_FALSE, &b);
  expect_ok(mtp_potential_destroy(&pot));
}

/* Coefficients that are zero: products nobody needs are left out, and the level's code with them.
 */
static void test_pruned(void **state)
{
  bar_ratio b = {0};

  (void)state;
  for (PetscInt level = 8; level <= 16; level += 4) {
    for (int keep = 0; keep < 4; keep++) {
      mtp_potential *pot = level_potential(level, 2, 8, min_dist, cutoff, (uint64_t)level);
      mtp_engine *engine, *full;
      PetscBool pays;

      full = engine_for(pot, MTP_KERNEL_PORTABLE, PETSC_TRUE);
      for (PetscInt k = 0; k < pot->nscalar; k++) {
        if (keep < 3 && k % 4 >= keep) pot->moment_coeff[k] = 0.0; /* keep = 0: none is left */
      }
      engine = engine_for(pot, MTP_KERNEL_PORTABLE, PETSC_TRUE);
      /* code of its own is kept unless a fifth of the work can be left out */
      pays = (PetscBool)(mtp_engine_operations(engine, 50.0) <
                         0.8 * mtp_engine_operations(full, 50.0));
      check_potential("zero coefficients", pot, (PetscBool)(!pays && level_has_code(level)), &b);
      if (keep < 2 || level > 8) {
        expect((keep == 3) ==
                   (mtp_engine_operations(engine, 50.0) == mtp_engine_operations(full, 50.0)),
               "fewer operations when coefficients are zero");
      }
      expect_ok(mtp_engine_destroy(&engine));
      expect_ok(mtp_engine_destroy(&full));
      expect_ok(mtp_potential_destroy(&pot));
    }
  }
}

/* Only the reference kernel knows ranks above 15 and more than six radial functions. */
static void test_reference_instead(void **state)
{
  (void)state;
  for (int which = 0; which < 2; which++) {
    table_set t = {0};
    mtp_potential *pot;
    bar_ratio b = {0};
    random_stream dice = {7};
    structure s;
    mtp_neighbors nb = {0};
    reference ref;

    add_basic(&t, 0, 0, 0, 0);
    if (which) add_basic(&t, 6, 1, 0, 0);
    if (!which) add_basic(&t, 0, 3, 4, 9);
    t.mapping[t.nscalar++] = 0;
    t.mapping[t.nscalar++] = 1;
    pot = potential_of(&t, 7);
    some_structure(0, 2, &dice, &s);
    list_structure(&s, cutoff, 0.4, &nb);
    ref = reference_of(pot, &nb);
    FOR_EACH_KERNEL
    {
      mtp_engine *engine = engine_for(pot, kind, (PetscBool)tables);
      mtp_engine_info info;

      mtp_engine_get_info(engine, &info);
      assert_string_equal(info.kernel, "reference");
      check_engine("unknown to the fast kernels", pot, &nb, &ref, engine, &b);
      expect_ok(mtp_engine_destroy(&engine));
    }
    expect(within(&b, 0.0, 0.0), "the reference kernel itself");
    result_free(&ref.r);
    expect_ok(mtp_neighbors_clear(&nb));
    expect_ok(mtp_potential_destroy(&pot));
  }
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random_tables),     cmocka_unit_test(test_chain_in_a_block),
      cmocka_unit_test(test_scalars_of_basics), cmocka_unit_test(test_other_order),
      cmocka_unit_test(test_unused_mu),         cmocka_unit_test(test_pruned),
      cmocka_unit_test(test_reference_instead),
  };

  return expect_main(argc, argv, help, tests);
}
