/* mtp/mtp_read_selection.c - the selection state behind the text of an .almtp file
 *
 * It is carried byte for byte and not interpreted here, but its extent is checked, so that a file
 * cut off in the middle is noticed.  Layout, with n the number of coefficients (mtp/README.md):
 *   #MVS_v1.1 \n  five lines of weights \n  #  2 n^2 doubles, raw  \n?#\n
 *   n lines of two integers \n  #\n  configurations as .cfg text
 * The older layout ("#" alone on its line) is carried when it ends with a whole configuration.
 */
#include "mtp/mtp_read_impl.h"

#include "mtp/mtp_config.h"

#include <string.h>

static PetscErrorCode cut_off(mtp_reader *r, const char *where)
{
  PetscFunctionBegin;
  PetscCall(
      mtp_text_error(&r->t, r->t.line, "the selection state ends or breaks off in %s", where));
  r->stop = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* "energy_weight 1.0" and so on, up to the '#' in front of the matrices */
static PetscErrorCode skip_weights(mtp_reader *r)
{
  const char *const names[] = {"energy_weight", "force_weight", "stress_weight", "site_en_weight",
                               "weight_scaling"};
  mtp_span line, word;
  PetscReal value;
  PetscInt number;

  PetscFunctionBegin;
  for (int k = 0; k < 5; k++) {
    if (!mtp_text_line(&r->t, &line, &number) || !mtp_text_word(&line, &word) ||
        !mtp_span_is(word, names[k]) || !mtp_text_word(&line, &word) ||
        mtp_text_real(word, &value) != MTP_NUMBER_OK || mtp_text_word(&line, &word)) {
      PetscCall(cut_off(r, names[k]));
      PetscFunctionReturn(0);
    }
  }
  PetscFunctionReturn(0);
}

/* The two n x n matrices between '#' and '#'. */
static PetscErrorCode skip_matrices(mtp_reader *r, size_t n)
{
  const char *end = r->t.end, *at = r->t.at;
  const size_t left = (size_t)(end - at);

  PetscFunctionBegin;
  if (left < 1 || *at != '#' || n > left || 2 * n > (left - 1) / (n * sizeof(double))) {
    PetscCall(cut_off(r, "the active set (it belongs to another number of coefficients, or the "
                         "file is cut)"));
    PetscFunctionReturn(0);
  }
  at += 1 + 2 * n * n * sizeof(double);
  if (at < end && *at == '\n') at++;
  if (end - at < 2 || at[0] != '#' || at[1] != '\n') {
    PetscCall(cut_off(r, "the active set (it belongs to another number of coefficients, or the "
                         "file is cut)"));
    PetscFunctionReturn(0);
  }
  r->t.at = at + 2;
  PetscFunctionReturn(0);
}

/* n lines "configuration equation", then '#'.  *nconfig is one more than the largest
   configuration. */
static PetscErrorCode skip_rows(mtp_reader *r, size_t n, PetscInt *nconfig)
{
  mtp_span line, word;
  PetscInt number, value, config;

  PetscFunctionBegin;
  for (size_t i = 0; i < n; i++) {
    if (!mtp_text_line(&r->t, &line, &number) || !mtp_text_word(&line, &word) ||
        mtp_text_int(word, &config) != MTP_NUMBER_OK || !mtp_text_word(&line, &word) ||
        mtp_text_int(word, &value) != MTP_NUMBER_OK || config == PETSC_MAX_INT) {
      PetscCall(cut_off(r, "the list of active equations"));
      PetscFunctionReturn(0);
    }
    *nconfig = PetscMax(*nconfig, config + 1);
  }
  if (!mtp_text_line(&r->t, &line, &number) || !mtp_span_is(line, "#"))
    PetscCall(cut_off(r, "the list of active equations"));
  PetscFunctionReturn(0);
}

/* The configurations must be whole and as many as the rows speak of; they are read and thrown
   away. */
static PetscErrorCode skip_configurations(mtp_reader *r, PetscInt nconfig)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};

  PetscFunctionBegin;
  mtp_text_skip(&r->t);
  if (r->t.at >= r->t.end && nconfig == 0) PetscFunctionReturn(0);
  PetscCall(mtp_cfg_parse(r->t.name, r->t.at, (size_t)(r->t.end - r->t.at), &list, &diag));
  if (diag.n > 0) {
    PetscCall(cut_off(r, "its configurations"));
  } else if (list.n != nconfig) {
    r->stop = PETSC_TRUE;
    PetscCall(mtp_text_error(&r->t, r->t.line,
                             "the selection state has %" PetscInt_FMT
                             " configurations, wanted %" PetscInt_FMT
                             ", one more than the largest number of its active equations",
                             list.n, nconfig));
  }
  PetscCall(mtp_config_list_clear(&list));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

/* Does the text end with a whole configuration? */
static PetscBool ends_with_configuration(const mtp_reader *r)
{
  static const char last[] = "END_CFG";
  const size_t n = sizeof(last) - 1;
  const char *end = r->t.end;

  while (end > r->t.at && (end[-1] == '\n' || mtp_text_is_blank(end[-1]))) end--;
  return (PetscBool)((size_t)(end - r->t.at) >= n && memcmp(end - n, last, n) == 0);
}

static PetscErrorCode skip_state(mtp_reader *r)
{
  const mtp_potential *p = r->pot;
  const size_t S = (size_t)p->nspecies;
  const size_t n =
      S * S * (size_t)p->radial_funcs * (size_t)p->radial_size + S + (size_t)p->nscalar;
  mtp_span line;
  PetscInt number, nconfig = 0;

  PetscFunctionBegin;
  if (!mtp_text_line(&r->t, &line, &number)) PetscFunctionReturn(0);
  if (mtp_span_is(line, "#")) {
    if (!ends_with_configuration(r)) PetscCall(cut_off(r, "its configurations"));
    PetscFunctionReturn(0);
  }
  if (!mtp_span_is(line, "#MVS_v1.1")) {
    PetscCall(mtp_text_error(&r->t, number, "%s, wanted the selection state '#MVS_v1.1' or the end",
                             mtp_span_quote(line).text));
    r->stop = PETSC_TRUE;
    PetscFunctionReturn(0);
  }
  PetscCall(skip_weights(r));
  if (!r->stop) PetscCall(skip_matrices(r, n));
  if (!r->stop) PetscCall(skip_rows(r, n, &nconfig));
  if (!r->stop) PetscCall(skip_configurations(r, nconfig));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp__read_selection(mtp_reader *r)
{
  const char *begin = r->t.at;
  mtp_potential *p = r->pot;

  PetscFunctionBegin;
  while (begin > r->begin && begin[-1] != '\n') begin--;
  if (begin > r->begin) begin--;
  PetscCall(skip_state(r));
  if (r->stop) PetscFunctionReturn(0);
  p->selection_size = (size_t)(r->t.end - begin);
  PetscCall(PetscMalloc1(p->selection_size, &p->selection));
  PetscCall(PetscMemcpy(p->selection, begin, p->selection_size));
  PetscFunctionReturn(0);
}
