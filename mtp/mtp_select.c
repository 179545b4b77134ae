/* mtp/mtp_select.c - from configurations to rows, from rows to an active set
 *
 * Configurations are numbered through: first those of `start`, then list after list.  A row carries
 * that number while MaxVol moves it about; in the end the numbers that still own a row become the
 * configurations of the selection, in their order.
 */
#include "mtp/mtp_select.h"

#include "mtp/mtp_eval_config.h"
#include "mtp/mtp_grade.h"
#include "mtp/mtp_maxvol.h"
#include "mtp/mtp_selection_impl.h"

typedef struct {
  const mtp_potential *pot;
  const mtp_select_request *r;
  mtp_selection_mode mode;
  PetscInt n;
  PetscInt *offset; /* [nlist+1] number of the first configuration of each list */
  PetscReal threshold;
  PetscInt max_rows, capacity, m; /* rows: wanted at most, room, present */
  PetscReal *rows;                /* [capacity,n] */
  mtp_selection_row *source;      /* [capacity] */
  PetscInt nbatch, nchange;       /* offers and swaps of this pass */
  mtp_maxvol *mv;
  mtp_neighbors nb;
  mtp_select_report *report;
  mtp_diag *diag;
  PetscBool bad; /* a configuration has a message: rows are computed no more */
} selector;

/* Rows --------------------------------------------------------------------------------------- */

static PetscErrorCode offer(selector *s)
{
  PetscInt swaps;

  PetscFunctionBegin;
  if (s->m == 0) PetscFunctionReturn(0);
  PetscCall(mtp_maxvol_offer(s->mv, s->m, s->rows, s->source, s->threshold, &swaps));
  s->nbatch++;
  s->nchange += swaps;
  s->m = 0;
  PetscFunctionReturn(0);
}

/* Room for `count` rows, if need be behind an offer of those present. */
static PetscErrorCode make_room(selector *s, PetscInt count)
{
  PetscFunctionBegin;
  if (s->m + count <= s->capacity) PetscFunctionReturn(0);
  if (s->m + count > s->max_rows) PetscCall(offer(s));
  if (s->m + count > s->capacity) {
    const PetscInt capacity = PetscMax(PetscMin(2 * s->capacity, s->max_rows), s->m + count);
    mtp_selection_row *source;
    PetscReal *rows;

    PetscCall(PetscMalloc2((size_t)capacity * (size_t)s->n, &rows, capacity, &source));
    PetscCall(PetscArraycpy(rows, s->rows, (size_t)s->m * (size_t)s->n));
    PetscCall(PetscArraycpy(source, s->source, s->m));
    PetscCall(PetscFree2(s->rows, s->source));
    s->rows = rows;
    s->source = source;
    s->capacity = capacity;
  }
  PetscFunctionReturn(0);
}

/* The rows of a configuration behind those present. */
static PetscErrorCode add_config(selector *s, PetscInt number, const char *where,
                                 const mtp_config *config)
{
  const PetscBool sites = (PetscBool)(s->mode == MTP_SELECTION_NEIGHBOURHOOD);
  const PetscInt count = sites ? config->n : 1, first = sites ? 3 * config->n + 10 : 0;
  PetscReal *rows;
  PetscBool good;

  PetscFunctionBegin;
  PetscCall(mtp_eval_neighbors(s->pot, where, config, &s->nb, &good, s->diag));
  if (!good) s->bad = PETSC_TRUE;
  if (s->bad) PetscFunctionReturn(0);
  PetscCall(make_room(s, count));
  rows = s->rows + (size_t)s->m * (size_t)s->n;
  PetscCall(mtp_grade_config_rows(s->pot, &s->r->weights, s->mode, &s->nb, rows));
  PetscCall(mtp_eval_finite(where, "derivatives that are", (size_t)count * (size_t)s->n, rows,
                            &good, s->diag));
  if (!good) {
    s->bad = PETSC_TRUE;
    PetscFunctionReturn(0);
  }
  for (PetscInt i = 0; i < count; i++) s->source[s->m + i] = (mtp_selection_row){number, first + i};
  s->m += count;
  PetscFunctionReturn(0);
}

/* All lists once; a list is offered before the next one begins. */
static PetscErrorCode pass(selector *s)
{
  PetscInt nrow = 0;

  PetscFunctionBegin;
  s->nbatch = s->nchange = 0;
  for (PetscInt l = 0; l < s->r->nlist; l++) {
    for (PetscInt c = 0; c < s->r->list[l]->n; c++) {
      char where[PETSC_MAX_PATH_LEN];

      (void)snprintf(where, sizeof(where), "%s: configuration %" PetscInt_FMT, s->r->name[l],
                     c + 1);
      PetscCall(add_config(s, s->offset[l] + c, where, &s->r->list[l]->config[c]));
      nrow += s->mode == MTP_SELECTION_NEIGHBOURHOOD ? s->r->list[l]->config[c].n : 1;
    }
    if (!s->bad) PetscCall(offer(s));
  }
  s->report->nrow = nrow;
  s->report->npass++;
  s->report->nswap += s->nchange;
  PetscFunctionReturn(0);
}

/* The selection ------------------------------------------------------------------------------ */

static const mtp_config *numbered(const selector *s, PetscInt number)
{
  PetscInt l = 0;

  if (number < s->offset[0]) return &s->r->start->configs.config[number];
  while (number >= s->offset[l + 1]) l++;
  return &s->r->list[l]->config[number - s->offset[l]];
}

/* Numbers that own a row, in their order: place[number] is the place among the selected, or -1. */
static PetscInt places(const selector *s, const mtp_maxvol_info *info, PetscInt place[])
{
  PetscInt used = 0;

  for (PetscInt c = 0; c < s->offset[s->r->nlist]; c++) place[c] = -1;
  for (PetscInt k = 0; k < info->n; k++) {
    if (info->source[k].config >= 0) place[info->source[k].config] = 0;
  }
  for (PetscInt c = 0; c < s->offset[s->r->nlist]; c++) {
    if (place[c] == 0) place[c] = used++;
  }
  return used;
}

static PetscErrorCode fill(const selector *s, const mtp_maxvol_info *info, const PetscInt place[],
                           PetscInt used, mtp_selection *sel)
{
  const size_t size = (size_t)s->n * (size_t)s->n;

  PetscFunctionBegin;
  sel->weights = s->r->weights;
  sel->residual = info->residual;
  PetscCall(PetscArraycpy(sel->matrix, info->matrix, size));
  PetscCall(PetscArraycpy(sel->inverse, info->inverse, size));
  for (PetscInt k = 0; k < s->n; k++) {
    sel->row[k] = info->source[k];
    if (sel->row[k].config >= 0) sel->row[k].config = place[sel->row[k].config];
  }
  PetscCall(PetscCalloc1(used, &sel->configs.config));
  sel->configs.capacity = used;
  for (PetscInt c = 0; c < s->offset[s->r->nlist]; c++) {
    if (place[c] < 0) continue;
    PetscCall(mtp_config_copy(numbered(s, c), &sel->configs.config[sel->configs.n]));
    sel->configs.n++;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode finish(selector *s, mtp_selection **sel, PetscBool *const selected[])
{
  mtp_maxvol_info info;
  PetscInt *place, used;

  PetscFunctionBegin;
  PetscCall(mtp_maxvol_refresh(s->mv));
  PetscCall(mtp_maxvol_get_info(s->mv, &info));
  s->report->nrefresh = info.nrefresh;
  s->report->log_det = info.log_det;
  s->report->residual = info.residual;
  PetscCall(PetscMalloc1(s->offset[s->r->nlist], &place));
  used = places(s, &info, place);
  PetscCall(mtp__selection_create(s->n, sel));
  PetscCall(fill(s, &info, place, used, *sel));
  for (PetscInt l = 0; selected && l < s->r->nlist; l++) {
    for (PetscInt c = 0; c < s->r->list[l]->n; c++)
      selected[l][c] = (PetscBool)(place[s->offset[l] + c] >= 0);
  }
  PetscCall(PetscFree(place));
  PetscFunctionReturn(0);
}

/* What `start` must be to be gone on from. */
static PetscErrorCode check_start(selector *s)
{
  mtp_selection_info info;
  PetscBool atoms = PETSC_TRUE;

  PetscFunctionBegin;
  if (!s->r->start) PetscFunctionReturn(0);
  PetscCall(mtp_selection_get_info(s->r->start, &info));
  PetscCheck(info.n == s->n, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ,
             "An active set of %" PetscInt_FMT " rows for a potential of %" PetscInt_FMT
             " coefficients",
             info.n, s->n);
  for (PetscInt k = 0; k < info.n; k++)
    atoms = (PetscBool)(atoms && (info.row[k].config < 0 || info.row[k].equation >= 0));
  if (!atoms)
    PetscCall(mtp_diag_add(s->diag, NULL, 0, 0,
                           "selection state: does not say which atoms its rows are of, wanted one "
                           "of MLIP-3 (.almtp)"));
  if (info.mode != s->mode ||
      (s->mode == MTP_SELECTION_CONFIGURATION && (info.weights.energy != s->r->weights.energy ||
                                                  info.weights.scaling != s->r->weights.scaling)))
    PetscCall(mtp_diag_add(s->diag, NULL, 0, 0,
                           "selection state: is of %s mode, wanted %s mode with the same weights",
                           mtp_selection_mode_name(info.mode), mtp_selection_mode_name(s->mode)));
  PetscFunctionReturn(0);
}

static PetscErrorCode run(selector *s, mtp_selection **sel, PetscBool *const selected[])
{
  PetscFunctionBegin;
  if (s->r->start)
    PetscCall(mtp_maxvol_create_from(s->r->start, &s->mv));
  else
    PetscCall(mtp_maxvol_create(s->n, MTP_MAXVOL_INITIAL, &s->mv));
  do {
    PetscCall(pass(s));
  } while (!s->bad && s->nchange > 0 && s->nbatch > 1);
  if (!s->bad) PetscCall(finish(s, sel, selected));
  PetscFunctionReturn(0);
}

static PetscErrorCode prepare(selector *s)
{
  const PetscReal wanted = (PetscReal)s->r->max_rows;
  const PetscReal most = (PetscReal)(1 << 25) / (PetscReal)s->n; /* 16 n bytes a row: 512 MiB */

  PetscFunctionBegin;
  s->threshold = s->r->threshold == 0.0 ? MTP_MAXVOL_THRESHOLD : s->r->threshold;
  s->max_rows = (PetscInt)PetscMax(1.0, wanted > 0.0 ? wanted : most);
  s->capacity = PetscMin(s->max_rows, 256);
  PetscCall(PetscMalloc1(s->r->nlist + 1, &s->offset));
  s->offset[0] = s->r->start ? s->r->start->configs.n : 0;
  for (PetscInt l = 0; l < s->r->nlist; l++) s->offset[l + 1] = s->offset[l] + s->r->list[l]->n;
  PetscCall(PetscMalloc2((size_t)s->capacity * (size_t)s->n, &s->rows, s->capacity, &s->source));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_select(const mtp_potential *pot, const mtp_select_request *request,
                          mtp_selection **sel, PetscBool *const selected[],
                          mtp_select_report *report, mtp_diag *diag)
{
  const PetscInt before = diag->n;
  mtp_potential_info info;
  selector s = {.pot = pot, .r = request, .report = report, .diag = diag};

  PetscFunctionBegin;
  *sel = NULL;
  *report = (mtp_select_report){0};
  PetscCall(mtp_potential_get_info(pot, &info));
  s.n = info.ncoeff;
  s.mode = mtp_selection_weights_mode(&request->weights);
  PetscCheck(s.mode != MTP_SELECTION_OTHER, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
             "Selection by forces, stresses or several kinds of equations");
  PetscCall(check_start(&s));
  if (diag->n == before) {
    PetscCall(prepare(&s));
    PetscCall(run(&s, sel, selected));
    PetscCall(mtp_maxvol_destroy(&s.mv));
    PetscCall(mtp_neighbors_clear(&s.nb));
    PetscCall(PetscFree2(s.rows, s.source));
    PetscCall(PetscFree(s.offset));
  }
  PetscFunctionReturn(0);
}
