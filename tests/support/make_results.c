/* tests/support/make_results.c - a results.h5 that nobody simulated, from known functions
 *
 * usage: make_results CAMPAIGN.yaml DIR [holes]
 *
 * The campaign gives grid, components and properties.  x is the mole fraction of the first
 * component, T in K, p in Pa:
 *
 *   density               2400 + 100 x - 0.6 (T - 1000) + 1e-7 p       kg/m3
 *   enthalpy              c_p(x) per mole of atoms times (T - 1000)    c_p = 900 + 50 x J/(kg K)
 *   viscosity             1e-3 exp(2500/T - 2.0 + 0.3 x)               Pa s
 *   ionic conductivity    200 exp(1 - 1000/T) (1 - 0.3 x)              S/m
 *   thermal conductivity  0.6 - 1e-4 T + 0.05 x                        W/(m K)
 *   compressibility       2e-10 (1 + 0.2 x) T/1000                     1/Pa
 *   diffusion of species k  1e-9 (2 + k) exp(2 - 2000/T)               m2/s
 *
 * Errors are half a percent, effective samples 50.  With `holes` point i is failed where i % 17 ==
 * 5, its density has the flag replicas_disagree where i % 11 == 3, and every number of the last
 * composition the flag few_samples. */
#include "md/md_atoms.h"
#include "properties/prop_heat.h"
#include "screening/screen_result_impl.h"
#include "screening/screen_store.h"
#include "screening/screen_surface.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
  screen_campaign *campaign;
  screen_grid *grid;
  screen_result *all;
  PetscBool holes;
} made;

static void put(screen_result *r, prop_id id, PetscInt w, PetscReal value, PetscInt flags)
{
  screen_result_at(r, id)[w] =
      (prop_value){.value = value, .error = 0.005 * fabs(value), .neff = 50.0, .flags = flags};
}

static void fill_point(const made *m, PetscInt i)
{
  const screen_point *p = &m->grid->point[i];
  const prop_heat_cell cell = screen_result_cell(m->campaign, p);
  const PetscReal x = p->mole[0], t = p->temperature;
  const PetscReal pascal = m->grid->axis[m->grid->naxis - 1].value[p->cell[m->grid->naxis - 1]];
  const PetscBool last = (PetscBool)(m->holes && p->cell[0] == m->grid->axis[0].n - 1);
  const PetscInt flags = last ? PROP_FLAG_FEW_SAMPLES : 0;
  const PetscReal cp = 900.0 + 50.0 * x, per_atom = prop_heat_per_atom(&cell);
  screen_result *r = &m->all[i];

  put(r, PROP_ID_DENSITY, 0, 2400.0 + 100.0 * x - 0.6 * (t - 1000.0) + 1e-7 * pascal,
      flags | (m->holes && i % 11 == 3 ? PROP_FLAG_REPLICAS_DISAGREE : 0));
  put(r, PROP_ID_ENTHALPY, 0, cp * per_atom * (t - 1000.0), flags);
  screen_result_at(r, PROP_ID_ENTHALPY)->error = 0.5 * cp * per_atom;
  put(r, PROP_ID_HEAT_CAPACITY, 0, cp, flags);
  put(r, PROP_ID_ISOTHERMAL_COMPRESSIBILITY, 0, 2e-10 * (1.0 + 0.2 * x) * t / 1000.0, flags);
  put(r, PROP_ID_VISCOSITY, 0, 1e-3 * exp(2500.0 / t - 2.0 + 0.3 * x), flags);
  put(r, PROP_ID_IONIC_CONDUCTIVITY, 0, 200.0 * exp(1.0 - 1000.0 / t) * (1.0 - 0.3 * x), flags);
  put(r, PROP_ID_THERMAL_CONDUCTIVITY, 0, 0.6 - 1e-4 * t + 0.05 * x, flags);
  for (PetscInt k = 0; k < m->campaign->nspecies; k++)
    put(r, PROP_ID_DIFFUSION, k, 1e-9 * (2.0 + (PetscReal)k) * exp(2.0 - 2000.0 / t), flags);
}

static PetscErrorCode fill(made *m)
{
  PetscFunctionBegin;
  PetscCall(PetscCalloc1(m->grid->npoint, &m->all));
  for (PetscInt i = 0; i < m->grid->npoint; i++) {
    PetscCall(screen_result_create(m->campaign->nspecies, &m->all[i]));
    m->all[i].state = SCREEN_POINT_DONE;
    m->all[i].reason = MD_COMPLETED;
    m->all[i].replicas_done = 4;
    if (m->holes && i % 17 == 5) {
      m->all[i].state = SCREEN_POINT_FAILED;
      m->all[i].reason = MD_CLOSE_PAIR;
      snprintf(m->all[i].detail, sizeof(m->all[i].detail), "made up, \"quoted\"");
    } else {
      fill_point(m, i);
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode write_out(made *m, const char *directory)
{
  screen_surfaces surfaces;
  screen_fits fits;
  PetscInt *mine;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(m->grid->npoint, &mine));
  for (PetscInt i = 0; i < m->grid->npoint; i++) mine[i] = i;
  PetscCall(screen_fits_create(m->campaign, m->grid, m->all, &fits));
  PetscCall(screen_surfaces_create(m->campaign, m->grid, m->all, &surfaces));
  (void)mkdir(directory, 0777);
  PetscCall(screen_store_write(PETSC_COMM_SELF, m->campaign, m->grid, m->grid->npoint, mine, m->all,
                               &(screen_store_more){.fits = &fits, .surfaces = &surfaces},
                               directory));
  PetscCall(screen_surfaces_clear(&surfaces));
  PetscCall(screen_fits_clear(&fits));
  PetscCall(PetscFree(mine));
  PetscFunctionReturn(0);
}

static PetscErrorCode make(const char *file, const char *directory, PetscBool holes)
{
  made m = {.holes = holes};
  mtp_diag diag = {0};

  PetscFunctionBegin;
  PetscCall(screen_campaign_read(file, &m.campaign, &diag));
  if (!diag.n) PetscCall(screen_grid_create(m.campaign, &m.grid, &diag));
  PetscCall(mtp_diag_print(&diag, stderr));
  PetscCheck(diag.n == 0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "%s cannot be used", file);
  PetscCall(fill(&m));
  PetscCall(write_out(&m, directory));
  PetscCall(screen_table_free(m.grid->npoint, &m.all));
  PetscCall(screen_grid_destroy(&m.grid));
  PetscCall(screen_campaign_destroy(&m.campaign));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv)
{
  PetscErrorCode ierr;

  if (argc < 3) return 2;
  if (PetscInitialize(NULL, NULL, NULL, NULL)) return 3;
  ierr = make(argv[1], argv[2], (PetscBool)(argc > 3 && strcmp(argv[3], "holes") == 0));
  if (PetscFinalize()) return 3;
  return ierr ? 1 : 0;
}
