/* properties/prop_surface_terms.c - a surface as a list of terms, as files keep it, and back */
#include "properties/prop_surface.h"

#include "properties/prop_fit_impl.h"

PetscErrorCode prop_surface_terms(const prop_surface *s, PetscInt term[])
{
  const PetscInt sign = s->scale == PROP_SURFACE_LOG ? -1 : 1;
  const PetscInt nideal = s->ncomponent * s->nideal;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < s->nparam; k++) {
    const PetscInt e = k - nideal, pair = e < 0 ? 0 : e / (s->nexcess * (s->order + 1));
    PetscInt *to = term + k * PROP_SURFACE_TERM;

    to[0] = e < 0 ? k / s->nideal : s->pair[2 * pair];
    to[1] = e < 0 ? -1 : s->pair[2 * pair + 1];
    to[2] = e < 0 ? 0 : e / s->nexcess % (s->order + 1);
    to[3] = sign * (e < 0 ? k % s->nideal : e % s->nexcess);
  }
  PetscFunctionReturn(0);
}

/* Orders from the list: those that it must have, if it is one of ours. */
static void guess_orders(PetscInt nparam, const PetscInt term[], prop_surface *s)
{
  PetscInt first = -1;

  s->order = -1;
  s->nideal = s->nexcess = 0;
  for (PetscInt k = 0; k < nparam; k++) {
    const PetscInt *at = term + k * PROP_SURFACE_TERM;

    if (at[1] < 0) {
      s->nideal += at[0] == 0 ? 1 : 0;
      continue;
    }
    if (first < 0) first = k;
    s->order = PetscMax(s->order, at[2]);
    s->nexcess += at[2] == 0 && at[0] == term[first * PROP_SURFACE_TERM] &&
                          at[1] == term[first * PROP_SURFACE_TERM + 1]
                      ? 1
                      : 0;
  }
  if (s->nexcess == 0) s->nexcess = 1;
}

/* Pairs in the order of the list: one a term without powers. */
static PetscErrorCode list_pairs(PetscInt nparam, const PetscInt term[], prop_surface *s)
{
  PetscFunctionBegin;
  PetscCall(PetscMalloc1(2 * nparam, &s->pair));
  for (PetscInt k = 0; k < nparam; k++) {
    const PetscInt *at = term + k * PROP_SURFACE_TERM;

    if (at[1] < 0 || at[2] != 0 || at[3] != 0) continue;
    s->pair[2 * s->npair] = at[0];
    s->pair[2 * s->npair + 1] = at[1];
    s->npair++;
  }
  PetscFunctionReturn(0);
}

/* Whether the surface would give this list. */
static PetscErrorCode is_list_of(const prop_surface *s, PetscInt nparam, const PetscInt term[],
                                 PetscBool *same)
{
  PetscInt *mine;

  PetscFunctionBegin;
  *same = PETSC_FALSE;
  if (s->nideal < 1 || s->nideal > PROP_SURFACE_MAX_BASIS || s->order > PROP_SURFACE_MAX_ORDER ||
      nparam != s->ncomponent * s->nideal + s->npair * (s->order + 1) * s->nexcess)
    PetscFunctionReturn(0);
  for (PetscInt i = 0; i < 2 * s->npair; i++)
    if (s->pair[i] < 0 || s->pair[i] >= s->ncomponent) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(nparam * PROP_SURFACE_TERM, &mine));
  PetscCall(prop_surface_terms(s, mine));
  PetscCall(PetscArraycmp(mine, term, nparam * PROP_SURFACE_TERM, same));
  PetscCall(PetscFree(mine));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_surface_restore(PetscInt nparam, const PetscInt term[], prop_surface *s,
                                    PetscBool *good)
{
  PetscFunctionBegin;
  *good = PETSC_FALSE;
  s->nparam = 0;
  if (nparam < 1 || nparam > PROP__LSQ_MAX || s->ncomponent < 1) PetscFunctionReturn(0);
  guess_orders(nparam, term, s);
  s->npair = 0;
  PetscCall(list_pairs(nparam, term, s));
  s->nparam = nparam;
  PetscCall(is_list_of(s, nparam, term, good));
  if (!*good) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(nparam, &s->coefficient));
  PetscCall(PetscCalloc1(nparam * nparam, &s->covariance));
  PetscCall(PetscCalloc1(nparam * nparam, &s->factor));
  PetscCall(PetscCalloc1(s->ncomponent, &s->xmin));
  PetscCall(PetscCalloc1(s->ncomponent, &s->xmax));
  PetscFunctionReturn(0);
}
