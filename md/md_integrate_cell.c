/* md/md_integrate_cell.c - what barostats do to a cell
 *
 * A cell changes along the axes of space: component k of every position and of every lattice vector
 * is multiplied by one factor. Axes that move together form a group (md_shape); an axis of no
 * group keeps its length. Cells of any shape can be stretched so; angles of skewed ones follow.
 */
#include "md/md_run_impl.h"

md__axes md__axes_of(md_shape shape)
{
  static const md__axes axes[MD_NSHAPE] = {
      [MD_ISOTROPIC] = {.n = 1, .moving = 3, .count = {3, 0, 0}, .group = {0, 0, 0}},
      [MD_SEMI_ISOTROPIC] = {.n = 2, .moving = 3, .count = {2, 1, 0}, .group = {0, 0, 1}},
      [MD_ANISOTROPIC] = {.n = 3, .moving = 3, .count = {1, 1, 1}, .group = {0, 1, 2}},
      [MD_UNIAXIAL] = {.n = 1, .moving = 1, .count = {1, 0, 0}, .group = {-1, -1, 0}}};

  return axes[shape];
}

void md__stretch(md_run *run, const PetscReal scale[3])
{
  md_atoms *atoms = &run->atoms;

  for (size_t k = 0; k < 3 * (size_t)atoms->n; k++) atoms->x[k] *= scale[k % 3];
  for (int ab = 0; ab < 9; ab++) atoms->h[ab / 3][ab % 3] *= scale[ab % 3];
}

PetscReal md__longest_edge(const PetscReal h[3][3])
{
  PetscReal square = 0.0;

  for (int a = 0; a < 3; a++) {
    square = PetscMax(square, h[a][0] * h[a][0] + h[a][1] * h[a][1] + h[a][2] * h[a][2]);
  }
  return PetscSqrtReal(square);
}

static PetscBool small_change(PetscReal factor)
{
  return (PetscBool)(factor >= 0.5 && factor <= 2.0);
}

PetscBool md__plausible(md_run *run, const PetscReal scale[3])
{
  const PetscReal volume = md_atoms_volume(&run->atoms), factor = scale[0] * scale[1] * scale[2];

  if (small_change(factor) && small_change(scale[0]) && small_change(scale[1]) &&
      small_change(scale[2])) {
    return PETSC_TRUE;
  }
  md__speak(run, PetscIsInfOrNanReal(factor) ? MD_NOT_FINITE : MD_DENSITY_COLLAPSE,
            "the barostat changes the volume from %.6g to %.6g Å^3 in step %" PetscInt64_FMT,
            (double)volume, (double)(volume * factor), run->step);
  return PETSC_FALSE;
}
