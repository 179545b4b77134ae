/* mtp/mtp_lammps_write.c - a configuration as a LAMMPS data file, and the turn that this needs
 *
 * LAMMPS knows only cells whose matrix is lower triangular with a positive diagonal.  Any cell h
 * (rows are lattice vectors) is such a matrix L times a rotation Q, h = L Q, so turning the
 * structure by Q, v -> Q v for every vector v, gives one.  The rows of Q are
 *   e1 = a / |a|,  e3 = +-(a x b) / |a x b|, on the side of c,  e2 = (a x b) x a, normalised
 * and L = h Q^T.  For a left-handed cell Q is a rotation and a reflection.
 */
#include "mtp/mtp_config_impl.h"

#include <string.h>

static PetscReal dot(const PetscReal a[3], const PetscReal b[3])
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void cross(const PetscReal a[3], const PetscReal b[3], PetscReal out[3])
{
  out[0] = a[1] * b[2] - a[2] * b[1];
  out[1] = a[2] * b[0] - a[0] * b[2];
  out[2] = a[0] * b[1] - a[1] * b[0];
}

static void normalise(PetscReal v[3])
{
  const PetscReal length = PetscSqrtReal(dot(v, v));

  for (int k = 0; k < 3; k++) v[k] /= length;
}

static PetscErrorCode check_cell(const mtp_config *c)
{
  const PetscReal volume = mtp_config_extent(c);

  PetscFunctionBegin;
  PetscCheck(c->nlattice == 3, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
             "%" PetscInt_FMT " lattice vectors, wanted three: LAMMPS has no other cells",
             c->nlattice);
  PetscCheck(volume > 0.0 && !PetscIsInfOrNanReal(volume), PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
             "The lattice vectors span a volume of %g Å^3, wanted a positive one", (double)volume);
  PetscFunctionReturn(0);
}

static PetscBool is_lower(const PetscReal h[3][3])
{
  return (PetscBool)(h[0][1] == 0.0 && h[0][2] == 0.0 && h[1][2] == 0.0 && h[0][0] > 0.0 &&
                     h[1][1] > 0.0 && h[2][2] > 0.0);
}

/* The orthogonal matrix Q, and L = h Q^T with exact zeros above the diagonal. */
static void lower_cell(const PetscReal h[3][3], PetscReal q[3][3], PetscReal lower[3][3])
{
  PetscReal along, side;

  memset(q, 0, 9 * sizeof(q[0][0]));
  memcpy(lower, h, 9 * sizeof(h[0][0]));
  for (int k = 0; k < 3; k++) q[k][k] = 1.0;
  if (is_lower(h)) return;
  memcpy(q[0], h[0], sizeof(q[0]));
  normalise(q[0]);
  cross(h[0], h[1], q[2]);
  normalise(q[2]);
  along = dot(q[2], q[0]); /* round-off, but much of it where b is nearly parallel to a */
  for (int k = 0; k < 3; k++) q[2][k] -= along * q[0][k];
  normalise(q[2]);
  cross(q[2], q[0], q[1]);
  side = dot(h[2], q[2]) < 0.0 ? -1.0 : 1.0;
  for (int k = 0; k < 3; k++) q[2][k] *= side;
  for (int k = 0; k < 3; k++) {
    for (int a = 0; a < 3; a++) lower[k][a] = a <= k ? dot(h[k], q[a]) : 0.0;
  }
}

/* v -> Q v for n vectors */
static void turn(const PetscReal q[3][3], PetscInt n, PetscReal v[])
{
  for (PetscInt i = 0; v && i < n; i++) {
    const PetscReal old[3] = {v[3 * i], v[3 * i + 1], v[3 * i + 2]};

    for (int a = 0; a < 3; a++) v[3 * i + a] = dot(q[a], old);
  }
}

/* W -> Q W Q^T of a symmetric tensor xx yy zz yz xz xy */
static void turn_stress(const PetscReal q[3][3], PetscReal stress[6])
{
  static const int place[3][3] = {{0, 5, 4}, {5, 1, 3}, {4, 3, 2}};
  PetscReal out[6] = {0.0};

  for (int a = 0; a < 3; a++) {
    for (int b = a; b < 3; b++) {
      for (int cd = 0; cd < 9; cd++)
        out[place[a][b]] += q[a][cd / 3] * stress[place[cd / 3][cd % 3]] * q[b][cd % 3];
    }
  }
  memcpy(stress, out, sizeof(out));
}

PetscErrorCode mtp_config_turn_lower(mtp_config *config)
{
  PetscReal q[3][3], lower[3][3];

  PetscFunctionBegin;
  PetscCall(check_cell(config));
  if (is_lower((const PetscReal(*)[3])config->h)) PetscFunctionReturn(0);
  lower_cell((const PetscReal(*)[3])config->h, q, lower);
  memcpy(config->h, lower, sizeof(lower));
  turn((const PetscReal(*)[3])q, config->n, config->x);
  turn((const PetscReal(*)[3])q, config->n, config->force);
  turn((const PetscReal(*)[3])q, config->n, config->magmom);
  turn((const PetscReal(*)[3])q, config->n, config->en_der_m);
  turn_stress((const PetscReal(*)[3])q, config->stress);
  PetscFunctionReturn(0);
}

/* Writing ------------------------------------------------------------------------------------ */

/* row -= k other, with the whole number k that leaves at most half of other's edge along axis */
static void reduce(PetscReal row[3], const PetscReal other[3], int axis)
{
  const PetscReal ratio = row[axis] / other[axis];
  const PetscReal k = PetscAbsReal(ratio) > 0.5 ? PetscFloorReal(ratio + 0.5) : 0.0;

  for (int a = 0; a < 3; a++) row[a] -= k * other[a];
}

static PetscErrorCode check(const mtp_config *c, PetscInt nspecies, const char *const species[])
{
  PetscFunctionBegin;
  PetscCall(check_cell(c));
  for (PetscInt s = 0; s < nspecies; s++)
    PetscCheck(mtp_element_mass(species[s], NULL), PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
               "Species %s has no known mass", species[s]);
  for (PetscInt i = 0; i < c->n; i++)
    PetscCheck(c->type[i] >= 0 && (nspecies == 0 || c->type[i] < nspecies), PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE,
               "Atom %" PetscInt_FMT " has type %" PetscInt_FMT ", but %" PetscInt_FMT
               " species are named",
               i + 1, c->type[i], nspecies);
  PetscFunctionReturn(0);
}

/* LAMMPS' cell, tilts reduced, and the turn to it; what overflows on the way is refused. */
static PetscErrorCode make_box(const mtp_config *c, PetscReal q[3][3], PetscReal box[3][3])
{
  PetscBool good = PETSC_TRUE;

  PetscFunctionBegin;
  lower_cell((const PetscReal(*)[3])c->h, q, box);
  reduce(box[1], box[0], 0);
  reduce(box[2], box[1], 1);
  reduce(box[2], box[0], 0);
  for (int k = 0; k < 9; k++)
    good = (PetscBool)(good && !PetscIsInfOrNanReal(box[k / 3][k % 3]) &&
                       (k % 4 != 0 || box[k / 3][k % 3] > 0.0));
  PetscCheck(good, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
             "The lattice vectors are too different in length for a LAMMPS cell");
  PetscFunctionReturn(0);
}

static void write_header(const mtp_config *c, PetscInt ntypes, const PetscReal box[3][3], FILE *out)
{
  static const char edge[] = "xyz";

  (void)fprintf(out,
                "LAMMPS data file: distances in A, masses in g/mol\n\n%" PetscInt_FMT
                " atoms\n%" PetscInt_FMT " atom types\n\n",
                c->n, ntypes);
  for (int k = 0; k < 3; k++)
    (void)fprintf(out, "0 %.16e %clo %chi\n", (double)box[k][k], edge[k], edge[k]);
  if (box[1][0] != 0.0 || box[2][0] != 0.0 || box[2][1] != 0.0)
    (void)fprintf(out, "%.16e %.16e %.16e xy xz yz\n", (double)box[1][0], (double)box[2][0],
                  (double)box[2][1]);
}

static void write_masses(PetscInt nspecies, const char *const species[], FILE *out)
{
  PetscReal mass = 0.0;

  if (nspecies > 0) (void)fputs("\nMasses\n\n", out);
  for (PetscInt s = 0; s < nspecies; s++) {
    (void)mtp_element_mass(species[s], &mass);
    (void)fprintf(out, "%" PetscInt_FMT " %.10g # %s\n", s + 1, (double)mass, species[s]);
  }
}

static void write_atoms(const mtp_config *c, const PetscReal q[3][3], FILE *out)
{
  (void)fprintf(out, "\nAtoms # %s\n\n", c->charge ? "charge" : "atomic");
  for (PetscInt i = 0; i < c->n; i++) {
    PetscReal x[3] = {c->x[3 * i], c->x[3 * i + 1], c->x[3 * i + 2]};

    if (!is_lower((const PetscReal(*)[3])c->h)) turn(q, 1, x);
    (void)fprintf(out, "%" PetscInt_FMT " %" PetscInt_FMT, i + 1, c->type[i] + 1);
    if (c->charge) (void)fprintf(out, " %.16e", (double)c->charge[i]);
    (void)fprintf(out, " %.16e %.16e %.16e\n", (double)x[0], (double)x[1], (double)x[2]);
  }
}

PetscErrorCode mtp_lammps_write(const mtp_config *config, PetscInt nspecies,
                                const char *const species[], FILE *out)
{
  PetscInt ntypes = PetscMax(nspecies, 1);
  PetscReal q[3][3], box[3][3];
  locale_t old;

  PetscFunctionBegin;
  PetscCall(check(config, nspecies, species));
  for (PetscInt i = 0; i < config->n; i++) ntypes = PetscMax(ntypes, config->type[i] + 1);
  PetscCall(make_box(config, q, box));
  PetscCall(mtp_text_locale_push(&old));
  write_header(config, ntypes, (const PetscReal(*)[3])box, out);
  write_masses(nspecies, species, out);
  write_atoms(config, (const PetscReal(*)[3])q, out);
  mtp_text_locale_pop(old);
  PetscCheck(!ferror(out) && fflush(out) == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "Cannot write a configuration of %" PetscInt_FMT " atoms", config->n);
  PetscFunctionReturn(0);
}
