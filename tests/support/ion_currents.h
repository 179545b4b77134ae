/* tests/support/ion_currents.h - currents of an electrolyte with a known Onsager matrix
 *
 * Independent Ornstein-Uhlenbeck processes Y_k (ou_series.h), mixed: C_s = sum_k B_sk Y_k, where
 * the columns of B have no momentum, sum_s m_s B_sk = 0. Then L_st = sum_k B_sk B_tk (variance
 * tau)_k/(V k_B T), the same integral that MD would have.  Include after tests/support/expect.h.
 */
#pragma once

/* Blocks of a sequence */
#ifndef ION_BLOCKS
#define ION_BLOCKS 4096
#endif

#include "tests/support/random.h"

#include "tests/support/ou_series.h"

#include "md/md_units.h"
#include "properties/prop_conductivity.h"
#include "properties/prop_stat.h"

enum {
  ION_SPECIES = 3,
  ION_REPLICAS = 4,

  ION_STEP = 10,
  ION_VALUES = 11,
  ION_TESTED = 9
};

/* Cations, anions (site of the charge), solvent */
static const PetscReal ion_charge[] = {1.0, -1.0, 0.0}, ion_mass[] = {7.0, 31.0, 16.0};
static const PetscReal ion_number[] = {50.0, 50.0, 400.0};
static const PetscReal ion_volume = 2e4, ion_tau[] = {250.0, 120.0}, ion_variance[] = {1.0, 3.0};

static inline prop_ions ion_melt(void)
{
  return (prop_ions){.nspecies = ION_SPECIES,
                     .charge = ion_charge,
                     .mass = ion_mass,
                     .number = ion_number,
                     .kind = PROP_IONIC_INSULATOR};
}

/* Amplitudes of species s in process k, seen from the centre of mass */
static inline PetscReal ion_mixing(int s, int k)
{
  static const PetscReal raw[ION_SPECIES][2] = {{0.9, 0.3}, {0.2, -0.5}, {0.1, 0.4}};
  PetscReal momentum = 0.0, mass = 0.0;

  for (int i = 0; i < ION_SPECIES; i++) momentum += ion_mass[i] * raw[i][k];
  for (int i = 0; i < ION_SPECIES; i++) mass += ion_mass[i] * ion_number[i];
  return raw[s][k] - ion_number[s] * momentum / mass;
}

static inline PetscReal ion_truth(int s, int t)
{
  PetscReal sum = 0.0;

  for (int k = 0; k < 2; k++) {
    sum += ion_mixing(s, k) * ion_mixing(t, k) * ion_variance[k] * ion_tau[k];
  }
  return sum;
}

static inline PetscReal ion_sigma(void)
{
  return ion_truth(0, 0) + ion_truth(1, 1) - 2.0 * ion_truth(0, 1);
}

/* t of cation (0) or anion (1), barycentric */
static inline PetscReal ion_transference(int s)
{
  return (ion_truth(s, s) - ion_truth(0, 1)) / ion_sigma();
}

/* All replicas; V k_B T of each is its own, and the currents go with it, so that L is the same. */
typedef struct {
  PetscReal x[ION_REPLICAS][3 * ION_SPECIES][ION_BLOCKS];
  const PetscReal *pointer[ION_REPLICAS][3 * ION_SPECIES];
  prop_ion_run run[ION_REPLICAS];
} ion_data;

static inline void ion_fill(random_stream *stream, ion_data *d)
{
  static PetscReal y[2][ION_BLOCKS];

  for (int r = 0; r < ION_REPLICAS; r++) {
    const PetscReal t = 300.0 + 10.0 * r, scale = sqrt(ion_volume * MD_BOLTZMANN * t);

    for (int a = 0; a < 3; a++) {
      memset(y, 0, sizeof(y));
      for (int k = 0; k < 2; k++) {
        ou_add(stream, ion_tau[k], ion_variance[k], ION_STEP, ION_BLOCKS, y[k]);
      }
      for (int s = 0; s < ION_SPECIES; s++) {
        for (int i = 0; i < ION_BLOCKS; i++) {
          d->x[r][3 * s + a][i] = scale * (ion_mixing(s, 0) * y[0][i] + ion_mixing(s, 1) * y[1][i]);
        }
        d->pointer[r][3 * s + a] = d->x[r][3 * s + a];
      }
    }
    d->run[r] = (prop_ion_run){ION_BLOCKS, d->pointer[r], ion_volume, t};
  }
}

/* What is counted over repetitions: three conductivities, sigma of the matrix, three elements of
   it, two transference numbers; last, and only printed, two other limits. */
typedef struct {
  const char *what;
  PetscReal truth, mean, scatter, error, one, two;
} ion_statistics;

/* neff: what the error bar rests on, for Student's factors */
static inline void ion_tally(ion_statistics *s, PetscReal value, PetscReal error, PetscReal neff,
                             PetscReal share)
{
  const PetscReal z = fabs(value - s->truth) / error;

  expect(error > 0.0 && isfinite(value), s->what);
  s->mean += share * value;
  s->scatter += share * PetscSqr(value - s->truth);
  s->error += share * error * error;
  s->one += z < 1.0 + 0.5 / neff ? share : 0.0;
  s->two += z < prop_student95((PetscInt)neff - 1) ? share : 0.0;
}

static inline void ion_repeat(const ion_data *d, PetscReal share, ion_statistics s[ION_VALUES])
{
  const prop_ions ions = ion_melt();
  prop_conductivity c;
  prop_onsager o;

  expect_ok(prop_conductivity_estimate(&ions, ION_REPLICAS, d->run, ION_STEP, 3000.0, &c));
  expect_ok(
      prop_onsager_create(&ions, ION_REPLICAS, d->run, ION_STEP, PROP_FRAME_BARYCENTRIC, NULL, &o));
  ion_tally(&s[0], c.primary.mean, c.primary.error, c.primary.neff, share);
  ion_tally(&s[1], c.einstein.estimate.mean, c.einstein.estimate.error, c.einstein.estimate.neff,
            share);
  ion_tally(&s[2], c.truncated.estimate.mean, c.truncated.estimate.error, c.truncated.estimate.neff,
            share);
  ion_tally(&s[3], o.sigma, o.sigma_error, o.neff, share);
  ion_tally(&s[4], o.l[0], o.error[0], o.neff, share);
  ion_tally(&s[5], o.l[1], o.error[1], o.neff, share);
  ion_tally(&s[6], o.l[8], o.error[8], o.neff, share);
  ion_tally(&s[7], o.transference[0], o.transference_error[0], o.neff, share);
  ion_tally(&s[8], o.transference[1], o.transference_error[1], o.neff, share);
  ion_tally(&s[9], c.polynomial.value, c.polynomial.error, c.polynomial.neff, share);
  ion_tally(&s[10], c.pade.value, c.pade.error, c.pade.neff, share);
  expect_ok(prop_onsager_clear(&o));
}

static inline void ion_collect(uint64_t seed, int repetitions, ion_statistics s[ION_VALUES])
{
  const PetscReal sigma = ion_sigma();
  const char *what[ION_VALUES] = {
      "conductivity",           "Einstein",     "truncated",       "from the matrix",
      "cation cation",          "cation anion", "solvent solvent", "transference of cations",
      "transference of anions", "polynomial",   "Pade form"};
  const PetscReal truth[ION_VALUES] = {sigma,
                                       sigma,
                                       sigma,
                                       sigma,
                                       ion_truth(0, 0),
                                       ion_truth(0, 1),
                                       ion_truth(2, 2),
                                       ion_transference(0),
                                       ion_transference(1),
                                       sigma,
                                       sigma};
  ion_data *d = malloc(sizeof(*d));
  random_stream stream = {seed};

  for (int i = 0; i < ION_VALUES; i++) {
    s[i] = (ion_statistics){.what = what[i], .truth = truth[i]};
  }
  for (int k = 0; k < repetitions; k++) {
    ion_fill(&stream, d);
    ion_repeat(d, 1.0 / repetitions, s);
  }
  free(d);
  for (int i = 0; i < ION_VALUES; i++) {
    s[i].scatter = sqrt(s[i].scatter);
    s[i].error = sqrt(s[i].error);
    print_message("%-24s %9.4f of %9.4f, scatter %.4f, error %.4f, covered %.3f %.3f\n", s[i].what,
                  s[i].mean, s[i].truth, s[i].scatter, s[i].error, s[i].one, s[i].two);
  }
}
