/* tests/verify/test_mtp_kernel_lists.c - fast kernels: what a result depends on, and refusals
 *
 * With one kernel a result depends on positions, cell and types only, to the last bit: not on the
 * skin of the list, on what the list was built for before, on the numbering of ghosts, on what the
 * engine computed before, or on which results are asked for.  A run that prints its energy every
 * 10 steps must be the run that prints it every step.
 */
#include "tests/support/mtp_kernels.h"

static const char help[] = "Fast kernels: lists, options, errors\n";

static const PetscReal min_dist = 1.8, cutoff = 6.0;

typedef struct {
  mtp_potential *pot;
  structure s;
} system_of;

enum { NSYSTEM = 5 };

/* Generated code where the build has it, tables, Clenshaw, a wall, a pruned potential */
static void make_system(int k, system_of *sys)
{
  static const PetscInt level[NSYSTEM] = {8, 16, 8, 10, 12}, R[NSYSTEM] = {8, 8, 14, 8, 8};
  static const PetscReal h[3][3] = {{6.1, 0.2, 0.1}, {0.7, 6.2, -0.3}, {-0.4, 0.6, 6.3}};
  random_stream dice = {(uint64_t)k};

  sys->pot = level_potential(level[k], 3, R[k], min_dist, cutoff, (uint64_t)k);
  sys->pot->repulsive = (PetscBool)(k == 3);
  for (PetscInt q = 0; q < sys->pot->nscalar && k == 4; q += 2) sys->pot->moment_coeff[q] = 0.0;
  fill_structure(29, 3, h, 1.5, 3, &dice, &sys->s);
}

static const char *running = ""; /* kernel, for messages */

static void expect_bits(const char *what, PetscInt n, const PetscReal got[], const PetscReal want[])
{
  for (PetscInt i = 0; i < n; i++) {
    if (memcmp(&got[i], &want[i], sizeof(got[i])) != 0)
      fail_msg("%s, %s, entry %d: got %.17g, want %.17g", running, what, (int)i, got[i], want[i]);
  }
}

/* Everything; forces and virials of ghosts folded where `fold` */
static mtp_result evaluate(mtp_engine *engine, const mtp_neighbors *nb, PetscBool fold)
{
  mtp_result r = result_for(nb);

  expect_ok(mtp_engine_evaluate(engine, nb, &r));
  if (fold) {
    mtp_neighbors_fold(nb, 3, r.force);
    mtp_neighbors_fold(nb, 9, r.atom_virial);
  }
  return r;
}

/* n: atoms whose forces are compared */
static void expect_same(const char *what, PetscInt nlocal, PetscInt n, const mtp_result *got,
                        const mtp_result *want)
{
  expect_bits(what, 1, &got->energy, &want->energy);
  expect_bits(what, 9, got->virial, want->virial);
  expect_bits(what, nlocal, got->site_energy, want->site_energy);
  expect_bits(what, 3 * n, got->force, want->force);
  expect_bits(what, 9 * n, got->atom_virial, want->atom_virial);
}

typedef void check_function(const system_of *sys, mtp_kernel_kind kind, PetscBool tables);

/* Runs for every kernel, system and path. */
static void for_all(check_function *check)
{
  for (int k = 0; k < NSYSTEM; k++) {
    system_of sys;

    make_system(k, &sys);
    FOR_EACH_KERNEL
    {
      running = mtp_kernel_name(kind);
      check(&sys, kind, (PetscBool)tables);
    }
    running = mtp_kernel_name(MTP_KERNEL_REFERENCE);
    check(&sys, MTP_KERNEL_REFERENCE, PETSC_FALSE);
    expect_ok(mtp_potential_destroy(&sys.pot));
  }
}

static void check_skins(const system_of *sys, mtp_kernel_kind kind, PetscBool tables)
{
  static const PetscReal skins[] = {0.0, 0.3, 1.0, 2.5};
  mtp_engine *engine = engine_for(sys->pot, kind, tables);
  mtp_result want = {0};

  for (size_t k = 0; k < sizeof(skins) / sizeof(skins[0]); k++) {
    mtp_neighbors nb = {0};
    mtp_result got;

    list_structure(&sys->s, cutoff, skins[k], &nb);
    got = evaluate(engine, &nb, PETSC_TRUE);
    if (k == 0) {
      want = got;
    } else {
      expect_same("another skin", sys->s.n, sys->s.n, &got, &want);
      result_free(&got);
    }
    expect_ok(mtp_neighbors_clear(&nb));
  }
  result_free(&want);
  expect_ok(mtp_engine_destroy(&engine));
}

static void test_skins(void **state)
{
  (void)state;
  for_all(check_skins);
}

/* A list built for other positions and updated; a list and an engine that were used for a larger
   structure before. */
static void check_history(const system_of *sys, mtp_kernel_kind kind, PetscBool tables)
{
  static const PetscReal h[3][3] = {{6.5, 0.0, 0.0}, {0.0, 6.5, 0.0}, {0.0, 0.0, 6.5}};
  random_stream dice = {17};
  mtp_engine *engine = engine_for(sys->pot, kind, tables), *fresh;
  mtp_neighbors nb = {0}, old = {0};
  structure moved = sys->s, large;
  mtp_result want, got;

  fresh = engine_for(sys->pot, kind, tables);
  list_structure(&sys->s, cutoff, 1.0, &nb);
  want = evaluate(fresh, &nb, PETSC_TRUE);

  fill_structure(60, 3, h, 1.3, 3, &dice, &large);
  list_structure(&large, cutoff, 1.5, &old);
  got = evaluate(engine, &old, PETSC_TRUE);
  result_free(&got);
  for (PetscInt a = 0; a < 3 * moved.n; a++) moved.x[a] += 0.1 * random_sign(&dice);
  list_structure(&moved, cutoff, 1.0, &old);
  expect(!mtp_neighbors_stale(sys->s.x, (const PetscReal(*)[3])sys->s.h, &old), "a valid list");
  expect_ok(mtp_neighbors_update(sys->s.x, (const PetscReal(*)[3])sys->s.h, &old));
  expect(!memcmp(old.wrap, nb.wrap, (size_t)nb.nlocal * sizeof(*nb.wrap)), "the same wraps");
  got = evaluate(engine, &old, PETSC_TRUE);
  expect_same("a list from before", sys->s.n, sys->s.n, &got, &want);
  result_free(&got);
  result_free(&want);
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_neighbors_clear(&old));
  expect_ok(mtp_engine_destroy(&engine));
  expect_ok(mtp_engine_destroy(&fresh));
}

static void test_history(void **state)
{
  (void)state;
  for_all(check_history);
}

/* Ghost g of `nb` becomes ghost to[g]; rows keep their order. */
static void renumber_ghosts(const PetscInt to[], mtp_neighbors *nb)
{
  mtp_neighbors old = *nb;
  const size_t all = (size_t)nb->nall;

  expect_ok(PetscMalloc1(3 * all + 1, &nb->x));
  expect_ok(PetscMalloc1(all, &nb->type));
  memcpy(nb->x, old.x, 3 * all * sizeof(*old.x));
  memcpy(nb->type, old.type, all * sizeof(*old.type));
  for (PetscInt g = 0; g < nb->nghost; g++) {
    const PetscInt from = nb->nlocal + g, place = nb->nlocal + to[g];

    memcpy(nb->x + 3 * place, old.x + 3 * from, 3 * sizeof(*old.x));
    nb->type[place] = old.type[from];
  }
  for (PetscInt k = 0; k < nb->first[nb->nlocal]; k++) {
    if (nb->index[k] >= nb->nlocal) nb->index[k] = nb->nlocal + to[nb->index[k] - nb->nlocal];
  }
  expect_ok(PetscFree(old.x));
  expect_ok(PetscFree(old.type));
}

static void check_ghosts(const system_of *sys, mtp_kernel_kind kind, PetscBool tables)
{
  mtp_engine *engine = engine_for(sys->pot, kind, tables);
  mtp_neighbors nb = {0};
  random_stream dice = {23};
  mtp_result want, got;
  PetscInt *to;

  list_structure(&sys->s, cutoff, 0.5, &nb);
  want = evaluate(engine, &nb, PETSC_FALSE);
  expect_ok(PetscMalloc1(nb.nghost, &to));
  for (PetscInt g = 0; g < nb.nghost; g++) {
    const PetscInt other = (PetscInt)(random_bits(&dice) >> 33) % (g + 1);

    to[g] = to[other];
    to[other] = g;
  }
  renumber_ghosts(to, &nb);
  got = evaluate(engine, &nb, PETSC_FALSE);
  expect_same("other numbers of ghosts", nb.nlocal, nb.nlocal, &got, &want);
  for (PetscInt g = 0; g < nb.nghost; g++) {
    const PetscInt from = nb.nlocal + g, place = nb.nlocal + to[g];

    expect_bits("force on a ghost", 3, got.force + 3 * place, want.force + 3 * from);
    expect_bits("its virial", 9, got.atom_virial + 9 * place, want.atom_virial + 9 * from);
  }
  result_free(&got);
  result_free(&want);
  expect_ok(PetscFree(to));
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_engine_destroy(&engine));
}

static void test_ghosts(void **state)
{
  (void)state;
  for_all(check_ghosts);
}

/* Every combination of what is asked for; what is left out is NaN or not there. */
static void check_asked(const system_of *sys, mtp_kernel_kind kind, PetscBool tables)
{
  mtp_engine *engine = engine_for(sys->pot, kind, tables);
  mtp_neighbors nb = {0};
  mtp_result want, full, r;

  list_structure(&sys->s, cutoff, 0.5, &nb);
  want = evaluate(engine, &nb, PETSC_FALSE);
  for (unsigned ask = 0; ask < 32; ask++) {
    full = result_for(&nb);
    r = full;
    r.skip = ask & 3u;
    if (ask & 4u) r.force = NULL;
    if (ask & 8u) r.atom_virial = NULL;
    if (ask & 16u) r.site_energy = NULL;
    expect_ok(mtp_engine_evaluate(engine, &nb, &r));
    if (r.skip & MTP_SKIP_ENERGY) {
      expect(isnan(r.energy), "an energy that was not asked for is NaN");
      for (PetscInt i = 0; r.site_energy && i < nb.nlocal; i++) {
        expect(isnan(r.site_energy[i]), "so are those of the atoms");
      }
    } else {
      expect_bits("energy", 1, &r.energy, &want.energy);
      if (r.site_energy) expect_bits("site energy", nb.nlocal, r.site_energy, want.site_energy);
    }
    for (int k = 0; k < 9; k++) {
      if (r.skip & MTP_SKIP_VIRIAL) expect(isnan(r.virial[k]), "a virial not asked for is NaN");
    }
    if (!(r.skip & MTP_SKIP_VIRIAL)) expect_bits("virial", 9, r.virial, want.virial);
    if (r.force) expect_bits("force", 3 * nb.nall, r.force, want.force);
    if (r.atom_virial) {
      expect_bits("virial of an atom", 9 * nb.nall, r.atom_virial, want.atom_virial);
    }
    result_free(&full);
  }
  result_free(&want);
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_engine_destroy(&engine));
}

static void test_asked(void **state)
{
  (void)state;
  for_all(check_asked);
}

static void check_errors(const system_of *sys, mtp_kernel_kind kind, PetscBool tables)
{
  mtp_engine *engine = engine_for(sys->pot, kind, tables);
  structure s = sys->s;
  mtp_neighbors nb = {0};
  mtp_result r;

  list_structure(&s, cutoff, 0.5, &nb);
  r = result_for(&nb);
  s.type[7] = 3;
  list_structure(&s, cutoff, 0.5, &nb);
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_engine_evaluate(engine, &nb, &r));
  s.type[7] = -1;
  list_structure(&s, cutoff, 0.5, &nb);
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_engine_evaluate(engine, &nb, &r));
  s.type[7] = 2;
  list_structure(&s, cutoff - 0.1, 0.6, &nb); /* the skin does not count */
  expect_error(PETSC_ERR_ARG_OUTOFRANGE, mtp_engine_evaluate(engine, &nb, &r));
  list_structure(&s, cutoff, 0.5, &nb);
  expect_ok(mtp_engine_evaluate(engine, &nb, &r));
  result_free(&r);
  expect_ok(mtp_neighbors_clear(&nb));
  expect_ok(mtp_engine_destroy(&engine));
}

static void test_errors(void **state)
{
  mtp_potential *untrained = NULL;
  mtp_engine *engine = NULL;

  (void)state;
  for_all(check_errors);
  expect_ok(mtp_potential_create(8, 2, 8, min_dist, cutoff, &untrained));
  FOR_EACH_KERNEL
  {
    const mtp_engine_options options = {.kernel = kind, .tables = (PetscBool)tables};

    expect_error(PETSC_ERR_ARG_WRONGSTATE, mtp_engine_create(untrained, &options, &engine));
    expect(!engine, "no engine of an untrained potential");
  }
  expect_error(PETSC_ERR_ARG_WRONGSTATE, mtp_engine_create(untrained, NULL, &engine));
  expect_ok(mtp_potential_destroy(&untrained));
}

/* Names, and the choice that `auto` makes: the last kernel of the list that there is. */
static void test_choice(void **state)
{
  mtp_potential *pot = level_potential(8, 1, 8, min_dist, cutoff, 1);
  mtp_engine *engine = NULL;
  mtp_engine_info info;
  mtp_kernel_kind best = MTP_KERNEL_AUTO, kind;

  (void)state;
  for (kind = MTP_KERNEL_AUTO; kind < MTP_KERNEL_COUNT; kind++) {
    const mtp_engine_options options = {.kernel = kind};
    mtp_kernel_kind found;

    expect(mtp_kernel_find(mtp_kernel_name(kind), &found) && found == kind, "a kernel by name");
    if (mtp_kernel_available(kind)) {
      best = kind;
    } else {
      expect_error(PETSC_ERR_SUP, mtp_engine_create(pot, &options, &engine));
    }
  }
  expect(!mtp_kernel_find("avx", &kind), "no kernel of that name");
  expect(mtp_kernel_available(MTP_KERNEL_REFERENCE), "the reference kernel is always there");
  expect(best >= MTP_KERNEL_PORTABLE, "so is the portable one");
  expect_ok(mtp_engine_create(pot, NULL, &engine));
  mtp_engine_get_info(engine, &info);
  assert_string_equal(info.kernel, mtp_kernel_name(best));
  expect_ok(mtp_engine_destroy(&engine));
  expect_error(PETSC_ERR_SUP,
               mtp_engine_create(pot, &(mtp_engine_options){.kernel = MTP_KERNEL_COUNT}, &engine));
  expect_ok(mtp_potential_destroy(&pot));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_skins), cmocka_unit_test(test_history), cmocka_unit_test(test_ghosts),
      cmocka_unit_test(test_asked), cmocka_unit_test(test_errors),  cmocka_unit_test(test_choice),
  };

  return expect_main(argc, argv, help, tests);
}
