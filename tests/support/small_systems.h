/* tests/support/small_systems.h - a few atoms each, for derivatives by every coefficient
 *
 * A cell smaller than the cut-off (own images are neighbours), a cluster of three species with an
 * atom that has no neighbours, and RBChebyshev_repuls with a pair below R_min.
 */
#pragma once

#include "mtp/mtp_potential_impl.h"
#include "tests/support/mtp_files.h"

enum { MAX_ATOMS = 5 };

typedef struct {
  const char *name, *potential;
  PetscBool repulsive;
  PetscInt n, nperiodic;
  PetscReal h[3][3], x[3 * MAX_ATOMS];
  PetscInt type[MAX_ATOMS];
} system_case;

static const system_case cases[] = {
    {"triclinic cell smaller than the cut-off",
     "rand_2sp_10.almtp",
     PETSC_FALSE,
     3,
     3,
     {{4.1, 0.2, -0.3}, {1.3, 3.9, 0.4}, {-0.8, 0.5, 4.4}},
     {0.1, 0.2, 0.3, 2.2, 2.1, 0.4, 1.9, 0.2, 2.6},
     {0, 1, 1}},
    {"cluster of three species and a lone atom",
     "rand_3sp_08.almtp",
     PETSC_FALSE,
     5,
     0,
     {{0}},
     {0, 0, 0, 2.1, 0.3, -0.2, -0.4, 2.4, 0.6, 1.7, 1.9, 1.8, 40, 0, 0},
     {2, 0, 1, 1, 2}},
    {"RBChebyshev_repuls below R_min",
     "rand_2sp_08.almtp",
     PETSC_TRUE,
     4,
     0,
     {{0}},
     {0, 0, 0, 1.2, 0.4, -0.2, -0.4, 2.4, 0.6, 1.7, 1.9, 1.8},
     {0, 1, 1, 0}},
};
enum { NCASE = sizeof(cases) / sizeof(cases[0]) };

/* One of tests/data/mtp/random. */
static inline mtp_potential *load_random(const char *name)
{
  char path[512];

  (void)snprintf(path, sizeof(path), "%s/mtp/random/%s", TEST_DATA, name);
  return load(path);
}

static inline void build(const mtp_potential *pot, const system_case *c, mtp_neighbors *nb)
{
  expect_ok(mtp_neighbors_build(c->n, c->x, c->type, c->h, c->nperiodic, pot->cutoff, 0.4, nb));
}

/* The coefficient with this number: the order that the header promises, written out. */
static inline PetscReal *coefficient(mtp_potential *pot, PetscInt index)
{
  const PetscInt nradial = pot->nspecies * pot->nspecies * pot->radial_funcs * pot->radial_size;

  if (index < nradial) return &pot->radial[index];
  if (index < nradial + pot->nspecies) return &pot->species_coeff[index - nradial];
  return &pot->moment_coeff[index - nradial - pot->nspecies];
}
