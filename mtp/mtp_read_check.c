/* mtp/mtp_read_check.c - do counts, lists and indices of a .mtp file fit together?
 *
 * What evaluation relies on is established here, once:
 *   - moments 0..nbasic-1 are basic; every other one is made by rows of alpha_index_times, whose
 *     targets are greater than their sources and complete before they are used as a source
 *     (otherwise the backward pass over the rows would not be the derivative of the forward one),
 *     and no row or scalar speaks of a moment that no row makes;
 *   - mu < K and every list has the length that its count and the other counts say;
 *   - no moment is mapped twice (the backward pass assigns, it does not add).
 * All problems are reported, each at the line of the list or count.
 */
#include "mtp/mtp_read_impl.h"

#include <string.h>

/* A count of the file against the length of its list. */
static PetscErrorCode check_length(mtp_reader *r, mtp_key list, const char *things, PetscInt n,
                                   const char *rule, PetscInt wanted)
{
  PetscFunctionBegin;
  if (n == wanted) PetscFunctionReturn(0);
  PetscCall(mtp_text_error(&r->t, r->line[list],
                           "%s has %" PetscInt_FMT " %s, wanted %s = %" PetscInt_FMT,
                           mtp__key_name(list), n, things, rule, wanted));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_lengths(mtp_reader *r)
{
  const mtp_potential *p = r->pot;
  const PetscBool *good = r->good;

  PetscFunctionBegin;
  if (good[MTP_KEY_BASIC] && good[MTP_KEY_NBASIC])
    PetscCall(check_length(r, MTP_KEY_BASIC, "rows", r->basic.n / 4, "alpha_index_basic_count",
                           r->nbasic));
  if (good[MTP_KEY_TIMES] && good[MTP_KEY_NTIMES])
    PetscCall(check_length(r, MTP_KEY_TIMES, "rows", r->times.n / 4, "alpha_index_times_count",
                           r->ntimes));
  if (good[MTP_KEY_MAPPING] && good[MTP_KEY_NSCALAR])
    PetscCall(check_length(r, MTP_KEY_MAPPING, "entries", r->mapping.n, "alpha_scalar_moments",
                           p->nscalar));
  if (good[MTP_KEY_MOMENT_COEFFS] && good[MTP_KEY_NSCALAR])
    PetscCall(check_length(r, MTP_KEY_MOMENT_COEFFS, "numbers", r->moment_coeff.n,
                           "alpha_scalar_moments", p->nscalar));
  if (good[MTP_KEY_SPECIES_COEFFS] && good[MTP_KEY_SPECIES])
    PetscCall(check_length(r, MTP_KEY_SPECIES_COEFFS, "numbers", r->species_coeff.n,
                           "species_count", p->nspecies));
  PetscFunctionReturn(0);
}

/* Distances and scaling. */
static PetscErrorCode check_numbers(mtp_reader *r)
{
  mtp_potential *p = r->pot;
  const PetscBool read = (PetscBool)(!r->line[MTP_KEY_SCALING] == !r->good[MTP_KEY_SCALING] &&
                                     !r->line[MTP_KEY_INNER] == !r->good[MTP_KEY_INNER]);

  PetscFunctionBegin;
  p->scaling = r->scaling * r->inner;
  if (read && (p->scaling == 0.0 || PetscIsInfOrNanReal(p->scaling)))
    PetscCall(mtp_text_error(
        &r->t, r->line[r->line[MTP_KEY_INNER] ? MTP_KEY_INNER : MTP_KEY_SCALING],
        "scaling is %g in all, wanted a finite number other than 0", (double)p->scaling));
  if (r->good[MTP_KEY_MIN] && p->min_dist < 0.0)
    PetscCall(mtp_text_error(&r->t, r->line[MTP_KEY_MIN], "min_dist is %g, wanted 0 or more",
                             (double)p->min_dist));
  if (r->good[MTP_KEY_MIN] && r->good[MTP_KEY_MAX] && p->min_dist >= p->cutoff)
    PetscCall(mtp_text_error(&r->t, r->line[MTP_KEY_MAX],
                             "max_dist is %g, wanted more than min_dist = %g", (double)p->cutoff,
                             (double)p->min_dist));
  PetscFunctionReturn(0);
}

static PetscErrorCode check_basic(mtp_reader *r)
{
  const PetscInt *v = r->basic.v;
  PetscInt largest = -1;

  PetscFunctionBegin;
  if (!r->good[MTP_KEY_BASIC]) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < r->basic.n; i += 4) {
    const PetscInt worst = PetscMax(PetscMax(v[i + 1], v[i + 2]), v[i + 3]);
    const PetscInt least = PetscMin(PetscMin(v[i + 1], v[i + 2]), PetscMin(v[i + 3], v[i]));

    largest = PetscMax(largest, v[i]);
    if (least >= 0 && worst <= MTP_MAX_RANK) continue;
    PetscCall(mtp_text_error(&r->t, r->line[MTP_KEY_BASIC],
                             "alpha_index_basic, row %" PetscInt_FMT ": {%" PetscInt_FMT
                             ", %" PetscInt_FMT ", %" PetscInt_FMT ", %" PetscInt_FMT
                             "}, wanted mu >= 0 and powers from 0 to %d",
                             i / 4 + 1, v[i], v[i + 1], v[i + 2], v[i + 3], MTP_MAX_RANK));
  }
  if (r->good[MTP_KEY_FUNCS] && largest != r->pot->radial_funcs - 1)
    PetscCall(mtp_text_error(&r->t, r->line[MTP_KEY_BASIC],
                             "alpha_index_basic has the largest mu %" PetscInt_FMT
                             ", wanted radial_funcs_count - 1 = %" PetscInt_FMT,
                             largest, r->pot->radial_funcs - 1));
  PetscFunctionReturn(0);
}

/* What is known of a moment while the rows are gone through. */
enum { MADE = 1, USED = 2, MAPPED = 4 };

/* What is wrong with one row of alpha_index_times, or NULL. */
static const char *times_fault(const PetscInt row[4], PetscInt nbasic, PetscInt nmoment,
                               const char state[])
{
  const PetscInt p = row[0], q = row[1], o = row[3];

  if (p < 0 || q < 0 || o < 0 || p >= nmoment || q >= nmoment || o >= nmoment)
    return "wanted moments below alpha_moments_count";
  if (o < nbasic) return "wanted a target that is not a basic moment";
  if (o <= p || o <= q) return "wanted a target greater than its sources";
  if (state[o] & USED) return "its target was used as a source before";
  if (!(state[p] & MADE) || !(state[q] & MADE))
    return "wanted sources that are basic or that a row before this one has made";
  return NULL;
}

static PetscErrorCode check_times(mtp_reader *r, char state[])
{
  const PetscInt *v = r->times.v, nmoment = r->pot->nmoment, nbasic = r->basic.n / 4;

  PetscFunctionBegin;
  for (PetscInt q = 0; q < nbasic; q++) state[q] = MADE;
  for (PetscInt i = 0; i < r->times.n; i += 4) {
    const char *fault = times_fault(&v[i], nbasic, nmoment, state);

    if (fault) {
      PetscCall(mtp_text_error(&r->t, r->line[MTP_KEY_TIMES],
                               "alpha_index_times, row %" PetscInt_FMT ": {%" PetscInt_FMT
                               ", %" PetscInt_FMT ", %" PetscInt_FMT ", %" PetscInt_FMT "}, %s",
                               i / 4 + 1, v[i], v[i + 1], v[i + 2], v[i + 3], fault));
    } else {
      state[v[i]] |= USED;
      state[v[i + 1]] |= USED;
    }
    /* also by a faulty row, so that one fault is told once */
    if (v[i + 3] >= 0 && v[i + 3] < nmoment) state[v[i + 3]] |= MADE;
  }
  PetscFunctionReturn(0);
}

/* `sound`: the rows had no fault, so a moment that none of them makes is a fault of the mapping. */
static PetscErrorCode check_mapping(mtp_reader *r, char state[], PetscBool sound)
{
  const PetscInt *v = r->mapping.v, nmoment = r->pot->nmoment;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < r->mapping.n; k++) {
    if (v[k] < 0 || v[k] >= nmoment) {
      PetscCall(mtp_text_error(&r->t, r->line[MTP_KEY_MAPPING],
                               "alpha_moment_mapping, entry %" PetscInt_FMT ": %" PetscInt_FMT
                               ", wanted a moment below alpha_moments_count = %" PetscInt_FMT,
                               k + 1, v[k], nmoment));
    } else if (state[v[k]] & MAPPED) {
      PetscCall(mtp_text_error(&r->t, r->line[MTP_KEY_MAPPING],
                               "alpha_moment_mapping, entry %" PetscInt_FMT ": %" PetscInt_FMT
                               " a second time, wanted each moment once",
                               k + 1, v[k]));
    } else if (sound && !(state[v[k]] & MADE)) {
      PetscCall(mtp_text_error(&r->t, r->line[MTP_KEY_MAPPING],
                               "alpha_moment_mapping, entry %" PetscInt_FMT ": %" PetscInt_FMT
                               ", wanted a moment that is basic or that a row of "
                               "alpha_index_times makes",
                               k + 1, v[k]));
    } else {
      state[v[k]] |= MAPPED;
    }
  }
  PetscFunctionReturn(0);
}

/* Indices; the scratch is paid for by the rows read, not by the count in the file. */
static PetscErrorCode check_indices(mtp_reader *r)
{
  const PetscInt nmoment = r->pot->nmoment, rows = r->basic.n / 4 + r->times.n / 4;
  const PetscInt before = r->t.nerror;
  PetscErrorCode ierr = 0;
  char *state;

  PetscFunctionBegin;
  if (!r->good[MTP_KEY_MOMENTS] || !r->good[MTP_KEY_BASIC] || !r->good[MTP_KEY_TIMES])
    PetscFunctionReturn(0);
  if (nmoment < r->basic.n / 4 || nmoment > rows) {
    PetscCall(mtp_text_error(
        &r->t, r->line[MTP_KEY_MOMENTS],
        "alpha_moments_count is %" PetscInt_FMT ", wanted at least the %" PetscInt_FMT
        " basic moments and at most %" PetscInt_FMT ", one more for each row of alpha_index_times",
        nmoment, r->basic.n / 4, rows));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscCalloc1((size_t)nmoment, &state));
  ierr = check_times(r, state);
  if (!ierr && r->good[MTP_KEY_MAPPING])
    ierr = check_mapping(r, state, (PetscBool)(r->t.nerror == before));
  PetscCall(PetscFree(state));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Trained files have all three kinds of coefficients, untrained ones none; MLIP-3 writes the line
   "radial_coeffs" without any pair for those. */
static PetscErrorCode check_trained(mtp_reader *r)
{
  const mtp_key keys[] = {MTP_KEY_RADIAL, MTP_KEY_SPECIES_COEFFS, MTP_KEY_MOMENT_COEFFS};
  PetscBool have[3];
  int given = 0;

  PetscFunctionBegin;
  for (int k = 0; k < 3; k++) {
    have[k] = (PetscBool)(r->line[keys[k]] > 0 && (k > 0 || r->label.n > 0));
    given += have[k] ? 1 : 0;
  }
  if (given == 0) PetscFunctionReturn(0);
  for (int k = 0; k < 3; k++) {
    if (have[k]) continue;
    PetscCall(mtp_text_error(&r->t, mtp_text_last_line(&r->t, r->begin),
                             "%s is missing, wanted radial_coeffs, species_coeffs and "
                             "moment_coeffs, or none of them (untrained)",
                             mtp__key_name(keys[k])));
  }
  if (!r->line[MTP_KEY_SPECIES])
    PetscCall(mtp_text_error(&r->t, mtp_text_last_line(&r->t, r->begin),
                             "species_count is missing, wanted because there are coefficients"));
  PetscFunctionReturn(0);
}

/* Pairs must come as (centre, neighbour), row by row, with labels that agree. */
static PetscErrorCode check_labels(mtp_reader *r)
{
  const PetscInt S = r->pot->nspecies, *v = r->label.v;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < S; i++) {
    for (PetscInt j = 0; j < i; j++) {
      if (v[3 * i + 1] != v[3 * j + 1]) continue;
      PetscCall(mtp_text_error(&r->t, v[3 * i + 2],
                               "radial_coeffs %" PetscInt_FMT "-%" PetscInt_FMT
                               ": the neighbour %" PetscInt_FMT
                               " came before, wanted %" PetscInt_FMT " different ones first",
                               v[3 * i], v[3 * i + 1], v[3 * i + 1], S));
      PetscFunctionReturn(0);
    }
  }
  for (PetscInt k = 0; k < S * S; k++) {
    const PetscInt a = v[3 * (k / S) + 1], b = v[3 * (k % S) + 1];

    if (v[3 * k] == a && v[3 * k + 1] == b) continue;
    PetscCall(mtp_text_error(&r->t, v[3 * k + 2],
                             "radial_coeffs: got the pair %" PetscInt_FMT "-%" PetscInt_FMT
                             ", wanted %" PetscInt_FMT "-%" PetscInt_FMT,
                             v[3 * k], v[3 * k + 1], a, b));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode check_radial(mtp_reader *r)
{
  const PetscInt S = r->pot->nspecies;

  PetscFunctionBegin;
  if (r->label.n == 0 || !r->good[MTP_KEY_SPECIES]) PetscFunctionReturn(0);
  if (r->label.n / 3 != S * S) {
    PetscCall(mtp_text_error(&r->t, r->line[MTP_KEY_RADIAL],
                             "radial_coeffs has %" PetscInt_FMT
                             " pairs, wanted species_count squared = %" PetscInt_FMT,
                             r->label.n / 3, S * S));
    PetscFunctionReturn(0);
  }
  PetscCall(check_labels(r));
  PetscFunctionReturn(0);
}

/* The number of coefficients must fit into PetscInt: an untrained file states it freely. */
static PetscErrorCode check_size(mtp_reader *r)
{
  const mtp_potential *p = r->pot;
  const double S = (double)p->nspecies;
  const double n =
      S * S * (double)p->radial_funcs * (double)p->radial_size + S + (double)p->nscalar;

  PetscFunctionBegin;
  if (!r->good[MTP_KEY_SPECIES] || !r->good[MTP_KEY_FUNCS] || !r->good[MTP_KEY_SIZE] ||
      !r->good[MTP_KEY_NSCALAR])
    PetscFunctionReturn(0);
  if (n > (double)PETSC_MAX_INT)
    PetscCall(mtp_text_error(&r->t, r->line[MTP_KEY_FUNCS],
                             "the potential would have %.3g coefficients, wanted at most "
                             "%" PetscInt_FMT,
                             n, PETSC_MAX_INT));
  PetscFunctionReturn(0);
}

/* Hands the lists over to the potential. */
static PetscErrorCode take_lists(mtp_reader *r)
{
  mtp_potential *p = r->pot;

  PetscFunctionBegin;
  p->nbasic = r->basic.n / 4;
  p->ntimes = r->times.n / 4;
  p->basic = (PetscInt(*)[4])r->basic.v;
  p->times = (PetscInt(*)[4])r->times.v;
  p->mapping = r->mapping.v;
  p->radial = r->radial.v;
  p->species_coeff = r->species_coeff.v;
  p->moment_coeff = r->moment_coeff.v;
  r->basic.v = r->times.v = r->mapping.v = NULL;
  r->radial.v = r->species_coeff.v = r->moment_coeff.v = NULL;
  PetscCall(PetscMalloc1((size_t)p->nspecies, &p->species_label));
  for (PetscInt i = 0; i < p->nspecies; i++)
    p->species_label[i] = p->radial ? r->label.v[3 * i + 1] : i;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp__read_check(mtp_reader *r)
{
  PetscFunctionBegin;
  PetscCall(check_numbers(r));
  PetscCall(check_trained(r));
  PetscCall(check_radial(r));
  PetscCall(check_lengths(r));
  PetscCall(check_basic(r));
  PetscCall(check_indices(r));
  PetscCall(check_size(r));
  if (r->t.nerror == 0) PetscCall(take_lists(r));
  PetscFunctionReturn(0);
}
