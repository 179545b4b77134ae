/* mtp/mtp_eval_config.c - from a configuration of a file to a neighbour list, the kernel and back
   */
#include "mtp/mtp_eval_config.h"

PetscInt mtp_eval_species(const mtp_potential_info *info, PetscInt type)
{
  if (info->format == MTP_FORMAT_MLIP2) return type >= 0 && type < info->nspecies ? type : -1;
  for (PetscInt s = 0; s < info->nspecies; s++) {
    if (info->species_label[s] == type) return s;
  }
  return -1;
}

/* "0, 1, 2": the type numbers that a file may use */
static void list_types(const mtp_potential_info *info, size_t size, char text[])
{
  size_t used = 0;

  text[0] = 0;
  for (PetscInt s = 0; s < info->nspecies && used + 16 < size; s++) {
    const PetscInt type = info->format == MTP_FORMAT_MLIP2 ? s : info->species_label[s];

    used += (size_t)snprintf(text + used, size - used, "%s%" PetscInt_FMT, s ? ", " : "", type);
  }
}

/* Types as the kernel wants them; atoms that cannot be evaluated go to `diag` and into *bad. */
static PetscErrorCode check_atoms(const mtp_potential_info *info, const char *where,
                                  const mtp_config *config, PetscInt species[], PetscInt *bad,
                                  mtp_diag *diag)
{
  char types[160];

  PetscFunctionBegin;
  list_types(info, sizeof(types), types);
  for (PetscInt i = 0; i < config->n; i++) {
    const PetscReal *x = config->x + 3 * i;
    const PetscInt before = *bad;

    species[i] = mtp_eval_species(info, config->type[i]);
    if (species[i] < 0) {
      PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                             "%s: atom %" PetscInt_FMT ": got type %" PetscInt_FMT
                             ", the potential has %s",
                             where, i + 1, config->type[i], types));
      (*bad)++;
    }
    for (int a = 0; a < 3 && *bad == before; a++) *bad += PetscIsInfOrNanReal(x[a]) ? 1 : 0;
    if (species[i] >= 0 && *bad > before) {
      PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                             "%s: atom %" PetscInt_FMT ": got a position that is not finite", where,
                             i + 1));
    }
    if (config->ghost && config->ghost[i]) {
      PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                             "%s: atom %" PetscInt_FMT
                             ": got a ghost atom, wanted real atoms (images are made here)",
                             where, i + 1));
      (*bad)++;
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode store(const mtp_result *result, PetscInt n, mtp_config *config)
{
  const PetscInt row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};

  PetscFunctionBegin;
  if (!config->force) PetscCall(PetscMalloc1(3 * n, &config->force));
  if (!config->site_energy) PetscCall(PetscMalloc1(n, &config->site_energy));
  PetscCall(PetscArraycpy(config->force, result->force, 3 * n));
  PetscCall(PetscArraycpy(config->site_energy, result->site_energy, n));
  config->has_energy = config->has_stress = PETSC_TRUE;
  config->energy = result->energy;
  for (int v = 0; v < 6; v++) {
    config->stress[v] =
        0.5 * (result->virial[3 * row[v] + column[v]] + result->virial[3 * column[v] + row[v]]);
  }
  PetscFunctionReturn(0);
}

/* The neighbour builder's refusals become messages. */
static PetscErrorCode build_list(PetscReal cutoff, const char *where, const mtp_config *config,
                                 const PetscInt species[], mtp_neighbors *nb, PetscInt *bad,
                                 mtp_diag *diag)
{
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  ierr = mtp_neighbors_build(config->n, config->x, species, (const PetscReal(*)[3])config->h,
                             config->nlattice, cutoff, 0.0, nb);
  PetscCall(PetscPopErrorHandler());
  *bad += ierr ? 1 : 0;
  if (ierr == PETSC_ERR_ARG_OUTOFRANGE) {
    PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                           "%s: got lattice vectors that span no volume or an atom too far from "
                           "the cell",
                           where));
  } else if (ierr == PETSC_ERR_MEM) {
    PetscCall(mtp_diag_add(diag, NULL, 0, 0,
                           "%s: got a cell too thin or atoms too dense for the cut-off %g Å", where,
                           (double)cutoff));
  } else {
    PetscCall(ierr);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_eval_neighbors(const mtp_potential *pot, const char *where,
                                  const mtp_config *config, mtp_neighbors *nb, PetscBool *good,
                                  mtp_diag *diag)
{
  mtp_potential_info info;
  PetscInt *species, bad = 0;

  PetscFunctionBegin;
  *good = PETSC_FALSE;
  PetscCall(mtp_potential_get_info(pot, &info));
  if (!info.trained) {
    PetscCall(
        mtp_diag_add(diag, NULL, 0, 0, "%s: the potential has no coefficients (untrained)", where));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscMalloc1(config->n, &species));
  PetscCall(check_atoms(&info, where, config, species, &bad, diag));
  if (!bad) PetscCall(build_list(info.cutoff, where, config, species, nb, &bad, diag));
  PetscCall(PetscFree(species));
  *good = (PetscBool)(bad == 0);
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_eval_finite(const char *where, const char *what, size_t n, const PetscReal a[],
                               PetscBool *good, mtp_diag *diag)
{
  PetscFunctionBegin;
  for (size_t k = 0; k < n && *good; k++) {
    if (!PetscIsInfOrNanReal(a[k])) continue;
    *good = PETSC_FALSE;
    PetscCall(mtp_diag_add(diag, NULL, 0, 0, "%s: got %s not finite, are two atoms in one place?",
                           where, what));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_result(const char *where, PetscInt n, const mtp_result *result,
                                   PetscBool *good, mtp_diag *diag)
{
  static const char what[] = "energies, forces or stresses that are";

  PetscFunctionBegin;
  PetscCall(mtp_eval_finite(where, what, 1, &result->energy, good, diag));
  PetscCall(mtp_eval_finite(where, what, (size_t)n, result->site_energy, good, diag));
  PetscCall(mtp_eval_finite(where, what, 3 * (size_t)n, result->force, good, diag));
  PetscCall(mtp_eval_finite(where, what, 9, result->virial, good, diag));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_eval_config(const mtp_potential *pot, const char *where, mtp_neighbors *nb,
                               mtp_config *config, mtp_diag *diag)
{
  mtp_result result = {0};
  PetscBool good;

  PetscFunctionBegin;
  PetscCall(mtp_eval_neighbors(pot, where, config, nb, &good, diag));
  if (!good) PetscFunctionReturn(0);
  PetscCall(PetscMalloc2(3 * nb->nall, &result.force, config->n, &result.site_energy));
  PetscCall(mtp_potential_evaluate(pot, nb, &result));
  mtp_neighbors_fold(nb, 3, result.force);
  PetscCall(check_result(where, config->n, &result, &good, diag));
  if (good) PetscCall(store(&result, config->n, config));
  PetscCall(PetscFree2(result.force, result.site_energy));
  PetscFunctionReturn(0);
}
