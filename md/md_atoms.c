/* md/md_atoms.c - arrays of atoms and the sums over them that everybody needs */
#include "md/md_atoms.h"

#include "md/md_units.h"

PetscErrorCode md_atoms_create(PetscInt n, PetscInt nspecies, md_atoms *atoms)
{
  PetscFunctionBegin;
  *atoms = (md_atoms){0};
  PetscCheck(n >= 1 && nspecies >= 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A system needs at least one atom and one species, got %" PetscInt_FMT
             " and %" PetscInt_FMT,
             n, nspecies);
  atoms->n = n;
  atoms->nspecies = nspecies;
  PetscCall(PetscMalloc1(n, &atoms->id));
  for (PetscInt i = 0; i < n; i++) atoms->id[i] = i;
  PetscCall(PetscCalloc1(n, &atoms->type));
  PetscCall(PetscCalloc1(nspecies, &atoms->mass));
  PetscCall(PetscCalloc1(3 * (size_t)n, &atoms->x));
  PetscCall(PetscCalloc1(3 * (size_t)n, &atoms->v));
  PetscCall(PetscCalloc1(3 * (size_t)n, &atoms->f));
  PetscFunctionReturn(0);
}

PetscErrorCode md_atoms_copy(const md_atoms *from, md_atoms *to)
{
  const size_t n3 = 3 * (size_t)from->n;

  PetscFunctionBegin;
  PetscCall(md_atoms_create(from->n, from->nspecies, to));
  PetscCall(PetscArraycpy(to->id, from->id, from->n));
  PetscCall(PetscArraycpy(to->type, from->type, from->n));
  PetscCall(PetscArraycpy(to->mass, from->mass, from->nspecies));
  PetscCall(PetscArraycpy(to->x, from->x, n3));
  PetscCall(PetscArraycpy(to->v, from->v, n3));
  PetscCall(PetscArraycpy(to->f, from->f, n3));
  PetscCall(PetscArraycpy(&to->h[0][0], &from->h[0][0], 9));
  PetscFunctionReturn(0);
}

PetscErrorCode md_atoms_clear(md_atoms *atoms)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(atoms->id));
  PetscCall(PetscFree(atoms->type));
  PetscCall(PetscFree(atoms->mass));
  PetscCall(PetscFree(atoms->x));
  PetscCall(PetscFree(atoms->v));
  PetscCall(PetscFree(atoms->f));
  *atoms = (md_atoms){0};
  PetscFunctionReturn(0);
}

/* One image of all atoms, moved by whole lattice vectors. */
static void put_image(const md_atoms *from, const PetscInt image[3], PetscInt first, md_atoms *to)
{
  for (PetscInt i = 0; i < from->n; i++) {
    const size_t a = 3 * (size_t)i, b = 3 * (size_t)(first + i);

    to->type[first + i] = from->type[i];
    for (int k = 0; k < 3; k++) {
      to->x[b + k] = from->x[a + k];
      for (int d = 0; d < 3; d++) to->x[b + k] += (PetscReal)image[d] * from->h[d][k];
      to->v[b + k] = from->v[a + k];
      to->f[b + k] = from->f[a + k];
    }
  }
}

PetscErrorCode md_atoms_repeat(const md_atoms *from, const PetscInt repeat[3], md_atoms *to)
{
  const PetscReal images = (PetscReal)repeat[0] * (PetscReal)repeat[1] * (PetscReal)repeat[2];
  PetscInt image[3], first = 0;

  PetscFunctionBegin;
  *to = (md_atoms){0};
  PetscCheck(repeat[0] >= 1 && repeat[1] >= 1 && repeat[2] >= 1 &&
                 images * (PetscReal)from->n < (PetscReal)PETSC_MAX_INT,
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "%" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT " images of %" PetscInt_FMT
             " atoms",
             repeat[0], repeat[1], repeat[2], from->n);
  PetscCall(md_atoms_create((PetscInt)images * from->n, from->nspecies, to));
  PetscCall(PetscArraycpy(to->mass, from->mass, from->nspecies));
  for (image[0] = 0; image[0] < repeat[0]; image[0]++) {
    for (image[1] = 0; image[1] < repeat[1]; image[1]++) {
      for (image[2] = 0; image[2] < repeat[2]; image[2]++) {
        put_image(from, image, first, to);
        first += from->n;
      }
    }
  }
  for (int d = 0; d < 3; d++) {
    for (int k = 0; k < 3; k++) to->h[d][k] = (PetscReal)repeat[d] * from->h[d][k];
  }
  PetscFunctionReturn(0);
}

PetscReal md_atoms_volume(const md_atoms *atoms)
{
  const PetscReal(*h)[3] = atoms->h;
  const PetscReal det = h[0][0] * (h[1][1] * h[2][2] - h[1][2] * h[2][1]) -
                        h[0][1] * (h[1][0] * h[2][2] - h[1][2] * h[2][0]) +
                        h[0][2] * (h[1][0] * h[2][1] - h[1][1] * h[2][0]);

  return PetscAbsReal(det);
}

PetscReal md_atoms_kinetic(const md_atoms *atoms)
{
  PetscReal sum = 0.0;

  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscReal *v = &atoms->v[3 * (size_t)i];

    sum += 0.5 * atoms->mass[atoms->type[i]] * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  }
  return sum;
}

PetscReal md_atoms_temperature(const md_atoms *atoms)
{
  const PetscInt degrees = atoms->n > 1 ? 3 * atoms->n - 3 : 3;

  return 2.0 * md_atoms_kinetic(atoms) / ((PetscReal)degrees * MD_BOLTZMANN);
}

PetscReal md_atoms_total_mass(const md_atoms *atoms)
{
  PetscReal sum = 0.0;

  for (PetscInt i = 0; i < atoms->n; i++) sum += atoms->mass[atoms->type[i]];
  return sum;
}

void md_atoms_kinetic_tensor(const md_atoms *atoms, PetscReal k[9])
{
  for (int ab = 0; ab < 9; ab++) k[ab] = 0.0;
  for (PetscInt i = 0; i < atoms->n; i++) {
    const PetscReal *v = &atoms->v[3 * (size_t)i], m = atoms->mass[atoms->type[i]];

    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < 3; b++) k[3 * a + b] += m * v[a] * v[b];
    }
  }
}

void md_atoms_stop_drift(md_atoms *atoms)
{
  PetscReal p[3] = {0.0, 0.0, 0.0};
  const PetscReal total = md_atoms_total_mass(atoms);

  for (PetscInt i = 0; i < atoms->n; i++) {
    for (int a = 0; a < 3; a++) p[a] += atoms->mass[atoms->type[i]] * atoms->v[3 * (size_t)i + a];
  }
  for (PetscInt i = 0; i < atoms->n; i++) {
    for (int a = 0; a < 3; a++) atoms->v[3 * (size_t)i + a] -= p[a] / total;
  }
}
