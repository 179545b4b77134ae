/* mtp/mtp_potential.c - what a potential is; reading, writing, evaluating have their own files */
#include "mtp/mtp_basis.h"
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

static size_t count_radial(const mtp_potential *pot)
{
  return (size_t)pot->nspecies * (size_t)pot->nspecies * (size_t)pot->radial_funcs *
         (size_t)pot->radial_size;
}

PetscErrorCode mtp_potential_get_coefficients(const mtp_potential *pot, PetscReal theta[])
{
  const size_t nradial = count_radial(pot);

  PetscFunctionBegin;
  PetscCheck(mtp_potential_trained(pot), PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "Potential %s has no coefficients: it must be trained first", pot->name);
  PetscCall(PetscArraycpy(theta, pot->radial, nradial));
  PetscCall(PetscArraycpy(theta + nradial, pot->species_coeff, pot->nspecies));
  PetscCall(PetscArraycpy(theta + nradial + pot->nspecies, pot->moment_coeff, pot->nscalar));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_potential_set_coefficients(mtp_potential *pot, const PetscReal theta[])
{
  const size_t nradial = count_radial(pot);

  PetscFunctionBegin;
  if (!pot->radial) PetscCall(PetscMalloc1(nradial, &pot->radial));
  if (!pot->species_coeff) PetscCall(PetscMalloc1(pot->nspecies, &pot->species_coeff));
  if (!pot->moment_coeff) PetscCall(PetscMalloc1(pot->nscalar, &pot->moment_coeff));
  PetscCall(PetscArraycpy(pot->radial, theta, nradial));
  PetscCall(PetscArraycpy(pot->species_coeff, theta + nradial, pot->nspecies));
  PetscCall(PetscArraycpy(pot->moment_coeff, theta + nradial + pot->nspecies, pot->nscalar));
  PetscCall(PetscFree(pot->selection));
  pot->selection_size = 0;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_potential_describe(mtp_potential *pot, const char *name, const char *tag)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(pot->name));
  PetscCall(PetscFree(pot->tag));
  PetscCall(PetscStrallocpy(name, &pot->name));
  PetscCall(PetscStrallocpy(tag, &pot->tag));
  pot->has_name = pot->has_tag = PETSC_TRUE;
  PetscFunctionReturn(0);
}

static PetscErrorCode check_shape(PetscInt nspecies, PetscInt radial_size, PetscReal min_dist,
                                  PetscReal cutoff, PetscInt radial_funcs, PetscInt nscalar)
{
  const double S = (double)nspecies;
  const double n = S * S * (double)radial_funcs * (double)radial_size + S + (double)nscalar;

  PetscFunctionBegin;
  PetscCheck(nspecies >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "%" PetscInt_FMT " species, wanted 1 or more", nspecies);
  PetscCheck(radial_size >= 2, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "%" PetscInt_FMT " radial basis functions, wanted 2 or more", radial_size);
  PetscCheck(min_dist >= 0.0 && min_dist < cutoff && !PetscIsInfReal(cutoff), PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "min_dist is %g, cutoff %g, wanted 0 <= min_dist < cutoff",
             (double)min_dist, (double)cutoff);
  PetscCheck(n <= (double)PETSC_MAX_INT, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "The potential would have %.3g coefficients, wanted at most %" PetscInt_FMT, n,
             PETSC_MAX_INT);
  PetscFunctionReturn(0);
}

/* Everything but the tables; `p` is zero. */
static PetscErrorCode set_shape(mtp_potential *p, PetscInt nspecies, PetscInt radial_size,
                                PetscReal min_dist, PetscReal cutoff)
{
  PetscFunctionBegin;
  p->format = MTP_FORMAT_MLIP3;
  p->scaling = 1.0;
  p->radial_size = radial_size;
  p->min_dist = min_dist;
  p->cutoff = cutoff;
  PetscCall(PetscStrallocpy("", &p->name));
  PetscCall(PetscStrallocpy("", &p->tag));
  PetscCall(PetscMalloc1((size_t)nspecies, &p->species_label));
  p->nspecies = nspecies;
  for (PetscInt i = 0; i < nspecies; i++) p->species_label[i] = i;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_potential_create(PetscInt level, PetscInt nspecies, PetscInt radial_size,
                                    PetscReal min_dist, PetscReal cutoff, mtp_potential **pot)
{
  mtp_basis basis;
  mtp_potential *p;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  *pot = NULL;
  PetscCall(mtp_basis_create(level, &basis));
  ierr = check_shape(nspecies, radial_size, min_dist, cutoff, basis.radial_funcs, basis.nscalar);
  if (!ierr) ierr = PetscNew(&p);
  if (ierr) {
    PetscCall(mtp_basis_clear(&basis));
    PetscCall(ierr);
  }
  p->radial_funcs = basis.radial_funcs;
  p->nbasic = basis.nbasic;
  p->ntimes = basis.ntimes;
  p->nmoment = basis.nmoment;
  p->nscalar = basis.nscalar;
  p->basic = basis.basic; /* the potential owns them now */
  p->times = basis.times;
  p->mapping = basis.mapping;
  ierr = set_shape(p, nspecies, radial_size, min_dist, cutoff);
  if (ierr) PetscCall(mtp_potential_destroy(&p));
  PetscCall(ierr);
  *pot = p;
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
