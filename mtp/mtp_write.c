/* mtp/mtp_write.c - a potential as .mtp or .almtp text
 *
 * The words, blanks and order are those that MLIP-2, MLIP-3 and LAMMPS read; numbers have 17
 * significant digits, so reading gives them back to the last bit.  The selection state begins
 * with a newline of its own and follows the closing brace at once, as MLIP-3 has it.
 */
#include "mtp/mtp_potential_impl.h"
#include "mtp/mtp_text.h"

#include <errno.h>
#include <string.h>

/* MLIP-3 takes the name as one word and looks for the selection state behind the first '#'. */
static void write_label(const char *text, const char *unwanted, FILE *out)
{
  for (const char *c = text; *c; c++) (void)fputc(strchr(unwanted, *c) ? '_' : *c, out);
  (void)fputc('\n', out);
}

/* "{1, 2, 3}" */
static void write_reals(PetscInt n, const PetscReal v[], FILE *out)
{
  for (PetscInt i = 0; i < n; i++) (void)fprintf(out, "%s%.16e", i ? ", " : "{", (double)v[i]);
  (void)fputc('}', out);
}

static void write_rows(const char *name, PetscInt n, PetscInt (*const rows)[4], FILE *out)
{
  (void)fprintf(out, "%s_count = %" PetscInt_FMT "\n%s = {", name, n, name);
  for (PetscInt i = 0; i < n; i++)
    (void)fprintf(out,
                  "%s{%" PetscInt_FMT ", %" PetscInt_FMT ", %" PetscInt_FMT ", %" PetscInt_FMT "}",
                  i ? ", " : "", rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
  (void)fputs("}\n", out);
}

static void write_radial(const mtp_potential *p, FILE *out)
{
  const PetscReal *c = p->radial;

  (void)fputs("\tradial_coeffs\n", out);
  for (PetscInt pair = 0; pair < p->nspecies * p->nspecies; pair++) {
    (void)fprintf(out, "\t\t%" PetscInt_FMT "-%" PetscInt_FMT "\n",
                  p->species_label[pair / p->nspecies], p->species_label[pair % p->nspecies]);
    for (PetscInt mu = 0; mu < p->radial_funcs; mu++, c += p->radial_size) {
      (void)fputs("\t\t\t", out);
      write_reals(p->radial_size, c, out);
      (void)fputc('\n', out);
    }
  }
}

static void write_head(const mtp_potential *p, FILE *out)
{
  (void)fputs("MTP\nversion = 1.1.0\n", out);
  if (p->name[0]) {
    (void)fputs("potential_name = ", out);
    write_label(p->name, " \t#", out);
  }
  (void)fprintf(out, "scaling = %.16e\n", (double)p->scaling);
  if (p->nspecies > 0) (void)fprintf(out, "species_count = %" PetscInt_FMT "\n", p->nspecies);
  (void)fputs("potential_tag = ", out);
  write_label(p->tag, "#", out);
  (void)fprintf(out, "radial_basis_type = %s\n\tmin_dist = %.16e\n\tmax_dist = %.16e\n",
                p->repulsive ? "RBChebyshev_repuls" : "RBChebyshev", (double)p->min_dist,
                (double)p->cutoff);
  (void)fprintf(
      out, "\tradial_basis_size = %" PetscInt_FMT "\n\tradial_funcs_count = %" PetscInt_FMT "\n",
      p->radial_size, p->radial_funcs);
}

static void write_tables(const mtp_potential *p, FILE *out)
{
  (void)fprintf(out, "alpha_moments_count = %" PetscInt_FMT "\n", p->nmoment);
  write_rows("alpha_index_basic", p->nbasic, p->basic, out);
  write_rows("alpha_index_times", p->ntimes, p->times, out);
  (void)fprintf(out, "alpha_scalar_moments = %" PetscInt_FMT "\nalpha_moment_mapping = {",
                p->nscalar);
  for (PetscInt k = 0; k < p->nscalar; k++)
    (void)fprintf(out, "%s%" PetscInt_FMT, k ? ", " : "", p->mapping[k]);
  (void)fputs("}\n", out);
}

static void write_potential(const mtp_potential *p, mtp_format format, FILE *out)
{
  const PetscBool state = (PetscBool)(format == MTP_FORMAT_MLIP3 && p->selection);

  write_head(p, out);
  if (p->radial) write_radial(p, out);
  write_tables(p, out);
  if (mtp_potential_trained(p)) {
    (void)fputs("species_coeffs = ", out);
    write_reals(p->nspecies, p->species_coeff, out);
    (void)fputs("\nmoment_coeffs = ", out);
    write_reals(p->nscalar, p->moment_coeff, out);
  }
  if (state)
    (void)fwrite(p->selection, 1, p->selection_size, out);
  else if (mtp_potential_trained(p))
    (void)fputc('\n', out);
}

PetscErrorCode mtp_potential_write(const mtp_potential *pot, mtp_format format, const char *path)
{
  locale_t old;
  FILE *out;
  int failed;

  PetscFunctionBegin;
  out = fopen(path, "wb");
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "Cannot write %s: %s", path,
             strerror(errno));
  if (mtp_text_locale_push(&old)) {
    (void)fclose(out);
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the C locale");
  }
  errno = 0;
  write_potential(pot, format, out);
  mtp_text_locale_pop(old);
  failed = ferror(out);
  if (fclose(out) != 0) failed = 1;
  PetscCheck(!failed, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "Cannot write %s: %s", path,
             strerror(errno));
  PetscFunctionReturn(0);
}
