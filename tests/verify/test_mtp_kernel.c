/* tests/verify/test_mtp_kernel.c - fast kernels agree with the reference kernel to round-off
 *
 * Every kernel that this processor has, through generated code and through tables, levels 2 to 28,
 * one to four species, on structures of every kind: liquids, compressed to 0.7 of the potential's
 * smallest distance, thinner than the cut-off, with more than 200 neighbours, films, wires,
 * clusters, with every number of neighbours from 0 to 19, numbers of atoms that fill no vector.
 * Bars: tests/support/mtp_kernels.h.  test_mtp_kernel_tables.c has tables of other shapes.
 */
#include "mtp/mtp_config.h"
#include "tests/support/mtp_kernels.h"

static const char help[] = "Fast kernels against the reference kernel\n";

enum { R_MIN_PERCENT = 70 };
static const PetscReal min_dist = 1.8, cutoff = 6.0;

/* Whether the build wrote code for a level and a kernel: above these levels tables are faster. */
static PetscBool level_has_code(PetscInt level, mtp_kernel_kind kind)
{
  const PetscInt last = kind == MTP_KERNEL_PORTABLE ? 20 : kind == MTP_KERNEL_AVX2 ? 22 : 24;
  char wanted[16];

  if (level - level % 2 > last) return PETSC_FALSE;
  (void)snprintf(wanted, sizeof(wanted), ",%d,", (int)(level - level % 2));
  return (PetscBool)(strstr("," TEST_LEVELS ",", wanted) != NULL);
}

/* Structures ---------------------------------------------------------------------------------- */

typedef struct {
  const char *name;
  PetscInt n, nperiodic;
  PetscReal near; /* [Å] */
  PetscReal h[3][3];
} box;

static const box boxes[] = {
    {"liquid", 37, 3, 1.8, {{7.6, 0.3, -0.2}, {1.1, 7.4, 0.5}, {-0.9, 0.8, 7.9}}},
    {"compressed", 27, 3, 1.27, {{5.1, 0.2, 0.1}, {0.7, 5.2, -0.3}, {-0.4, 0.6, 5.0}}},
    {"more than 200 neighbours", 20, 3, 1.26, {{4.3, 0.1, 0.2}, {0.5, 4.4, 0.1}, {0.3, -0.2, 4.2}}},
    {"thinner than the cut-off", 3, 3, 1.4, {{2.6, 0.2, 0.1}, {0.9, 2.7, 0.3}, {0.4, 1.1, 3.3}}},
    {"one atom and its images", 1, 3, 1.4, {{2.4, 0.2, 0.1}, {0.8, 2.5, 0.3}, {0.4, 0.9, 2.6}}},
    {"film", 17, 2, 1.5, {{5.3, 0.4, 0.2}, {0.9, 5.6, -0.4}, {0.3, 0.2, 4.0}}},
    {"wire", 9, 1, 1.5, {{4.7, 0.3, 0.2}, {0.0, 3.5, 0.0}, {0.0, 0.0, 3.5}}},
    {"cluster", 25, 0, 1.3, {{5.5, 0.0, 0.0}, {0.0, 5.5, 0.0}, {0.0, 0.0, 5.5}}},
};
enum { NBOX = sizeof(boxes) / sizeof(boxes[0]) };

/* Groups of 1, 2, ... 20 atoms within each other's reach and out of the others' */
static void groups(PetscInt nspecies, random_stream *dice, structure *s)
{
  const PetscReal h[3][3] = {{3.4, 0.0, 0.0}, {0.0, 3.4, 0.0}, {0.0, 0.0, 3.4}};
  structure group;

  *s = (structure){.n = 0};
  for (PetscInt n = 1; n <= 20; n++) {
    fill_structure(n, 0, h, 1.0, nspecies, dice, &group);
    for (PetscInt i = 0; i < n; i++, s->n++) {
      for (int a = 0; a < 3; a++)
        s->x[3 * s->n + a] = group.x[3 * i + a] + (a ? 0.0 : 20.0 * (PetscReal)n);
      s->type[s->n] = group.type[i];
    }
  }
}

/* Pairs along x at the distances where something changes; an atom at the cut-off is none. */
static void special_pairs(PetscInt nspecies, structure *s)
{
  const PetscReal distance[] = {0.7 * min_dist,
                                min_dist * (1.0 - 1e-15),
                                min_dist,
                                min_dist * (1.0 + 1e-15),
                                0.5 * (min_dist + cutoff),
                                cutoff * (1.0 - 1e-9),
                                cutoff * (1.0 - 1e-15),
                                cutoff,
                                cutoff * (1.0 + 1e-15)};

  *s = (structure){.n = 0};
  for (size_t k = 0; k < sizeof(distance) / sizeof(distance[0]); k++) {
    for (int end = 0; end < 2; end++, s->n++) {
      s->x[3 * s->n] = end ? distance[k] : 0.0;
      s->x[3 * s->n + 1] = 20.0 * (PetscReal)k;
      s->type[s->n] = (PetscInt)(k + (size_t)end) % nspecies;
    }
  }
}

enum { GROUPS = NBOX, PAIRS, LONELY, NOBODY, NSTRUCTURE };

static const char *structure_name(int k)
{
  static const char *const others[] = {"0 to 19 neighbours", "pairs", "an atom alone", "no atoms"};

  return k < NBOX ? boxes[k].name : others[k - NBOX];
}

static void make_structure(int k, PetscInt nspecies, random_stream *dice, structure *s)
{
  if (k < NBOX) {
    fill_structure(boxes[k].n, boxes[k].nperiodic, boxes[k].h, boxes[k].near, nspecies, dice, s);
  } else if (k == GROUPS) {
    groups(nspecies, dice, s);
  } else if (k == PAIRS) {
    special_pairs(nspecies, s);
  } else {
    *s = (structure){.n = k == LONELY, .type = {nspecies - 1}};
  }
}

/* Levels -------------------------------------------------------------------------------------- */

typedef struct {
  PetscInt level, nspecies;
  PetscBool repulsive, all; /* all structures, or the first few */
} potential_case;

static const potential_case potentials[] = {
    {2, 1, PETSC_FALSE, PETSC_TRUE},   {4, 2, PETSC_TRUE, PETSC_TRUE},
    {6, 3, PETSC_FALSE, PETSC_TRUE},   {8, 1, PETSC_FALSE, PETSC_TRUE},
    {8, 2, PETSC_TRUE, PETSC_TRUE},    {9, 4, PETSC_FALSE, PETSC_TRUE},
    {10, 3, PETSC_FALSE, PETSC_TRUE},  {12, 2, PETSC_FALSE, PETSC_TRUE},
    {13, 4, PETSC_TRUE, PETSC_TRUE},   {14, 2, PETSC_FALSE, PETSC_TRUE},
    {16, 3, PETSC_FALSE, PETSC_TRUE},  {16, 2, PETSC_TRUE, PETSC_TRUE},
    {18, 2, PETSC_FALSE, PETSC_FALSE}, {20, 4, PETSC_FALSE, PETSC_FALSE},
    {22, 2, PETSC_FALSE, PETSC_FALSE}, {24, 3, PETSC_FALSE, PETSC_FALSE},
    {26, 2, PETSC_TRUE, PETSC_FALSE},  {28, 2, PETSC_FALSE, PETSC_FALSE},
};

typedef struct {
  mtp_neighbors nb;
  reference ref;
} prepared;

static void prepare(const mtp_potential *pot, int k, random_stream *dice, prepared *p)
{
  structure s;

  make_structure(k, pot->nspecies, dice, &s);
  *p = (prepared){.nb = {0}};
  list_structure(&s, cutoff, 0.4, &p->nb);
  p->ref = reference_of(pot, &p->nb);
  if (k < NBOX) expect(p->ref.near >= min_dist * R_MIN_PERCENT / 100, "distances in the range");
  if (k == 1) expect(p->ref.near < 0.75 * min_dist, "a compressed structure");
  if (k == 2) expect(p->ref.few > 200, "more than 200 neighbours");
  if (k == GROUPS) expect(p->ref.few == 0 && p->ref.many == 19, "0 to 19 neighbours");
}

static void check_level(const potential_case *c, uint64_t seed)
{
  const int nstructure = c->all ? NSTRUCTURE : 2;
  random_stream dice = {seed};
  mtp_potential *pot = level_potential(c->level, c->nspecies, 8, min_dist, cutoff, seed + 1);
  prepared p[NSTRUCTURE];
  bar_ratio b = {0};

  pot->repulsive = c->repulsive;
  for (int k = 0; k < nstructure; k++) prepare(pot, k, &dice, &p[k]);
  FOR_EACH_KERNEL
  {
    mtp_engine *engine = engine_for(pot, kind, (PetscBool)tables);
    mtp_engine_info info;

    mtp_engine_get_info(engine, &info);
    assert_string_equal(info.kernel, mtp_kernel_name(kind));
    assert_int_equal(info.generated, !tables && level_has_code(c->level, kind));
    for (int k = 0; k < nstructure; k++) {
      check_engine(structure_name(k), pot, &p[k].nb, &p[k].ref, engine, &b);
    }
    expect_ok(mtp_engine_destroy(&engine));
  }
  print_message("  level %2d, %d species%s: of the bar, force %.3f, site energy %.3f, energy %.3f, "
                "virial %.3f, atoms' %.3f\n",
                (int)c->level, (int)c->nspecies, c->repulsive ? ", repulsive" : "", b.force, b.site,
                b.energy, b.virial, b.atom_virial);
  assert_int_equal(b.excused, 0);
  for (int k = 0; k < nstructure; k++) {
    result_free(&p[k].ref.r);
    expect_ok(mtp_neighbors_clear(&p[k].nb));
  }
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_levels(void **state)
{
  (void)state;
  for (size_t c = 0; c < sizeof(potentials) / sizeof(potentials[0]); c++) {
    check_level(&potentials[c], 1000 * c);
  }
}

/* Radial sizes: Horner's rule up to MTP_PLAN_POWERS, Clenshaw's beyond. */
static void test_radial_sizes(void **state)
{
  (void)state;
  for (PetscInt R = 2; R <= 30; R += R < 17 ? 1 : 13) {
    char name[32];
    random_stream dice = {(uint64_t)R};
    mtp_potential *pot = level_potential(R % 2 ? 8 : 10, 2, R, min_dist, cutoff, (uint64_t)R);
    bar_ratio b = {0};

    pot->repulsive = (PetscBool)(R % 3 == 0);
    (void)snprintf(name, sizeof(name), "%d Chebyshev polynomials", (int)R);
    for (int k = 0; k < 3; k++) {
      prepared p;

      prepare(pot, k == 2 ? PAIRS : k, &dice, &p);
      FOR_EACH_KERNEL
      {
        mtp_engine *engine = engine_for(pot, kind, (PetscBool)tables);

        check_engine(name, pot, &p.nb, &p.ref, engine, &b);
        expect_ok(mtp_engine_destroy(&engine));
      }
      result_free(&p.ref.r);
      expect_ok(mtp_neighbors_clear(&p.nb));
    }
    print_message("  %s: of the bar, force %.3f, site energy %.3f\n", name, b.force, b.site);
    assert_int_equal(b.excused, 0);
    expect_ok(mtp_potential_destroy(&pot));
  }
}

/* A liquid of 864 atoms, 46.5 neighbours, with the potentials of tests/data */
static void check_liquid(const char *name)
{
  char path[512];
  mtp_potential *pot = NULL;
  mtp_config_list list = {0};
  mtp_diag diag = {0};
  mtp_neighbors nb = {0};
  bar_ratio b = {0};
  reference ref;
  const mtp_config *c;

  (void)snprintf(path, sizeof(path), "%s/mtp/random/rand_%s.almtp", TEST_DATA, name);
  expect_ok(mtp_potential_read(path, &pot, &diag));
  (void)snprintf(path, sizeof(path), "%s/mtp/random/liquid%c.cfg", TEST_DATA, name[0]);
  expect_ok(mtp_cfg_read(path, &list, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  c = &list.config[0];
  expect_ok(mtp_neighbors_build(c->n, c->x, c->type, (const PetscReal(*)[3])c->h, c->nlattice,
                                pot->cutoff, 1.0, &nb));
  ref = reference_of(pot, &nb);
  FOR_EACH_KERNEL
  {
    mtp_engine *engine = engine_for(pot, kind, (PetscBool)tables);

    check_engine(name, pot, &nb, &ref, engine, &b);
    expect_ok(mtp_engine_destroy(&engine));
  }
  print_message("  %s: of the bar, force %.3f, site energy %.3f\n", name, b.force, b.site);
  assert_int_equal(b.excused, 0);
  result_free(&ref.r);
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_config_list_clear(&list));
  expect_ok(mtp_potential_destroy(&pot));
}

static void test_random_liquid(void **state)
{
  static const char *const names[] = {"2sp_08", "2sp_10", "2sp_12", "2sp_14", "2sp_16",
                                      "2sp_18", "2sp_20", "3sp_08", "3sp_12"};

  (void)state;
  for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) check_liquid(names[k]);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_levels),
      cmocka_unit_test(test_radial_sizes),
      cmocka_unit_test(test_random_liquid),
  };

  return expect_main(argc, argv, help, tests);
}
