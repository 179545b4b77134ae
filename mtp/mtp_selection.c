/* mtp/mtp_selection.c - active sets as objects, and their bytes in an .almtp file
 *
 * Reading is in mtp_selection_read.c (MLIP-3) and mtp_selection_als.c (MLIP-2); the layout that is
 * written stands at the top of mtp_read_selection.c.  Numbers are raw little-endian doubles on any
 * machine.
 */
#include "mtp/mtp_potential_impl.h"
#include "mtp/mtp_selection_impl.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

PetscErrorCode mtp__selection_create(PetscInt n, mtp_selection **sel)
{
  const size_t size = (size_t)n;

  PetscFunctionBegin;
  PetscCall(PetscNew(sel));
  (*sel)->n = n;
  PetscCall(PetscMalloc3(size * size, &(*sel)->matrix, size * size, &(*sel)->inverse, size,
                         &(*sel)->row));
  for (PetscInt k = 0; k < n; k++) (*sel)->row[k] = (mtp_selection_row){-1, -1};
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_selection_destroy(mtp_selection **sel)
{
  PetscFunctionBegin;
  if (!*sel) PetscFunctionReturn(0);
  PetscCall(PetscFree3((*sel)->matrix, (*sel)->inverse, (*sel)->row));
  PetscCall(mtp_config_list_clear(&(*sel)->configs));
  PetscCall(PetscFree(*sel));
  PetscFunctionReturn(0);
}

/* What it is --------------------------------------------------------------------------------- */

mtp_selection_mode mtp_selection_weights_mode(const mtp_selection_weights *weights)
{
  if (weights->force > 0.0 || weights->stress > 0.0) return MTP_SELECTION_OTHER;
  if (weights->site_energy > 0.0 && weights->energy <= 0.0) return MTP_SELECTION_NEIGHBOURHOOD;
  if (weights->energy > 0.0 && weights->site_energy <= 0.0) return MTP_SELECTION_CONFIGURATION;
  return MTP_SELECTION_OTHER;
}

mtp_selection_mode mtp_selection_get_mode(const mtp_selection *sel)
{
  return mtp_selection_weights_mode(&sel->weights);
}

const char *mtp_selection_mode_name(mtp_selection_mode mode)
{
  switch (mode) {
  case MTP_SELECTION_NEIGHBOURHOOD:
    return "neighbourhood";
  case MTP_SELECTION_CONFIGURATION:
    return "configuration";
  default:
    return "mixed";
  }
}

const PetscReal *mtp_selection_inverse(const mtp_selection *sel)
{
  return sel->inverse;
}

PetscInt mtp_selection_size(const mtp_selection *sel)
{
  return sel->n;
}

PetscErrorCode mtp_selection_get_info(const mtp_selection *sel, mtp_selection_info *info)
{
  PetscFunctionBegin;
  *info = (mtp_selection_info){.mode = mtp_selection_get_mode(sel),
                               .weights = sel->weights,
                               .n = sel->n,
                               .residual = sel->residual,
                               .matrix = sel->matrix,
                               .inverse = sel->inverse,
                               .row = sel->row,
                               .configs = &sel->configs};
  for (PetscInt k = 0; k < sel->n; k++) info->nunused += sel->row[k].config < 0;
  PetscFunctionReturn(0);
}

/* Bytes -------------------------------------------------------------------------------------- */

void mtp__selection_load_reals(const char *bytes, size_t n, PetscReal out[])
{
  for (size_t i = 0; i < n; i++, bytes += 8) {
    uint64_t bits = 0;
    double value;

    for (int b = 7; b >= 0; b--) bits = bits << 8 | (unsigned char)bytes[b];
    memcpy(&value, &bits, sizeof(value));
    out[i] = (PetscReal)value;
  }
}

static void write_reals(size_t n, const PetscReal v[], FILE *out)
{
  for (size_t i = 0; i < n; i++) {
    const double value = (double)v[i];
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    for (int b = 0; b < 8; b++) (void)fputc((int)(bits >> (8 * b) & 0xff), out);
  }
}

void mtp__selection_load_matrices(const char *bytes, mtp_selection *sel)
{
  const size_t n = (size_t)sel->n;

  mtp__selection_load_reals(bytes, n * n, sel->matrix);
  mtp__selection_load_reals(bytes + 8 * n * n, n * n, sel->inverse);
}

static int compare_equations(const void *a, const void *b)
{
  const PetscInt x = *(const PetscInt *)a, y = *(const PetscInt *)b;

  return (x > y) - (x < y);
}

/* The feature selected_eqn_inds: "202,206", the equations that are active, ascending. */
static PetscErrorCode name_equations(const mtp_selection *sel, PetscInt c, mtp_config *config)
{
  PetscInt *equation, n = 0;
  size_t used = 0, size;
  char *text;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(sel->n, &equation));
  for (PetscInt k = 0; k < sel->n; k++) {
    if (sel->row[k].config == c) equation[n++] = sel->row[k].equation;
  }
  qsort(equation, (size_t)n, sizeof(*equation), compare_equations);
  size = 24 * (size_t)n + 1;
  PetscCall(PetscMalloc1(size, &text));
  text[0] = 0;
  for (PetscInt i = 0; i < n; i++)
    used +=
        (size_t)snprintf(text + used, size - used, "%s%" PetscInt_FMT, i ? "," : "", equation[i]);
  if (n > 0) PetscCall(mtp_config_set_feature(config, "selected_eqn_inds", text));
  PetscCall(PetscFree(text));
  PetscCall(PetscFree(equation));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_selection_copy_config(const mtp_selection *sel, PetscInt c, mtp_config *config)
{
  PetscFunctionBegin;
  PetscCheck(c >= 0 && c < sel->configs.n, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Configuration %" PetscInt_FMT " of %" PetscInt_FMT, c, sel->configs.n);
  PetscCall(mtp_config_copy(&sel->configs.config[c], config));
  PetscCall(name_equations(sel, c, config));
  PetscFunctionReturn(0);
}

/* Types are positions in an .mtp and numbers of labels in an .almtp. */
static PetscErrorCode write_config(const mtp_selection *sel, const mtp_potential *pot, PetscInt c,
                                   FILE *out)
{
  mtp_config config;

  PetscFunctionBegin;
  PetscCall(mtp_selection_copy_config(sel, c, &config));
  for (PetscInt i = 0; i < config.n && pot->format == MTP_FORMAT_MLIP2; i++)
    config.type[i] = pot->species_label[config.type[i]];
  PetscCall(mtp_cfg_write(&config, MTP_CFG_LOSSLESS, out));
  PetscCall(mtp_config_clear(&config));
  PetscFunctionReturn(0);
}

static PetscErrorCode write_state(const mtp_selection *sel, const mtp_potential *pot, FILE *out)
{
  const mtp_selection_weights *w = &sel->weights;
  const size_t n = (size_t)sel->n;

  PetscFunctionBegin;
  (void)fprintf(out,
                "\n#MVS_v1.1\nenergy_weight %.16e\nforce_weight %.16e\nstress_weight %.16e\n"
                "site_en_weight %.16e\nweight_scaling %" PetscInt_FMT "\n#",
                (double)w->energy, (double)w->force, (double)w->stress, (double)w->site_energy,
                w->scaling);
  write_reals(n * n, sel->matrix, out);
  write_reals(n * n, sel->inverse, out);
  (void)fputs("\n#\n", out);
  for (PetscInt k = 0; k < sel->n; k++)
    (void)fprintf(out, "%" PetscInt_FMT " %" PetscInt_FMT "\n", sel->row[k].config,
                  sel->row[k].equation);
  (void)fputs("#\n", out);
  for (PetscInt c = 0; c < sel->configs.n; c++) PetscCall(write_config(sel, pot, c, out));
  PetscFunctionReturn(0);
}

/* Refusals of mtp_selection_attach(). */
static PetscErrorCode check_attach(const mtp_selection *sel, const mtp_potential *pot)
{
  mtp_potential_info info;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(pot, &info));
  PetscCheck(info.ncoeff == sel->n, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ,
             "An active set of %" PetscInt_FMT " rows for a potential of %" PetscInt_FMT
             " coefficients",
             sel->n, info.ncoeff);
  for (PetscInt k = 0; k < sel->n; k++)
    PetscCheck(sel->row[k].config < 0 || sel->row[k].equation >= 0, PETSC_COMM_SELF,
               PETSC_ERR_ARG_INCOMP, "Active row %" PetscInt_FMT " does not say which atom it is",
               k);
  for (PetscInt c = 0; c < sel->configs.n && info.format == MTP_FORMAT_MLIP2; c++) {
    const mtp_config *config = &sel->configs.config[c];

    for (PetscInt i = 0; i < config->n; i++)
      PetscCheck(config->type[i] >= 0 && config->type[i] < info.nspecies, PETSC_COMM_SELF,
                 PETSC_ERR_ARG_OUTOFRANGE, "Type %" PetscInt_FMT " of %" PetscInt_FMT " species",
                 config->type[i], info.nspecies);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_selection_attach(const mtp_selection *sel, mtp_potential *pot)
{
  PetscErrorCode ierr;
  locale_t old;
  char *text = NULL;
  size_t length = 0;
  FILE *out;

  PetscFunctionBegin;
  PetscCall(check_attach(sel, pot));
  out = open_memstream(&text, &length);
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for a selection state");
  ierr = mtp_text_locale_push(&old);
  if (!ierr) {
    ierr = write_state(sel, pot, out);
    mtp_text_locale_pop(old);
  }
  if (fclose(out) != 0 && !ierr) ierr = PETSC_ERR_MEM;
  if (!ierr) {
    PetscCall(PetscFree(pot->selection));
    pot->selection_size = length;
    ierr = PetscMalloc1(length, &pot->selection);
    if (!ierr) ierr = PetscMemcpy(pot->selection, text, length);
  }
  free(text);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
