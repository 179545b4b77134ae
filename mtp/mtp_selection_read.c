/* mtp/mtp_selection_read.c - reading the selection state of an .almtp file, and what must hold for
 * any state
 *
 * The reader of potentials keeps the bytes from "\n#" on and has looked at their extent
 * (mtp_read_selection.c has the layout).  Here they become numbers.  Extents are checked again: the
 * older layout passed the reader unseen.
 */
#include "mtp/mtp_dense.h"
#include "mtp/mtp_potential_impl.h"
#include "mtp/mtp_selection_impl.h"

#include <string.h>

/* What must hold ----------------------------------------------------------------------------- */

static PetscErrorCode check_weights(const char *name, const mtp_selection_weights *w,
                                    mtp_diag *diag)
{
  const PetscReal values[4] = {w->energy, w->force, w->stress, w->site_energy};
  const char *const names[4] = {"energy_weight", "force_weight", "stress_weight", "site_en_weight"};
  PetscReal sum = 0.0;

  PetscFunctionBegin;
  for (int k = 0; k < 4; k++) {
    if (!(values[k] >= 0.0) || PetscIsInfOrNanReal(values[k]))
      PetscCall(mtp_diag_add(diag, name, 0, 0, "selection state: %s is %g, wanted 0 or more",
                             names[k], (double)values[k]));
    sum += PetscAbsReal(values[k]);
  }
  if (sum == 0.0)
    PetscCall(mtp_diag_add(diag, name, 0, 0,
                           "selection state: all weights are 0, wanted at least one more"));
  if (w->scaling < 0 || w->scaling > 2)
    PetscCall(mtp_diag_add(diag, name, 0, 0,
                           "selection state: weight_scaling is %" PetscInt_FMT ", wanted 0, 1 or 2",
                           w->scaling));
  PetscFunctionReturn(0);
}

/* One message for all entries that are infinity or NaN. */
static PetscErrorCode check_finite(const char *name, const char *what, PetscInt n,
                                   const PetscReal a[], mtp_diag *diag)
{
  PetscInt bad = 0, row = 0, column = 0;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt k = 0; k < n; k++) {
      if (!PetscIsInfOrNanReal(a[(size_t)i * (size_t)n + (size_t)k])) continue;
      if (bad++ == 0) {
        row = i;
        column = k;
      }
    }
  }
  if (bad)
    PetscCall(mtp_diag_add(diag, name, 0, 0,
                           "selection state: %s has %" PetscInt_FMT
                           " numbers that are not finite, the first in row %" PetscInt_FMT
                           ", column %" PetscInt_FMT,
                           what, bad, row + 1, column + 1));
  PetscFunctionReturn(0);
}

/* PETSC_TRUE for an equation that a configuration of N atoms has in this mode. */
static PetscBool has_equation(mtp_selection_mode mode, PetscInt N, PetscInt equation)
{
  if (mode == MTP_SELECTION_CONFIGURATION) return (PetscBool)(equation == 0);
  if (mode == MTP_SELECTION_NEIGHBOURHOOD)
    return (PetscBool)(equation >= 3 * N + 10 && equation < 4 * N + 10);
  return (PetscBool)(equation >= 0 && equation < 4 * N + 10);
}

static PetscErrorCode check_rows(const char *name, PetscBool als, const mtp_selection *sel,
                                 mtp_diag *diag)
{
  const mtp_selection_mode mode = mtp_selection_get_mode(sel);

  PetscFunctionBegin;
  for (PetscInt k = 0; k < sel->n; k++) {
    const mtp_selection_row row = sel->row[k];

    if (row.config == -1 && row.equation == -1) continue;
    if (row.config < 0 || row.config >= sel->configs.n) {
      PetscCall(mtp_diag_add(diag, name, 0, 0,
                             "selection state: row %" PetscInt_FMT
                             " is of configuration %" PetscInt_FMT ", there are %" PetscInt_FMT,
                             k + 1, row.config, sel->configs.n));
    } else if (!(als && row.equation == -1) &&
               !has_equation(mode, sel->configs.config[row.config].n, row.equation)) {
      PetscCall(mtp_diag_add(diag, name, 0, 0,
                             "selection state: row %" PetscInt_FMT " is equation %" PetscInt_FMT
                             " of configuration %" PetscInt_FMT " of %" PetscInt_FMT
                             " atoms, which has none with that number in %s mode",
                             k + 1, row.equation, row.config, sel->configs.config[row.config].n,
                             mtp_selection_mode_name(mode)));
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode mtp__selection_check(const char *name, PetscBool als, mtp_selection *sel,
                                    PetscBool *good, mtp_diag *diag)
{
  const PetscInt before = diag->n;

  PetscFunctionBegin;
  PetscCall(check_weights(name, &sel->weights, diag));
  PetscCall(check_rows(name, als, sel, diag));
  PetscCall(check_finite(name, "the active set", sel->n, sel->matrix, diag));
  PetscCall(check_finite(name, "the inverse of the active set", sel->n, sel->inverse, diag));
  if (diag->n == before) {
    PetscCall(mtp__dense_residual(sel->n, sel->matrix, sel->inverse, &sel->residual));
    if (!(sel->residual <= MTP_SELECTION_RESIDUAL))
      PetscCall(mtp_diag_add(diag, name, 0, 0,
                             "selection state: the active set times its inverse differs from 1 by "
                             "%.3g, wanted at most %g: the state is damaged, select again",
                             (double)sel->residual, (double)MTP_SELECTION_RESIDUAL));
  }
  *good = (PetscBool)(diag->n == before);
  PetscFunctionReturn(0);
}

/* Reading ------------------------------------------------------------------------------------ */

typedef struct {
  mtp_text t;
  mtp_selection *sel;
  PetscBool stop;
} state_reader;

static PetscErrorCode broken(state_reader *r, const char *where)
{
  PetscFunctionBegin;
  PetscCall(
      mtp_diag_add(r->t.diag, r->t.name, 0, 0, "selection state: ends or breaks off in %s", where));
  r->stop = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* The next word, up to a blank, the end of the line or '#'. */
static mtp_span next_word(state_reader *r)
{
  mtp_span word;

  mtp_text_skip(&r->t);
  word = (mtp_span){r->t.at, 0};
  while (r->t.at < r->t.end && *r->t.at != '\n' && *r->t.at != '#' &&
         !mtp_text_is_blank(*r->t.at)) {
    r->t.at++;
    word.n++;
  }
  return word;
}

/* The weights with their names, or the four numbers of the older layout, up to '#'. */
static PetscErrorCode read_weights(state_reader *r, PetscBool named)
{
  const char *const names[5] = {"energy_weight", "force_weight", "stress_weight", "site_en_weight",
                                "weight_scaling"};
  mtp_selection_weights *w = &r->sel->weights;
  PetscReal *const values[4] = {&w->energy, &w->force, &w->stress, &w->site_energy};

  PetscFunctionBegin;
  w->scaling = 2;
  for (int k = 0; k < (named ? 5 : 4) && !r->stop; k++) {
    const mtp_span name = named ? next_word(r) : (mtp_span){0}, value = next_word(r);

    if ((named && !mtp_span_is(name, names[k])) ||
        (k < 4 ? mtp_text_real(value, values[k]) : mtp_text_int(value, &w->scaling)) !=
            MTP_NUMBER_OK)
      PetscCall(broken(r, names[k]));
  }
  if (r->stop) PetscFunctionReturn(0);
  mtp_text_skip(&r->t);
  if (r->t.at >= r->t.end || *r->t.at != '#')
    PetscCall(broken(r, "the weights"));
  else
    r->t.at++;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_matrices(state_reader *r)
{
  const size_t n = (size_t)r->sel->n, left = (size_t)(r->t.end - r->t.at);

  PetscFunctionBegin;
  if (left / 16 / n < n) { /* the selection itself has taken as much memory already */
    PetscCall(broken(r, "the active set"));
    PetscFunctionReturn(0);
  }
  mtp__selection_load_matrices(r->t.at, r->sel);
  r->t.at += 16 * n * n;
  mtp_text_skip(&r->t);
  if (r->t.at >= r->t.end || *r->t.at != '#')
    PetscCall(broken(r, "the active set"));
  else
    r->t.at++;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_rows(state_reader *r)
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < r->sel->n && !r->stop; k++) {
    const mtp_span config = next_word(r), equation = next_word(r);

    if (mtp_text_int(config, &r->sel->row[k].config) != MTP_NUMBER_OK ||
        mtp_text_int(equation, &r->sel->row[k].equation) != MTP_NUMBER_OK)
      PetscCall(broken(r, "the list of active equations"));
  }
  if (r->stop) PetscFunctionReturn(0);
  mtp_text_skip(&r->t);
  if (r->t.at >= r->t.end || *r->t.at != '#')
    PetscCall(broken(r, "the list of active equations"));
  else
    r->t.at++;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_configs(state_reader *r)
{
  PetscFunctionBegin;
  mtp_text_skip(&r->t);
  if (r->t.at < r->t.end)
    PetscCall(mtp_cfg_parse(r->t.name, r->t.at, (size_t)(r->t.end - r->t.at), &r->sel->configs,
                            r->t.diag));
  PetscFunctionReturn(0);
}

/* From "\n#" to the end. */
static PetscErrorCode read_state(state_reader *r)
{
  static const char tag[] = "#MVS_v1.1";
  const size_t n = sizeof(tag) - 1;
  PetscBool named;

  PetscFunctionBegin;
  mtp_text_skip(&r->t);
  named = (PetscBool)((size_t)(r->t.end - r->t.at) >= n && memcmp(r->t.at, tag, n) == 0);
  r->t.at += named ? n : 1;
  PetscCall(read_weights(r, named));
  if (!r->stop) PetscCall(read_matrices(r));
  if (!r->stop) PetscCall(read_rows(r));
  if (!r->stop) PetscCall(read_configs(r));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_selection_parse(const mtp_potential *pot, const char *name, mtp_selection **sel,
                                   mtp_diag *diag)
{
  const PetscInt before = diag->n;
  PetscBool good = PETSC_FALSE;
  mtp_potential_info info;
  PetscErrorCode ierr;
  state_reader r;
  locale_t old;

  PetscFunctionBegin;
  *sel = NULL;
  PetscCall(mtp_potential_get_info(pot, &info));
  if (!pot->selection) {
    PetscCall(mtp_diag_add(diag, name, 0, 0,
                           "the potential has no selection state (active set), wanted an .almtp "
                           "that was trained or selected with one"));
    PetscFunctionReturn(0);
  }
  r = (state_reader){.t = {.name = name,
                           .at = pot->selection,
                           .end = pot->selection + pot->selection_size,
                           .line = 1,
                           .diag = diag}};
  if (info.ncoeff < 1 || (size_t)info.ncoeff > pot->selection_size / 16 / (size_t)info.ncoeff) {
    PetscCall(broken(&r, "the active set"));
    PetscFunctionReturn(0);
  }
  PetscCall(mtp__selection_create(info.ncoeff, &r.sel));
  PetscCall(mtp_text_locale_push(&old));
  ierr = read_state(&r);
  mtp_text_locale_pop(old);
  if (!ierr && diag->n == before)
    ierr = mtp__selection_check(name, PETSC_FALSE, r.sel, &good, diag);
  if (ierr || !good) PetscCall(mtp_selection_destroy(&r.sel));
  PetscCall(ierr);
  *sel = r.sel;
  PetscFunctionReturn(0);
}
