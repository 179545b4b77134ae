/* properties/prop_stream.h - block means of several channels that are sampled together
 *
 * What transport and fluctuation properties are made of: pressure components, currents, volume,
 * enthalpy.  Every sample enters a block; a block is first `first` samples long, and when
 * PROP_STREAM_BLOCKS blocks are full, neighbours are merged and the block length doubles.  So
 * memory is constant in the length of the run, nothing is strided away (what oscillates within a
 * block averages out instead of being folded onto low frequencies), and blocks are never longer
 * than 1/16384 of the run or the first block.
 *
 * The first sample of each channel is kept: a channel that is a product of fluctuations is taken
 * about it, so that no digits are lost (prop_channels.h).
 */
#pragma once

#include "md/md_blob.h"

#include <petscsys.h>

enum {
  PROP_STREAM_BLOCKS = 32768,
  PROP_STREAM_CHANNELS = 1024 /* at most */
};
#define PROP_STREAM_TIME 10.0 /* [fs] of a first block: about a tenth of a period of an ion */

typedef struct {
  PetscInt nchannel;
  PetscReal sample_time; /* [fs] between samples */
  PetscInt64 first;      /* samples of a block at first */
  PetscInt64 length;     /* samples of a block now: first times a power of two */
  PetscInt64 nsample;    /* taken */
  PetscInt nblock;       /* complete blocks, < PROP_STREAM_BLOCKS */
  PetscInt64 npartial;   /* samples in the block being filled, < length */
  PetscReal *origin;     /* [nchannel] first sample of each channel; owned, as are the next two */
  PetscReal *partial;    /* [nchannel] sums over the block being filled */
  PetscReal *block;      /* [nblock, nchannel] means of complete blocks */
  PetscInt capacity;     /* blocks for which there is room */
} prop_stream;

/* prop_stream_create - an empty stream; its owner frees it with prop_stream_clear()
 *
 * In:   nchannel     1..PROP_STREAM_CHANNELS
 *       sample_time  [fs] > 0 between samples; the first block is as many samples as make
 *                    PROP_STREAM_TIME, at least one
 * Returns PETSC_ERR_ARG_OUTOFRANGE for others.  None of the functions on a stream is collective.
 * Cost: at most PROP_STREAM_BLOCKS * nchannel numbers; memory grows up to that with the run.
 * Verified by: tests/unit/properties/test_prop_stream.c */
PetscErrorCode prop_stream_create(PetscInt nchannel, PetscReal sample_time, prop_stream *stream);

/* prop_stream_add - one more sample of all channels [nchannel], equally spaced in time
 *
 * Returns PETSC_ERR_FP for infinity or NaN; the message names sample and channel, the stream is
 * unchanged.  Cost: O(nchannel), and O(PROP_STREAM_BLOCKS nchannel) at each doubling.
 * Verified by: tests/unit/properties/test_prop_stream.c */
PetscErrorCode prop_stream_add(prop_stream *stream, const PetscReal sample[]);

/* [fs] length of a block now; 0 of a stream that was not created. */
PetscReal prop_stream_block_time(const prop_stream *stream);

/* prop_stream_shape - block length and complete blocks of a stream with `nsample` samples that are
 * `sample_time` [fs] apart, without making one
 * Verified by: tests/unit/properties/test_prop_stream.c */
void prop_stream_shape(PetscReal sample_time, PetscInt64 nsample, PetscInt64 *length,
                       PetscInt *nblock);

/* prop_stream_channel - the complete blocks of one channel into out [nblock]
 * Returns PETSC_ERR_ARG_OUTOFRANGE for a channel that the stream does not have. */
PetscErrorCode prop_stream_channel(const prop_stream *stream, PetscInt channel, PetscReal out[]);

/* prop_stream_coarsen - merges neighbouring blocks until a block is `length` samples long
 *
 * For replicas that ran for different times, whose blocks must be equal in one estimate.  Does
 * nothing where blocks are that long.  Only the means of complete blocks are right from then on:
 * no samples may be added.  Returns PETSC_ERR_ARG_OUTOFRANGE for a length that is not the block
 * length times a power of two. */
PetscErrorCode prop_stream_coarsen(prop_stream *stream, PetscInt64 length);

/* prop_stream_save, prop_stream_load - the state, bit for bit; load makes the stream from {0} or
 * replaces one
 *
 * load returns PETSC_ERR_FILE_UNEXPECTED for a blob that does not hold a stream, ends too early, or
 * whose numbers contradict each other or are not finite; the stream is then empty and can only be
 * cleared or loaded into.
 * Verified by: tests/unit/properties/test_prop_stream.c */
PetscErrorCode prop_stream_save(const prop_stream *stream, md_blob *blob);
PetscErrorCode prop_stream_load(prop_stream *stream, md_blob *blob);

/* Frees what is owned and zeroes everything; harmless on {0} and when called twice. */
PetscErrorCode prop_stream_clear(prop_stream *stream);
