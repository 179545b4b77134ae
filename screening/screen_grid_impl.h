/* screening/screen_grid_impl.h - what the screen_grid*.c share */
#pragma once

#include "screening/screen_grid.h"

/* One composition of the grid: an index on each composition axis. */
typedef struct {
  PetscInt *cell;      /* [ncomponent] index on the component's axis; 0 for the balance */
  PetscReal *fraction; /* [ncomponent] as asked */
  PetscReal *mole;     /* [ncomponent] mole fractions as asked, then as simulated */
  PetscInt *units;     /* [ncomponent] */
  PetscInt natoms;
  PetscReal deviation; /* largest difference of a mole fraction between the two */
  PetscInt wanted;     /* atoms of what is shared out: of all but the solutes in units */
  PetscReal slack;     /* how far from it is near enough */
} screen_mixture;

PetscErrorCode screen__mixture_create(const screen_campaign *c, screen_mixture *m);
PetscErrorCode screen__mixture_clear(screen_mixture *m);
PetscInt screen__mixture_count(const screen_campaign *c); /* product of the composition axes */

/* Fractions and units of composition `index`; a problem is one line, "" when there is none. */
enum { SCREEN_MIXTURE_PROBLEM = 512 };
PetscErrorCode screen__mixture_make(const screen_campaign *c, PetscInt index, screen_mixture *m,
                                    char problem[SCREEN_MIXTURE_PROBLEM]);

/* What the numbers of component k are. */
screen_share screen__share(const screen_campaign *c, PetscInt k);
/* m->fraction to m->mole, without solutes in units; PETSC_FALSE with one line in `problem`. */
PetscBool screen__mixture_amounts(const screen_campaign *c, screen_mixture *m,
                                  char problem[SCREEN_MIXTURE_PROBLEM]);
/* The share of component k among so many units [ncomponent], in the unit that the file uses. */
PetscReal screen__mixture_share(const screen_campaign *c, const PetscInt units[], PetscInt k);
/* "", "M" (mol/L), "m" (mol/kg): behind the numbers of a name. */
const char *screen__share_suffix(const screen_campaign *c, PetscInt k);

/* "CaCl2=0.282 LiPF6=1M": the shares that were given. */
void screen__mixture_name(const screen_campaign *c, const screen_mixture *m, size_t size,
                          char out[]);

/* Fills point->key from everything else in the point. */
PetscErrorCode screen__point_key(const screen_campaign *c, screen_point *point);
