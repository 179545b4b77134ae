/* screening/screen_start.c - where a replica begins; the rules stand in the header
 *
 * Why charges matter here: a random mixture of ions has cations beside cations, hundreds of kJ/mol
 * above the liquid, in surroundings that no potential was trained on.  Keeping equal charges
 * further apart than opposite ones is enough for the first shells to come out with the right sign,
 * and the equilibration starts from something like a melt.
 */
#include "screening/screen_start.h"

#include <string.h>

#define OPPOSITE 1.1 /* x shortest distance of the potential */
#define SPREAD   0.9 /* x (V/n)^(1/3) of the n atoms of one sign */
#define SHRINK   0.93
enum { TRIES = 12 }; /* 0.93^12 = 0.42 */

/* [Å^3] of the cell. */
static PetscErrorCode guess_volume(const screen_campaign *campaign, const screen_point *point,
                                   PetscReal *volume)
{
  PetscReal mass = 0.0, one;

  PetscFunctionBegin;
  *volume = 0.0;
  for (PetscInt s = 0; s < campaign->nspecies; s++) {
    mass += (PetscReal)point->count[s] * campaign->mass[s];
    PetscCheck(md_element_lookup(campaign->species[s], NULL, &one), PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE, "Species %s is not a known element", campaign->species[s]);
    *volume += (PetscReal)point->count[s] * one;
  }
  if (campaign->density_guess > 0.0) *volume = mass / campaign->density_guess;
  PetscFunctionReturn(0);
}

/* Sign of a species' charge; 0 for all when the campaign gives none. */
static int sign_of(const screen_campaign *campaign, PetscInt s)
{
  if (!campaign->has_charges || campaign->charge[s] == 0.0) return 0;
  return campaign->charge[s] > 0.0 ? 1 : -1;
}

/* Shortest distances wanted of all pairs, [nspecies, nspecies, Å]. */
static void wanted_distances(const screen_campaign *campaign, const screen_point *point,
                             PetscReal shortest, PetscReal volume, PetscReal distance[])
{
  const PetscInt n = campaign->nspecies;

  for (PetscInt a = 0; a < n; a++) {
    for (PetscInt b = 0; b < n; b++) {
      const int sign = sign_of(campaign, a);
      const PetscBool opposite = (PetscBool)(sign * sign_of(campaign, b) < 0);
      PetscInt alike = 0;

      for (PetscInt s = 0; s < n; s++) alike += sign_of(campaign, s) == sign ? point->count[s] : 0;
      distance[a * n + b] = OPPOSITE * shortest;
      if (!opposite && alike > 0)
        distance[a * n + b] = PetscMax(OPPOSITE * shortest,
                                       SPREAD * PetscPowReal(volume / (PetscReal)alike, 1.0 / 3.0));
    }
  }
  for (PetscInt a = 0; a < n; a++) { /* a charged and a neutral species: the smaller of both */
    for (PetscInt b = 0; b < a; b++) {
      const PetscReal d = PetscMin(distance[a * n + b], distance[b * n + a]);

      distance[a * n + b] = distance[b * n + a] = d;
    }
  }
}

/* Packs with shrinking distances, none below the potential's own. */
static PetscErrorCode pack(md_pack_spec *spec, PetscReal shortest, PetscReal distance[],
                           md_atoms *atoms)
{
  const PetscInt n = spec->nspecies;
  PetscReal worst = 0.0;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < TRIES; k++) {
    PetscCall(md_atoms_clear(atoms));
    PetscCall(md_pack_random(spec, atoms, &worst));
    if (worst >= 1.0) PetscFunctionReturn(0);
    for (PetscInt i = 0; i < n * n; i++) distance[i] = PetscMax(SHRINK * distance[i], shortest);
  }
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
          "Atoms do not fit into a cube of %.2f Å: a pair is at %.2f of the shortest distance",
          (double)PetscPowReal(spec->volume, 1.0 / 3.0), (double)worst);
}

static PetscErrorCode create_packed(const screen_campaign *campaign, const screen_point *point,
                                    const md_potential *pot, md_rng rng, md_atoms *atoms)
{
  const PetscInt n = campaign->nspecies;
  md_pack_spec spec = {.nspecies = n, .count = point->count, .mass = campaign->mass, .rng = rng};
  PetscReal *distance;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(guess_volume(campaign, point, &spec.volume));
  PetscCall(PetscMalloc1(n * n, &distance));
  wanted_distances(campaign, point, pot->min_dist, spec.volume, distance);
  spec.min_dist = distance;
  ierr = pack(&spec, pot->min_dist, distance, atoms);
  PetscCall(PetscFree(distance));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* The file's atoms must be those of the point. */
static PetscErrorCode check_counts(const screen_campaign *campaign, const screen_point *point,
                                   const md_atoms *atoms)
{
  PetscFunctionBegin;
  for (PetscInt s = 0; s < campaign->nspecies; s++) {
    PetscInt count = 0;

    for (PetscInt i = 0; i < atoms->n; i++) count += atoms->type[i] == s;
    PetscCheck(count == point->count[s], PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
               "%s: got %" PetscInt_FMT " atoms of %s, wanted %" PetscInt_FMT, campaign->initial,
               count, campaign->species[s], point->count[s]);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode create_read(const screen_campaign *campaign, const screen_point *point,
                                  md_atoms *atoms)
{
  const PetscInt n = campaign->nspecies;
  const char **species;
  char first[512] = "";
  mtp_diag diag = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(n, &species));
  for (PetscInt s = 0; s < n; s++) species[s] = campaign->species[s];
  ierr = md_atoms_read(campaign->initial, n, species, campaign->mass, atoms, &diag);
  if (!ierr && diag.n > 0) snprintf(first, sizeof(first), "%s", diag.text[0]);
  PetscCall(PetscFree(species));
  PetscCall(mtp_diag_clear(&diag));
  PetscCall(ierr);
  PetscCheck(!first[0], PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED, "%s", first);
  PetscCall(check_counts(campaign, point, atoms));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_start_create(const screen_campaign *campaign, const screen_point *point,
                                   const md_potential *pot, md_rng rng, md_atoms *atoms)
{
  PetscFunctionBegin;
  *atoms = (md_atoms){0};
  if (campaign->initial)
    PetscCall(create_read(campaign, point, atoms));
  else
    PetscCall(create_packed(campaign, point, pot, rng, atoms));
  PetscFunctionReturn(0);
}
