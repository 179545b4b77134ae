/* mtp/mtp_potential.c - what a potential is; reading, writing, evaluating have their own files */
#include "mtp/mtp_potential_impl.h"

/* Counts in the standard templates: they tell the level, which no file states. */
static const struct {
  PetscInt level, nbasic, ntimes, nmoment, nscalar, radial_funcs;
} levels[] = {
    {2, 1, 0, 1, 1, 1},
    {4, 1, 1, 2, 2, 1},
    {6, 5, 5, 8, 5, 2},
    {8, 11, 14, 18, 9, 2},
    {10, 25, 42, 41, 16, 3},
    {12, 46, 117, 84, 29, 3},
    {14, 81, 348, 174, 52, 4},
    {16, 130, 969, 350, 92, 4},
    {18, 201, 2634, 718, 163, 5},
    {20, 295, 6349, 1352, 288, 5},
    {22, 421, 15431, 2621, 500, 6},
    {24, 581, 36170, 4991, 864, 6},
    {26, 706, 82520, 9396, 1464, 6},
    {28, 866, 180069, 17366, 2445, 6},
};

static PetscInt standard_level(const mtp_potential *p)
{
  for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
    if (p->nbasic == levels[i].nbasic && p->ntimes == levels[i].ntimes &&
        p->nmoment == levels[i].nmoment && p->nscalar == levels[i].nscalar &&
        p->radial_funcs == levels[i].radial_funcs)
      return levels[i].level;
  }
  return 0;
}

PetscBool mtp_potential_trained(const mtp_potential *pot)
{
  return (PetscBool)(pot->radial && pot->species_coeff && pot->moment_coeff);
}

PetscErrorCode mtp_potential_get_info(const mtp_potential *pot, mtp_potential_info *info)
{
  PetscFunctionBegin;
  *info = (mtp_potential_info){
      .name = pot->name,
      .tag = pot->tag,
      .radial_basis_type = pot->repulsive ? "RBChebyshev_repuls" : "RBChebyshev",
      .nspecies = pot->nspecies,
      .species_label = pot->species_label,
      .radial_size = pot->radial_size,
      .radial_funcs = pot->radial_funcs,
      .nmoment = pot->nmoment,
      .nbasic = pot->nbasic,
      .ntimes = pot->ntimes,
      .nscalar = pot->nscalar,
      .ncoeff = pot->nspecies * pot->nspecies * pot->radial_funcs * pot->radial_size +
                pot->nspecies + pot->nscalar,
      .level = standard_level(pot),
      .scaling = pot->scaling,
      .min_dist = pot->min_dist,
      .cutoff = pot->cutoff,
      .trained = mtp_potential_trained(pot),
      .has_selection = (PetscBool)(pot->selection != NULL),
      .format = pot->format,
  };
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_potential_destroy(mtp_potential **pot)
{
  mtp_potential *p = *pot;

  PetscFunctionBegin;
  if (!p) PetscFunctionReturn(0);
  PetscCall(PetscFree(p->name));
  PetscCall(PetscFree(p->tag));
  PetscCall(PetscFree(p->species_label));
  PetscCall(PetscFree(p->radial));
  PetscCall(PetscFree(p->basic));
  PetscCall(PetscFree(p->times));
  PetscCall(PetscFree(p->mapping));
  PetscCall(PetscFree(p->species_coeff));
  PetscCall(PetscFree(p->moment_coeff));
  PetscCall(PetscFree(p->selection));
  PetscCall(PetscFree(*pot));
  PetscFunctionReturn(0);
}
