/* md/md_blob.h - a growing buffer of bytes: checkpoints and estimator states on their way to a journal
 *
 * Native byte order and sizes; every object writes a tag with its version first, and reading checks it, so that a
 * blob of another build is refused and not misread.  Reading past the end or a wrong tag is PETSC_ERR_FILE_UNEXPECTED.
 */
#pragma once

#include <petscsys.h>
#include <stdint.h>

typedef struct {
  unsigned char *data; /* owned when written to; borrowed after md_blob_view() */
  size_t size, capacity;
  size_t read;         /* position of the next md_blob_get */
  PetscBool borrowed;
} md_blob;

PetscErrorCode md_blob_put(md_blob *blob, const void *data, size_t size);
PetscErrorCode md_blob_get(md_blob *blob, void *data, size_t size);
/* 8 bytes of name and a version; md_blob_expect returns an error that names both when they differ. */
PetscErrorCode md_blob_put_tag(md_blob *blob, const char name[8], uint32_t version);
PetscErrorCode md_blob_expect_tag(md_blob *blob, const char name[8], uint32_t version);
/* Lets `blob` read from memory that somebody else owns. */
void md_blob_view(md_blob *blob, const void *data, size_t size);
PetscErrorCode md_blob_clear(md_blob *blob);
