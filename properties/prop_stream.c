/* properties/prop_stream.c - block doubling of several channels
 *
 * Invariant between calls: nsample = nblock * length + npartial, nblock < PROP_STREAM_BLOCKS,
 * npartial < length, length = first * 2^k, and k > 0 only with at least half of the blocks full.
 * Blocks are kept block by block, so that a sample touches one row; estimators want channels and
 * copy them out.  prop_stream_coarsen() leaves the invariant.
 */
#include "properties/prop_stream.h"

static const char stream_tag[8] = "PRPSTRM";
enum { STREAM_VERSION = 1, FIRST_CAPACITY = 512 };

/* Memory of the scalars and of no block yet. */
static PetscErrorCode prepare(PetscInt nchannel, PetscReal sample_time, PetscInt64 first,
                              prop_stream *stream)
{
  PetscFunctionBegin;
  *stream = (prop_stream){
      .nchannel = nchannel, .sample_time = sample_time, .first = first, .length = first};
  PetscCall(PetscCalloc1(nchannel, &stream->origin));
  PetscCall(PetscCalloc1(nchannel, &stream->partial));
  PetscFunctionReturn(0);
}

/* Samples of a first block. */
static PetscInt64 first_length(PetscReal sample_time)
{
  const PetscReal first = PetscFloorReal(PROP_STREAM_TIME / sample_time + 0.5);

  return (PetscInt64)PetscMax(first, 1.0);
}

void prop_stream_shape(PetscReal sample_time, PetscInt64 nsample, PetscInt64 *length,
                       PetscInt *nblock)
{
  *length = first_length(sample_time);
  while (nsample / *length >= PROP_STREAM_BLOCKS) *length *= 2;
  *nblock = (PetscInt)(nsample / *length);
}

PetscErrorCode prop_stream_create(PetscInt nchannel, PetscReal sample_time, prop_stream *stream)
{
  PetscFunctionBegin;
  *stream = (prop_stream){0};
  PetscCheck(nchannel > 0 && nchannel <= PROP_STREAM_CHANNELS, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "A stream of %" PetscInt_FMT " channels, wanted 1 to %d",
             nchannel, PROP_STREAM_CHANNELS);
  PetscCheck(sample_time >= 1e-6 && sample_time <= 1e12, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Samples %g fs apart, wanted more than 0 fs", (double)sample_time);
  PetscCall(prepare(nchannel, sample_time, first_length(sample_time), stream));
  PetscFunctionReturn(0);
}

/* Room for n blocks; doubles, so that a long run copies little. */
static PetscErrorCode reserve(prop_stream *stream, PetscInt n)
{
  PetscInt capacity = stream->capacity > 0 ? stream->capacity : FIRST_CAPACITY;

  PetscFunctionBegin;
  if (n <= stream->capacity) PetscFunctionReturn(0);
  while (capacity < n) capacity *= 2;
  PetscCall(PetscRealloc((size_t)capacity * (size_t)stream->nchannel * sizeof(PetscReal),
                         &stream->block));
  stream->capacity = capacity;
  PetscFunctionReturn(0);
}

/* Neighbours become one block each of twice the length. */
static void merge_blocks(prop_stream *stream)
{
  const PetscInt m = stream->nchannel;

  for (PetscInt i = 0; i < stream->nblock / 2; i++) {
    const PetscReal *two = stream->block + 2 * (size_t)i * (size_t)m;
    PetscReal *one = stream->block + (size_t)i * (size_t)m;

    for (PetscInt c = 0; c < m; c++) one[c] = 0.5 * (two[c] + two[m + c]);
  }
  stream->nblock /= 2;
  stream->length *= 2;
}

static PetscErrorCode close_block(prop_stream *stream)
{
  PetscReal *block;

  PetscFunctionBegin;
  PetscCall(reserve(stream, stream->nblock + 1));
  block = stream->block + (size_t)stream->nblock * (size_t)stream->nchannel;
  for (PetscInt c = 0; c < stream->nchannel; c++) {
    block[c] = stream->partial[c] / (PetscReal)stream->length;
    stream->partial[c] = 0.0;
  }
  stream->nblock++;
  stream->npartial = 0;
  if (stream->nblock == PROP_STREAM_BLOCKS) merge_blocks(stream);
  PetscFunctionReturn(0);
}

PetscErrorCode prop_stream_add(prop_stream *stream, const PetscReal sample[])
{
  PetscFunctionBegin;
  for (PetscInt c = 0; c < stream->nchannel; c++)
    PetscCheck(!PetscIsInfOrNanReal(sample[c]), PETSC_COMM_SELF, PETSC_ERR_FP,
               "Sample %" PetscInt64_FMT " of channel %" PetscInt_FMT
               " of a stream is infinity or NaN",
               stream->nsample, c);
  for (PetscInt c = 0; c < stream->nchannel; c++) {
    if (stream->nsample == 0) stream->origin[c] = sample[c];
    stream->partial[c] += sample[c];
  }
  stream->npartial++;
  stream->nsample++;
  if (stream->npartial == stream->length) PetscCall(close_block(stream));
  PetscFunctionReturn(0);
}

PetscReal prop_stream_block_time(const prop_stream *stream)
{
  return stream->sample_time * (PetscReal)stream->length;
}

PetscErrorCode prop_stream_channel(const prop_stream *stream, PetscInt channel, PetscReal out[])
{
  PetscFunctionBegin;
  PetscCheck(channel >= 0 && channel < stream->nchannel, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Channel %" PetscInt_FMT " of a stream of %" PetscInt_FMT, channel, stream->nchannel);
  for (PetscInt i = 0; i < stream->nblock; i++)
    out[i] = stream->block[(size_t)i * (size_t)stream->nchannel + (size_t)channel];
  PetscFunctionReturn(0);
}

PetscErrorCode prop_stream_coarsen(prop_stream *stream, PetscInt64 length)
{
  const PetscInt64 factor = stream->length > 0 ? length / stream->length : 0;

  PetscFunctionBegin;
  PetscCheck(factor > 0 && factor * stream->length == length && (factor & (factor - 1)) == 0,
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Blocks of %" PetscInt64_FMT " samples cannot become blocks of %" PetscInt64_FMT,
             stream->length, length);
  while (stream->length < length) merge_blocks(stream);
  PetscFunctionReturn(0);
}

/* Saved form -------------------------------------------------------------------------------- */

/* Numbers of the head, in one order for both directions. */
typedef struct {
  int64_t nchannel, first, length, nsample, nblock, npartial;
  double sample_time;
} saved_head;

PetscErrorCode prop_stream_save(const prop_stream *stream, md_blob *blob)
{
  const size_t row = (size_t)stream->nchannel * sizeof(PetscReal);
  const saved_head head = {.nchannel = stream->nchannel,
                           .first = stream->first,
                           .length = stream->length,
                           .nsample = stream->nsample,
                           .nblock = stream->nblock,
                           .npartial = stream->npartial,
                           .sample_time = stream->sample_time};

  PetscFunctionBegin;
  PetscCall(md_blob_put_tag(blob, stream_tag, STREAM_VERSION));
  PetscCall(md_blob_put(blob, &head, sizeof(head)));
  PetscCall(md_blob_put(blob, stream->origin, row));
  PetscCall(md_blob_put(blob, stream->partial, row));
  PetscCall(md_blob_put(blob, stream->block, (size_t)stream->nblock * row));
  PetscFunctionReturn(0);
}

/* Whether the numbers can have come from prop_stream_create() and prop_stream_add() */
static PetscBool head_agrees(const saved_head *head)
{
  const int64_t limit = (int64_t)1 << 48;
  int64_t factor;

  if (head->nchannel < 1 || head->nchannel > PROP_STREAM_CHANNELS) return PETSC_FALSE;
  if (!(head->sample_time >= 1e-6 && head->sample_time <= 1e12)) return PETSC_FALSE;
  if (head->first < 1 || head->length < head->first || head->length > limit) return PETSC_FALSE;
  factor = head->length / head->first;
  if (factor * head->first != head->length || (factor & (factor - 1))) return PETSC_FALSE;
  if (head->nblock < 0 || head->nblock >= PROP_STREAM_BLOCKS) return PETSC_FALSE;
  if (factor > 1 && head->nblock < PROP_STREAM_BLOCKS / 2) return PETSC_FALSE;
  if (head->npartial < 0 || head->npartial >= head->length) return PETSC_FALSE;
  return (PetscBool)(head->nsample == head->nblock * head->length + head->npartial);
}

/* n finite numbers */
static PetscErrorCode get_numbers(md_blob *blob, size_t n, PetscReal x[])
{
  PetscFunctionBegin;
  PetscCall(md_blob_get(blob, x, n * sizeof(PetscReal)));
  for (size_t i = 0; i < n; i++)
    PetscCheck(!PetscIsInfOrNanReal(x[i]), PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
               "A number of a saved stream is infinity or NaN");
  PetscFunctionReturn(0);
}

static PetscErrorCode load_numbers(const saved_head *head, md_blob *blob, prop_stream *stream)
{
  const size_t m = (size_t)head->nchannel;

  PetscFunctionBegin;
  PetscCall(prepare((PetscInt)head->nchannel, (PetscReal)head->sample_time, head->first, stream));
  PetscCall(reserve(stream, (PetscInt)head->nblock));
  PetscCall(get_numbers(blob, m, stream->origin));
  PetscCall(get_numbers(blob, m, stream->partial));
  PetscCall(get_numbers(blob, (size_t)head->nblock * m, stream->block));
  stream->length = head->length;
  stream->nsample = head->nsample;
  stream->nblock = (PetscInt)head->nblock;
  stream->npartial = head->npartial;
  PetscFunctionReturn(0);
}

PetscErrorCode prop_stream_load(prop_stream *stream, md_blob *blob)
{
  saved_head head;

  PetscFunctionBegin;
  PetscCall(prop_stream_clear(stream));
  PetscCall(md_blob_expect_tag(blob, stream_tag, STREAM_VERSION));
  PetscCall(md_blob_get(blob, &head, sizeof(head)));
  PetscCheck(head_agrees(&head), PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED,
             "Saved stream contradicts itself: %lld samples of %lld channels, %lld blocks of %lld, "
             "%lld in the last",
             (long long)head.nsample, (long long)head.nchannel, (long long)head.nblock,
             (long long)head.length, (long long)head.npartial);
  PetscCheck((size_t)(head.nblock + 2) * (size_t)head.nchannel * sizeof(PetscReal) <=
                 blob->size - blob->read,
             PETSC_COMM_SELF, PETSC_ERR_FILE_UNEXPECTED, "Saved stream ends too early");
  PetscCall(load_numbers(&head, blob, stream));
  PetscFunctionReturn(0);
}

PetscErrorCode prop_stream_clear(prop_stream *stream)
{
  PetscFunctionBegin;
  PetscCall(PetscFree(stream->origin));
  PetscCall(PetscFree(stream->partial));
  PetscCall(PetscFree(stream->block));
  *stream = (prop_stream){0};
  PetscFunctionReturn(0);
}
