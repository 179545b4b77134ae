/* screening/screen_grid_mixture.c - from fractions to formula units; the rule: screen_grid.h */
#include "screening/screen_grid_impl.h"

#include <stdio.h>
#include <string.h>

#include "screening/screen_cell.h"

static const PetscReal SUM_TOLERANCE = 1e-6;   /* of fractions */
static const PetscReal NOTHING = 1e-9;         /* a fraction below it is none */
static const PetscReal MOLE_TOLERANCE = 1e-3;  /* a composition this near is the one asked for */
static const PetscReal ATOMS_TOLERANCE = 0.05; /* of the atoms wanted */
/* Above this many formula units every sharing is within MOLE_TOLERANCE, so that looking further
 * from the nearest number of units can find nothing better. */
enum { SEARCH_MAX = 2000 };

PetscErrorCode screen__mixture_create(const screen_campaign *c, screen_mixture *m)
{
  PetscFunctionBegin;
  *m = (screen_mixture){.natoms = 0};
  PetscCall(PetscCalloc1(c->ncomponent, &m->cell));
  PetscCall(PetscCalloc1(c->ncomponent, &m->fraction));
  PetscCall(PetscCalloc1(c->ncomponent, &m->mole));
  PetscCall(PetscCalloc1(c->ncomponent, &m->units));
  PetscFunctionReturn(0);
}

PetscErrorCode screen__mixture_clear(screen_mixture *m)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(m->cell));
  PetscCall(PetscFree(m->fraction));
  PetscCall(PetscFree(m->mole));
  PetscCall(PetscFree(m->units));
  PetscFunctionReturn(0);
}

PetscInt screen__mixture_count(const screen_campaign *c)
{
  PetscInt n = 1;

  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (k == c->balance) continue;
    if (c->composition[k].n > SCREEN_POINT_MAX / n) return SCREEN_POINT_MAX + 1;
    n *= c->composition[k].n;
  }
  return n;
}

static PetscInt atoms_in(const screen_campaign *c, PetscInt k)
{
  PetscInt n = 0;

  for (PetscInt s = 0; s < c->nspecies; s++) n += c->component[k].count[s];
  return n;
}

void screen__mixture_name(const screen_campaign *c, const screen_mixture *m, size_t size,
                          char out[])
{
  size_t used = 0;

  out[0] = '\0';
  for (PetscInt k = 0; k < c->ncomponent && used < size; k++) {
    if (k == c->balance) continue;
    used +=
        (size_t)snprintf(out + used, size - used, "%s%s=%.6g%s", used ? " " : "",
                         c->component[k].name, (double)m->fraction[k], screen__share_suffix(c, k));
  }
}

const char *screen__share_suffix(const screen_campaign *c, PetscInt k)
{
  const screen_share share = screen__share(c, k);

  return share == SCREEN_SHARE_MOLARITY ? "M" : share == SCREEN_SHARE_MOLALITY ? "m" : "";
}

/* Fractions of composition `index`, the last component's axis fastest, and their sum.  Those of a
   ratio are parts of what the others leave. */
static PetscReal set_fractions(const screen_campaign *c, PetscInt index, screen_mixture *m)
{
  PetscReal sum = 0.0, left;

  for (PetscInt k = c->ncomponent - 1; k >= 0; k--) {
    m->cell[k] = 0;
    if (k == c->balance) continue;
    m->cell[k] = index % c->composition[k].n;
    index /= c->composition[k].n;
    m->fraction[k] = c->composition[k].value[m->cell[k]];
    if (screen__share(c, k) != SCREEN_SHARE_FRACTION || (c->in_ratio && c->in_ratio[k])) continue;
    sum += m->fraction[k];
  }
  left = PetscMax(0.0, 1.0 - sum);
  for (PetscInt k = c->ncomponent - 1; k >= 0 && c->in_ratio; k--) {
    if (k == c->balance || !c->in_ratio[k]) continue;
    m->fraction[k] *= left;
    sum += m->fraction[k];
  }
  if (c->balance >= 0) m->fraction[c->balance] = PetscMax(0.0, 1.0 - sum);
  return sum;
}

/* Whether any component is a fraction. */
static PetscBool has_fractions(const screen_campaign *c)
{
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (screen__share(c, k) == SCREEN_SHARE_FRACTION) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static PetscBool check_sum(const screen_campaign *c, const screen_mixture *m, PetscReal sum,
                           char problem[SCREEN_MIXTURE_PROBLEM])
{
  const PetscBool bad = (PetscBool)(c->balance >= 0 ? sum > 1.0 + SUM_TOLERANCE
                                                    : PetscAbsReal(sum - 1.0) > SUM_TOLERANCE);
  char names[128];

  if (!bad || !has_fractions(c)) return PETSC_TRUE;
  screen__mixture_name(c, m, sizeof(names), names);
  snprintf(problem, SCREEN_MIXTURE_PROBLEM, "got fractions that sum to %.7g (%s), wanted %s",
           (double)sum, names,
           c->balance >= 0 ? "at most 1" : "1: give one component as `balance`");
  return PETSC_FALSE;
}

/* How well `total` formula units do. */
typedef struct {
  PetscInt total, natoms;
  PetscInt miss;       /* |natoms - wanted| */
  PetscReal deviation; /* largest, of a mole fraction */
} sharing;

/* The component with the largest remainder of total x_k that has got no extra unit yet. */
static PetscInt most_left(const screen_campaign *c, const screen_mixture *m, PetscInt total)
{
  PetscReal most = -1.0;
  PetscInt best = 0;

  for (PetscInt k = 0; k < c->ncomponent; k++) {
    const PetscReal left = m->mole[k] * (PetscReal)total - (PetscReal)m->units[k];

    if (m->mole[k] > 0.0 && left > most + NOTHING) {
      most = left;
      best = k;
    }
  }
  return best;
}

/* Shares `total` units out by largest remainders; PETSC_FALSE when a component goes empty. */
static PetscBool share_out(const screen_campaign *c, PetscInt total, screen_mixture *m, sharing *s)
{
  PetscInt given = 0;

  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (screen__share(c, k) == SCREEN_SHARE_UNITS) continue;
    m->units[k] = (PetscInt)PetscFloorReal(m->mole[k] * (PetscReal)total + NOTHING);
    given += m->units[k];
  }
  for (; given < total; given++) m->units[most_left(c, m, total)]++;
  *s = (sharing){.total = total};
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    const PetscReal x = (PetscReal)m->units[k] / (PetscReal)total;

    if (screen__share(c, k) == SCREEN_SHARE_UNITS) continue;
    if (m->mole[k] > 0.0 && m->units[k] == 0) return PETSC_FALSE;
    s->natoms += m->units[k] * atoms_in(c, k);
    s->deviation = PetscMax(s->deviation, PetscAbsReal(x - m->mole[k]));
  }
  s->miss = s->natoms > m->wanted ? s->natoms - m->wanted : m->wanted - s->natoms;
  return PETSC_TRUE;
}

static PetscBool is_better(const sharing *a, const sharing *b)
{
  const PetscBool near_a = (PetscBool)(a->deviation <= MOLE_TOLERANCE + NOTHING);
  const PetscBool near_b = (PetscBool)(b->deviation <= MOLE_TOLERANCE + NOTHING);

  if (near_a != near_b) return near_a;
  if (near_a && a->miss != b->miss) return (PetscBool)(a->miss < b->miss);
  if (PetscAbsReal(a->deviation - b->deviation) > NOTHING) {
    return (PetscBool)(a->deviation < b->deviation);
  }
  if (a->miss != b->miss) return (PetscBool)(a->miss < b->miss);
  return (PetscBool)(a->total < b->total);
}

/* Atoms of one formula unit of the mixture, on average, and of the largest component in it. */
static PetscReal mean_atoms(const screen_campaign *c, const screen_mixture *m, PetscInt *largest)
{
  PetscReal mean = 0.0;

  *largest = 0;
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (m->mole[k] <= 0.0) continue;
    mean += m->mole[k] * (PetscReal)atoms_in(c, k);
    *largest = PetscMax(*largest, atoms_in(c, k));
  }
  return mean;
}

/* Atoms that the shared part is to have, and how near is near enough.  A crystal has its sites, a
   file its atoms. */
static void set_wanted(const screen_campaign *c, screen_mixture *m)
{
  PetscInt largest, fixed = 0, repeat[3];
  const PetscReal mean = mean_atoms(c, m, &largest);
  PetscReal wanted = (PetscReal)c->atoms, volume = 0.0;

  for (PetscInt k = 0; k < c->ncomponent; k++) {
    volume += m->mole[k] * screen_unit_volume(c, k);
    if (screen__share(c, k) == SCREEN_SHARE_UNITS) {
      m->units[k] = (PetscInt)m->fraction[k];
      fixed += m->units[k] * atoms_in(c, k);
    }
  }
  if (c->start == SCREEN_START_CRYSTAL) {
    screen_cell_repeat(c, repeat);
    wanted = (PetscReal)(repeat[0] * repeat[1] * repeat[2] * c->lattice->nsite);
  } else if (c->cell_is_size && volume > 0.0) {
    wanted = c->cell[0] * c->cell[1] * (c->cell[2] - c->vacuum) / volume * mean;
  }
  m->wanted = (PetscInt)PetscMin(wanted + 0.5, 1e8) - fixed;
  m->slack = PetscMax(ATOMS_TOLERANCE * wanted, (PetscReal)largest);
  if (c->initial || c->start == SCREEN_START_CRYSTAL) m->slack = 0.0;
}

/* The best number of formula units; 0 when there is none. */
static PetscInt choose_units(const screen_campaign *c, screen_mixture *m)
{
  PetscInt largest;
  const PetscReal mean = mean_atoms(c, m, &largest);
  const PetscInt middle = (PetscInt)((PetscReal)m->wanted / mean + 0.5);
  const PetscReal reach = (m->slack + (PetscReal)(c->ncomponent * largest)) / mean + 2.0;
  const PetscInt far = reach < SEARCH_MAX ? (PetscInt)reach : SEARCH_MAX;
  sharing best = {.total = 0}, s;

  for (PetscInt total = PetscMax(1, middle - far); total <= middle + far; total++) {
    if (!share_out(c, total, m, &s) || (PetscReal)s.miss > m->slack) continue;
    if (best.total == 0 || is_better(&s, &best)) best = s;
  }
  return best.total;
}

static void refuse_size(const screen_campaign *c, const screen_mixture *m,
                        char problem[SCREEN_MIXTURE_PROBLEM])
{
  char names[128];
  PetscInt largest;
  PetscReal least = 1.0;
  const PetscReal mean = mean_atoms(c, m, &largest);

  screen__mixture_name(c, m, sizeof(names), names);
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (m->mole[k] > 0.0) least = PetscMin(least, m->mole[k]);
  }
  if (c->initial) {
    snprintf(problem, SCREEN_MIXTURE_PROBLEM,
             "got a composition (%s) that %" PetscInt_FMT
             " atoms cannot have, wanted that of the file under 'initial'",
             names, c->atoms);
  } else if (c->start == SCREEN_START_CRYSTAL) {
    snprintf(problem, SCREEN_MIXTURE_PROBLEM,
             "got a composition (%s) that the %" PetscInt_FMT
             " sites of a %s crystal cannot have, wanted whole formula units on all of them",
             names, m->wanted, c->lattice->name);
  } else {
    snprintf(problem, SCREEN_MIXTURE_PROBLEM,
             "got %" PetscInt_FMT
             " atoms, too few for whole formula units (%s), wanted about %.0f or more",
             c->atoms > 0 ? c->atoms : m->wanted, names, (double)PetscCeilReal(mean / least));
  }
}

/* A starting configuration has to be the composition asked for. */
static PetscBool check_initial(const screen_campaign *c, const screen_mixture *m,
                               char problem[SCREEN_MIXTURE_PROBLEM])
{
  for (PetscInt s = 0; c->initial && s < c->nspecies; s++) {
    PetscInt count = 0;

    for (PetscInt k = 0; k < c->ncomponent; k++) count += m->units[k] * c->component[k].count[s];
    if (count == c->initial_count[s]) continue;
    snprintf(problem, SCREEN_MIXTURE_PROBLEM,
             "got a composition with %" PetscInt_FMT " atoms of %s, wanted %" PetscInt_FMT
             " as in the file under 'initial'",
             count, c->species[s], c->initial_count[s]);
    return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/* Units of the fractions and of the solutes that go with them; PETSC_FALSE with a problem. */
static PetscBool fill_shared(const screen_campaign *c, screen_mixture *m,
                             char problem[SCREEN_MIXTURE_PROBLEM])
{
  PetscInt total;
  sharing s;

  total = m->wanted > 0 ? choose_units(c, m) : 0;
  if (total == 0) {
    refuse_size(c, m, problem);
    return PETSC_FALSE;
  }
  share_out(c, total, m, &s);
  m->deviation = s.deviation;
  return PETSC_TRUE;
}

PetscErrorCode screen__mixture_make(const screen_campaign *c, PetscInt index, screen_mixture *m,
                                    char problem[SCREEN_MIXTURE_PROBLEM])
{
  const PetscReal sum = set_fractions(c, index, m);
  PetscInt total = 0;

  PetscFunctionBegin;
  problem[0] = '\0';
  m->deviation = 0.0;
  if (!check_sum(c, m, sum, problem)) PetscFunctionReturn(0);
  if (!screen__mixture_amounts(c, m, problem)) PetscFunctionReturn(0);
  set_wanted(c, m);
  if (has_fractions(c) && !fill_shared(c, m, problem)) PetscFunctionReturn(0);
  m->natoms = 0;
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    total += m->units[k];
    m->natoms += m->units[k] * atoms_in(c, k);
  }
  if (total == 0) {
    snprintf(problem, SCREEN_MIXTURE_PROBLEM, "got a cell without atoms, wanted one unit or more");
    PetscFunctionReturn(0);
  }
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    m->mole[k] = (PetscReal)m->units[k] / (PetscReal)total;
  }
  check_initial(c, m, problem);
  PetscFunctionReturn(0);
}
