/* screening/screen_campaign_system.c - what is in the cell; the parts are in other files */
#include "screening/screen_campaign_impl.h"

#include "screening/screen_grid.h"

/* Whether the fractions of every composition sum to 1 and whole formula units can show them: only
 * when all that it needs was read. */
static PetscErrorCode check_compositions(screen_reader *r)
{
  const screen_yaml *map = screen_schema_node(r->root, "system.composition");
  const screen_campaign *c = r->c;
  mtp_diag diag = {.n = 0};
  PetscBool counted = PETSC_TRUE;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  if (!map) map = screen_schema_node(r->root, "system.components");
  if (!map || c->ncomponent == 0) PetscFunctionReturn(0);
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    counted = (PetscBool)(counted && c->share[k] == SCREEN_SHARE_UNITS);
    if (!c->component[k].count || (c->composition[k].n == 0 && k != c->balance)) {
      PetscFunctionReturn(0);
    }
  }
  if (c->atoms < 1 && !c->cell_is_size && !counted) PetscFunctionReturn(0);
  if (c->start == SCREEN_START_CRYSTAL && !c->lattice) PetscFunctionReturn(0);
  ierr = screen_grid_check(c, &diag);
  for (PetscInt i = 0; i < diag.n && !ierr; i++) ierr = screen__note(r, map, "%s", diag.text[i]);
  PetscCall(mtp_diag_clear(&diag));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen__read_system(screen_reader *r)
{
  PetscFunctionBegin;
  PetscCall(screen__read_masses(r));
  PetscCall(screen__read_components(r));
  PetscCall(screen__read_charges(r));
  PetscCall(screen__read_composition(r));
  PetscCall(screen__read_start(r));
  PetscCall(check_compositions(r));
  PetscFunctionReturn(0);
}
