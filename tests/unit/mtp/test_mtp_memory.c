/* tests/unit/mtp/test_mtp_memory.c - what an evaluation keeps in memory
 *
 * Scratch of an engine depends on the potential and on the longest row of a list, not on the number
 * of atoms; a neighbour list takes at most 0.6 kB an atom at 46.5 neighbours within 5 Å and a skin
 * of 1 Å, by the capacities of its arrays, and where the C library tells what is in use, with what
 * is kept for the next build.
 */
#include "mtp/mtp_config.h"
#include "tests/support/mtp_kernels.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

static const char help[] = "Memory of engines and neighbour lists\n";

/* The liquid of 864 atoms, 46.5 neighbours within 5 Å, m times in each direction */
typedef struct {
  PetscInt n;
  PetscReal h[3][3], *x;
  PetscInt *type;
} liquid;

static void make_liquid(PetscInt m, liquid *s)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  const mtp_config *c;

  expect_ok(mtp_cfg_read(TEST_DATA "/mtp/random/liquid2.cfg", &list, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  c = &list.config[0];
  s->n = m * m * m * c->n;
  s->x = malloc(3 * (size_t)s->n * sizeof(PetscReal));
  s->type = malloc((size_t)s->n * sizeof(PetscInt));
  for (PetscInt i = 0; i < s->n; i++) {
    const PetscInt copy = i / c->n, cell[3] = {copy % m, copy / m % m, copy / m / m};

    s->type[i] = c->type[i % c->n];
    for (int a = 0; a < 3; a++) {
      s->x[3 * i + a] = c->x[3 * (i % c->n) + a];
      for (int k = 0; k < 3; k++) s->x[3 * i + a] += (PetscReal)cell[k] * c->h[k][a];
    }
  }
  for (int k = 0; k < 9; k++) s->h[k / 3][k % 3] = (PetscReal)m * c->h[k / 3][k % 3];
  expect_ok(mtp_config_list_clear(&list));
}

static void free_liquid(liquid *s)
{
  free(s->x);
  free(s->type);
}

static void build(const liquid *s, mtp_neighbors *nb)
{
  expect_ok(mtp_neighbors_build(s->n, s->x, s->type, (const PetscReal(*)[3])s->h, 3, 5.0, 1.0, nb));
}

static size_t scratch_of(const mtp_engine *engine)
{
  mtp_engine_info info;

  mtp_engine_get_info(engine, &info);
  return info.scratch;
}

/* Of 864 atoms, and of 8 times as many with the same rows */
static void check_scratch(PetscInt level, mtp_kernel_kind kind, PetscBool tables, size_t most,
                          const liquid s[2])
{
  mtp_potential *pot = level_potential(level, 2, 8, 1.8, 5.0, 1);
  mtp_engine *engine = engine_for(pot, kind, tables);
  size_t scratch[2];

  assert_int_equal(scratch_of(engine), 0);
  for (int k = 0; k < 2; k++) {
    mtp_neighbors nb = {0};
    mtp_result r = {0};

    build(&s[k], &nb);
    expect_ok(mtp_engine_evaluate(engine, &nb, &r));
    scratch[k] = scratch_of(engine);
    expect_ok(mtp_neighbors_clear(&nb));
  }
  expect(scratch[0] > 0, "scratch is used");
  expect(scratch[0] < most, "scratch that fits into the second cache");
  assert_int_equal(scratch[0], scratch[1]);
  if (!tables)
    print_message("  level %d, %s: %zu bytes\n", (int)level, mtp_kernel_name(kind), scratch[0]);
  expect_ok(mtp_engine_destroy(&engine));
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_scratch(void **state)
{
  static const struct {
    PetscInt level;
    size_t most;
  } cases[] = {{8, 100000}, {16, 250000}, {20, 400000}};
  liquid s[2];

  (void)state;
  for (int k = 0; k < 2; k++) make_liquid(k + 1, &s[k]);
  for (int c = 0; c < 3; c++) {
    FOR_EACH_KERNEL
    check_scratch(cases[c].level, kind, (PetscBool)tables, cases[c].most, s);
  }
  for (int k = 0; k < 2; k++) free_liquid(&s[k]);
}

/* Allocated bytes of the list's arrays (mtp_neigh.h says what is as long as which capacity) */
static size_t list_bytes(const mtp_neighbors *nb)
{
  return nb->capacity_local * (sizeof(*nb->wrap) + sizeof(*nb->first) + 3 * sizeof(*nb->x_build)) +
         nb->capacity_all *
             (3 * sizeof(*nb->x) + sizeof(*nb->type) + sizeof(*nb->parent) + sizeof(*nb->shift)) +
         nb->capacity_index * sizeof(*nb->index);
}

/* Bytes in use, 0 where the C library does not tell (a sanitizer's) */
static size_t in_use(void)
{
#ifdef __GLIBC__
  const struct mallinfo2 info = mallinfo2();

  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

/* 23328 atoms */
static void test_list(void **state)
{
  liquid s;
  mtp_neighbors nb = {0};
  PetscReal n, own, all;
  PetscInt within = 0;
  size_t before;

  (void)state;
  make_liquid(3, &s);
  n = (PetscReal)s.n;
  before = in_use();
  build(&s, &nb);
  all = (PetscReal)(in_use() - before) / n;
  own = (PetscReal)list_bytes(&nb) / n;
  for (PetscInt i = 0; i < s.n; i++) {
    for (PetscInt k = nb.first[i]; k < nb.first[i + 1]; k++) {
      PetscReal d[3];

      for (int a = 0; a < 3; a++) d[a] = nb.x[3 * nb.index[k] + a] - nb.x[3 * i + a];
      within += norm3(d, 1) < 5.0;
    }
  }
  print_message(
      "  %d atoms, %.1f neighbours, %.1f entries, %.2f ghosts an atom: list %.0f bytes an "
      "atom, with what is kept for the next build %.0f\n",
      (int)s.n, (PetscReal)within / n, (PetscReal)nb.first[s.n] / n, (PetscReal)nb.nghost / n, own,
      all);
  expect_abs((PetscReal)within / n, 46.5, 0.5, "neighbours within 5 Å");
  expect(own > 4.0 * (PetscReal)nb.first[s.n] / n, "a list holds its entries");
  expect(own <= 600.0, "at most 0.6 kB an atom");
  expect(all <= 600.0, "at most 0.6 kB an atom with what is kept");
  expect_ok(mtp_neighbors_clear(&nb));
  free_liquid(&s);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_scratch), cmocka_unit_test(test_list)};

  return expect_main(argc, argv, help, tests);
}
