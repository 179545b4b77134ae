/* screening/screen_cell.c - volumes, shapes, regions; the rules stand in the header */
#include "screening/screen_cell.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "md/md_units.h"

/* Text --------------------------------------------------------------------------------------- */

/* Cuts at 'x'; PETSC_FALSE unless there are three parts. */
static PetscBool split(const char *text, char part[3][64])
{
  for (int k = 0; k < 3; k++) {
    const size_t length = strcspn(text, "x");

    if (length == 0 || length >= sizeof(part[k]) || (text[length] == 'x') != (k < 2))
      return PETSC_FALSE;
    snprintf(part[k], sizeof(part[k]), "%.*s", (int)length, text);
    while (length && part[k][0] && isspace((unsigned char)part[k][strlen(part[k]) - 1]))
      part[k][strlen(part[k]) - 1] = '\0';
    text += length + 1;
  }
  return PETSC_TRUE;
}

/* The unit that the last part ends in, "" for none. */
static const char *unit_of(const char *text)
{
  while (*text && !isalpha((unsigned char)*text) && (unsigned char)*text < 0x80) text++;
  if ((*text == 'e' || *text == 'E') && strpbrk(text, "0123456789")) return unit_of(text + 1);
  return text;
}

PetscBool screen_cell_parse(const char *text, PetscReal edge[3], PetscBool *is_size,
                            char problem[SCREEN_PROBLEM_MAX])
{
  char part[3][64], whole[256], shown[64], reason[SCREEN_PROBLEM_MAX];
  PetscReal value[3] = {0.0, 0.0, 0.0};
  PetscBool good = split(text, part), size = PETSC_FALSE;

  for (int k = 0; k < 3 && good; k++) {
    const char *unit = unit_of(part[2]);
    const screen_dimension dimension = *unit ? SCREEN_DIM_LENGTH : SCREEN_DIM_NUMBER;

    size = (PetscBool)(*unit != '\0');
    snprintf(whole, sizeof(whole), "%s%s", part[k], k < 2 && !*unit_of(part[k]) ? unit : "");
    good = (PetscBool)(screen_quantity_parse(whole, dimension, &value[k], reason) &&
                       value[k] > 0.0 && value[k] <= 1e6);
  }
  if (!good) {
    snprintf(
        problem, SCREEN_PROBLEM_MAX,
        "got '%s', wanted three edges above 0, such as 3.6 x 3.6 x 18 nm, or their ratio, such "
        "as 1 x 1 x 5",
        screen_shown(text, sizeof(shown), shown));
    return PETSC_FALSE;
  }
  for (int k = 0; k < 3; k++) edge[k] = value[k];
  *is_size = size;
  return PETSC_TRUE;
}

/* Volumes ------------------------------------------------------------------------------------ */

/* [Å^3] of the elements of a formula unit. */
static PetscReal element_volume(const screen_campaign *c, PetscInt k)
{
  PetscReal sum = 0.0, one = 0.0;

  for (PetscInt s = 0; s < c->nspecies; s++) {
    if (md_element_lookup(c->species[s], NULL, &one))
      sum += (PetscReal)c->component[k].count[s] * one;
  }
  return sum;
}

static PetscReal component_mass(const screen_campaign *c, PetscInt k)
{
  return c->component[k].mass_u * MD_ATOMIC_MASS;
}

PetscReal screen_component_volume(const screen_campaign *c, PetscInt k)
{
  const PetscReal density = c->component[k].density;

  return density > 0.0 ? component_mass(c, k) / density : element_volume(c, k);
}

PetscBool screen_region_has(const screen_campaign *c, PetscInt region, PetscInt component)
{
  if (c->nregion == 0) return PETSC_TRUE;
  for (PetscInt i = 0; i < c->region[region].ncomponent; i++) {
    if (c->region[region].component[i] == component) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

PetscReal screen_unit_volume(const screen_campaign *c, PetscInt k)
{
  PetscReal density = c->density_guess;

  for (PetscInt r = 0; r < c->nregion; r++) {
    if (c->region[r].density > 0.0 && screen_region_has(c, r, k)) density = c->region[r].density;
  }
  return density > 0.0 ? component_mass(c, k) / density : screen_component_volume(c, k);
}

/* [Å^3] of a region.  The sum over species comes first: with one region and no densities of
   components it is what it always was, to the last bit. */
static PetscReal region_volume(const screen_campaign *c, const PetscInt units[],
                               const PetscInt count[], PetscInt r)
{
  PetscReal density = c->density_guess, mass = 0.0, volume = 0.0, sum = 0.0, one = 0.0;
  PetscBool own = PETSC_FALSE;

  if (c->nregion > 0 && c->region[r].density > 0.0) density = c->region[r].density;
  for (PetscInt s = 0; s < c->nspecies; s++) {
    PetscInt n = 0;

    for (PetscInt k = 0; k < c->ncomponent; k++)
      n += screen_region_has(c, r, k) ? units[k] * c->component[k].count[s] : 0;
    if (c->nregion == 0 && count) n = count[s];
    mass += (PetscReal)n * c->mass[s];
    if (md_element_lookup(c->species[s], NULL, &one)) volume += (PetscReal)n * one;
  }
  for (PetscInt k = 0; k < c->ncomponent; k++) {
    if (!screen_region_has(c, r, k)) continue;
    own = (PetscBool)(own || c->component[k].density > 0.0);
    sum += (PetscReal)units[k] * screen_component_volume(c, k);
  }
  return density > 0.0 ? mass / density : own ? sum : volume;
}

/* Shapes ------------------------------------------------------------------------------------- */

/* The edges' ratio, of what is filled. */
static void filled_shape(const screen_campaign *c, PetscReal shape[3])
{
  for (int a = 0; a < 3; a++) shape[a] = c->cell[a] > 0.0 ? c->cell[a] : 1.0;
  if (c->cell_is_size) shape[2] -= c->vacuum;
}

void screen_cell_repeat(const screen_campaign *c, PetscInt repeat[3])
{
  PetscReal shape[3], wanted = (PetscReal)c->atoms;

  filled_shape(c, shape);
  if (c->cell_is_size) {
    /* sites by volume: the parameter, else the room that a formula unit takes */
    const PetscReal *l = c->lattice->shape, a = c->lattice_parameter;
    PetscReal site = 0.0, n = 0.0;

    for (PetscInt s = 0; s < c->nspecies; s++) n += (PetscReal)c->component[0].count[s];
    site = a > 0.0 ? a * a * a * l[0] * l[1] * l[2] / (PetscReal)c->lattice->nsite
                   : screen_unit_volume(c, 0) / n;
    wanted = PetscMax(1.0, shape[0] * shape[1] * shape[2] / site);
  }
  md_lattice_replicate(c->lattice, wanted, shape, repeat);
}

/* Edges of a crystal: whole cells of the parameter, or of the volume. */
static void crystal_edges(const screen_campaign *c, PetscReal volume, screen_cell *cell)
{
  const PetscReal *l = c->lattice->shape;
  PetscReal a = c->lattice_parameter, cells;

  screen_cell_repeat(c, cell->repeat);
  cells = (PetscReal)cell->repeat[0] * (PetscReal)cell->repeat[1] * (PetscReal)cell->repeat[2];
  if (a <= 0.0) a = PetscPowReal(volume / cells / (l[0] * l[1] * l[2]), 1.0 / 3.0);
  for (int k = 0; k < 3; k++) cell->edge[k] = (PetscReal)cell->repeat[k] * l[k] * a;
  cell->high[0] = cell->edge[2];
}

void screen_cell_make(const screen_campaign *c, const PetscInt units[], const PetscInt count[],
                      screen_cell *cell)
{
  PetscReal shape[3], sum = 0.0, scale, height = 0.0;

  *cell = (screen_cell){.nregion = PetscMax(1, c->nregion)};
  for (PetscInt r = 0; r < cell->nregion; r++) {
    cell->volume[r] = region_volume(c, units, count, r);
    sum += cell->volume[r];
  }
  if (c->start == SCREEN_START_CRYSTAL) {
    crystal_edges(c, sum, cell);
    return;
  }
  filled_shape(c, shape);
  scale = PetscPowReal(sum / (shape[0] * shape[1] * shape[2]), 1.0 / 3.0);
  for (int a = 0; a < 3; a++) cell->edge[a] = scale * shape[a];
  for (PetscInt r = 0; r < cell->nregion; r++) {
    cell->low[r] = height;
    height += cell->volume[r] / (cell->edge[0] * cell->edge[1]);
    cell->high[r] = height;
  }
  cell->edge[2] += c->vacuum;
}
