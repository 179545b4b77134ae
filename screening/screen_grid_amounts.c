/* screening/screen_grid_amounts.c - from what the file says to mole fractions
 *
 * Components without a unit of their own are the solvent; their fractions f_k of moles, mass or
 * volume are moles n_k = f_k / w_k with w_k = 1, the molar mass M_k or the molar volume V_k of the
 * pure liquid, scaled to one mole of solvent with mass M and volume V.  Then
 *
 *   molality b    n = b M                                   (M in kg)
 *   molarity c    n = c W, W the volume of the solution with one mole of solvent:
 *     of known density d    W = (M + sum_b n M) / (d - sum_c c M)     from its mass
 *     else                  W = (V + sum_b n V) / (1 - sum_c c V)     volumes add up
 *
 * where sum_b runs over the solutes by molality and sum_c over those by molarity.  A denominator
 * that is not above zero leaves no room for the solvent.  Solutes in units stay out of this.
 */
#include "screening/screen_grid_impl.h"

#include <stdio.h>

#include "md/md_units.h"
#include "screening/screen_cell.h"

/* Formula units in an Å^3 of one mol/L: Avogadro's number (exact in the SI of 2019) x 1e-27. */
static const PetscReal PER_MOLAR = 6.02214076e-4;
static const PetscReal NOTHING = 1e-9; /* a share below it is none */

screen_share screen__share(const screen_campaign *c, PetscInt k)
{
  return c->share ? c->share[k] : SCREEN_SHARE_FRACTION;
}

/* What a mole of the component weighs in the unit of the fractions. */
static PetscReal weight(const screen_campaign *c, PetscInt k)
{
  if (c->fraction == SCREEN_MASS_FRACTION) return c->component[k].mass_u;
  return c->fraction == SCREEN_VOLUME_FRACTION ? screen_component_volume(c, k) : 1.0;
}

/* Sums over the components of one kind of share, with the moles in m->mole. */
typedef struct {
  PetscReal mole, mass, volume; /* mole; [u]; [Å^3] */
} amounts;

static amounts sum_up(const screen_campaign *c, const screen_mixture *m, screen_share share,
                      const PetscReal mole[])
{
  amounts sum = {0.0, 0.0, 0.0};

  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (screen__share(c, k) != share || m->fraction[k] < NOTHING) continue;
    sum.mole += mole[k];
    sum.mass += mole[k] * c->component[k].mass_u;
    sum.volume += mole[k] * screen_component_volume(c, k);
  }
  return sum;
}

/* One mole of solvent. */
static amounts set_solvent(const screen_campaign *c, screen_mixture *m)
{
  amounts sum;

  for (PetscInt k = 0; k < c->ncomponent; k++) {
    m->mole[k] = 0.0;
    if (screen__share(c, k) == SCREEN_SHARE_FRACTION && m->fraction[k] >= NOTHING)
      m->mole[k] = m->fraction[k] / weight(c, k);
  }
  sum = sum_up(c, m, SCREEN_SHARE_FRACTION, m->mole);
  for (PetscInt k = 0; k < c->ncomponent && sum.mole > 0.0; k++) m->mole[k] /= sum.mole;
  return sum_up(c, m, SCREEN_SHARE_FRACTION, m->mole);
}

/* [Å^3] of the solution with one mole (formula unit) of solvent; <= 0 when there is no room. */
static PetscReal solution_volume(const screen_campaign *c, const screen_mixture *m, amounts solvent)
{
  const PetscReal density = c->density_guess / MD_ATOMIC_MASS; /* [u/Å^3] */
  const amounts b = sum_up(c, m, SCREEN_SHARE_MOLALITY, m->mole);
  /* the fractions of molarities are mol/L: "moles" of a litre */
  const amounts litre = sum_up(c, m, SCREEN_SHARE_MOLARITY, m->fraction);
  const PetscReal room =
      density > 0.0 ? density - PER_MOLAR * litre.mass : 1.0 - PER_MOLAR * litre.volume;

  if (room <= 0.0) return 0.0;
  return (density > 0.0 ? solvent.mass + b.mass : solvent.volume + b.volume) / room;
}

/* Solutes beside one mole of solvent; PETSC_FALSE when they leave no room for it. */
static PetscBool set_solutes(const screen_campaign *c, screen_mixture *m, amounts solvent)
{
  PetscReal volume;

  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (screen__share(c, k) == SCREEN_SHARE_MOLALITY && m->fraction[k] >= NOTHING)
      m->mole[k] = m->fraction[k] * solvent.mass * 1e-3;
  }
  volume = solution_volume(c, m, solvent);
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (screen__share(c, k) != SCREEN_SHARE_MOLARITY || m->fraction[k] < NOTHING) continue;
    if (volume <= 0.0) return PETSC_FALSE;
    m->mole[k] = m->fraction[k] * PER_MOLAR * volume;
  }
  return PETSC_TRUE;
}

static PetscBool has_solutes(const screen_campaign *c, const screen_mixture *m)
{
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    const screen_share share = screen__share(c, k);

    if ((share == SCREEN_SHARE_MOLARITY || share == SCREEN_SHARE_MOLALITY) &&
        m->fraction[k] >= NOTHING)
      return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

PetscBool screen__mixture_amounts(const screen_campaign *c, screen_mixture *m,
                                  char problem[SCREEN_MIXTURE_PROBLEM])
{
  const amounts solvent = set_solvent(c, m);
  PetscReal sum = 0.0;
  char names[128];

  screen__mixture_name(c, m, sizeof(names), names);
  if (has_solutes(c, m) && solvent.mole <= 0.0) {
    snprintf(problem, SCREEN_MIXTURE_PROBLEM,
             "got solutes without a solvent (%s), wanted a component without a unit of its own",
             names);
    return PETSC_FALSE;
  }
  if (!set_solutes(c, m, solvent)) {
    snprintf(problem, SCREEN_MIXTURE_PROBLEM,
             "got molarities that leave no room for the solvent (%s), wanted less", names);
    return PETSC_FALSE;
  }
  for (PetscInt k = 0; k < c->ncomponent; k++) sum += m->mole[k];
  for (PetscInt k = 0; k < c->ncomponent && sum > 0.0; k++) m->mole[k] /= sum;
  return PETSC_TRUE;
}

PetscReal screen__mixture_share(const screen_campaign *c, const PetscInt units[], PetscInt k)
{
  PetscReal solvent = 0.0, mass = 0.0;
  screen_cell cell;

  for (PetscInt j = 0; j < c->ncomponent; j++) {
    if (screen__share(c, j) != SCREEN_SHARE_FRACTION) continue;
    solvent += (PetscReal)units[j] * weight(c, j);
    mass += (PetscReal)units[j] * c->component[j].mass_u;
  }
  switch (screen__share(c, k)) {
  case SCREEN_SHARE_MOLARITY:
    screen_cell_make(c, units, NULL, &cell);
    return (PetscReal)units[k] /
           (PER_MOLAR * cell.edge[0] * cell.edge[1] * (cell.edge[2] - c->vacuum));
  case SCREEN_SHARE_MOLALITY:
    return mass > 0.0 ? (PetscReal)units[k] / (mass * 1e-3) : 0.0;
  case SCREEN_SHARE_UNITS:
    return (PetscReal)units[k];
  default:
    return solvent > 0.0 ? (PetscReal)units[k] * weight(c, k) / solvent : 0.0;
  }
}
