/* tests/verify/test_mtp_committee.c - potentials evaluated together are what they are alone
 *
 * Members differ in all their coefficients.  Kernels take members in pairs, or with code of their
 * own for the level in lanes, with one, two or four lanes for each; then an atom's neighbours go in
 * columns of as many, and as many atoms go together.  Sizes leave members over and lanes idle,
 * clusters have every small number of neighbours and atoms.  Each member's
 * result must be that of its own engine: the operations are the same but for where monomials are
 * kept and in which order is summed, so to round-off; skipped results of one member do not touch
 * the others.  Mean and disagreement of forces against their definition.
 */
#include "mtp/mtp_config.h"
#include "mtp/mtp_kernel.h"
#include "mtp/mtp_potential_impl.h"
#include "tests/support/expect.h"

static const char help[] = "Committees: each member as alone, mean and disagreement of forces\n";

enum { MEMBERS = 11 }; /* with AVX-512 eight in lanes, a pair and one */

typedef struct {
  mtp_potential *pot[MEMBERS];
  mtp_config_list list;
  mtp_neighbors nb;
} committee;

/* Member m has every coefficient times 1 + m/10 sin(its number). */
static mtp_potential *member(const char *name, int m)
{
  char path[512];
  mtp_potential *pot = NULL;
  mtp_diag diag = {0};
  PetscInt n;

  (void)snprintf(path, sizeof(path), "%s/mtp/random/rand_%s.almtp", TEST_DATA, name);
  expect_ok(mtp_potential_read(path, &pot, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  n = pot->nspecies * pot->nspecies * pot->radial_funcs * pot->radial_size;
  for (PetscInt k = 0; k < n; k++) pot->radial[k] *= 1.0 + 0.1 * m * sin((double)k);
  for (PetscInt k = 0; k < pot->nscalar; k++) {
    pot->moment_coeff[k] *= 1.0 + 0.1 * m * cos((double)k);
  }
  for (PetscInt k = 0; k < pot->nspecies; k++) pot->species_coeff[k] += 0.1 * m;
  return pot;
}

static void set_up(const char *name, committee *c)
{
  char path[512];
  mtp_diag diag = {0};
  const mtp_config *config;

  *c = (committee){0};
  for (int m = 0; m < MEMBERS; m++) c->pot[m] = member(name, m);
  /* others need what this one does not */
  c->pot[1]->moment_coeff[c->pot[1]->nscalar - 1] = 0.0;
  (void)snprintf(path, sizeof(path), "%s/mtp/random/liquid%c.cfg", TEST_DATA, name[0]);
  expect_ok(mtp_cfg_read(path, &c->list, &diag));
  if (diag.n) fail_msg("%s", diag.text[0]);
  config = &c->list.config[0];
  expect_ok(mtp_neighbors_build(config->n, config->x, config->type,
                                (const PetscReal(*)[3])config->h, config->nlattice,
                                c->pot[0]->cutoff, 0.5, &c->nb));
}

static void tear_down(committee *c)
{
  for (int m = 0; m < MEMBERS; m++) expect_ok(mtp_potential_destroy(&c->pot[m]));
  expect_ok(mtp_config_list_clear(&c->list));
  expect_ok(mtp_neighbors_clear(&c->nb));
}

static void allocate(const mtp_neighbors *nb, mtp_result *r)
{
  *r = (mtp_result){.force = calloc(3 * (size_t)nb->nall, sizeof(PetscReal)),
                    .site_energy = calloc((size_t)nb->nlocal, sizeof(PetscReal)),
                    .atom_virial = calloc(9 * (size_t)nb->nall, sizeof(PetscReal))};
}

static void release(mtp_result *r)
{
  free(r->force);
  free(r->site_energy);
  free(r->atom_virial);
}

static void compare(PetscInt n, const PetscReal got[], const PetscReal want[], const char *what)
{
  PetscReal scale = 1.0;

  for (PetscInt i = 0; i < n; i++) scale = PetscMax(scale, PetscAbsReal(want[i]));
  for (PetscInt i = 0; i < n; i++) expect_abs(got[i], want[i], 1e-13 * scale, what);
}

static void check_member(const committee *c, int m, mtp_engine_options options,
                         const mtp_result *got)
{
  mtp_engine *alone = NULL;
  mtp_result want;

  allocate(&c->nb, &want);
  expect_ok(mtp_engine_create(c->pot[m], &options, &alone));
  expect_ok(mtp_engine_evaluate(alone, &c->nb, &want));
  if (got->force) compare(3 * c->nb.nall, got->force, want.force, "force of a member");
  compare(9 * c->nb.nall, got->atom_virial, want.atom_virial, "virial of an atom of a member");
  if (m != 1) {
    compare(c->nb.nlocal, got->site_energy, want.site_energy, "site energy of a member");
    compare(9, got->virial, want.virial, "virial of a member");
    expect_near(got->energy, want.energy, 1e-13, "energy of a member");
  } else {
    expect(isnan(got->energy) && isnan(got->virial[0]), "what a member skips is NaN");
  }
  expect_ok(mtp_engine_destroy(&alone));
  release(&want);
}

static void check_forces(const committee *c, mtp_result out[MEMBERS])
{
  const PetscInt n = c->nb.nlocal;
  PetscReal *mean = calloc(3 * (size_t)n, sizeof(*mean)), *deviation = calloc((size_t)n, 8);

  for (int m = 0; m < MEMBERS; m++) mtp_neighbors_fold(&c->nb, 3, out[m].force);
  mtp_committee_forces(MEMBERS, n, out, mean, deviation);
  for (PetscInt i = 0; i < n; i++) {
    PetscReal square = 0.0, mean_square = 0.0;

    for (int a = 0; a < 3; a++) {
      for (int m = 0; m < MEMBERS; m++) {
        square += out[m].force[3 * i + a] * out[m].force[3 * i + a] / MEMBERS;
      }
      mean_square += mean[3 * i + a] * mean[3 * i + a];
    }
    expect_abs(deviation[i] * deviation[i], square - mean_square, 1e-11 * square, "variance");
    expect(deviation[i] > 0.0, "members disagree");
  }
  free(mean);
  free(deviation);
}

/* The last of three and of eight has no forces. */
static void check_kernel(const committee *c, int members, mtp_engine_options options)
{
  mtp_engine *engine = NULL;
  mtp_result out[MEMBERS];

  for (int m = 0; m < members; m++) allocate(&c->nb, &out[m]);
  out[1].skip = MTP_SKIP_ENERGY | MTP_SKIP_VIRIAL;
  if (members == 3 || members == 8) {
    free(out[members - 1].force);
    out[members - 1].force = NULL;
  }
  expect_ok(mtp_engine_create_committee(members, (const mtp_potential *const *)c->pot, &options,
                                        &engine));
  expect_ok(mtp_engine_evaluate(engine, &c->nb, out));
  for (int m = 0; m < members; m++) check_member(c, m, options, &out[m]);
  if (members == MEMBERS) check_forces(c, out);
  for (int m = 0; m < members; m++) release(&out[m]);
  expect_ok(mtp_engine_destroy(&engine));
}

/* Tables know pairs only, the reference kernel no more than one. */
static void check_sizes(const committee *c, mtp_kernel_kind kind)
{
  const int sizes[] = {2, 3, 4, 5, 6, 7, 8, MEMBERS};

  for (int k = 0; k < 8; k++) {
    if (sizes[k] > 3 && kind == MTP_KERNEL_REFERENCE) break;
    check_kernel(c, sizes[k], (mtp_engine_options){kind, PETSC_FALSE, NULL});
    if (sizes[k] > 4) continue;
    check_kernel(c, sizes[k], (mtp_engine_options){kind, PETSC_TRUE, NULL});
  }
}

static void test_members(void **state)
{
  const char *const names[] = {"2sp_08", "2sp_10", "2sp_12", "2sp_16", "3sp_12"};

  (void)state;
  for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
    committee c;

    set_up(names[k], &c);
    for (int kind = MTP_KERNEL_REFERENCE; kind < MTP_KERNEL_COUNT; kind++) {
      if (mtp_kernel_available((mtp_kernel_kind)kind)) check_sizes(&c, (mtp_kernel_kind)kind);
    }
    tear_down(&c);
  }
}

/* A finite cluster of n atoms around the first, all within its cut-off, types in turn */
static void set_up_cluster(const char *name, int n, committee *c)
{
  const PetscReal h[3][3] = {{0}};
  PetscReal x[3 * 20] = {0};
  PetscInt type[20] = {0};

  *c = (committee){0};
  for (int m = 0; m < MEMBERS; m++) c->pot[m] = member(name, m);
  for (int i = 1; i < n; i++) { /* a spiral on spheres of 2.0 to 4.9 Å */
    const PetscReal r = 2.0 + 2.9 * (i * 7 % 19) / 18.0, z = -1.0 + 2.0 * (i - 0.5) / 19.0;

    x[3 * i] = r * sqrt(1.0 - z * z) * cos(2.4 * i);
    x[3 * i + 1] = r * sqrt(1.0 - z * z) * sin(2.4 * i);
    x[3 * i + 2] = r * z;
    type[i] = i % 3 == 1;
  }
  expect_ok(mtp_neighbors_build(n, x, type, h, 0, c->pot[0]->cutoff, 0.5, &c->nb));
}

/* From a lone atom to one with 19 neighbours; sizes 1 to 8. */
static void test_clusters(void **state)
{
  (void)state;
  for (int n = 1; n <= 20; n++) {
    committee c;

    set_up_cluster(n % 2 ? "2sp_08" : "2sp_12", n, &c);
    for (int kind = MTP_KERNEL_PORTABLE; kind < MTP_KERNEL_COUNT; kind++) {
      if (!mtp_kernel_available((mtp_kernel_kind)kind)) continue;
      for (int members = 1; members <= 8; members++)
        check_kernel(&c, members, (mtp_engine_options){(mtp_kernel_kind)kind, PETSC_FALSE, NULL});
    }
    tear_down(&c);
  }
}

static void refused(committee *c)
{
  mtp_engine *engine = NULL;

  expect_error(
      PETSC_ERR_ARG_INCOMP,
      mtp_engine_create_committee(MEMBERS, (const mtp_potential *const *)c->pot, NULL, &engine));
  expect(engine == NULL, "no engine after an error");
}

static void test_refusals(void **state)
{
  committee c;
  mtp_potential *other;
  mtp_engine *engine = NULL;

  (void)state;
  set_up("2sp_08", &c);
  c.pot[2]->cutoff += 0.1;
  refused(&c);
  c.pot[2]->cutoff = c.pot[0]->cutoff;
  c.pot[3]->times[0][2] = 2;
  refused(&c);
  c.pot[3]->times[0][2] = c.pot[0]->times[0][2];
  other = c.pot[3];
  c.pot[3] = member("2sp_10", 0);
  refused(&c);
  expect_ok(mtp_potential_destroy(&c.pot[3]));
  c.pot[3] = other;
  expect_error(PETSC_ERR_ARG_OUTOFRANGE,
               mtp_engine_create_committee(0, (const mtp_potential *const *)c.pot, NULL, &engine));
  tear_down(&c);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_members),
                                     cmocka_unit_test(test_clusters),
                                     cmocka_unit_test(test_refusals)};

  return expect_main(argc, argv, help, tests);
}
