/* mtp/mtp_selection_als.c - reading the selection state of MLIP-2, a file of its own (.als)
 *
 *   text of the potential  \n^  4 doubles: weights of site energies, energy, forces, stresses
 *   \n#  A  A^-1, n^2 doubles each, raw, the inverse transposed  \n
 *   n lines "row configuration", then the configurations as .cfg text
 *
 * Rows that were never replaced belong to a configuration without atoms, which stands among the
 * others; the reader of .cfg rightly refuses it, so it is cut out of the text first.  Energies are
 * divided by the number of atoms (weight_scaling 2).  Which atom a row is of is not written.
 */
#include "mtp/mtp_potential_impl.h"
#include "mtp/mtp_selection_impl.h"

#include <string.h>

typedef struct {
  mtp_text t;
  mtp_selection *sel;
} als_reader;

static PetscErrorCode als_error(als_reader *r, const char *what)
{
  PetscFunctionBegin;
  r->t.nerror++;
  PetscCall(mtp_diag_add(r->t.diag, r->t.name, 0, 0, "%s", what));
  PetscFunctionReturn(0);
}

/* The potential in front of the state must be the one that the grades will be computed with. */
static PetscBool same_reals(PetscInt n, const PetscReal a[], const PetscReal b[])
{
  for (PetscInt i = 0; i < n; i++) {
    if (!(PetscAbsReal(a[i] - b[i]) <= 1e-12 * (1.0 + PetscAbsReal(b[i])))) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

static PetscBool same_potential(const mtp_potential *a, const mtp_potential *b)
{
  const PetscInt S = b->nspecies;

  if (a->nspecies != S || a->radial_size != b->radial_size || a->radial_funcs != b->radial_funcs ||
      a->nbasic != b->nbasic || a->ntimes != b->ntimes || a->nscalar != b->nscalar ||
      a->nmoment != b->nmoment || a->repulsive != b->repulsive)
    return PETSC_FALSE;
  if (memcmp(a->basic, b->basic, (size_t)a->nbasic * sizeof(*a->basic)) != 0 ||
      (a->ntimes && memcmp(a->times, b->times, (size_t)a->ntimes * sizeof(*a->times)) != 0) ||
      memcmp(a->mapping, b->mapping, (size_t)a->nscalar * sizeof(*a->mapping)) != 0)
    return PETSC_FALSE;
  return (PetscBool)(same_reals(1, &a->scaling, &b->scaling) &&
                     same_reals(1, &a->min_dist, &b->min_dist) &&
                     same_reals(1, &a->cutoff, &b->cutoff) &&
                     same_reals(S * S * a->radial_funcs * a->radial_size, a->radial, b->radial) &&
                     same_reals(S, a->species_coeff, b->species_coeff) &&
                     same_reals(a->nscalar, a->moment_coeff, b->moment_coeff));
}

/* The text in front of "\n^". */
static PetscErrorCode read_potential(als_reader *r, const mtp_potential *pot)
{
  const char *at = r->t.at;
  mtp_potential *own = NULL;

  PetscFunctionBegin;
  for (; r->t.end - at >= 2 && (at[0] != '\n' || at[1] != '^'); at++) continue;
  if (r->t.end - at < 2) {
    PetscCall(als_error(r, "no line begins with '^', wanted the selection state of MLIP-2 (.als)"));
    PetscFunctionReturn(0);
  }
  PetscCall(mtp_potential_parse(r->t.name, r->t.at, (size_t)(at - r->t.at), &own, r->t.diag));
  if (!own) {
    r->t.nerror++;
  } else if (!mtp_potential_trained(own) || !mtp_potential_trained(pot) ||
             !same_potential(own, pot)) {
    PetscCall(als_error(r, "the selection state is of another potential: its coefficients differ, "
                           "and grades would be wrong"));
  }
  PetscCall(mtp_potential_destroy(&own));
  r->t.at = at + 2;
  PetscFunctionReturn(0);
}

/* Four weights, "\n#", the matrices. */
static PetscErrorCode read_binary(als_reader *r, PetscInt ncoeff)
{
  const size_t n = (size_t)ncoeff, left = (size_t)(r->t.end - r->t.at), head = 32 + 2;
  PetscReal weights[4];

  PetscFunctionBegin;
  if (n < 1 || left < head || (left - head) / 16 / n < n || memcmp(r->t.at + 32, "\n#", 2) != 0) {
    PetscCall(als_error(r, "selection state: ends or breaks off in the active set"));
    PetscFunctionReturn(0);
  }
  PetscCall(mtp__selection_create(ncoeff, &r->sel));
  mtp__selection_load_reals(r->t.at, 4, weights);
  r->sel->weights = (mtp_selection_weights){.site_energy = weights[0],
                                            .energy = weights[1],
                                            .force = weights[2],
                                            .stress = weights[3],
                                            .scaling = 2};
  mtp__selection_load_matrices(r->t.at + head, r->sel);
  r->t.at += head + 16 * n * n;
  PetscFunctionReturn(0);
}

/* "row configuration", rows in order */
static PetscErrorCode read_rows(als_reader *r)
{
  mtp_span line = {0}, word;
  PetscInt number, row;

  PetscFunctionBegin;
  if (r->t.at < r->t.end && *r->t.at == '\n') r->t.at++;
  for (PetscInt k = 0; k < r->sel->n; k++) {
    if (!mtp_text_line(&r->t, &line, &number) || !mtp_text_word(&line, &word) ||
        mtp_text_int(word, &row) != MTP_NUMBER_OK || row != k || !mtp_text_word(&line, &word) ||
        mtp_text_int(word, &r->sel->row[k].config) != MTP_NUMBER_OK || r->sel->row[k].config < 0) {
      PetscCall(als_error(r, "selection state: ends or breaks off in the list of active rows"));
      PetscFunctionReturn(0);
    }
  }
  PetscFunctionReturn(0);
}

/* Looks at the configuration at t->at without moving it: where it ends, and whether it has no
   atoms. */
static const char *look_at_config(const mtp_text *from, PetscBool *empty)
{
  mtp_text t = *from;
  mtp_span line, word;
  PetscInt number, size;
  PetscBool next = PETSC_FALSE, zero = PETSC_FALSE;

  *empty = PETSC_FALSE;
  while (mtp_text_line(&t, &line, &number)) {
    if (!mtp_text_word(&line, &word)) continue;
    if (next) zero = (PetscBool)(mtp_text_int(word, &size) == MTP_NUMBER_OK && size == 0);
    next = mtp_span_is(word, "Size");
    if (!mtp_span_is(word, "END_CFG")) continue;
    *empty = zero;
    break;
  }
  return t.at;
}

/* Configurations with atoms; rows of those without become (-1, -1), the others are renumbered. */
static PetscErrorCode read_configs(als_reader *r)
{
  PetscInt index = 0, kept = 0;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < r->sel->n; k++) r->sel->row[k].equation = r->sel->row[k].config;
  for (mtp_text_skip(&r->t); r->t.at < r->t.end; mtp_text_skip(&r->t), index++) {
    PetscBool empty;
    const char *end = look_at_config(&r->t, &empty);

    if (!empty)
      PetscCall(
          mtp_cfg_parse(r->t.name, r->t.at, (size_t)(end - r->t.at), &r->sel->configs, r->t.diag));
    for (PetscInt k = 0; k < r->sel->n; k++) {
      if (r->sel->row[k].equation == index) r->sel->row[k].config = empty ? -1 : kept;
    }
    kept += empty ? 0 : 1;
    r->t.at = end;
  }
  for (PetscInt k = 0; k < r->sel->n; k++) {
    if (r->sel->row[k].equation >= index) {
      PetscCall(mtp_diag_add(r->t.diag, r->t.name, 0, 0,
                             "selection state: row %" PetscInt_FMT
                             " is of configuration %" PetscInt_FMT ", there are %" PetscInt_FMT,
                             k + 1, r->sel->row[k].equation, index));
      r->t.nerror++;
    }
  }
  PetscFunctionReturn(0);
}

/* Energies have one equation; the file does not say which atom a site energy is of. */
static void set_equations(mtp_selection *sel)
{
  const PetscBool energies =
      (PetscBool)(mtp_selection_get_mode(sel) == MTP_SELECTION_CONFIGURATION);

  for (PetscInt k = 0; k < sel->n; k++)
    sel->row[k].equation = sel->row[k].config >= 0 && energies ? 0 : -1;
}

static PetscErrorCode read_als(als_reader *r, const mtp_potential *pot)
{
  mtp_potential_info info;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(pot, &info));
  PetscCall(read_potential(r, pot));
  if (r->t.nerror == 0) PetscCall(read_binary(r, info.ncoeff));
  if (r->t.nerror == 0) PetscCall(read_rows(r));
  if (r->t.nerror == 0) PetscCall(read_configs(r));
  if (r->t.nerror == 0) set_equations(r->sel);
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_selection_parse_als(const mtp_potential *pot, const char *name, const char *text,
                                       size_t length, mtp_selection **sel, mtp_diag *diag)
{
  const PetscInt before = diag->n;
  als_reader r = {.t = {.name = name, .at = text, .end = text + length, .line = 1, .diag = diag}};
  PetscBool good = PETSC_FALSE;
  PetscErrorCode ierr;
  locale_t old;

  PetscFunctionBegin;
  *sel = NULL;
  PetscCall(mtp_text_locale_push(&old));
  ierr = read_als(&r, pot);
  mtp_text_locale_pop(old);
  if (!ierr && diag->n == before) ierr = mtp__selection_check(name, PETSC_TRUE, r.sel, &good, diag);
  if (ierr || !good) PetscCall(mtp_selection_destroy(&r.sel));
  PetscCall(ierr);
  *sel = r.sel;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_selection_read_als(const mtp_potential *pot, const char *path,
                                      mtp_selection **sel, mtp_diag *diag)
{
  PetscErrorCode ierr = 0;
  size_t length;
  char *text;

  PetscFunctionBegin;
  *sel = NULL;
  PetscCall(mtp_text_load(path, &text, &length, diag));
  if (text) ierr = mtp_selection_parse_als(pot, path, text, length, sel, diag);
  PetscCall(PetscFree(text));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
