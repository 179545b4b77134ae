/* md/md_blob.h - a growing buffer of bytes: checkpoints and estimator states
 *
 * Native byte order and sizes; every object writes a tag with its version first, and reading checks
 * it, so that a blob of another build is refused and not misread.  Reading past the end or a wrong
 * tag is PETSC_ERR_FILE_UNEXPECTED; the position of the next read is unchanged then.  The buffer
 * knows nothing of what it holds.
 *
 * A sealed block knows whether it is whole: tag "lqsealed" with the version of this form (12
 * bytes), CRC-32 of tag, length and content (4 bytes), length of the content (8 bytes), content.
 * Whatever is cut off or changed, the block is refused; a change of many bytes passes once in 2^32.
 * Blocks may stand one after the other and inside one another.
 *
 * Not collective.  Start with {0}, end with md_blob_clear().
 * Verified by: tests/unit/md/test_md_blob.c
 */
#pragma once

#include <petscsys.h>
#include <stdint.h>

typedef struct {
  unsigned char *data; /* owned when written to; borrowed after md_blob_view() */
  size_t size, capacity;
  size_t read; /* position of the next md_blob_get */
  PetscBool borrowed;
} md_blob;

/* Appends `size` bytes.  PETSC_ERR_ARG_WRONGSTATE for a borrowed blob. */
PetscErrorCode md_blob_put(md_blob *blob, const void *data, size_t size);
/* Copies the next `size` bytes out.  PETSC_ERR_FILE_UNEXPECTED when fewer are left. */
PetscErrorCode md_blob_get(md_blob *blob, void *data, size_t size);
/* Up to 8 characters of name (padded with zeros) and a version; md_blob_expect_tag returns an error
 * that names both, the found and the wanted, when they differ. */
PetscErrorCode md_blob_put_tag(md_blob *blob, const char *name, uint32_t version);
PetscErrorCode md_blob_expect_tag(md_blob *blob, const char *name, uint32_t version);
/* md_blob_seal_begin, md_blob_seal_end - what is put between them becomes a sealed block
 * *at is for the end.  Returns PETSC_ERR_ARG_WRONGSTATE for an end without its beginning. */
PetscErrorCode md_blob_seal_begin(md_blob *blob, size_t *at);
PetscErrorCode md_blob_seal_end(md_blob *blob, size_t at);
/* md_blob_open - the content of the sealed block that `blob` reads next
 * Out:  inside  a view into `blob`, which must outlive it; start with {0}
 * `blob` goes on behind the block.  Returns PETSC_ERR_FILE_UNEXPECTED for a block that was cut
 * short or changed; the position is unchanged then. */
PetscErrorCode md_blob_open(md_blob *blob, md_blob *inside);
/* Lets `blob` read from memory that somebody else owns, from its start; what `blob` owned is not
 * freed, so view with an empty one.  The memory is not written to. */
void md_blob_view(md_blob *blob, const void *data, size_t size);
/* Frees what is owned; the blob is {0} again. */
PetscErrorCode md_blob_clear(md_blob *blob);
