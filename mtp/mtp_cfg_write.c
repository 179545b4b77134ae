/* mtp/mtp_cfg_write.c - configurations as MLIP's .cfg text
 *
 * Blanks and columns are MLIP's own: a file that MLIP wrote comes back byte for byte.  PLAIN has
 * MLIP's decimals (forces lose what is below 5e-7 eV/A), LOSSLESS 17 significant digits.
 */
#include "mtp/mtp_config_impl.h"

#include <string.h>

/* One number in the chosen precision. */
static void put(FILE *out, mtp_cfg_precision precision, int width, int decimals, PetscReal value)
{
  if (precision == MTP_CFG_LOSSLESS)
    (void)fprintf(out, "%.16e", (double)value);
  else
    (void)fprintf(out, "%*.*f", width, decimals, (double)value);
}

static void write_cell(const mtp_config *c, mtp_cfg_precision precision, FILE *out)
{
  if (c->nlattice > 0) (void)fputs(" Supercell\n", out);
  for (PetscInt a = 0; a < c->nlattice; a++) {
    (void)fputs("   ", out);
    for (int b = 0; b < 3; b++) {
      (void)fputc(' ', out);
      put(out, precision, 13, 6, c->h[a][b]);
    }
    (void)fputc('\n', out);
  }
}

/* The grades stand behind the ghost flags. */
static PetscBool is_last(int field)
{
  return (PetscBool)(field == MTP_CONFIG_NFIELD - 1);
}

static void write_columns(const mtp_config *c, FILE *out)
{
  (void)fputs(" AtomData:  id type", out);
  for (int k = 0; k < MTP_CONFIG_NFIELD; k++) {
    if (is_last(k) && c->ghost) (void)fputs("     ghost", out);
    if (mtp__config_values(c, &mtp__config_fields[k]))
      (void)fputs(mtp__config_fields[k].header, out);
  }
  (void)fputc('\n', out);
}

static void write_atom(const mtp_config *c, mtp_cfg_precision precision, PetscInt i, FILE *out)
{
  const PetscBool plain = (PetscBool)(precision == MTP_CFG_PLAIN);

  (void)fprintf(out, "    %*" PetscInt_FMT " %*" PetscInt_FMT, plain ? 10 : 1, i + 1, plain ? 4 : 1,
                c->type[i]);
  for (int k = 0; k < MTP_CONFIG_NFIELD; k++) {
    const mtp_config_field *f = &mtp__config_fields[k];
    const PetscReal *values = mtp__config_values(c, f);

    if (is_last(k) && c->ghost) (void)fputs(c->ghost[i] ? "     true " : "     false", out);
    for (PetscInt a = 0; values && a < f->width; a++) {
      (void)fprintf(out, "%*s", a ? 1 : f->lead, "");
      put(out, precision, f->digits, f->decimals, values[f->width * i + a]);
    }
  }
  (void)fputc('\n', out);
}

static void write_totals(const mtp_config *c, mtp_cfg_precision precision, FILE *out)
{
  if (c->has_energy) {
    (void)fputs(" Energy\n    ", out);
    put(out, precision, 20, 12, c->energy);
    (void)fputc('\n', out);
  }
  if (!c->has_stress) return;
  (void)fputs(" PlusStress:  xx          yy          zz          yz          xz          xy\n    ",
              out);
  for (int k = 0; k < 6; k++) {
    (void)fputc(' ', out);
    put(out, precision, 11, 5, c->stress[k]);
  }
  (void)fputc('\n', out);
}

/* A blank as \_ and so on.  MLIP leaves a backslash alone, so it is doubled only where it would
   be read as the begin of such a code. */
static void write_key(const char *key, FILE *out)
{
  static const char chars[] = " \t\n\r", codes[] = "_tnr";

  for (const char *c = key; *c; c++) {
    const char *special = strchr(chars, *c);

    if (special) {
      (void)fprintf(out, "\\%c", codes[special - chars]);
    } else {
      if (*c == '\\' && c[1] && strchr(" \t\n\r_tnr\\", c[1])) (void)fputc('\\', out);
      (void)fputc(*c, out);
    }
  }
}

/* One line for each line of the value. */
static void write_feature(const mtp_feature *feature, FILE *out)
{
  const char *line = feature->value;

  for (;;) {
    const size_t n = strcspn(line, "\n");

    (void)fputs(" Feature   ", out);
    write_key(feature->key, out);
    (void)fprintf(out, "\t%.*s\n", (int)n, line);
    if (!line[n]) return;
    line += n + 1;
  }
}

PetscErrorCode mtp_cfg_write(const mtp_config *config, mtp_cfg_precision precision, FILE *out)
{
  locale_t old;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < config->nfeature; i++)
    PetscCheck(config->feature[i].key[0], PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
               "Feature %" PetscInt_FMT " has an empty key, which .cfg cannot hold", i + 1);
  PetscCall(mtp_text_locale_push(&old));
  (void)fprintf(out, "BEGIN_CFG\n Size\n    %" PetscInt_FMT "\n", config->n);
  write_cell(config, precision, out);
  if (config->n > 0) write_columns(config, out);
  for (PetscInt i = 0; i < config->n; i++) write_atom(config, precision, i, out);
  write_totals(config, precision, out);
  for (PetscInt i = 0; i < config->nfeature; i++) write_feature(&config->feature[i], out);
  (void)fputs("END_CFG\n\n", out);
  mtp_text_locale_pop(old);
  PetscCheck(!ferror(out) && fflush(out) == 0, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "Cannot write a configuration of %" PetscInt_FMT " atoms", config->n);
  PetscFunctionReturn(0);
}
