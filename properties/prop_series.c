/* properties/prop_series.c - block doubling: the stream side of a series
 *
 * Invariant between calls: nsample = nblock * length + npartial, nblock < PROP_SERIES_BLOCKS,
 * npartial < length, length a power of two.  Dividing by a power of two is exact, and so is the
 * half of a sum of two blocks but for the rounding of the sum: merging moves a mean by round-off
 * only, and not at all when the samples are multiples of a common step.
 */
#include "properties/prop_series.h"

static const char series_tag[8] = "PRPSERI";
enum { SERIES_VERSION = 1 };

PetscErrorCode prop_series_create(prop_series *series)
{
  PetscFunctionBegin;
  *series = (prop_series){.length = 1};
  PetscCall(PetscCalloc1(PROP_SERIES_BLOCKS, &series->block));
  PetscFunctionReturn(0);
}

/* Neighbours become one block each of twice the length. */
static void merge_blocks(prop_series *series)
{
  for (PetscInt i = 0; i < series->nblock / 2; i++) {
    series->block[i] = 0.5 * (series->block[2 * i] + series->block[2 * i + 1]);
  }
  series->nblock /= 2;
  series->length *= 2;
}

PetscErrorCode prop_series_add(prop_series *series, PetscReal sample)
{
  PetscFunctionBegin;
  PetscCheck(!PetscIsInfOrNanReal(sample), PETSC_COMM_SELF, PETSC_ERR_FP,
             "Sample %" PetscInt64_FMT " of a series is infinity or NaN", series->nsample);
  series->partial += sample;
  series->npartial++;
  series->nsample++;
  if (series->npartial == series->length) {
    series->block[series->nblock++] = series->partial / (PetscReal)series->length;
    series->partial = 0.0;
    series->npartial = 0;
    if (series->nblock == PROP_SERIES_BLOCKS) merge_blocks(series);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode prop_series_save(const prop_series *series, md_blob *blob)
{
  const PetscInt64 head[4] = {series->nsample, series->length, series->nblock, series->npartial};

  PetscFunctionBegin;
  PetscCall(md_blob_put_tag(blob, series_tag, SERIES_VERSION));
  PetscCall(md_blob_put(blob, head, sizeof(head)));
  PetscCall(md_blob_put(blob, &series->partial, sizeof(series->partial)));
  PetscCall(md_blob_put(blob, series->block, (size_t)series->nblock * sizeof(PetscReal)));
  PetscFunctionReturn(0);
}

/* Whether the counts can have come from prop_series_add() */
static PetscBool counts_agree(const PetscInt64 head[4])
{
  const PetscInt64 length = head[1], nblock = head[2], npartial = head[3];

  if (length < 1 || length > (PetscInt64)1 << 48 || (length & (length - 1))) return PETSC_FALSE;
  if (nblock < 0 || nblock >= PROP_SERIES_BLOCKS) return PETSC_FALSE;
  if (length > 1 && nblock < PROP_SERIES_BLOCKS / 2) return PETSC_FALSE;
  if (npartial < 0 || npartial >= length) return PETSC_FALSE;
  return (PetscBool)(head[0] == nblock * length + npartial);
}

PetscErrorCode prop_series_load(prop_series *series, md_blob *blob)
{
  PetscInt64 head[4];
  PetscReal partial;

  PetscFunctionBegin;
  *series = (prop_series){.length = 1, .block = series->block};
  PetscCall(md_blob_expect_tag(blob, series_tag, SERIES_VERSION));
  PetscCall(md_blob_get(blob, head, sizeof(head)));
  PetscCall(md_blob_get(blob, &partial, sizeof(partial)));
  PetscCheck(counts_agree(head) && !PetscIsInfOrNanReal(partial), PETSC_COMM_SELF,
             PETSC_ERR_FILE_UNEXPECTED,
             "Saved series contradicts itself: %" PetscInt64_FMT " samples, %" PetscInt64_FMT
             " blocks of %" PetscInt64_FMT ", %" PetscInt64_FMT " in the last, sum %g",
             head[0], head[2], head[1], head[3], (double)partial);
  PetscCall(md_blob_get(blob, series->block, (size_t)head[2] * sizeof(PetscReal)));
  for (PetscInt64 i = 0; i < head[2]; i++) {
    PetscCheck(!PetscIsInfOrNanReal(series->block[i]), PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
               "Block %" PetscInt64_FMT " of a saved series is infinity or NaN", i);
  }
  series->nsample = head[0];
  series->length = head[1];
  series->nblock = (PetscInt)head[2];
  series->npartial = head[3];
  series->partial = partial;
  PetscFunctionReturn(0);
}

PetscErrorCode prop_series_clear(prop_series *series)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(series->block));
  *series = (prop_series){0};
  PetscFunctionReturn(0);
}
