/* md/md_xyz.c - frames of a trajectory in extended XYZ
 *
 * One frame is the number of atoms, a comment of key=value pairs and a line an atom.  17
 * significant digits, so that a frame read back starts the same trajectory.  Positions are
 * unwrapped: viewers wrap when asked to, and displacements can be taken from the file.
 */
#include "md/md_pack.h"

#include "mtp/mtp_text.h"

#include <errno.h>
#include <string.h>

/* Quotes and control characters would end the value. */
static void write_words(const char *words, FILE *out)
{
  for (; *words; words++) {
    const unsigned char c = (unsigned char)*words;

    fputc(c == '"' ? '\'' : (c < ' ' ? ' ' : c), out);
  }
}

/* reason: NULL for a frame of a trajectory */
static void write_header(const md_atoms *atoms, PetscReal time, PetscReal energy,
                         const char *reason, FILE *out)
{
  fprintf(out, "%" PetscInt_FMT "\nLattice=\"", atoms->n);
  for (int k = 0; k < 9; k++) {
    fprintf(out, "%s%.17g", k ? " " : "", (double)atoms->h[k / 3][k % 3]);
  }
  fprintf(out, "\" Properties=species:S:1:pos:R:3:vel:R:3 pbc=\"T T T\" energy=%.17g Time=%.17g",
          (double)energy, (double)time);
  if (reason) {
    fprintf(out, " reason=\"");
    write_words(reason, out);
    fprintf(out, "\"");
  }
  fprintf(out, "\n");
}

static void write_atom(const md_atoms *atoms, const char *const species[], PetscInt i, FILE *out)
{
  const PetscReal *x = &atoms->x[3 * (size_t)i], *v = &atoms->v[3 * (size_t)i];

  fprintf(out, "%s %.17g %.17g %.17g %.17g %.17g %.17g\n", species[atoms->type[i]], (double)x[0],
          (double)x[1], (double)x[2], (double)v[0], (double)v[1], (double)v[2]);
}

static PetscErrorCode write_frame(const md_atoms *atoms, const char *const species[],
                                  PetscReal time, PetscReal energy, const char *reason, FILE *out)
{
  locale_t old;

  PetscFunctionBegin;
  PetscCall(mtp_text_locale_push(&old));
  write_header(atoms, time, energy, reason, out);
  for (PetscInt i = 0; i < atoms->n; i++) write_atom(atoms, species, i, out);
  mtp_text_locale_pop(old);
  PetscCheck(fflush(out) == 0 && !ferror(out), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "Cannot write a frame of %" PetscInt_FMT " atoms: %s", atoms->n, strerror(errno));
  PetscFunctionReturn(0);
}

PetscErrorCode md_atoms_write_xyz(const md_atoms *atoms, const char *const species[],
                                  PetscReal time, PetscReal energy, FILE *out)
{
  PetscFunctionBegin;
  PetscCall(write_frame(atoms, species, time, energy, NULL, out));
  PetscFunctionReturn(0);
}

PetscErrorCode md_atoms_append_xyz(const char *path, const md_atoms *atoms,
                                   const char *const species[], PetscReal time, PetscReal energy,
                                   const char *reason)
{
  FILE *out = fopen(path, "ab");
  PetscErrorCode ierr;
  int closed;

  PetscFunctionBegin;
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot be opened: %s", path,
             strerror(errno));
  ierr = write_frame(atoms, species, time, energy, reason, out);
  closed = fclose(out);
  PetscCall(ierr);
  PetscCheck(closed == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: cannot be written: %s", path,
             strerror(errno));
  PetscFunctionReturn(0);
}
