/* tests/support/mtp_kernels.h - structures, potentials and bars for comparing kernels
 *
 * Bars, of the reference kernel's own numbers on the same list:
 *   forces          1e-12 of G = the largest |dV_i/dr_ij|
 *   site energies   1e-12 of B = max_i sum_k |xi_k B_k| (and the wall of RBChebyshev_repuls)
 *   energy          1e-12 of the sum over atoms of what B is the largest of
 *   virial          1e-12 of sum_ij |r_ij| |dV_i/dr_ij|
 *   atoms' virials  1e-12 of R_c G
 * They say nothing about how well a result is defined: where terms cancel, no order of summation
 * is better than another.  The condition number says it: the same quantity computed from the
 * absolute values of all terms, over G or B.  Beyond a bar it is printed, and a difference within
 * 64 units in the last place of the absolute terms counts as `excused`; tests on structures of
 * their own expect none.
 */
#pragma once

#include "mtp/mtp_eval_ref_impl.h"
#include "mtp/mtp_kernel.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

/* Potentials ---------------------------------------------------------------------------------- */

static inline PetscReal random_sign(random_stream *dice)
{
  return 2.0 * random_uniform(dice) - 1.0;
}

/* Random coefficients; with the scaling of 0.005 moments of a liquid are about 1. */
static inline void train(mtp_potential *pot, random_stream *dice)
{
  const PetscInt n = pot->nspecies * pot->nspecies * pot->radial_funcs * pot->radial_size;

  pot->scaling = 0.005;
  expect_ok(PetscMalloc1(n, &pot->radial));
  expect_ok(PetscMalloc1(pot->nspecies, &pot->species_coeff));
  expect_ok(PetscMalloc1(pot->nscalar, &pot->moment_coeff));
  for (PetscInt k = 0; k < n; k++) pot->radial[k] = random_sign(dice);
  for (PetscInt k = 0; k < pot->nspecies; k++) pot->species_coeff[k] = random_sign(dice);
  for (PetscInt k = 0; k < pot->nscalar; k++) pot->moment_coeff[k] = random_sign(dice);
}

static inline mtp_potential *level_potential(PetscInt level, PetscInt nspecies, PetscInt R,
                                             PetscReal min_dist, PetscReal cutoff, uint64_t seed)
{
  mtp_potential *pot = NULL;
  random_stream dice = {seed};

  expect_ok(mtp_potential_create(level, nspecies, R, min_dist, cutoff, &pot));
  train(pot, &dice);
  return pot;
}

/* Structures ---------------------------------------------------------------------------------- */

enum { STRUCTURE_ATOMS = 256 };

typedef struct {
  PetscInt n, nperiodic;
  PetscReal h[3][3], x[3 * STRUCTURE_ATOMS];
  PetscInt type[STRUCTURE_ATOMS];
} structure;

/* Whether atom i keeps its distance from those before it and from images next door. */
static inline int keeps_distance(const structure *s, PetscInt i, PetscReal near)
{
  int to[3];

  for (int k = 0; k < 3; k++) to[k] = k < s->nperiodic ? 1 : 0;
  for (PetscInt j = 0; j <= i; j++) {
    for (int a = -to[0]; a <= to[0]; a++) {
      for (int b = -to[1]; b <= to[1]; b++) {
        for (int c = -to[2]; c <= to[2]; c++) {
          PetscReal r2 = 0.0;

          if (j == i && a == 0 && b == 0 && c == 0) continue;
          for (int k = 0; k < 3; k++) {
            const PetscReal d = s->x[3 * j + k] - s->x[3 * i + k] + a * s->h[0][k] +
                                b * s->h[1][k] + c * s->h[2][k];

            r2 += d * d;
          }
          if (r2 < near * near) return 0;
        }
      }
    }
  }
  return 1;
}

/* n atoms with random places and types; rows of `box` are lattice vectors, the first nperiodic are
   periodic.  Atoms stay a little inside the cell, so that none changes sides when it moves. */
static inline void fill_structure(PetscInt n, PetscInt nperiodic, const PetscReal box[3][3],
                                  PetscReal near, PetscInt nspecies, random_stream *dice,
                                  structure *s)
{
  PetscInt tries = 0;

  *s = (structure){.n = n, .nperiodic = nperiodic};
  for (int k = 0; k < 9; k++) s->h[k / 3][k % 3] = box[k / 3][k % 3];
  for (PetscInt i = 0; i < n;) {
    PetscReal u[3];

    for (int k = 0; k < 3; k++) u[k] = 0.02 + 0.96 * random_uniform(dice);
    for (int a = 0; a < 3; a++) {
      s->x[3 * i + a] = u[0] * box[0][a] + u[1] * box[1][a] + u[2] * box[2][a];
    }
    s->type[i] = (PetscInt)(random_bits(dice) >> 33) % nspecies;
    i += keeps_distance(s, i, near);
    if (++tries > 200000) fail_msg("no place for %d atoms", (int)n);
  }
}

static inline void list_structure(const structure *s, PetscReal cutoff, PetscReal skin,
                                  mtp_neighbors *nb)
{
  expect_ok(mtp_neighbors_build(s->n, s->x, s->type, (const PetscReal(*)[3])s->h, s->nperiodic,
                                cutoff, skin, nb));
}

/* Results ------------------------------------------------------------------------------------- */

static inline PetscReal *nans(size_t n)
{
  PetscReal *a = malloc((n + 1) * sizeof(*a));

  for (size_t k = 0; k <= n; k++) a[k] = (PetscReal)NAN;
  return a;
}

/* Everything asked for; NaN, because a kernel sets and does not add. */
static inline mtp_result result_for(const mtp_neighbors *nb)
{
  const size_t all = (size_t)nb->nall;
  mtp_result r = {.energy = (PetscReal)NAN,
                  .force = nans(3 * all),
                  .site_energy = nans((size_t)nb->nlocal),
                  .atom_virial = nans(9 * all)};

  for (int k = 0; k < 9; k++) r.virial[k] = (PetscReal)NAN;
  return r;
}

static inline void result_free(mtp_result *r)
{
  free(r->force);
  free(r->site_energy);
  free(r->atom_virial);
}

/* What the reference kernel says, and the scales of the bars. */
typedef struct {
  mtp_result r;           /* ghosts folded */
  PetscInt few, many;     /* smallest and largest number of neighbours */
  PetscReal near;         /* [Å] smallest distance; PETSC_MAX_REAL: no pair */
  PetscReal gradient;     /* G */
  PetscReal terms, total; /* B, and the sum over atoms */
  PetscReal virial;       /* sum |r| |g| */
} reference;

static inline PetscReal norm3(const PetscReal a[], PetscInt stride)
{
  return sqrt(a[0] * a[0] + a[stride] * a[stride] + a[2 * stride] * a[2 * stride]);
}

/* g_ij of all neighbours of the atom in `w`, from its adjoints: grad sum_q G_q f u_x^a u_y^b u_z^c.
   `absolute`: of the absolute values of all terms. */
static inline void pair_terms(const mtp_potential *pot, PetscBool absolute, mtp_ref_work *w)
{
  for (PetscInt k = 0; k < 3 * w->stride; k++) w->gradient[k] = 0.0;
  for (PetscInt q = 0; q < pot->nbasic; q++) {
    const PetscInt *basic = pot->basic[q];
    const PetscReal nu = (PetscReal)(basic[1] + basic[2] + basic[3]), G = w->adjoint[q];

    for (PetscInt n = 0; n < w->n; n++) {
      const PetscReal f = w->f[basic[0] * w->stride + n] * w->inverse_r[n];
      const PetscReal df = w->df[basic[0] * w->stride + n];
      PetscReal p[3], dp[3];

      for (PetscInt a = 0; a < 3; a++) {
        p[a] = mtp__ref_row(w, w->power, a, basic[a + 1])[n];
        dp[a] = mtp__ref_row(w, w->slope, a, basic[a + 1])[n];
      }
      for (PetscInt a = 0; a < 3; a++) {
        const PetscReal u = w->vector[a * w->stride + n] * w->inverse_r[n];
        const PetscReal P = p[0] * p[1] * p[2] * u;
        const PetscReal Q = dp[a] * p[(a + 1) % 3] * p[(a + 2) % 3];

        w->gradient[a * w->stride + n] +=
            absolute ? fabs(G) * (fabs(df * P) + nu * fabs(f * P) + fabs(f * Q))
                     : G * ((df - nu * f) * P + f * Q);
      }
    }
  }
}

/* The wall: A (exp(-b (r - 1)) - exp(-b (R_min - 1))) and its slope */
static inline PetscReal wall_terms(const mtp_potential *pot, mtp_ref_work *w)
{
  PetscReal energy = 0.0;

  for (PetscInt n = 0; n < w->n && pot->repulsive; n++) {
    const PetscReal e = 1e4 * exp(-10.0 * (w->r[n] - 1.0));

    if (w->r[n] >= pot->min_dist) continue;
    energy += e - 1e4 * exp(-10.0 * (pot->min_dist - 1.0));
    for (PetscInt a = 0; a < 3; a++) {
      w->gradient[a * w->stride + n] -= 10.0 * e * w->inverse_r[n] * w->vector[a * w->stride + n];
    }
  }
  return energy;
}

static inline void scales_of_atom(const mtp_potential *pot, const mtp_neighbors *nb, PetscInt i,
                                  mtp_ref_work *w, reference *ref)
{
  PetscReal terms = 0.0;

  mtp__ref_moments(pot, nb, i, w);
  mtp__ref_adjoints(pot, w);
  pair_terms(pot, PETSC_FALSE, w);
  terms = wall_terms(pot, w);
  for (PetscInt k = 0; k < pot->nscalar; k++) {
    terms += fabs(pot->moment_coeff[k] * w->moment[pot->mapping[k]]);
  }
  ref->terms = PetscMax(ref->terms, terms);
  ref->total += terms + fabs(pot->species_coeff[nb->type[i]]);
  ref->few = PetscMin(ref->few, w->n);
  ref->many = PetscMax(ref->many, w->n);
  for (PetscInt n = 0; n < w->n; n++) {
    const PetscReal g = norm3(w->gradient + n, w->stride);

    ref->near = PetscMin(ref->near, w->r[n]);
    ref->gradient = PetscMax(ref->gradient, g);
    ref->virial += w->r[n] * g;
  }
}

static inline reference reference_of(const mtp_potential *pot, const mtp_neighbors *nb)
{
  reference ref = {.r = result_for(nb), .few = PETSC_MAX_INT, .near = PETSC_MAX_REAL};
  mtp_ref_work w;

  expect_ok(mtp_potential_evaluate(pot, nb, &ref.r));
  mtp_neighbors_fold(nb, 3, ref.r.force);
  mtp_neighbors_fold(nb, 9, ref.r.atom_virial);
  expect_ok(mtp__ref_create(pot, nb, &w));
  for (PetscInt i = 0; i < nb->nlocal; i++) scales_of_atom(pot, nb, i, &w, &ref);
  expect_ok(mtp__ref_destroy(&w));
  return ref;
}

/* Condition numbers --------------------------------------------------------------------------- */

/* Radial functions of the absolute values |c_k Q_k|, |c_k Q'_k| in place of f and f' */
static inline void absolute_radial(const mtp_potential *pot, const mtp_neighbors *nb, PetscInt i,
                                   mtp_ref_work *w)
{
  const PetscInt K = pot->radial_funcs, R = pot->radial_size;

  for (PetscInt n = 0; n < w->n; n++) {
    const PetscInt pair = nb->type[i] * pot->nspecies + nb->type[w->neighbour[n]];
    const PetscReal *c = pot->radial + (size_t)pair * (size_t)(K * R);

    mtp__ref_radial_basis(pot, w->r[n], w->basis, w->dbasis);
    for (PetscInt mu = 0; mu < K; mu++, c += R) {
      PetscReal f = 0.0, df = 0.0;

      for (PetscInt k = 0; k < R; k++) {
        f += fabs(c[k] * w->basis[k]);
        df += fabs(c[k] * w->dbasis[k]);
      }
      w->f[mu * w->stride + n] = f;
      w->df[mu * w->stride + n] = df;
    }
  }
}

/* Moments and adjoints of absolute values */
static inline void absolute_graph(const mtp_potential *pot, mtp_ref_work *w)
{
  PetscReal *M = w->moment, *G = w->adjoint;

  for (PetscInt q = 0; q < pot->nmoment; q++) M[q] = G[q] = 0.0;
  for (PetscInt q = 0; q < pot->nbasic; q++) {
    for (PetscInt n = 0; n < w->n; n++) {
      PetscReal p = w->f[pot->basic[q][0] * w->stride + n];

      for (PetscInt a = 0; a < 3; a++) p *= mtp__ref_row(w, w->power, a, pot->basic[q][a + 1])[n];
      M[q] += fabs(p);
    }
  }
  for (PetscInt t = 0; t < pot->ntimes; t++) {
    const PetscInt *times = pot->times[t];

    M[times[3]] += fabs((PetscReal)times[2]) * M[times[0]] * M[times[1]];
  }
  for (PetscInt k = 0; k < pot->nscalar; k++) G[pot->mapping[k]] += fabs(pot->moment_coeff[k]);
  for (PetscInt t = pot->ntimes - 1; t >= 0; t--) {
    const PetscInt *times = pot->times[t];
    const PetscReal g = fabs((PetscReal)times[2]) * G[times[3]];

    G[times[1]] += g * M[times[0]];
    G[times[0]] += g * M[times[1]];
  }
}

typedef struct {
  PetscReal gradient, terms; /* how much larger the absolute terms are than G and B */
} condition;

static inline condition condition_of(const mtp_potential *pot, const mtp_neighbors *nb,
                                     const reference *ref)
{
  mtp_ref_work w;
  condition c = {0.0, 0.0};

  expect_ok(mtp__ref_create(pot, nb, &w));
  for (PetscInt i = 0; i < nb->nlocal; i++) {
    PetscReal energy = 0.0;

    mtp__ref_moments(pot, nb, i, &w);
    absolute_radial(pot, nb, i, &w);
    absolute_graph(pot, &w);
    pair_terms(pot, PETSC_TRUE, &w);
    for (PetscInt k = 0; k < pot->nscalar; k++) {
      energy += fabs(pot->moment_coeff[k]) * w.moment[pot->mapping[k]];
    }
    c.terms = PetscMax(c.terms, energy / ref->terms);
    for (PetscInt n = 0; n < w.n; n++) {
      c.gradient = PetscMax(c.gradient, norm3(w.gradient + n, w.stride) / ref->gradient);
    }
  }
  expect_ok(mtp__ref_destroy(&w));
  return c;
}

/* Comparison ---------------------------------------------------------------------------------- */

/* Errors over bars; 1 is what is allowed. */
typedef struct {
  PetscReal force, site, energy, virial, atom_virial;
  PetscInt excused; /* comparisons beyond a bar that the condition number explains */
} bar_ratio;

static inline PetscReal ratio_of(PetscInt n, const PetscReal got[], const PetscReal want[],
                                 PetscReal scale)
{
  PetscReal most = 0.0;

  for (PetscInt i = 0; i < n; i++) {
    const PetscReal e = got[i] == want[i] ? 0.0 : fabs(got[i] - want[i]) / (1e-12 * scale);

    if (!(e <= most)) most = e; /* NaN stays */
  }
  return most;
}

/* Whether all ratios are at most these; a NaN is not. */
static inline PetscBool within(const bar_ratio *b, PetscReal gradient, PetscReal terms)
{
  return (PetscBool)(b->force <= gradient && b->virial <= gradient && b->atom_virial <= gradient &&
                     b->site <= terms && b->energy <= terms);
}

/* 64 units in the last place, in bars: Horner's rule adds powers of xi, which for 8 polynomials are
   up to (1 + sqrt 2)^7 / 2 = 239 times the Chebyshev terms; seen are 10. */
#define EXCUSE (64 * 0x1p-52 / 1e-12)

/* Fails beyond what round-off explains; prints what is beyond a bar, the worst of the structures
   that `more` has seen. */
static inline void judge(const char *name, const mtp_potential *pot, const mtp_neighbors *nb,
                         const reference *ref, const mtp_engine_info *info, bar_ratio *b,
                         const bar_ratio *more)
{
  condition c;

  if (within(b, 1.0, 1.0)) return;
  c = condition_of(pot, nb, ref);
  b->excused = within(b, PetscMax(1.0, EXCUSE * c.gradient), PetscMax(1.0, EXCUSE * c.terms));
  if (!b->excused || b->force > more->force || b->site > more->site) {
    print_message("  %s: kernel %s, %s: beyond a bar: force %.3g, site energy %.3g, energy %.3g, "
                  "virial %.3g, atoms' virials %.3g; condition number of dV/dr %.3g (largest %.3g "
                  "eV/Å), of the energy %.3g\n",
                  name, info->kernel, info->generated ? "generated" : "tables", b->force, b->site,
                  b->energy, b->virial, b->atom_virial, c.gradient, ref->gradient, c.terms);
  }
  if (!b->excused) {
    fail_msg("%s, kernel %s: differences that round-off does not explain", name, info->kernel);
  }
}

/* Evaluates and judges; `more` receives the larger ratio of each kind. */
static inline void check_engine(const char *name, const mtp_potential *pot, const mtp_neighbors *nb,
                                const reference *ref, mtp_engine *engine, bar_ratio *more)
{
  mtp_result got = result_for(nb);
  mtp_engine_info info;
  bar_ratio b = {.excused = 0};

  mtp_engine_get_info(engine, &info);
  expect_ok(mtp_engine_evaluate(engine, nb, &got));
  mtp_neighbors_fold(nb, 3, got.force);
  mtp_neighbors_fold(nb, 9, got.atom_virial);
  b.force = ratio_of(3 * nb->nlocal, got.force, ref->r.force, ref->gradient);
  b.site = ratio_of(nb->nlocal, got.site_energy, ref->r.site_energy, ref->terms);
  b.energy = ratio_of(1, &got.energy, &ref->r.energy, ref->total);
  b.virial = ratio_of(9, got.virial, ref->r.virial, ref->virial);
  b.atom_virial =
      ratio_of(9 * nb->nlocal, got.atom_virial, ref->r.atom_virial, pot->cutoff * ref->gradient);
  result_free(&got);
  judge(name, pot, nb, ref, &info, &b, more);
  more->excused += b.excused;
  more->force = PetscMax(more->force, b.force);
  more->site = PetscMax(more->site, b.site);
  more->energy = PetscMax(more->energy, b.energy);
  more->virial = PetscMax(more->virial, b.virial);
  more->atom_virial = PetscMax(more->atom_virial, b.atom_virial);
}

static inline mtp_engine *engine_for(const mtp_potential *pot, mtp_kernel_kind kind,
                                     PetscBool tables)
{
  const mtp_engine_options options = {.kernel = kind, .tables = tables};
  mtp_engine *engine = NULL;

  expect_ok(mtp_engine_create(pot, &options, &engine));
  return engine;
}

/* The body runs for every fast kernel of this processor (kind), with and without generated code
   (tables). */
#define FOR_EACH_KERNEL                                                                            \
  for (mtp_kernel_kind kind = MTP_KERNEL_PORTABLE; kind < MTP_KERNEL_COUNT; kind++)                \
    for (int tables = 0; tables < 2 && mtp_kernel_available(kind); tables++)
