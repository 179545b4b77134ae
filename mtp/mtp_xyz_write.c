/* mtp/mtp_xyz_write.c - configurations as extended XYZ that ASE and others read
 *
 * 17 significant digits.  The stress is written twice: as `virial`, which is PlusStress itself and
 * comes back to the last bit, and, for a full cell, as ASE's `stress`.
 */
#include "mtp/mtp_config_impl.h"

#include <string.h>

static const char *const reserved[] = {"Lattice", "Properties", "pbc",
                                       "energy",  "stress",     "virial"};

/* "..." with \" \\ \n */
static void write_quoted(const char *text, FILE *out)
{
  (void)fputc('"', out);
  for (const char *c = text; *c; c++) {
    if (*c == '"' || *c == '\\') (void)fputc('\\', out);
    if (*c == '\n')
      (void)fputs("\\n", out);
    else
      (void)fputc(*c, out);
  }
  (void)fputc('"', out);
}

/* Keys of letters, digits and _ . - stand without quotes. */
static void write_key(const char *key, FILE *out)
{
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

  if (key[strspn(key, plain)])
    write_quoted(key, out);
  else
    (void)fputs(key, out);
}

static void write_reals(const char *key, PetscInt n, const PetscReal v[], FILE *out)
{
  (void)fprintf(out, " %s=\"", key);
  for (PetscInt k = 0; k < n; k++) (void)fprintf(out, "%s%.16e", k ? " " : "", (double)v[k]);
  (void)fputc('"', out);
}

static void write_stress(const mtp_config *c, FILE *out)
{
  const int place[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};
  PetscBool finite = PETSC_TRUE;
  PetscReal virial[9], stress[9];

  for (int k = 0; k < 9; k++) {
    virial[k] = c->stress[place[k]];
    stress[k] = -virial[k] / mtp_config_extent(c);
    finite = (PetscBool)(finite && !PetscIsInfOrNanReal(stress[k]));
  }
  write_reals("virial", 9, virial, out);
  if (c->nlattice == 3 && finite) write_reals("stress", 9, stress, out);
}

static void write_comment(const mtp_config *c, FILE *out)
{
  (void)fputs("Properties=species:S:1", out);
  for (int k = 0; k < MTP_CONFIG_NFIELD; k++) {
    const mtp_config_field *f = &mtp__config_fields[k];

    if (mtp__config_values(c, f)) (void)fprintf(out, ":%s:R:%" PetscInt_FMT, f->xyz[0], f->width);
  }
  if (c->ghost) (void)fputs(":ghost:I:1", out);
  (void)fprintf(out, " pbc=\"%c %c %c\"", c->nlattice > 0 ? 'T' : 'F', c->nlattice > 1 ? 'T' : 'F',
                c->nlattice > 2 ? 'T' : 'F');
  if (c->nlattice > 0) write_reals("Lattice", 9, &c->h[0][0], out);
  if (c->has_energy) (void)fprintf(out, " energy=%.16e", (double)c->energy);
  if (c->has_stress) write_stress(c, out);
  for (PetscInt i = 0; i < c->nfeature; i++) {
    (void)fputc(' ', out);
    write_key(c->feature[i].key, out);
    (void)fputc('=', out);
    write_quoted(c->feature[i].value, out);
  }
  (void)fputc('\n', out);
}

static void write_atom(const mtp_config *c, PetscInt i, const char *species, FILE *out)
{
  (void)fputs(species, out);
  for (int k = 0; k < MTP_CONFIG_NFIELD; k++) {
    const mtp_config_field *f = &mtp__config_fields[k];
    const PetscReal *values = mtp__config_values(c, f);

    for (PetscInt a = 0; values && a < f->width; a++)
      (void)fprintf(out, " %.16e", (double)values[f->width * i + a]);
  }
  if (c->ghost) (void)fprintf(out, " %" PetscInt_FMT, c->ghost[i]);
  (void)fputc('\n', out);
}

static PetscErrorCode check(const mtp_config *c, PetscInt nspecies)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < c->n; i++)
    PetscCheck(c->type[i] >= 0 && c->type[i] < nspecies, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "Atom %" PetscInt_FMT " has type %" PetscInt_FMT ", but %" PetscInt_FMT
               " species are named",
               i + 1, c->type[i], nspecies);
  for (PetscInt i = 0; i < c->nfeature; i++) {
    for (size_t k = 0; k < sizeof(reserved) / sizeof(reserved[0]); k++)
      PetscCheck(c->feature[i].key[0] && strcmp(c->feature[i].key, reserved[k]) != 0,
                 PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
                 "Feature '%s' has a name that means something in extended XYZ", c->feature[i].key);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_xyz_write(const mtp_config *config, PetscInt nspecies,
                             const char *const species[], FILE *out)
{
  locale_t old;

  PetscFunctionBegin;
  PetscCall(check(config, nspecies));
  PetscCall(mtp_text_locale_push(&old));
  (void)fprintf(out, "%" PetscInt_FMT "\n", config->n);
  write_comment(config, out);
  for (PetscInt i = 0; i < config->n; i++) write_atom(config, i, species[config->type[i]], out);
  mtp_text_locale_pop(old);
  PetscCheck(!ferror(out) && fflush(out) == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "Cannot write a frame of %" PetscInt_FMT " atoms", config->n);
  PetscFunctionReturn(0);
}
